"""Open streams: the same bytes for everybody who listens, and nobody waits for a slow reader."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice

from flaghoist.base.http import Answer, Request, Response, Stream
from flaghoist.delivery.source import CredentialKind

Holder = tuple[CredentialKind, str]
Opening = Callable[[], bytes]
Abort = Callable[[], None]

BACKLOG_FRAMES = 1_000
BACKLOG_BYTES = 2 * 1024 * 1024
# Connections served between two looks at the event loop, so that a large audience does not hold up other requests.
SLICE = 256
CLOSINGS_PER_STEP = 100
STEP_SECONDS = 0.1

HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
)


class Channel:
    """All who listen to one thing; whatever is sent reaches each of them once, in the order it was sent."""

    def __init__(self) -> None:
        self._connections: dict[Connection, None] = {}
        self._outgoing: deque[tuple[int, bytes]] = deque()
        self._said = 0
        self._sending: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def holders(self) -> set[Holder]:
        """The credentials with which streams are open."""
        return {connection.holder for connection in self._connections}

    def stream(
        self, request: Request, *, holder: Holder, opening: Opening, headers: tuple[tuple[str, str], ...]
    ) -> Answer:
        """The answer that listens here: ``opening()`` as of the moment it starts, then all that is sent."""
        if request.method == "HEAD":
            return Response(200, headers=(*HEADERS, *headers))
        return Stream(Connection(self, holder, opening, abort_of(request)), (*HEADERS, *headers))

    def send(self, frame: bytes) -> None:
        """Give every connection the same bytes, soon."""
        if not self._connections:
            return
        self._said += 1
        self._outgoing.append((self._said, frame))
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_outgoing())

    def end(self, holder: Holder) -> None:
        """Close the streams that were opened with one credential."""
        for connection in [each for each in self._connections if each.holder == holder]:
            connection.end()

    def shut(self) -> None:
        """Close all streams at once, and let in no more."""
        self._closed = True
        for connection in self._connections:
            connection.end()

    async def close(self, within_seconds: float) -> None:
        """Close all streams, a few at a time so that their clients do not all come back at once."""
        self._closed = True
        steps = max(1, int(within_seconds / STEP_SECONDS))
        # Half of the time to ask them to end, half for the last of them to have written what was queued.
        ending = _slices(self._connections, max(CLOSINGS_PER_STEP, -(-2 * len(self) // steps)))
        for _ in range(steps):
            for connection in next(ending, ()):
                connection.end()
            if not self._connections:
                return
            await asyncio.sleep(STEP_SECONDS)
        for connection in list(self._connections):
            connection.drop()

    def join(self, connection: "Connection") -> bool:
        """Start to listen, unless the channel is closed."""
        if self._closed:
            return False
        self._connections[connection] = None
        # What waits to be sent now is part of what the connection opens with.
        connection.has_heard = self._said
        return True

    def leave(self, connection: "Connection") -> None:
        """Listen no more."""
        self._connections.pop(connection, None)

    async def _send_outgoing(self) -> None:
        try:
            while self._outgoing:
                number, frame = self._outgoing.popleft()
                for few in _slices(self._connections, SLICE):
                    for connection in few:
                        if number > connection.has_heard:
                            connection.offer(frame)
                    await asyncio.sleep(0)
        finally:
            self._sending = None


class Connection(AsyncIterator[bytes]):
    """One open stream, read frame by frame by whoever writes to its socket; it listens from the first read on."""

    __slots__ = (
        "_abort",
        "_backlog",
        "_backlog_bytes",
        "_channel",
        "_ended",
        "_opening",
        "_waiting",
        "has_heard",
        "holder",
    )

    def __init__(self, channel: Channel, holder: Holder, opening: Opening, abort: Abort) -> None:
        self.holder = holder
        self.has_heard = 0
        self._channel = channel
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
            if self._channel.join(self):
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
        self._channel.leave(self)

    def offer(self, frame: bytes) -> None:
        """Queue a frame, or drop the connection if its reader is too far behind; SDKs then reconnect and catch up."""
        if self._ended or (self._backlog and self._backlog[-1] is frame):
            return  # two pings, or two heartbeats, say no more than one
        if self._backlog and (len(self._backlog) >= BACKLOG_FRAMES or self._backlog_bytes + len(frame) > BACKLOG_BYTES):
            self.drop()
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
        self._channel.leave(self)
        self._abort()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def abort_of(request: Request) -> Abort:
    """How to cut off a reader that is stuck, where the server is uvicorn.

    Its ``send`` waits for the reader for ever, and ASGI has no word for giving up. On other servers a stuck reader
    loses its queue and its place in the channel, and its socket lasts until the peer closes it.
    """
    cycle = getattr(request.receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    abort: Abort = getattr(transport, "abort", _let_be)
    return abort


def _let_be() -> None:
    pass


def _slices(connections: dict[Connection, None], size: int) -> Iterator[list[Connection]]:
    everyone = iter(list(connections))
    while few := list(islice(everyone, size)):
        yield few
