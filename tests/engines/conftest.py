"""A road of events on which the world of shoppers has lived, and its clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from engine_worlds import live
from event_road import NOON, FakeClock, Road

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.migrations import migrate

ENVIRONMENT = "5eaf00d5eaf00d5eaf00d5ea"
"""Always the same, since it can be read in what engines are asked."""


@dataclass
class Shop:
    """Where the shoppers were, and when experiments started."""

    road: Road
    environment: str
    started: int


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    fake = FakeClock(NOON)
    database = Database(sqlite_url(folder))
    migrate(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now_ms", fake.now_ms)
        built = Shop(Road(folder, database, fake, max_lateness_ms=10**15), ENVIRONMENT, NOON + 2 * DAY_MS)
        live(built.road, built.environment, started=built.started)
        yield built
        built.road.close()
        database.close()
