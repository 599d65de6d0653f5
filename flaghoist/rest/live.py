"""What changes, told to whoever may see it as soon as it has happened: server-sent events of the journal.

Nothing is queued for a reader. Each has a position in the journal and takes what follows it when its last words have
left, so a slow one costs no memory: it falls behind, is told to read everything afresh (``reset``), or is cut off.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from flaghoist.base.errors import Refusal, Unavailable
from flaghoist.base.http import Answer, Request, Response, Route, Stream
from flaghoist.base.takeover import Abort, abort_of
from flaghoist.core.journal import Change
from flaghoist.delivery.streams import HEADERS
from flaghoist.policy.decide import Grant
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.news import Newsroom, Notice, notice

PATH = "/internal/changes"
CATCH_UP_MAX = 1_000  # changes told again to whoever comes back; beyond, reading everything afresh is cheaper
LOOK_EVERY_SECONDS = 0.2
BEAT_SECONDS_MAX = 10.0  # the longest that a stream outlives the session or token it was opened with
STUCK_SECONDS = 30.0
READING_THREADS = 2
READERS_MAX = 1_000
READERS_MAX_EACH = 50
CLOSE_WITHIN_SECONDS = 2.0

_BEAT = b":\n\n"


class LiveChanges:
    """Everybody who follows the journal. ``listen`` may be called from any thread; the rest is the event loop's."""

    def __init__(self, newsroom: Newsroom, *, limits: RateLimits, heartbeat_seconds: float) -> None:
        self.newsroom = newsroom
        self.beat_seconds = min(heartbeat_seconds, BEAT_SECONDS_MAX)
        self.recent: tuple[Notice, ...] = ()
        self._limits = limits
        # Threads of our own: a thousand readers who look at once hold up no other request.
        self._threads = ThreadPoolExecutor(READING_THREADS, thread_name_prefix="live")
        self._readers: dict[Reader, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.Task[None] | None = None
        self._is_closing = False

    def routes(self) -> list[Route]:
        """Where changes are followed."""
        return [("GET", PATH, self._follow)]

    @property
    def open_streams(self) -> int:
        """How many follow at the moment."""
        return len(self._readers)

    @property
    def newest(self) -> int:
        """The number of the newest change that has been heard of."""
        return self.recent[-1].seq if self.recent else 0

    def listen(self, news: Sequence[Change]) -> None:
        """Hear of changes that have become durable."""
        notices = [notice(change) for change in news]
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it every stream
                self._loop.call_soon_threadsafe(self._take, notices)

    async def start(self) -> None:
        """Begin to tell, and to look for readers who are stuck."""
        self._loop = asyncio.get_running_loop()
        self._watch = self._loop.create_task(self._cut_off_the_stuck())

    async def close(self) -> None:
        """End every stream, so that the server need not wait for them; nobody is let in from then on."""
        self._is_closing = True
        if self._watch is not None:
            self._watch.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for reader in list(self._readers):
            reader.end()
        for _ in range(int(CLOSE_WITHIN_SECONDS / LOOK_EVERY_SECONDS)):
            if not self._readers:
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        for reader in list(self._readers):
            reader.drop()

    async def in_thread(self, request: Request, position: int) -> tuple[int, bytes, Grant]:
        """What a reader is told next."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.newsroom.after, request, position, self.recent)

    def join(self, reader: "Reader") -> bool:
        """Begin to tell somebody of changes, unless the server is stopping."""
        if not self._is_closing:
            self._readers[reader] = None
        return not self._is_closing

    def leave(self, reader: "Reader") -> None:
        """Tell somebody no more."""
        self._readers.pop(reader, None)

    async def _follow(self, request: Request) -> Answer:
        if self._is_closing:
            raise Unavailable("the server is stopping; try again")
        caller, newest = await asyncio.get_running_loop().run_in_executor(self._threads, self.newsroom.admit, request)
        digest = caller.credential.digest
        limits = self._limits.take(digest, "followChanges")
        if request.method == "HEAD":
            return Response(200, headers=(*HEADERS, *limits))
        of_theirs = sum(reader.digest == digest for reader in self._readers)
        if len(self._readers) >= READERS_MAX or of_theirs >= READERS_MAX_EACH:
            raise Unavailable("too many streams of changes are open; close some and try again")
        return Stream(Reader(self, request, digest, _position(request, newest), newest), (*HEADERS, *limits))

    def _take(self, notices: Sequence[Notice]) -> None:
        self.recent = (*self.recent, *notices)[-CATCH_UP_MAX:]
        for reader in self._readers:
            reader.wake()

    async def _cut_off_the_stuck(self) -> None:
        while True:
            await asyncio.sleep(self.beat_seconds)
            now = asyncio.get_running_loop().time()
            for reader in list(self._readers):
                if reader.waits_since is not None and now - reader.waits_since > STUCK_SECONDS:
                    reader.drop()


class Reader(AsyncIterator[bytes]):
    """One open stream. ``waits_since`` is when it was given words that have not yet left, if there are such."""

    def __init__(self, live: LiveChanges, request: Request, digest: str, position: int | None, newest: int) -> None:
        self.digest = digest
        self.waits_since: float | None = None
        self._live = live
        self._request = request
        self._position = newest if position is None else position
        self._opening = b"retry: 1000\n" + (_reset(newest) if position is None else b"id: %d\n\n" % self._position)
        self._abort: Abort = abort_of(request)
        self._grant: Grant | None = None
        self._awake = asyncio.Event()
        self._looked_at = 0.0
        self._beats_at = asyncio.get_running_loop().time() + live.beat_seconds
        self._ended = False

    async def __anext__(self) -> bytes:
        self.waits_since = None
        try:
            chunk = await self._next()
        except Refusal:  # the session or token is no longer good, or the store is away: whoever comes back is told
            raise StopAsyncIteration from None
        self.waits_since = asyncio.get_running_loop().time()
        return chunk

    async def aclose(self) -> None:
        """The client has left, or there is no more to say."""
        self._live.leave(self)

    def wake(self) -> None:
        """There may be something new."""
        self._awake.set()

    def end(self) -> None:
        """Say no more."""
        self._ended = True
        self.wake()

    def drop(self) -> None:
        """Close the stream at once, whatever is still on its way."""
        self.end()
        self._live.leave(self)
        self._abort()

    async def _next(self) -> bytes:
        if self._opening:
            opening, self._opening = self._opening, b""
            if not self._live.join(self):
                raise StopAsyncIteration
            self._awake.set()  # there may be something to catch up with
            return opening
        while True:
            await self._woken()
            if self._ended:
                raise StopAsyncIteration
            newest = self._live.newest
            if newest - self._position > CATCH_UP_MAX:
                self._position = newest
                return _reset(newest)
            self._position, frames, grant = await self._live.in_thread(self._request, self._position)
            if self._grant not in (None, grant):
                frames = _reset(self._position)  # more to see, or less, and other things to do
            self._grant = grant
            if self._position < newest:
                self._awake.set()
            if frames or self._looked_at >= self._beats_at:
                self._beats_at = self._looked_at + self._live.beat_seconds
                return frames or _BEAT

    async def _woken(self) -> None:
        """Wait for news, or for the time of a heartbeat; looks follow one another at a distance."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), max(0.0, self._beats_at - loop.time()))
        await asyncio.sleep(max(0.0, self._looked_at + LOOK_EVERY_SECONDS - loop.time()))
        self._looked_at = loop.time()
        self._awake.clear()


def _position(request: Request, newest: int) -> int | None:
    """From which change on to tell: after the last one heard, else from now; None where that is too long ago."""
    last = request.headers.get("last-event-id", "").strip()
    if not last:
        return newest
    heard = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else -1
    return heard if 0 <= newest - heard <= CATCH_UP_MAX and heard >= 0 else None


def _reset(newest: int) -> bytes:
    return b"event: reset\nid: %d\ndata: {}\n\n" % newest
