"""A backup taken while events arrive and are moved on holds each of them once, whichever store it goes back to."""

import gzip
import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from event_road import FakeClock, Road
from servers import PostgreSQL
from sqlalchemy import Connection, insert, select

from flaghoist.store import changes
from flaghoist.store.backup import rows
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.backup.restoring import RESTORING, restore
from flaghoist.store.backup.taking import take
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import progress
from flaghoist.store.facts.places.folder import Folder
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.inbox import Accepted, Duplicate, Inbox, Outcome
from flaghoist.store.logs.home import Home, put_off_in, room
from flaghoist.store.migrations import migrate
from flaghoist.store.quarantine import Quarantine
from flaghoist.store.tables import claims, jobs

ENVIRONMENT = "00000000000000000000e001"


class Life:
    """Events arrive, each under a key of its own, in an inbox whose segments are full at once."""

    def __init__(self, folder: Path, database: Database, clock: FakeClock) -> None:
        self.road = Road(folder, database, clock)
        self.road.inbox.close()
        self.road.inbox = Inbox(folder / "inbox", segment_bytes=1)
        self.road.compactor = self.road.new_compactor()
        self.sent = 0

    def send(self) -> None:
        outcome = self._send(self.sent)
        assert isinstance(outcome, Accepted)
        self.sent += 1

    def retry(self, number: int) -> Outcome:
        return self._send(number)

    def counted(self) -> Counter[str]:
        """How often each event is in the lake, once all is moved on, by another reader of its files."""
        self.road.compactor.flush()
        return counted(self.road.folder, self.road.database)

    def _send(self, number: int) -> Outcome:
        self.road.clock.at_ms += 1
        event = {"kind": "custom", "key": f"e{number}", "creationDate": 1, "contextKeys": {"user": "u"}}
        return self.road.send(ENVIRONMENT, [event], payload_id=f"p{number}")


@pytest.fixture
def life_on_either(tmp_path: Path, database: Database, fake_clock: FakeClock) -> Iterator[Life]:
    """Once with its state in SQLite, once in PostgreSQL."""
    (tmp_path / "original").mkdir()
    living = Life(tmp_path / "original", database, fake_clock)
    yield living
    living.road.close()


@pytest.fixture
def life(tmp_path: Path, fake_clock: FakeClock) -> Iterator[Life]:
    """For what has nothing to do with the state store."""
    (tmp_path / "original").mkdir()
    database = Database(sqlite_url(tmp_path / "original"))
    migrate(database)
    living = Life(tmp_path / "original", database, fake_clock)
    yield living
    living.road.close()
    database.close()


def test_what_arrives_and_moves_during_a_backup_is_in_it_once_or_not_at_all(
    life_on_either: Life, tmp_path: Path, fake_clock: FakeClock
) -> None:
    life = life_on_either
    for _ in range(6):
        life.send()
    life.road.compactor.flush()
    for _ in range(6):
        life.send()
    before = life.sent

    def meanwhile(_bytes: int) -> None:
        if life.sent < 40:
            life.send()
            life.road.compactor.flush()
            life.send()

    taken = take(life.road.folder, life.road.database, tmp_path / "backup.tar", with_key=False, tell=meanwhile)
    assert life.sent >= before + 10, "nothing happened during the backup"
    assert taken.manifest.batches >= 6

    back = tmp_path / "back"
    restore(tmp_path / "backup.tar", back, "")
    restored = Database(sqlite_url(back))
    again = Life(back, restored, fake_clock)
    found = again.counted()
    accepted = {f"e{number}" for number in range(before)}
    assert accepted <= found.keys(), "an accepted event was lost"
    assert set(found.values()) == {1}, "an event was counted twice"
    # The senders of whatever came along repeat it, as SDKs do that have not heard the answer.
    for key in found:
        assert isinstance(again.retry(int(key[1:])), Duplicate), f"{key} would be counted twice"
    again.road.close()
    restored.close()


def test_what_was_kept_for_a_backup_is_deleted_after_it(life: Life, tmp_path: Path) -> None:
    for _ in range(5):
        life.send()
    inbox = life.road.folder / "inbox"
    before = set(inbox.glob("segment-*.db"))

    def meanwhile(_bytes: int) -> None:
        life.road.compactor.flush()
        assert before <= set(inbox.glob("segment-*.db")), "a segment was deleted under the backup"

    take(life.road.folder, life.road.database, tmp_path / "backup", with_key=False, tell=meanwhile)
    life.send()
    life.road.compactor.flush()
    assert before & set(inbox.glob("segment-*.db")) == set()
    assert set(life.counted().values()) == {1}


def test_a_backup_goes_from_either_store_to_either(
    life_on_either: Life, tmp_path: Path, postgresql: PostgreSQL, fake_clock: FakeClock
) -> None:
    life = life_on_either
    life.send()
    life.road.compactor.flush()
    life.road.database.write(_some_rows)
    original = life.road.database
    take(life.road.folder, original, tmp_path / "first.tar.gz", with_key=False)
    url = postgresql.database().replace("postgresql://", "postgresql+psycopg://")
    restore(tmp_path / "first.tar.gz", tmp_path / "there", url)
    there = Database(url)
    assert _all_rows(there) == _all_rows(original)
    # The next number that PostgreSQL itself gives follows those that came along.
    assert there.write(_next_job) == 8

    take(tmp_path / "there", there, tmp_path / "second", with_key=False)
    restore(tmp_path / "second", tmp_path / "home", "")
    home = Database(sqlite_url(tmp_path / "home"))
    assert _all_rows(home) == _all_rows(original)
    assert counted(tmp_path / "home", home) == {"e0": 1}
    there.close()
    home.close()


def test_a_lake_in_another_folder_goes_there_or_leaves_it_as_it_was(life: Life, tmp_path: Path) -> None:
    life.send()
    life.road.compactor.flush()
    take(life.road.folder, life.road.database, tmp_path / "backup", with_key=False)
    there = Folder(tmp_path / "facts")
    with pytest.raises(BackupRefused, match="the database is not empty"):
        restore(tmp_path / "backup", tmp_path / "back", life.road.database.url, lake=there)
    assert list(there.found()) == []
    restore(tmp_path / "backup", tmp_path / "back", "", lake=there)
    assert not (tmp_path / "back" / "lake").exists()
    restored = Database(sqlite_url(tmp_path / "back"))
    assert counted(tmp_path / "back", restored, lake=there.folder) == {"e0": 1}
    restored.close()
    with pytest.raises(BackupRefused, match=r"facts is not empty: it holds env="):
        restore(tmp_path / "backup", tmp_path / "again", "", lake=there)
    assert len(list(there.found())) == 1
    assert not (tmp_path / "again").exists()


def test_a_backup_without_its_lake_goes_with_the_very_files_it_names(life: Life, tmp_path: Path) -> None:
    life.send()
    life.road.compactor.flush()
    lake = Folder(life.road.folder / "lake")
    taken = take(life.road.folder, life.road.database, tmp_path / "good", with_key=False, with_lake=False)
    assert not any(part.path.startswith("lake/") for part in taken.manifest.parts)
    _refused(tmp_path, rf"holds no lake, since that was to stay in {lake.name}: say with lake_url or lake_dir")
    restore(tmp_path / "good", tmp_path / "back", "", lake=lake)
    restored = Database(sqlite_url(tmp_path / "back"))
    assert counted(tmp_path / "back", restored, lake=lake.folder) == {"e0": 1}
    restored.close()
    (file,) = lake.folder.rglob("*.parquet")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(BackupRefused, match=rf"has {len(whole) - 1} bytes, and had {len(whole)} when"):
        restore(tmp_path / "good", tmp_path / "again", "", lake=lake)
    file.unlink()
    with pytest.raises(BackupRefused, match=r"lacks 1 of the 1 files of the lake .*: env=.*; bring back what was"):
        restore(tmp_path / "good", tmp_path / "again", "", lake=lake)
    with pytest.raises(BackupRefused, match=r"the lake has no env=.*though it is listed"):
        take(life.road.folder, life.road.database, tmp_path / "next", with_key=False, with_lake=False)


def test_batches_that_were_put_off_come_along_unless_the_log_gives_them_again(life: Life, tmp_path: Path) -> None:
    """Else what could not be read would count twice, once it can be."""
    partition, position = "kafka:0wJR/0WZQsSU2d7p9ZFouQ:4", 0x1000
    life.road.database.write(lambda connection: progress.advance(connection, partition, since=0, to=position, offset=7))
    home = Home(life.road.folder / "log-1")
    batch = Batch(ENVIRONMENT, "server", b"[{}]", 1)
    for kept, its_position in (("inbox", 1), ("log", position - 1), ("log", position), ("log", position + 1)):
        folder = life.road.folder / "inbox" if kept == "inbox" else room(home.folder, partition)
        folder.mkdir(exist_ok=True)
        Quarantine(folder / "quarantine").keep(StoredBatch(its_position, batch), ValueError("a mistake of ours"))
    taken = take(life.road.folder, life.road.database, tmp_path / "backup.tar", with_key=False)
    assert taken.manifest.put_off == 3
    restore(tmp_path / "backup.tar", tmp_path / "back", "")
    (found,) = put_off_in(tmp_path / "back" / "log-1").items()
    assert found[0] == partition
    kept_there = Quarantine(found[1][0].parent).batches()
    assert [stored.position for stored, _ in kept_there] == [position - 1, position]
    assert [stored.position for stored, _ in Quarantine(tmp_path / "back" / "inbox" / "quarantine").batches()] == [1]
    again = Home(tmp_path / "back" / "log-1")
    assert again.node != home.node, "the two may be at work at the same time"
    again.close()
    home.close()


def test_a_damaged_backup_is_refused_and_leaves_nothing(life: Life, tmp_path: Path) -> None:
    life.send()
    life.road.compactor.flush()
    take(life.road.folder, life.road.database, tmp_path / "good", with_key=False)
    parts = json.loads((tmp_path / "good" / "manifest.json").read_bytes())["parts"]
    one_of_each = {part["path"].split("/")[0]: part for part in parts}
    assert one_of_each.keys() == {"state", "inbox", "lake"}
    for part in one_of_each.values():
        damaged = tmp_path / "good" / part["path"]
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:-1] + b"?" if whole else b"?")
        _refused(tmp_path, f"{part['path']} is not what was written")
        damaged.unlink()
        _refused(tmp_path, f"{part['path']} is missing")
        damaged.write_bytes(whole)
    (tmp_path / "good" / "state" / "extra").write_text("?")
    _refused(tmp_path, "state/extra, which its manifest does not name")


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_backup_that_was_cut_short_is_refused(keep: float, life: Life, tmp_path: Path) -> None:
    life.send()
    for name in ("whole.tar", "whole.tar.gz"):
        take(life.road.folder, life.road.database, tmp_path / name, with_key=False)
        raw = (tmp_path / name).read_bytes()
        end = len(raw) if name.endswith("gz") else len(raw.rstrip(b"\0")) - 600  # a tar ends in empty blocks
        (tmp_path / "good").write_bytes(raw[: int(end * keep)])
        _refused(tmp_path, "cut short")


def test_nothing_stays_of_a_backup_that_fails(life: Life, tmp_path: Path) -> None:
    life.send()
    life.road.compactor.flush()
    (lost,) = (life.road.folder / "lake").rglob("*.parquet")
    lost.unlink()
    (tmp_path / "backups").mkdir()
    for name in ("b", "b.tar", "b.tar.gz"):
        with pytest.raises(BackupRefused, match=r"the lake has no env=.*though it is listed"):
            take(life.road.folder, life.road.database, tmp_path / "backups" / name, with_key=False)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_backup_replaces_nothing_and_a_restore_neither(life: Life, tmp_path: Path) -> None:
    life.send()
    take(life.road.folder, life.road.database, tmp_path / "good", with_key=False)
    with pytest.raises(BackupRefused, match="good exists"):
        take(life.road.folder, life.road.database, tmp_path / "good", with_key=False)
    with pytest.raises(BackupRefused, match=r"not empty: it holds (inbox|hold)"):
        restore(tmp_path / "good", life.road.folder, "")
    with pytest.raises(BackupRefused, match="the database is not empty"):
        restore(tmp_path / "good", tmp_path / "other", life.road.database.url)
    assert not (tmp_path / "other").exists()


def test_the_key_comes_along_only_when_asked_for(life: Life, tmp_path: Path) -> None:
    (life.road.folder / "secret.key").write_text("the key")
    take(life.road.folder, life.road.database, tmp_path / "without", with_key=False)
    assert not (tmp_path / "without" / "secret.key").exists()
    take(life.road.folder, life.road.database, tmp_path / "with.tar", with_key=True)
    restore(tmp_path / "with.tar", tmp_path / "new", "")
    assert (tmp_path / "new" / "secret.key").read_text() == "the key"
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "with.tar").stat().st_mode & 0o077 == 0


def test_a_backup_of_a_newer_program_is_refused_with_what_to_do(life: Life, tmp_path: Path) -> None:
    take(life.road.folder, life.road.database, tmp_path / "good", with_key=False)
    at = tmp_path / "good" / "manifest.json"
    manifest = json.loads(at.read_bytes())
    at.write_text(json.dumps({**manifest, "schema": "9999", "flaghoist": "7.1"}))
    _refused(tmp_path, r"schema 9999, and this program knows up to \d+: restore it with Flaghoist 7.1 or newer")
    at.write_text(json.dumps({**manifest, "format": 3}))
    _refused(tmp_path, "format 3")


def test_a_foreign_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear all")
    with tarfile.open(tmp_path / "good", "w") as tar:
        tar.add(tmp_path / "letter", "../letter")
    _refused(tmp_path, "which no backup does")
    (tmp_path / "good").write_bytes(gzip.compress(b"Dear all"))
    _refused(tmp_path, "is no backup of Flaghoist")
    (tmp_path / "good").unlink()
    _refused(tmp_path, "there is no backup at")


def counted(data_dir: Path, database: Database, *, lake: Path | None = None) -> Counter[str]:
    """How often each event key is in the listed files of a lake."""
    with database.read() as connection:
        listed = connection.scalars(select(lake_files.c.path).where(lake_files.c.replaced_at.is_(None))).all()
    found: Counter[str] = Counter()
    with duckdb.connect() as engine:
        for path in listed:
            query = "SELECT key FROM read_parquet(?, hive_partitioning = false)"
            found.update(key for (key,) in engine.execute(query, [str((lake or data_dir / "lake") / path)]).fetchall())
    return found


def _refused(tmp_path: Path, why: str) -> None:
    with pytest.raises(BackupRefused, match=why):
        restore(tmp_path / "good", tmp_path / "new", "")
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir(exist_ok=True)
    with pytest.raises(BackupRefused, match=why):
        restore(tmp_path / "good", tmp_path / "empty", "")
    assert not (tmp_path / "empty" / RESTORING).exists()


def _some_rows(connection: Connection) -> None:
    body = {"text": 'ünï"\\\n\u2028', "number": 2**53 + 1, "none": None}
    for seq in range(1, 1200):
        changes.append(connection, ChangeRow(seq, f"{seq:024x}", 5, "flag", f"proj/p:flag/{seq}", "ß", body))
    connection.execute(insert(jobs).values(id=7, **_job("seventh")))
    connection.execute(insert(claims).values(digest=bytes(range(240, 256)), until=9))


def _next_job(connection: Connection) -> int:
    """The number that a new row is given; the row goes again."""
    number = connection.execute(insert(jobs).values(_job("next")).returning(jobs.c.id)).scalar_one()
    connection.execute(jobs.delete().where(jobs.c.id == number))
    return int(number)


def _job(uniq: str) -> dict[str, object]:
    return {
        "queue": "hooks",
        "lane": "",
        "uniq": uniq,
        "body": "{}",
        "due_at": None,
        "holder": "",
        "attempt": 0,
        "created_at": 1,
        "died_at": None,
        "error": "",
    }


def _all_rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(*sorted(table.c, key=str)))), key=repr)
            for table in rows.tables(connection)
        }
