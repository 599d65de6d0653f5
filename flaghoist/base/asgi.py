"""The only file that speaks ASGI: requests in, answers out, and what happens when a handler refuses."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from flaghoist.base.errors import MethodNotAllowed, NotFound, Refusal
from flaghoist.base.http import Answer, Disconnected, Handler, Request, Response, Stream, json_response, parse_query
from flaghoist.base.routes import Routes
from flaghoist.base.safe_headers import safe
from flaghoist.base.takeover import take_over
from flaghoist.base.turns import turns

log = logging.getLogger("flaghoist.http")
Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Hook = Callable[[], Awaitable[None]]


class Site:
    """One origin: a table of routes, and what to do when the process starts and stops.

    ``elsewhere`` answers what is asked at paths that no route has, ``lost`` is told of requests that nothing serves.
    """

    def __init__(
        self,
        routes: Iterable[tuple[str, str, Handler]],
        *,
        on_start: Hook,
        on_stop: Hook,
        elsewhere: Handler | None = None,
        lost: Callable[[Request, Refusal], None] = lambda _request, _refusal: None,
    ) -> None:
        self._routes: Routes[Handler] = Routes()
        for method, template, handler in routes:
            self._routes.add(method, template, handler)
        self._elsewhere = elsewhere
        self._lost = lost
        self._on_start = on_start
        self._on_stop = on_stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope, receive)
        try:
            with turns.answering():
                answer = safe(await self._answer(request, scope["query_string"]), request)
        except Disconnected:
            return
        if isinstance(answer, Stream):
            if not take_over(answer, scope, receive):
                await _send_stream(answer, receive, send)
        else:
            await _send_whole(answer, send, with_body=scope["method"] != "HEAD")

    async def _answer(self, request: Request, query_string: bytes) -> Answer:
        try:
            request.query = parse_query(query_string)
            handler = self._handler(request)
        except Refusal as refusal:
            self._lost(request, refusal)
            return refused(refusal)
        try:
            return await handler(request)
        except Disconnected:
            raise
        except Refusal as refusal:
            return refused(refusal)
        except Exception:
            log.exception("failed method=%s path=%s", request.method, request.path)
            return refused(Refusal("something went wrong here; the server's log has the details"))

    def _handler(self, request: Request) -> Handler:
        method = "GET" if request.method == "HEAD" else request.method
        match = self._routes.find(request.path, method)
        if match is None and self._elsewhere and method == "GET":
            return self._elsewhere
        if match is None:
            raise NotFound(f"nothing is served at {request.path}")
        found = match.target(method)
        if found is None:
            allowed = ", ".join(sorted(match.targets))
            raise MethodNotAllowed(f"{request.method} is not possible at {request.path}; possible: {allowed}")
        handler, request.params = found
        return handler

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._on_start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._on_stop()
        await send({"type": "lifespan.shutdown.complete"})


def refused(refusal: Refusal, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A refusal in the API's error shape."""
    return json_response(refusal.status, refusal.body(), (*refusal.headers, *headers))


def _request(scope: Scope, receive: Receive) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw_path.decode("latin-1"),
        query={},
        headers=headers,
        receive=receive,
        client=(scope.get("client") or ("",))[0],
        scheme=scope.get("scheme", "http"),
    )


def _start(status: int, headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    encoded = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": encoded}


async def _send_whole(answer: Response, send: Send, *, with_body: bool) -> None:
    length = () if answer.status in (204, 304) else (("content-length", str(len(answer.body))),)
    await send(_start(answer.status, (*answer.headers, *length)))
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})


async def _send_stream(answer: Stream, receive: Receive, send: Send) -> None:
    """Send chunks until they end or the client leaves, whichever comes first; then close the iterator."""
    await send(_start(answer.status, answer.headers))
    leaving = asyncio.ensure_future(_left(receive))
    sending = asyncio.ensure_future(_pump(answer, send))
    try:
        await asyncio.wait((leaving, sending), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (leaving, sending):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task
        close = getattr(answer.chunks, "aclose", None)
        if close is not None:
            await close()


async def _pump(answer: Stream, send: Send) -> None:
    async for chunk in answer.chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
