"""Bytes that are answered many times: tagged once, compressed once."""

import asyncio
import gzip
import hashlib

from flaghoist.base.http import Request, Response
from flaghoist.base.kept import Kept, made

JSON = "application/json; charset=utf-8"
GZIP_LEVEL = 6
# For what is sent once: less than half the work of level 6, for a few percent more bytes.
GZIP_LEVEL_ONCE = 2
# Compressing this much at that level takes about as long as to hand it to a thread and back again.
AT_ONCE_BYTES = 256 * 1024
# Below this a compressed body saves no packet.
GZIP_FROM_BYTES = 1_400

Headers = tuple[tuple[str, str], ...]


class Body:
    """A body, JSON unless it says otherwise."""

    def __init__(
        self, content: bytes | Kept, content_type: str = JSON, *, etag: str = "", is_sent_once: bool = False
    ) -> None:
        """``etag`` spares making one from the content, where all that makes a difference to it has been tagged."""
        self._content = content
        self.etag = etag or tag_of(self.content)
        self._level = GZIP_LEVEL_ONCE if is_sent_once else GZIP_LEVEL
        self._type = ("content-type", content_type)
        self._gzipped: bytes | None = None
        self._compressing = asyncio.Lock()

    @property
    def content(self) -> bytes:
        """The plain form."""
        return self._content.get() if isinstance(self._content, Kept) else self._content

    def rest(self) -> None:
        """Let go of the plain form, where it can be made again and nobody has asked for it since the last rest."""
        if isinstance(self._content, Kept):
            self._content.rest()

    async def gzipped(self) -> bytes:
        """The compressed form, made by the first who asks; a large one does not hold up the event loop."""
        if self._gzipped is not None:
            return self._gzipped
        if self._level == GZIP_LEVEL_ONCE and len(self.content) <= AT_ONCE_BYTES:
            return gzip.compress(self.content, self._level, mtime=0)
        async with self._compressing:
            if self._gzipped is None:
                self._gzipped = await asyncio.to_thread(gzip.compress, self.content, self._level, mtime=0)
                made.add("compressed")
        return self._gzipped

    async def answer(self, request: Request, headers: Headers) -> Response:
        """200 with the body in a form the client accepts, or 304 if it has it already."""
        tagged = (("etag", self.etag), *headers)
        if _matches(request.headers.get("if-none-match", ""), self.etag):
            return Response(304, headers=tagged)
        if self._is_worth_gzip() and _accepts_gzip(request.headers.get("accept-encoding", "")):
            zipped = (self._type, ("content-encoding", "gzip"), *tagged)
            return Response(200, await self.gzipped(), zipped)
        return Response(200, self.content, (self._type, *tagged))

    def _is_worth_gzip(self) -> bool:
        return self._gzipped is not None or len(self.content) >= GZIP_FROM_BYTES


def tag_of(content: bytes) -> str:
    """A weak entity tag: the plain and the compressed form have the same one."""
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, section 13.1.2)."""
    tags = [tag.strip() for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def _accepts_gzip(accept_encoding: str) -> bool:
    for choice in accept_encoding.lower().split(","):
        name, _, quality = choice.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
