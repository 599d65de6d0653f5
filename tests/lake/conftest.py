"""Object storage for all tests of a run, and a new lake in it for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_road import FakeClock
from object_storage import Objects, ObjectStorage, object_storage

from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.migrations import migrate


@pytest.fixture(scope="package")
def storage() -> Iterator[ObjectStorage]:
    """A running server that speaks S3."""
    with object_storage() as running:
        yield running


@pytest.fixture
def objects(storage: ObjectStorage) -> Objects:
    """A bucket of its own."""
    return storage.bucket()


@pytest.fixture
def state(tmp_path: Path, fake_clock: FakeClock) -> Iterator[Database]:
    """An empty state store."""
    database = Database(sqlite_url(tmp_path))
    migrate(database)
    yield database
    database.close()
