"""What each environment received in the last minutes, kept as it came, for whoever watches."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.figures import Tally
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.inbox import Duplicate, Outcome
from flaghoist.store.position import first_at

KEPT_MS = 10 * MINUTE_MS
KEPT_BYTES, KEPT_BODIES = 2 * MEBIBYTE, 64
KEPT_BYTES_IN_ALL = 32 * MEBIBYTE
"""Of all environments together; beyond it, those that have been silent longest are forgotten."""

BESIDE_BODY_BYTES = 512
"""What an arrival takes beside its body."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One body that came, and its fate: ``kept``, ``repeated`` (its payload id was known) or ``refused`` as a whole."""

    stored: StoredBatch
    fate: Literal["kept", "repeated", "refused"]
    refusal: str = ""

    @property
    def size(self) -> int:
        """About how much memory it holds, in bytes."""
        return len(self.stored.batch.body) + BESIDE_BODY_BYTES


class Recent:
    """Rings of arrivals, one for each environment, and those who wait for more. For the event loop's thread alone.

    Bodies are kept by reference and unread: what nobody watches costs no more than that. ``batches`` and ``events``
    count what came by its fate: a batch may also be ``turned away`` for a while, an event of a kept one ``repeated``.
    """

    def __init__(self) -> None:
        self._rings: OrderedDict[str, _Ring] = OrderedDict()
        self._watchers: dict[str, set[Watcher]] = {}
        self._bytes = 0
        self._closed = False
        self.batches = Tally("fate", known=("kept", "repeated", "refused", "turned away"))
        self.events = Tally("fate", known=("kept", "repeated"))

    @property
    def watching(self) -> int:
        """How many watch."""
        return sum(map(len, self._watchers.values()))

    def note(self, batch: Batch, outcome: Outcome) -> None:
        """The inbox has answered for a batch."""
        if isinstance(outcome, Duplicate):
            self._count("repeated", repeated=batch.events)
            self._arrived(Arrival(StoredBatch(first_at(clock.now_ms()), batch), "repeated"))
        else:
            repeated = len(outcome.repeats)
            self._count("kept", kept=batch.events - repeated, repeated=repeated)
            self._arrived(Arrival(StoredBatch(outcome.position, batch, outcome.repeats), "kept"))

    def refused(self, batch: Batch, refusal: str) -> None:
        """A body was refused as a whole; the batch has none of it, only whom it came from."""
        self._count("refused")
        self._arrived(Arrival(StoredBatch(first_at(clock.now_ms()), batch), "refused", refusal))

    def turned_away(self) -> None:
        """A batch could not be kept just now, and its sender was asked to try again."""
        self._count("turned away")

    def watcher(self, environment_id: str) -> "Watcher":
        """Somebody who hears of what came lately and of all that comes from now on; ``leave`` when done."""
        earliest = clock.now_ms() - KEPT_MS
        ring = self._rings.get(environment_id)
        known = [arrival for arrival in ring.arrivals if arrival.stored.received_at >= earliest] if ring else []
        watcher = Watcher(known)
        if self._closed:
            watcher.end()
        self._watchers.setdefault(environment_id, set()).add(watcher)
        return watcher

    def leave(self, environment_id: str, watcher: "Watcher") -> None:
        """Tell a watcher no more."""
        watching = self._watchers.get(environment_id, set())
        watching.discard(watcher)
        if not watching:
            self._watchers.pop(environment_id, None)

    def close(self) -> None:
        """Let everybody who watches go, and whoever comes from now on."""
        self._closed = True
        for watching in self._watchers.values():
            for watcher in watching:
                watcher.end()

    def _count(self, fate: str, **events: int) -> None:
        self.batches.add(fate)
        for each, amount in events.items():
            self.events.add(each, amount=amount)

    def _arrived(self, arrival: Arrival) -> None:
        environment_id = arrival.stored.batch.environment_id
        ring = self._rings.get(environment_id)
        if ring is None:
            ring = self._rings[environment_id] = _Ring()
        self._rings.move_to_end(environment_id)
        before = ring.bytes
        ring.put(arrival)
        self._bytes += ring.bytes - before
        while self._bytes > KEPT_BYTES_IN_ALL:
            self._bytes -= self._rings.popitem(last=False)[1].bytes
        for watcher in self._watchers.get(environment_id, ()):
            watcher.offer(arrival)


class Watcher:
    """A bounded queue of arrivals; what does not fit is counted, not kept."""

    def __init__(self, known: Iterable[Arrival]) -> None:
        self.ended = False
        self._waiting = _Ring()
        self._news = asyncio.Event()
        for arrival in known:
            self.offer(arrival)

    def offer(self, arrival: Arrival) -> None:
        """Queue an arrival, at the cost of the oldest if there are too many."""
        self._waiting.put(arrival)
        self._news.set()

    def end(self) -> None:
        """Wake the reader for the last time."""
        self.ended = True
        self._news.set()

    async def take(self, within_seconds: float) -> tuple[list[Arrival], int]:
        """All that has come since the last time, and how many events were lost on the way; waits if there is none."""
        try:
            await asyncio.wait_for(self._news.wait(), within_seconds)
        except TimeoutError:
            return [], 0
        self._news.clear()
        taken, self._waiting = self._waiting, _Ring()
        return list(taken.arrivals), taken.events_lost


@dataclass(slots=True)
class _Ring:
    """The newest arrivals, as many as fit."""

    arrivals: deque[Arrival] = field(default_factory=deque)
    bytes: int = 0
    events_lost: int = 0

    def put(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self.bytes += arrival.size
        while self.bytes > KEPT_BYTES or len(self.arrivals) > KEPT_BODIES:
            lost = self.arrivals.popleft()
            self.bytes -= lost.size
            self.events_lost += lost.stored.batch.events
