"""Roads of events: a new one for each test on either state store, or one that many small worlds share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_road import FakeClock, Road, new_environment
from servers import Server, start_server

from flaghoist.base import clock
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.migrations import migrate


@pytest.fixture
def road(tmp_path: Path, database: Database, fake_clock: FakeClock) -> Iterator[Road]:
    """A new road, once on either state store."""
    built = Road(tmp_path, database, fake_clock)
    yield built
    built.close()


@pytest.fixture(scope="module")
def shared_road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """One road on SQLite for many small worlds, each in an environment of its own."""
    folder = tmp_path_factory.mktemp("road")
    fake = FakeClock()
    database = Database(sqlite_url(folder))
    migrate(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now_ms", fake.now_ms)
        built = Road(folder, database, fake, max_lateness_ms=10**15)
        yield built
        built.close()
        database.close()


@pytest.fixture
def environment() -> str:
    """The id of an environment that nobody has used."""
    return new_environment()


@pytest.fixture(scope="module")
def slow_importer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that lets a token import three times in ten seconds."""
    running = start_server(tmp_path_factory.mktemp("slow"), import_rate_limit="3")
    yield running
    assert running.stop() == 0
