"""What each environment received in the last minutes, kept as it came, for whoever watches, here or elsewhere."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Mapping
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
        self._relays: dict[str, Watcher] = {}
        self._relayed_through: dict[str, int] = {}
        self._elsewhere: dict[str, _Ring] = {}
        self.when_watched: Callable[[], None] = lambda: None
        """Called when somebody begins to watch."""
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
        known = self._lately(self._rings, environment_id)
        if others := self._lately(self._elsewhere, environment_id):
            known = sorted((*known, *others), key=lambda arrival: arrival.stored.position)
        watcher = Watcher(known)
        if self._closed:
            watcher.end()
        self._watchers.setdefault(environment_id, set()).add(watcher)
        self.when_watched()
        return watcher

    def leave(self, environment_id: str, watcher: "Watcher") -> None:
        """Tell a watcher no more."""
        watching = self._watchers.get(environment_id, set())
        watching.discard(watcher)
        if not watching:
            self._watchers.pop(environment_id, None)

    @property
    def watched(self) -> frozenset[str]:
        """The environments that somebody watches here; what came elsewhere for others is forgotten."""
        here = frozenset(self._watchers)
        self._elsewhere = {each: ring for each, ring in self._elsewhere.items() if each in here}
        return here

    def heard(self, environment_id: str, arrivals: Iterable[Arrival], lost: int) -> None:
        """Other processes received these for an environment watched here, and so many events more."""
        watching = self._watchers.get(environment_id)
        if not watching:
            return
        ring = self._elsewhere.setdefault(environment_id, _Ring())
        for arrival in arrivals:
            ring.put(arrival)
            for watcher in watching:
                watcher.offer(arrival)
        for watcher in watching:
            watcher.miss(lost)

    def relayed(self, environment_ids: Collection[str]) -> dict[str, tuple[list[Arrival], int]]:
        """What came here, since the last time, for environments that are watched elsewhere; others are let go of.

        At first it is what came in the last minutes. The number is that of events lost on the way.
        """
        self._relays = {each: self._relays.get(each) or self._relay(each) for each in environment_ids}
        told = {each: watcher.taken() for each, watcher in self._relays.items()}
        for environment_id, (arrivals, _) in told.items():
            through = max([arrival.stored.position for arrival in arrivals], default=0)
            self._relayed_through[environment_id] = max(self._relayed_through.get(environment_id, 0), through)
        return told

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
        if environment_id in self._relays:
            self._relays[environment_id].offer(arrival)

    def _relay(self, environment_id: str) -> "Watcher":
        """What was told already, before nobody wanted it for a while, is not told again."""
        earliest = first_at(clock.now_ms() - KEPT_MS)
        self._relayed_through = {each: last for each, last in self._relayed_through.items() if last >= earliest}
        last = self._relayed_through.get(environment_id, 0)
        return Watcher([each for each in self._lately(self._rings, environment_id) if each.stored.position > last])

    def _lately(self, rings: Mapping[str, "_Ring"], environment_id: str) -> list[Arrival]:
        earliest = clock.now_ms() - KEPT_MS
        ring = rings.get(environment_id)
        return [arrival for arrival in ring.arrivals if arrival.stored.received_at >= earliest] if ring else []


class Watcher:
    """A bounded queue of arrivals; what does not fit is counted, not kept."""

    def __init__(self, known: Iterable[Arrival]) -> None:
        self.ended = False
        self._waiting = _Ring()
        self._news = asyncio.Event()
        for arrival in known:
            self.offer(arrival)
        self._waiting.events_lost = 0  # of the past nobody expects all

    def offer(self, arrival: Arrival) -> None:
        """Queue an arrival, at the cost of the oldest if there are too many."""
        self._waiting.put(arrival)
        self._news.set()

    def miss(self, events: int) -> None:
        """Count events that were lost before they came here."""
        if events:
            self._waiting.events_lost += events
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
        return self.taken()

    def taken(self) -> tuple[list[Arrival], int]:
        """The same, without waiting."""
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
