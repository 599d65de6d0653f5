"""Real servers for tests: one on SQLite, one on a real PostgreSQL, each started once and shared."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from event_road import FakeClock, Road
from hypothesis import HealthCheck, settings
from servers import PostgreSQL, Server, start_server

from flaghoist.base import clock
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.migrations import migrate

STORES = ("sqlite", "postgresql")

# A busy machine is no reason to doubt a law; in CI the same examples are tried each time, elsewhere new ones.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("unhurried"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "unhurried")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL for the whole run."""
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=STORES)
def store_url(request: pytest.FixtureRequest) -> str:
    """What to set as FLAGHOIST_DATABASE_URL: nothing for SQLite, an empty database for PostgreSQL."""
    if request.param == "sqlite":
        return ""
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    return postgresql.database()


@pytest.fixture(scope="session")
def server(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, once per store; tests make projects of their own in it."""
    running = start_server(tmp_path_factory.mktemp("data"), database_url=store_url)
    yield running
    assert running.stop() == 0, "the server did not drain and exit cleanly"


@pytest.fixture
def project(server: Server) -> str:
    """The key of a new project."""
    return str(server.project()["key"])


@pytest.fixture
def api(server: Server) -> Iterator[Any]:
    """The official API client, pointed at the running server."""
    import launchdarkly_api

    configuration = launchdarkly_api.Configuration(host=server.url, api_key={"ApiKey": server.token})
    with launchdarkly_api.ApiClient(configuration) as client:
        yield client


@pytest.fixture(params=STORES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated state store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path)
    else:
        running: PostgreSQL = request.getfixturevalue("postgresql")
        url = running.database().replace("postgresql://", "postgresql+psycopg://")
    opened = Database(url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def fake_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The only clock, under the test's control."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "now_ms", fake.now_ms)
    return fake


@pytest.fixture
def sqlite_road(tmp_path: Path, fake_clock: FakeClock) -> Iterator[Road]:
    """A new road on SQLite, for what has nothing to do with the state store."""
    database = Database(sqlite_url(tmp_path))
    migrate(database)
    built = Road(tmp_path, database, fake_clock)
    yield built
    built.close()
    database.close()
