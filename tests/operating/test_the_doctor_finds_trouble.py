"""Whatever can be wrong with a data folder is found, named and explained; a sound one is left as it was."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from event_road import FakeClock, Road
from servers import PostgreSQL

from flaghoist.app.doctor import examine
from flaghoist.base import clock
from flaghoist.base.settings import Settings
from flaghoist.store import changes, followers, retention
from flaghoist.store.backup.restoring import RESTORING
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.doctor.finding import Finding
from flaghoist.store.documents import Document, Documents
from flaghoist.store.holds import held
from flaghoist.store.inbox import Inbox
from flaghoist.store.migrations import migrate, upgrade

ENVIRONMENT = "00000000000000000000e003"


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of a sound data folder, to be harmed."""
    return Path(shutil.copytree(sound, tmp_path / "data"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a little of everything has happened."""
    made = tmp_path_factory.mktemp("sound")
    database = Database(sqlite_url(made))
    migrate(database)
    for seq in range(1, 11):
        database.write(lambda connection, seq=seq: changes.append(connection, change(seq)))
    database.write(lambda connection: Documents().put(connection, document(), 10))
    database.write(lambda connection: followers.begin(connection, "webhooks"))
    an_hour_ago = FakeClock(clock.now_ms() - 3_600_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now_ms", an_hour_ago.now_ms)
        road = Road(made, database, an_hour_ago)
        for number in range(3):
            event = {"kind": "custom", "key": "e", "creationDate": 1, "contextKeys": {"user": f"u{number}"}}
            road.send(ENVIRONMENT, [event], payload_id=f"p{number}")
            road.compactor.flush()
        road.close()
    database.close()
    made.chmod(0o700)
    return made


def test_nothing_is_found_in_a_sound_folder_and_nothing_is_changed(folder: Path) -> None:
    before = contents(folder)
    found = examine(settings(folder))
    assert [each.name for each in found if each.is_trouble] == []
    assert [each.name for each in found] == ["schema"]
    assert contents(folder) == before


Harm = Callable[[Path], Any]


def sql(*statements: str) -> Harm:
    def harm(folder: Path) -> None:
        with contextlib.closing(sqlite3.connect(folder / "state.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return harm


def spoilt(pattern: str, at: int = 0) -> Harm:
    def harm(folder: Path) -> None:
        path = next(folder.glob(pattern))
        with path.open("r+b") as file:
            file.seek(at)
            file.write(b"\xff" * 64)

    return harm


def added(path: str, content: str = "x") -> Harm:
    def harm(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
        os.utime(folder / path, (1, 1))

    return harm


HARMS: dict[str, Harm] = {
    "no-data-folder": shutil.rmtree,
    "no-state": lambda folder: (folder / "state.db").unlink(),
    "restore-unfinished": lambda folder: (folder / RESTORING).mkdir(),
    "key-missing": sql("INSERT INTO secret_keys VALUES ('0123abcd', '', 1, '')"),
    "key-unreadable": lambda folder: (added("secret.key")(folder), (folder / "secret.key").chmod(0o600)),
    "key-readable": lambda folder: (added("secret.key")(folder), (folder / "secret.key").chmod(0o644)),
    "damaged-kept": added("inbox/damaged/segment-1.db.1"),
    "quarantine": added("inbox/quarantine/1.batch"),
    "state-damaged": spoilt("state.db"),
    "schema-newer": sql("UPDATE alembic_version SET version_num = '9999'"),
    "schema-older": sql("UPDATE alembic_version SET version_num = '0004'"),
    "change-gap": sql("DELETE FROM changes WHERE seq = 5", "DELETE FROM change_outlines WHERE seq = 5"),
    "document-ahead": sql("UPDATE documents SET seq = 11"),
    "follower-ahead": sql("UPDATE followers SET seq = 11"),
    "outlines-differ": sql("DELETE FROM change_outlines WHERE seq = 5"),
    "clock": sql("UPDATE changes SET at = 4102444800000 WHERE seq = 10"),
    "jobs-given-up": sql("INSERT INTO jobs VALUES (1, 'webhooks', 'x', 'x', '{}', NULL, '', 8, 1, 2, 'refused')"),
    "segment-damaged": spoilt("inbox/segment-*.db"),
    "ids-damaged": spoilt("inbox/ids.db"),
    "inbox-nameless": lambda folder: [(folder / "inbox" / name).unlink() for name in ("id", "ids.db")],
    "progress-ahead": sql("UPDATE inbox_progress SET position = position + 1"),
    "events-wait": sql("UPDATE inbox_progress SET position = 1"),
    "lake-missing": lambda folder: next(folder.glob("lake/env=*/day=*/*.parquet")).unlink(),
    "lake-damaged": spoilt("lake/env=*/day=*/*.parquet", at=100),
}


@pytest.mark.parametrize("name", HARMS)
def test_each_trouble_is_found_and_explained(name: str, folder: Path) -> None:
    HARMS[name](folder)
    found = {each.name: each for each in examine(settings(folder))}
    assert name in found
    assert found[name].is_trouble
    assert found[name].advice, "it is not said what to do"
    others = {each for each in found if found[each].is_trouble} - {name}
    assert others == ({"key-unreadable"} if name == "key-readable" else set()), "one trouble is told as several"


def test_what_is_worth_knowing_is_no_trouble(folder: Path) -> None:
    added("lake/env=x/day=2026-11-23/outcomes-stray.parquet")(folder)
    sql("INSERT INTO inbox_progress VALUES ('0123456789abcdef0123456789abcdef', 1, 1)")(folder)
    folder.chmod(0o755)
    inbox = Inbox(folder / "inbox")
    with held(folder / "lake"):
        found = examine(settings(folder, migrate_on_start="no"))
    inbox.close()
    assert {each.name for each in found} == {
        "settings-migrate",
        "folder-open",
        "in-use",
        "held",
        "schema",
        "inbox-elsewhere",
        "lake-strays",
    }
    assert not any(each.is_trouble for each in found)


def test_a_full_disk_is_told_before_it_hurts(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    assert "disk-tight" in names(examine(settings(folder, disk_reserve=free * 2)))


def test_files_of_another_user_are_found() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    added("inbox/ids.db")(folder)
    (folder / "inbox" / "ids.db").chmod(0o000)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)  # nothing is forbidden to root
        assert "not-ours" in names(examine(settings(folder)))
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("settings-lateness", {"event_retention_days": 2, "max_lateness_hours": 72}),
        ("settings-limits", {"body_limit": 10, "inflated_limit": 9}),
        ("settings-inbox", {"inbox_limit": 1000}),
        ("settings-two-states", {"database_url": "postgresql://nobody@127.0.0.1:1/none"}),
        ("settings-two-lakes", {"lake_dir": "elsewhere"}),
    ],
)
def test_settings_that_contradict_each_other_are_found(name: str, chosen: dict[str, Any], folder: Path) -> None:
    assert name in names(examine(settings(folder, **chosen)))


def test_a_database_that_is_away_is_found(folder: Path) -> None:
    found = examine(settings(folder, database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert "state-unreachable" in names(found)


def test_retention_is_no_gap(folder: Path) -> None:
    database = Database(sqlite_url(folder))
    for seq, kind in ((11, "metric"), (12, "flag"), (13, "flag")):
        database.write(lambda connection, seq=seq, kind=kind: changes.append(connection, change(seq, kind=kind)))
    metric = document("proj/p:metric/m11", "metric")
    database.write(lambda connection: Documents().put(connection, metric, 11))
    database.write(lambda connection: followers.advance(connection, "webhooks", since=10, to=13))
    assert retention.forget_changes(database, before=clock.now_ms(), lasting=("metric",)) == 11
    database.close()
    assert [each.name for each in examine(settings(folder))] == ["schema"]


def test_the_state_in_postgresql_is_examined_likewise(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql.database()
    database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    database.write(lambda connection: upgrade(connection, "0005"))
    (tmp_path / "data").mkdir(mode=0o700)
    assert names(examine(settings(tmp_path / "data", database_url=url))) == {"schema-older"}
    migrate(database)
    assert [each.name for each in examine(settings(tmp_path / "data", database_url=url))] == ["schema"]
    for seq in (1, 2, 4):
        database.write(lambda connection, seq=seq: changes.append(connection, change(seq)))
    database.close()
    assert names(examine(settings(tmp_path / "data", database_url=url))) == {"change-gap"}


def test_the_command_tells_people_and_programs(folder: Path) -> None:
    told = doctor(folder)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")
    HARMS["lake-missing"](folder)
    told = doctor(folder)
    assert told.returncode == 1
    assert "TROUBLE  listed files that are not in" in told.stdout
    assert "→ results that need them cannot be given" in told.stdout
    assert told.stdout.endswith("1 of 2 findings are trouble.\n")
    found = json.loads(doctor(folder, "--json").stdout)
    assert [(each["name"], each["is_trouble"]) for each in found] == [("schema", False), ("lake-missing", True)]


def doctor(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "flaghoist.cli", "doctor", "--data-dir", str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def settings(folder: Path, **chosen: Any) -> Settings:
    return Settings(data_dir=folder, **{"disk_reserve": 0, **chosen})


def names(found: list[Finding]) -> set[str]:
    return {each.name for each in found if each.is_trouble}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}


def change(seq: int, *, kind: str = "flag") -> ChangeRow:
    return ChangeRow(seq, f"{seq:024x}", 1_600_000_000_000 + seq, kind, f"proj/p:{kind}/{kind[0]}{seq}", "", {})


def document(address: str = "proj/p:flag/f10", kind: str = "flag") -> Document:
    return Document(address, kind, "proj/p", 1, 1, 10, 10, {})
