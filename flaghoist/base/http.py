"""HTTP as plain values: what was asked, what is answered, and the road in between."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flaghoist.base import json
from flaghoist.base.errors import Invalid, TooLarge, TooSlow
from flaghoist.base.sizes import MEBIBYTE

QUERY_PARAMETERS_MAX = 1000
BODY_SECONDS = 30.0
BODY_BYTES_PER_SECOND = 8 * 1024
"""A body may take ``BODY_SECONDS``, and a second more for each so many bytes that have come."""
INFLATED_BESIDE_BYTES = 64 * 1024
"""What may become larger is inflated beside the event loop, so that others need not wait for it."""
_INFLATION_MAX = 1032  # the most that deflate can save (zlib's technical notes)
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(slots=True)
class Request:
    """One request; ``headers`` have lower-case names and the first of repeated values."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    receive: Receive
    params: Mapping[str, str] = field(default_factory=dict)
    client: str = ""
    scheme: str = "http"

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    @property
    def announced_bytes(self) -> int | None:
        """How many bytes the body is said to have; None where nothing is said, or no number."""
        announced = self.headers.get("content-length", "")
        return int(announced[:20]) if announced.isascii() and announced.isdecimal() else None

    async def body(self, *, wire_limit: int = 10 * MEBIBYTE, inflated_limit: int = 100 * MEBIBYTE) -> bytes:
        """The whole body, gunzipped if it says so; over a limit it is refused before it fills memory."""
        raw = await self.raw_body(limit=wire_limit)
        encoding = self.headers.get("content-encoding", "")
        if not encoding or len(raw) * _INFLATION_MAX <= INFLATED_BESIDE_BYTES:
            return inflate(raw, encoding, limit=inflated_limit)
        return await asyncio.to_thread(inflate, raw, encoding, limit=inflated_limit)

    async def raw_body(self, *, limit: int = 10 * MEBIBYTE) -> bytes:
        """The body as it came over the wire, at most ``limit`` bytes; raises ``TooLarge`` and ``TooSlow``."""
        announced = self.announced_bytes
        if announced is not None and announced > limit:
            raise TooLarge(f"the body has {announced} bytes, more than the {limit} allowed here")
        chunks: list[bytes] = []
        size = 0
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + BODY_SECONDS) as patience:
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise Disconnected
                    chunk: bytes = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(f"the body has more than the {limit} bytes allowed here")
                    chunks.append(chunk)
                    if not message.get("more_body"):
                        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
                    patience.reschedule(began + BODY_SECONDS + size / BODY_BYTES_PER_SECOND)
        except TimeoutError:
            raise TooSlow(f"only {size} bytes of the body have come in time") from None


class Disconnected(Exception):
    """The client left before its request was whole."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Taker(asyncio.Protocol):
    """Takes over the socket of a request, where the server hands it out, and writes to it without waiting."""

    __slots__ = ()

    def begin(self, transport: asyncio.Transport, head: bytes, *, chunked: bool) -> None:
        """Write the head of the answer, then the rest: in chunks of HTTP/1.1, or bare until the end of the socket.

        From here on the socket is the taker's own, also to close; ``connection_lost`` says that it is gone.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on: chunks are sent as they come, until the iterator ends or the client leaves.

    With a ``taker`` the chunks are only read where the server keeps its sockets for itself.
    """

    chunks: AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    taker: Taker | None = None


Answer = Response | Stream
Handler = Callable[[Request], Awaitable[Answer]]
Route = tuple[str, str, Handler]
"""A method, a path template, and what serves it."""


def json_response(status: int, value: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer with a JSON body."""
    return Response(status, json.encode(value), (("content-type", "application/json"), *headers))


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """A query string as a name → values mapping; ``+`` and ``%20`` are both spaces. Raises ``Invalid`` for too many."""
    query: dict[str, list[str]] = {}
    if raw.count(b"&") >= QUERY_PARAMETERS_MAX:
        raise Invalid(f"the address has more than the {QUERY_PARAMETERS_MAX} query parameters allowed")
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return query


def inflate(raw: bytes, encoding: str, *, limit: int) -> bytes:
    """Undo a ``Content-Encoding``; a bomb is refused as soon as it passes ``limit`` bytes."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return raw
    if name not in ("gzip", "x-gzip"):
        raise Invalid(f"Content-Encoding '{encoding}' is not supported; send gzip or nothing")
    inflated: list[bytes] = []
    size = 0
    rest = raw
    try:
        while rest:
            member = zlib.decompressobj(wbits=31)
            chunk = member.decompress(rest, limit - size + 1)
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the body inflates to more than the {limit} bytes allowed here")
            if not member.eof:
                raise Invalid("the gzip body is cut short")
            inflated.append(chunk)
            rest = member.unused_data
    except zlib.error as error:
        raise Invalid(f"the body is not valid gzip: {error}") from None
    return b"".join(inflated)
