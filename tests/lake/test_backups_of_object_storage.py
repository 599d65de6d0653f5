"""A lake on object storage goes into a backup and back into a bucket, or stays there and is held to be the one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from event_road import FakeClock, Road
from object_storage import Objects, ObjectStorage
from sqlalchemy import func, select

from flaghoist.base.errors import Unavailable
from flaghoist.store.backup.restoring import restore
from flaghoist.store.backup.taking import take
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts.lake import GRACE_MS
from flaghoist.store.facts.places.address import bucket_at
from flaghoist.store.facts.places.bucket import Bucket
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.migrations import migrate

pytestmark = pytest.mark.xdist_group("object-storage")


@pytest.fixture
def road(tmp_path: Path, objects: Objects, fake_clock: FakeClock) -> Iterator[Road]:
    """Nine events, each in a file of its own."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database(sqlite_url(folder))
    migrate(database)
    made = Road(folder, database, fake_clock, place=bucket(objects, tmp_path / "cache"))
    for user in map(str, range(9)):
        made.send("env", [{"kind": "custom", "key": "bought", "creationDate": 1, "contextKeys": {"user": user}}])
        made.compactor.flush()
    yield made
    made.close()
    database.close()


def test_a_backup_of_one_bucket_restores_into_another(
    road: Road, objects: Objects, storage: ObjectStorage, tmp_path: Path
) -> None:
    before = objects.contents()
    take(road.folder, road.database, tmp_path / "b.tar", with_key=False, lake=bucket(objects, tmp_path / "copies"))
    another = storage.bucket()
    restore(tmp_path / "b.tar", tmp_path / "back", "", lake=bucket(another, tmp_path / "copies"))
    assert another.contents() == before
    database = Database(sqlite_url(tmp_path / "back"))
    restored = Road(tmp_path / "back", database, road.clock, place=bucket(another, tmp_path / "there"))
    restored.send("env", [{"kind": "custom", "key": "bought", "creationDate": 1, "contextKeys": {"user": "joe"}}])
    restored.compactor.flush()
    with database.read() as connection:
        assert connection.execute(select(func.sum(lake_files.c.rows))).scalar() == 10
    assert len(another.contents()) == 10
    restored.close()
    database.close()


def test_nothing_stays_in_a_bucket_when_a_restore_fails(
    road: Road, objects: Objects, storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(road.folder, road.database, tmp_path / "b", with_key=False, lake=bucket(objects, tmp_path / "copies"))
    another = storage.bucket()
    place = bucket(another, tmp_path / "copies")
    uploaded = place.adopt

    def fails_at_the_last(path: str, source: Path) -> None:
        uploaded(path, source)
        if len(another.contents()) == 9:
            raise Unavailable("the storage has had enough")

    monkeypatch.setattr(place, "adopt", fails_at_the_last)
    with pytest.raises(Unavailable, match="had enough"):
        restore(tmp_path / "b", tmp_path / "back", "", lake=place)
    assert another.contents() == {}
    assert not (tmp_path / "back").exists()


def test_the_commands_leave_a_lake_where_it_is_and_miss_what_is_gone(
    road: Road, objects: Objects, tmp_path: Path
) -> None:
    told = flaghoist("backup", road.folder, objects, "--without-lake", "--to", str(tmp_path / "b.tar"))
    assert f"9 files are NOT in it: they have to stay in {objects.url} as they are now" in told.stdout
    assert (tmp_path / "b.tar").stat().st_size < 2_000_000
    told = flaghoist("restore", tmp_path / "back", objects, str(tmp_path / "b.tar"))
    assert (told.returncode, f"9 files are there in {objects.url}" in told.stdout) == (0, True), told.stderr

    assert road.lake.merge_one()
    road.clock.at_ms += GRACE_MS + 1
    road.lake.sweep()
    told = flaghoist("restore", tmp_path / "again", objects, str(tmp_path / "b.tar"))
    assert told.returncode == 1
    assert f"{objects.url} lacks 9 of the 9 files of the lake that the backup goes with: env=" in told.stderr
    assert "earlier versions of the objects" in told.stderr
    assert not (tmp_path / "again").exists()

    whole = flaghoist("backup", road.folder, objects, "--to", str(tmp_path / "whole.tar"))
    assert whole.returncode == 0, whole.stderr
    told = flaghoist("restore", tmp_path / "again", objects, str(tmp_path / "whole.tar"))
    assert (told.returncode, "is not empty: it holds env=" in told.stderr) == (1, True)
    told = flaghoist("restore", tmp_path / "again", objects, str(tmp_path / "whole.tar"), prefix="elsewhere")
    assert told.returncode == 0, told.stderr
    assert "1 files in s3://" in told.stdout


def bucket(objects: Objects, copies: Path) -> Bucket:
    return bucket_at(objects.url, copies, endpoint=objects.endpoint, cache_bytes=10**9)


def flaghoist(
    name: str, data_dir: Path, objects: Objects, *more: str, prefix: str = "facts"
) -> "subprocess.CompletedProcess[str]":
    url = f"s3://{objects.name}/{prefix}"
    where = ["--data-dir", str(data_dir), "--lake-url", url, "--lake-s3-endpoint", objects.endpoint]
    command = [sys.executable, "-m", "flaghoist.cli", name, *where, *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
