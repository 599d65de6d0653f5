"""Open streams: the same bytes for everybody who listens, and nobody waits for a slow reader."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from flaghoist.base.http import Answer, Request, Response, Stream
from flaghoist.base.takeover import abort_of
from flaghoist.base.turns import turns
from flaghoist.delivery.places import Places
from flaghoist.delivery.queues import QueueListener
from flaghoist.delivery.sockets import Holder, Listener, Opening, SocketListener
from flaghoist.delivery.telling import SLICE, Teller
from flaghoist.delivery.words import Outgoing

CLOSINGS_PER_STEP = 100
STEP_SECONDS = 0.1

HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
)


class Channel:
    """All who listen to one thing; whatever is sent reaches each of them once, in the order it was sent."""

    def __init__(self, places: Places, teller: Teller) -> None:
        self._places = places
        self._teller = teller
        self._listeners: dict[Listener, None] = {}
        self._outgoing = Outgoing()
        self._sending: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def holders(self) -> set[Holder]:
        """The credentials with which streams are open."""
        return {listener.holder for listener in self._listeners}

    def stream(
        self, request: Request, *, holder: Holder, opening: Opening, headers: tuple[tuple[str, str], ...]
    ) -> Answer:
        """The answer that listens here: ``opening()`` as of the moment it starts, then all that is sent.

        Raises ``Unavailable`` where no more streams can be open.
        """
        self._places.check()
        if request.method == "HEAD":
            return Response(200, headers=(*HEADERS, *headers))
        queued = QueueListener(self, holder, opening, abort_of(request))
        return Stream(queued, (*HEADERS, *headers), taker=SocketListener(self, holder, opening))

    def send(self, frame: bytes) -> None:
        """Give every listener the same bytes, soon."""
        if not self._listeners:
            return
        self._outgoing.add(frame)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_outgoing())

    def end(self, holder: Holder) -> None:
        """Close the streams that were opened with one credential."""
        for listener in [each for each in self._listeners if each.holder == holder]:
            listener.end()

    def shut(self) -> list[Listener]:
        """Let in no more; gives those who listen, to be ended."""
        self._closed = True
        return list(self._listeners)

    def join(self, listener: Listener) -> bool:
        """Start to listen, unless the channel is closed."""
        if self._closed:
            return False
        self._listeners[listener] = None
        self._places.taken += 1
        # What waits to be sent now is part of what the listener opens with.
        listener.has_heard = self._outgoing.last
        return True

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        if listener in self._listeners:
            del self._listeners[listener]
            self._places.taken -= 1

    def give_up(self, listener: Listener) -> None:
        """Drop a listener who is too far behind."""
        self._places.slow += 1
        listener.drop()

    async def _send_outgoing(self) -> None:
        try:
            while self._outgoing:
                batch = self._outgoing.take()
                began = time.perf_counter()
                for few in _slices(list(self._listeners), SLICE):
                    self._teller.tell(few, batch)
                    await turns.give()  # so that a large audience does not hold up requests
                self._places.fan_outs.add(time.perf_counter() - began)
        finally:
            self._sending = None


async def send_home(channels: Sequence[Channel], within_seconds: float) -> None:
    """Close all streams of channels, a few at a time so that their clients do not all come back at once."""
    everyone = [listener for channel in channels for listener in channel.shut()]
    steps = max(1, int(within_seconds / STEP_SECONDS))
    # Half of the time to ask them to end, half for the last of them to have written what was queued.
    ending = _slices(everyone, max(CLOSINGS_PER_STEP, -(-2 * len(everyone) // steps)))
    for _ in range(steps):
        for listener in next(ending, ()):
            listener.end()
        if not any(channels):
            return
        await asyncio.sleep(STEP_SECONDS)
    for listener in everyone:
        listener.drop()


def _slices(listeners: Sequence[Listener], size: int) -> Iterator[Sequence[Listener]]:
    for start in range(0, len(listeners), size):
        yield listeners[start : start + size]
