"""Events received by other processes: whoever watches here sees those too, and those who watch elsewhere see ours.

The state store carries them. A process says there which environments are watched with it, for a while at a time; the
others then leave a sample of what they receive, which is not much, and nothing where nobody watches.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import msgspec
from sqlalchemy import Connection

from flaghoist.base import clock, ids
from flaghoist.base.errors import Unavailable
from flaghoist.base.repeated import Repeated
from flaghoist.ingest.recent import KEPT_MS, Arrival, Recent
from flaghoist.store import sightings
from flaghoist.store.batches import Batch, Marks, Source, StoredBatch
from flaghoist.store.database import Database
from flaghoist.store.sightings import Sighting

log = logging.getLogger("flaghoist.ingest")
T = TypeVar("T")
WATCHED_SECONDS, IDLE_SECONDS, AWAY_SECONDS = 0.5, 2.0, 10.0
SAID_FOR_MS, SAY_EVERY_MS = 15_000, 5_000
BODY_BYTES_MAX = 256 * 1024
"""Larger bodies are not shown elsewhere."""
TURN_BYTES_MAX, TURN_BODIES_MAX = 512 * 1024, 32
"""Of one environment, each turn."""


class _Told(msgspec.Struct, omit_defaults=True):
    """An arrival as others are told of it, and how many events came before it of which they are not."""

    lost: int = 0
    fate: Literal["kept", "repeated", "refused"] = "kept"
    refusal: str = ""
    position: int = 0
    repeats: tuple[int, ...] = ()
    source: Source = "server"
    body: bytes = b""
    events: int = 0
    schema: int = 4
    marks: int = 0
    agent: str = ""
    wrapper: str = ""


@dataclass(slots=True)
class _Heard:
    """By environment what others have told, and which of them want to be told."""

    arrivals: dict[str, tuple[list[Arrival], int]] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()


class Elsewhere:
    """Carries arrivals between the processes of one state store, in a thread of its own."""

    def __init__(self, recent: Recent, database: Database) -> None:
        self._recent = recent
        self._database = database
        self._process = ids.object_id()
        self._numbers = itertools.count(1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: frozenset[str] = frozenset()
        self._said: frozenset[str] = frozenset()
        self._say_at = 0
        self._known: dict[str, dict[str, int]] = {}
        self._repeated = Repeated(
            "elsewhere",
            self._turn,
            every_seconds=IDLE_SECONDS,
            log=log,
            trouble="cannot show events to other processes",
        )

    def start(self) -> None:
        """Begin; from the event loop's thread."""
        self._loop = asyncio.get_running_loop()
        self._recent.when_watched = self._repeated.wake
        self._repeated.start()

    def stop(self) -> None:
        """End, and leave nothing behind; not from the event loop's thread."""
        self._repeated.stop()
        if self._said or self._wanted:
            with suppress(Unavailable):
                self._database.write(lambda connection: sightings.leave(connection, self._process), in_turn=False)

    def _turn(self) -> float:
        here, ours = self._in_loop(lambda: (self._recent.watched, self._recent.relayed(self._wanted)))
        try:
            heard = self._exchanged(here, ours)
        except Unavailable:  # said in the log
            return AWAY_SECONDS
        self._wanted = heard.wanted
        self._in_loop(lambda: self._hear(heard))
        return WATCHED_SECONDS if here or self._wanted else IDLE_SECONDS

    def _exchanged(self, here: frozenset[str], ours: Mapping[str, tuple[list[Arrival], int]]) -> _Heard:
        now = clock.now_ms()
        records = {each: told for each, (arrivals, lost) in ours.items() if (told := self._records(arrivals, lost))}
        says = here != self._said or (bool(here) and now >= self._say_at)
        if records or says:
            self._database.write(lambda connection: self._tell(connection, here if says else None, records, now))
        if says:
            self._said, self._say_at = here, now + SAY_EVERY_MS
        self._known = {each: self._known.get(each, {}) for each in here}
        with self._database.read() as connection:
            return _Heard(
                {each: self._read(connection, each, now) for each in here},
                sightings.watched_elsewhere(connection, self._process, now=now),
            )

    def _tell(
        self,
        connection: Connection,
        here: Collection[str] | None,
        records: Mapping[str, Sequence[tuple[int, bytes]]],
        now: int,
    ) -> None:
        if here is not None:
            sightings.watch(connection, here, self._process, until=now + SAID_FOR_MS)
        for environment_id, told in records.items():
            sightings.share(connection, environment_id, self._process, told, until=now + KEPT_MS)

    def _read(self, connection: Connection, environment_id: str, now: int) -> tuple[list[Arrival], int]:
        known = self._known[environment_id]
        found = sightings.seen_elsewhere(connection, environment_id, self._process, known, now=now)
        known.update((each.process, each.number) for each in found)
        return _heard(environment_id, found)

    def _records(self, arrivals: Sequence[Arrival], lost: int) -> list[tuple[int, bytes]]:
        chosen = _sample(arrivals)
        lost += sum(arrival.stored.batch.events for arrival in arrivals) - sum(
            arrival.stored.batch.events for arrival in chosen
        )
        told = [_told(arrival) for arrival in chosen]
        if lost:
            told.insert(0, _Told(lost=lost))
        return [(next(self._numbers), msgspec.msgpack.encode(each)) for each in told]

    def _hear(self, heard: _Heard) -> None:
        for environment_id, (arrivals, lost) in heard.arrivals.items():
            self._recent.heard(environment_id, arrivals, lost)

    def _in_loop(self, act: Callable[[], T]) -> T:
        """Do something in the event loop's thread, and wait for it."""
        assert self._loop is not None, "started"

        async def there() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result()


def _sample(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The newest that are not too large, as many as one turn may carry."""
    chosen: list[Arrival] = []
    left = TURN_BYTES_MAX
    for arrival in reversed(arrivals):
        size = len(arrival.stored.batch.body)
        if size <= min(left, BODY_BYTES_MAX) and len(chosen) < TURN_BODIES_MAX:
            chosen.append(arrival)
            left -= size
    return chosen[::-1]


def _told(arrival: Arrival) -> _Told:
    stored, batch = arrival.stored, arrival.stored.batch
    return _Told(
        fate=arrival.fate,
        refusal=arrival.refusal,
        position=stored.position,
        repeats=tuple(sorted(stored.repeats)),
        source=batch.source,
        body=batch.body,
        events=batch.events,
        schema=batch.schema,
        marks=int(batch.marks),
        agent=batch.agent,
        wrapper=batch.wrapper,
    )


def _heard(environment_id: str, found: Iterable[Sighting]) -> tuple[list[Arrival], int]:
    arrivals, lost = [], 0
    for sighting in found:
        try:
            told = msgspec.msgpack.decode(sighting.record, type=_Told)
        except msgspec.DecodeError:  # a process of another version says it in another way
            continue
        lost += told.lost
        if told.position:
            arrivals.append(_arrival(environment_id, told))
    return sorted(arrivals, key=lambda arrival: arrival.stored.position), lost


def _arrival(environment_id: str, told: _Told) -> Arrival:
    batch = Batch(
        environment_id,
        told.source,
        told.body,
        told.events,
        schema=told.schema,
        marks=Marks(told.marks),
        agent=told.agent,
        wrapper=told.wrapper,
    )
    return Arrival(StoredBatch(told.position, batch, frozenset(told.repeats)), told.fate, told.refusal)
