"""Whoever watches one process sees what the others receive, in measure; where nobody watches nothing is carried."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from audiences import until
from sqlalchemy import func, select

from flaghoist.base import clock
from flaghoist.ingest import elsewhere
from flaghoist.ingest.elsewhere import Elsewhere
from flaghoist.ingest.recent import KEPT_MS, Arrival, Recent, Watcher
from flaghoist.ingest.watch import Wanted, show
from flaghoist.store import sightings
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database
from flaghoist.store.inbox import Accepted
from flaghoist.store.position import Positions
from flaghoist.store.tables import sightings as left
from flaghoist.store.tables import watched_environments

HERE, THERE = "0123456789abcdef01234567", "76543210fedcba9876543210"


class Process:
    """One of several that share a state store."""

    def __init__(self, database: Database, place: int) -> None:
        self.recent = Recent()
        self._elsewhere = Elsewhere(self.recent, database)
        self._positions = Positions(first_slot=place)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._within(self._elsewhere.start)

    def receive(self, *keys: str, environment_id: str = HERE, padding: int = 0) -> None:
        """One body with an event for each key."""
        context = {"kind": "user", "key": "ann", "padding": "x" * padding}
        events = [{"kind": "custom", "key": key, "creationDate": clock.now_ms(), "context": context} for key in keys]
        batch = Batch(environment_id, "server", json.dumps(events).encode(), len(events), agent="GoSDK/7.0")
        position = self._positions.next(clock.now_ms(), len(events))
        self._within(lambda: self.recent.note(batch, Accepted(position, frozenset())))

    def watch(self, environment_id: str = HERE) -> "Person":
        """Somebody begins to watch."""
        return Person(self, self._within(lambda: self.recent.watcher(environment_id)))

    def taken(self, watcher: Watcher) -> tuple[list[Arrival], int]:
        return self._within(watcher.taken)

    def leave(self, watcher: Watcher) -> None:
        self._within(lambda: self.recent.leave(HERE, watcher))

    def stop(self) -> None:
        if self._loop.is_closed():
            return
        self._elsewhere.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _within(self, act: Callable[[], Any]) -> Any:
        async def there() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(10)


class Person:
    """Looks at what comes."""

    def __init__(self, process: Process, watcher: Watcher) -> None:
        self._process, self._watcher = process, watcher
        self.events: list[Any] = []
        self.skipped = 0

    def sees(self) -> list[str]:
        """The keys of all that was shown so far."""
        arrivals, lost = self._process.taken(self._watcher)
        shown, skipped = show(arrivals, Wanted(), most=10_000, max_lateness_ms=clock.HOUR_MS)
        self.events += shown
        self.skipped += lost + skipped
        return [str(event.key) for event in self.events]

    def leave(self) -> None:
        self._process.leave(self._watcher)


@pytest.fixture
def processes(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Process]]:
    """Three of them, which look after one another more often than they would."""
    for name in ("IDLE_SECONDS", "WATCHED_SECONDS"):
        monkeypatch.setattr(elsewhere, name, 0.05)
    with ExitStack() as stopping:
        made = [Process(database, place) for place in range(3)]
        for each in made:
            stopping.callback(each.stop)
        yield made


def test_who_watches_one_process_sees_what_all_of_them_receive(processes: list[Process]) -> None:
    one, two, three = processes
    two.receive("a moment ago")
    person = one.watch()
    until(lambda: person.sees() == ["a moment ago"])
    one.receive("here")
    two.receive("there", "there, too")
    three.receive("beyond")
    until(lambda: len(person.sees()) >= 5)
    assert sorted(person.sees()) == ["a moment ago", "beyond", "here", "there", "there, too"], "each of them once"
    event = next(event for event in person.events if event.key == "beyond")
    assert (event.fate, event.source.sdk, event.contexts[0].key) == ("accepted", "GoSDK/7.0", "ann")
    assert len({event.id for event in person.events}) == 5

    beside, later = one.watch(), three.watch()
    until(lambda: len(beside.sees()) == 5 and len(later.sees()) == 5)
    two.receive("to all who watch")
    for each in (person, beside, later):
        until(lambda each=each: each.sees()[-1:] == ["to all who watch"])
    assert person.skipped == beside.skipped == later.skipped == 0


def test_nothing_is_carried_where_nobody_watches(processes: list[Process], database: Database) -> None:
    one, two, _ = processes
    person = one.watch()
    two.receive("elsewhere", environment_id=THERE)
    two.receive("here")
    until(lambda: person.sees() == ["here"])
    assert _rows(database, left) == 1
    person.leave()
    until(lambda: _rows(database, watched_environments) == 0)
    two.receive("unseen 1")
    time.sleep(0.3)  # several turns of everybody
    two.receive("unseen 2")
    time.sleep(0.3)
    assert _rows(database, left) <= 2, "the second came when all knew that nobody watches"
    again = one.watch()
    until(lambda: "unseen 2" in again.sees())
    assert sorted(again.sees()) == ["here", "unseen 1", "unseen 2"], "each of them once"


def test_what_is_too_much_to_carry_is_counted(processes: list[Process], database: Database) -> None:
    one, two, _ = processes
    person = one.watch()
    two.receive("first")
    until(lambda: person.sees() == ["first"])
    two.receive("large", "as well", padding=elsewhere.BODY_BYTES_MAX)
    until(lambda: person.skipped == 2 or (person.sees() and person.skipped == 2))
    for number in range(300):
        two.receive(f"event {number}")
    until(lambda: len(person.sees()) + person.skipped == 303)
    assert person.sees()[-1] == "event 299", "the newest are seen"
    assert _rows(database, left) <= sightings.KEPT


def test_nothing_is_left_by_those_who_end_in_order_nor_for_long_by_others(
    processes: list[Process], database: Database
) -> None:
    one, two, three = processes
    person = one.watch()
    two.receive("of two")
    three.receive("of three")
    until(lambda: sorted(person.sees()) == ["of three", "of two"])
    two.stop()
    assert _rows(database, left) == 1
    now = clock.now_ms()
    database.write(lambda connection: sightings.forget(connection, before=now))
    assert _rows(database, left) == 1
    database.write(lambda connection: sightings.forget(connection, before=now + KEPT_MS))
    assert _rows(database, left) == 0


def _rows(database: Database, table: Any) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
