"""A stream on a server that keeps its sockets: what is said waits in a queue until the server asks for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from flaghoist.base.takeover import Abort
from flaghoist.delivery.sockets import BACKLOG_BYTES, Gathering, Holder, Opening
from flaghoist.delivery.words import Words

BACKLOG_FRAMES = 1_000


class QueueListener(AsyncIterator[bytes]):
    """Read piece by piece by whoever writes to the socket; it listens from the first read on."""

    __slots__ = (
        "_abort",
        "_backlog",
        "_backlog_bytes",
        "_ended",
        "_gathering",
        "_opening",
        "_waiting",
        "has_heard",
        "holder",
    )

    def __init__(self, gathering: Gathering, holder: Holder, opening: Opening, abort: Abort) -> None:
        self.holder = holder
        self.has_heard = 0
        self._gathering = gathering
        self._opening: Opening | None = opening
        self._abort = abort
        self._backlog: deque[bytes] = deque()
        self._backlog_bytes = 0
        self._ended = False
        self._waiting: asyncio.Future[None] | None = None

    async def __anext__(self) -> bytes:
        if self._opening is not None:
            opening, self._opening = self._opening, None
            # No await between the opening and joining: nothing can be missed in between.
            if self._gathering.join(self):
                return opening()
            self._ended = True
        while not self._backlog:
            if self._ended:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        frame = self._backlog.popleft()
        self._backlog_bytes -= len(frame)
        return frame

    async def aclose(self) -> None:
        """The client has left, or everything has been said."""
        self._gathering.leave(self)

    def offer(self, words: Words) -> None:
        """Queue words, or drop the reader if it is too far behind; SDKs then come back and catch up."""
        frame = words.bare
        if self._ended or (self._backlog and self._backlog[-1] is frame):
            return
        if self._backlog and (len(self._backlog) >= BACKLOG_FRAMES or self._backlog_bytes + len(frame) > BACKLOG_BYTES):
            self._gathering.give_up(self)
            return
        self._backlog.append(frame)
        self._backlog_bytes += len(frame)
        self._wake()

    def end(self) -> None:
        """Close the stream once what is queued has been written."""
        self._ended = True
        self._wake()

    def drop(self) -> None:
        """Close the stream now, with nothing more written."""
        self._backlog.clear()
        self._backlog_bytes = 0
        self.end()
        self._gathering.leave(self)
        self._abort()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
