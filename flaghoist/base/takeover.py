"""How a stream gets the socket of its request for itself, and cuts it off: what streams must know of uvicorn inside.

ASGI has no word for either. A socket that was taken over costs no task, no parser and no waiting for its reader; on
other servers, and should uvicorn become another, streams are served as ASGI has it, and that is logged once.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flaghoist.base.http import Request, Stream

log = logging.getLogger("flaghoist.http")

Abort = Callable[[], None]
Headers = tuple[tuple[str, str], ...]

# Those of uvicorn's protocols that give each request at work a socket of its own: HTTP/2 does not.
_ONE_SOCKET_EACH = ("uvicorn.protocols.http.httptools_impl", "uvicorn.protocols.http.h11_impl")
_OF_CYCLE = ("transport", "disconnected", "message_event", "default_headers")
_OF_PROTOCOL = ("cycle", "connections", "flow", "_unset_keepalive_if_required")


def take_over(answer: Stream, scope: Mapping[str, Any], receive: Callable[..., Any]) -> bool:
    """Hand the request's socket to the answer's taker, if there is one and the server allows; whether it was done.

    uvicorn forgets the connection: it neither waits for it nor closes it when it stops.
    """
    if answer.taker is None:
        return False
    cycle = getattr(receive, "__self__", None)
    if reason := _obstacle(cycle):
        _tell(reason)
        return False
    assert cycle is not None
    transport = cycle.transport
    protocol = transport.get_protocol()
    if transport.is_closing() or cycle.disconnected or protocol.cycle is not cycle:
        return False  # the client has left, or has sent another request behind this one
    _release(protocol, cycle)
    transport.set_protocol(answer.taker)
    is_chunked = scope["http_version"] == "1.1"
    answer.taker.begin(transport, _head(answer, cycle.default_headers, is_chunked=is_chunked), chunked=is_chunked)
    return True


def abort_of(request: Request) -> Abort:
    """How to cut off a reader that is stuck: uvicorn's ``send`` waits for it for ever.

    On other servers nothing can be done, and the socket lasts until the peer closes it.
    """
    transport = getattr(getattr(request.receive, "__self__", None), "transport", None)
    abort: Abort = getattr(transport, "abort", _let_be)
    return abort


def _obstacle(cycle: object) -> str:
    """Why the socket cannot be had; nothing if it can."""
    if type(cycle).__module__ not in _ONE_SOCKET_EACH:
        return f"{type(cycle).__module__} keeps its sockets"
    missing = [name for name in _OF_CYCLE if not hasattr(cycle, name)]
    protocol = None if missing else cycle.transport.get_protocol()  # type: ignore[attr-defined]
    missing += [name for name in _OF_PROTOCOL if not hasattr(protocol, name)]
    return f"uvicorn has no {' and no '.join(missing)} any more" if missing else ""


@functools.cache
def _tell(reason: str) -> None:
    log.warning("streams are served by a task each, which costs more memory and time reason=%r", reason)


def _release(protocol: Any, cycle: Any) -> None:
    protocol._unset_keepalive_if_required()
    protocol.connections.discard(protocol)
    protocol.flow.resume_reading()
    # The request counts as over: nothing is expected to be sent, and nothing can be.
    cycle.disconnected = True
    cycle.message_event.set()
    if hasattr(protocol, "parser"):
        protocol.parser = None  # it refers back to the protocol, and would keep both until the next collection


def _head(answer: Stream, of_server: list[tuple[bytes, bytes]], *, is_chunked: bool) -> bytes:
    given = b"".join([b"%s: %s\r\n" % header for header in of_server])
    return _opening_lines(answer.status) + given + _own_lines(answer.headers, is_chunked)


@functools.cache
def _opening_lines(status: int) -> bytes:
    # Announced, since a client that kept the connection would send its next request into a closed socket.
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nconnection: close\r\n".encode()


@functools.lru_cache(maxsize=1_000)
def _own_lines(headers: Headers, is_chunked: bool) -> bytes:
    framing = (("transfer-encoding", "chunked"),) if is_chunked else ()
    lines = [f"{name}: {value}" for name, value in (*headers, *framing)]
    assert not any(control in line for line in lines for control in "\r\n\0"), f"unfit for a header: {lines}"
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _let_be() -> None:
    pass
