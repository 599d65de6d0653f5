"""A clock that is a year ahead for a while makes nothing too old: what it would have deleted is there afterwards."""

from functools import partial

from event_road import NOON, FakeClock, Road
from sqlalchemy import insert, select

from flaghoist.app.upkeep import forget
from flaghoist.base.clock import DAY_MS, HOUR_MS, MINUTE_MS
from flaghoist.base.settings import Settings
from flaghoist.store import ages
from flaghoist.store.ages import Clock
from flaghoist.store.database import Database
from flaghoist.store.inbox import Accepted, Duplicate
from flaghoist.store.tables import sessions

YEAR_MS = 365 * DAY_MS
ENVIRONMENT = "00000000000000000000e002"


def test_facts_and_ids_outlast_a_minute_in_another_year(sqlite_road: Road, fake_clock: FakeClock) -> None:
    compactor = sqlite_road.new_compactor(retention_ms=30 * DAY_MS)
    assert isinstance(bought(sqlite_road, "before"), Accepted)
    compactor.flush()
    compactor.upkeep()
    fake_clock.at_ms = NOON + YEAR_MS
    for _ in range(3):
        assert isinstance(bought(sqlite_road, f"during {fake_clock.at_ms}"), Accepted)
        compactor.flush()
        compactor.upkeep()
        fake_clock.at_ms += MINUTE_MS
    fake_clock.at_ms = NOON + 3 * MINUTE_MS
    compactor.upkeep()
    assert isinstance(bought(sqlite_road, "before"), Duplicate), "its id is still known"
    assert len(sqlite_road.facts.latest_events(ENVIRONMENT, "custom", "bought", since=0, limit=10)) == 4
    assert sqlite_road.lake.forgotten_before(ENVIRONMENT) is None


def test_sessions_outlast_it_too(database: Database, fake_clock: FakeClock) -> None:
    row = {"member": "m", "created_at": 1, "last_used_at": 1, "user_agent": "", "client": "", "digest": "d", "id": "i"}
    fake_clock.at_ms = NOON
    database.write(
        lambda connection: connection.execute(insert(sessions).values(expires_at=NOON + DAY_MS, **row)).rowcount
    )
    for ahead, kept in ((0, 1), (YEAR_MS, 1), (YEAR_MS + HOUR_MS, 1), (2 * HOUR_MS, 1), (23 * HOUR_MS, 1)):
        fake_clock.at_ms = NOON + ahead
        forget(database, Settings(), go_on=lambda: True)
        with database.read() as connection:
            assert len(connection.execute(select(sessions)).all()) == kept, ahead


def test_a_clock_that_stays_there_for_a_day_is_right(database: Database) -> None:
    def looked(at: int) -> int:
        return database.write(partial(ages.present, now=at)) - NOON

    assert looked(NOON) == 0
    assert looked(NOON + HOUR_MS) == HOUR_MS
    assert looked(NOON + YEAR_MS) == HOUR_MS
    assert looked(NOON + YEAR_MS + DAY_MS - 1) == HOUR_MS
    assert looked(NOON + YEAR_MS + DAY_MS) == YEAR_MS + DAY_MS
    assert looked(NOON - YEAR_MS) == -YEAR_MS, "one that is behind deletes too little, which can be made up for"


def test_doubts_begin_anew_with_each_jump() -> None:
    clock = Clock(seen=NOON)
    for at in (NOON + YEAR_MS, NOON + MINUTE_MS, NOON + 2 * YEAR_MS, NOON + 2 * YEAR_MS + HOUR_MS):
        clock = clock.looked_at(at)
    assert clock == Clock(seen=NOON + MINUTE_MS, doubted=NOON + 2 * YEAR_MS)
    farther = clock.looked_at(NOON + YEAR_MS)
    assert farther == Clock(seen=NOON + MINUTE_MS, doubted=NOON + YEAR_MS)


def bought(sqlite_road: Road, payload: str) -> object:
    event = {"kind": "custom", "key": "bought", "contextKeys": {"user": payload}, "creationDate": 1}
    return sqlite_road.send(ENVIRONMENT, [event], payload_id=payload)
