"""A backup is taken of a server that is written to and sent events all the while; another server goes on from it."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
import requests
from driven import until
from servers import SHARED_SECRET_KEY, PostgreSQL, Server, start_server
from sqlalchemy import select

from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import progress
from flaghoist.store.facts.tables import lake_files


@dataclass
class Load:
    """Two people change flags and two SDKs send events, each of which keeps a ledger of what was answered."""

    server: Server
    sdk_key: str
    flags: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        work = (self._change, self._send)
        self.threads = [threading.Thread(target=work[number % 2], args=(number,)) for number in range(4)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def resend(self, url: str, event: str) -> None:
        """The same payload once more, as an SDK does that has not heard the answer."""
        with requests.Session() as session:
            self._post(session, url, event)

    def _change(self, number: int) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = self.server.token
            for each in range(10_000):
                if self.stopping.is_set():
                    return
                key = f"flag-{number}-{each}"
                url = f"{self.server.url}/api/v2/flags/default"
                assert session.post(url, json={"key": key, "name": key}, timeout=30).status_code == 201
                self.flags.append(key)
                time.sleep(0.05)

    def _send(self, number: int) -> None:
        with requests.Session() as session:
            for each in range(10_000):
                if self.stopping.is_set():
                    return
                event = f"event-{number}-{each}"
                self._post(session, self.server.url, event)
                self.events.append(event)
                time.sleep(0.02)

    def _post(self, session: requests.Session, url: str, event: str) -> None:
        payload = str(uuid.uuid5(uuid.NAMESPACE_OID, event))
        headers = {"Authorization": self.sdk_key, "X-LaunchDarkly-Payload-ID": payload}
        body = [{"kind": "custom", "key": event, "creationDate": 1, "contextKeys": {"user": "u"}}]
        assert session.post(f"{url}/bulk", json=body, headers=headers, timeout=30).status_code == 202


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.world)])
def at_work(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Load]:
    url = ""
    if request.param == "postgresql":
        running: PostgreSQL = request.getfixturevalue("postgresql")
        url = running.database()
    server = start_server(tmp_path / "data", database_url=url)
    sdk_key = server.ok("GET", "/projects/default/environments/production")["apiKey"]
    load = Load(server, sdk_key)
    yield load
    load.stop()
    assert server.stop() == 0


def test_a_restored_server_has_all_that_was_answered_before_the_backup(at_work: Load, tmp_path: Path) -> None:
    until(lambda: len(at_work.flags) > 10 and len(at_work.events) > 50, within_seconds=30)
    time.sleep(1.2)  # so that some events are in the lake by now
    flags, events = list(at_work.flags), list(at_work.events)
    said = flaghoist("backup", tmp_path / "data", at_work.server.database_url, "--to", str(tmp_path / "b.tar.gz"))
    assert "  key     " in said
    assert len(at_work.events) > len(events), "the server answered nobody during the backup"
    at_work.stop()

    new = tmp_path / "new"
    new.mkdir()
    for key in (tmp_path / "data").glob("secret.key"):
        assert "secret.key is NOT in it" in said
        shutil.copy(key, new)
    said = flaghoist("restore", new, "", str(tmp_path / "b.tar.gz"))
    assert "accepted batches" in said
    restored = start_server(new, **({"secret_key": SHARED_SECRET_KEY} if at_work.server.database_url else {}))
    for event in at_work.events[-20:] + events[:5]:
        at_work.resend(restored.url, event)
    listed = set()
    for at in range(0, 5_000, 100):
        page = restored.ok("GET", f"/flags/default?limit=100&offset={at}")["items"]
        listed |= {flag["key"] for flag in page}
        if len(page) < 100:
            break
    entries = restored.ok("POST", "/auditlog/counts?after=0&buckets=1", json=[])["totalCount"]
    until(lambda: nothing_waits(new), within_seconds=20)
    assert restored.stop() == 0
    assert set(flags) <= listed, "a change that was answered is lost"
    assert entries >= len(listed)

    found = in_lake(new)
    assert set(events) <= found.keys(), "an event that was accepted is lost"
    assert {key: times for key, times in found.items() if times > 1} == {}, "an event is there twice"


def flaghoist(name: str, data_dir: Path, database_url: str, *more: str) -> str:
    """What a command prints, once it has done what it was told."""
    command = [sys.executable, "-m", "flaghoist.cli", name, "--data-dir", str(data_dir)]
    if database_url:
        command += ["--database-url", database_url]
    done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_lake(data_dir: Path) -> Counter[str]:
    database = Database(sqlite_url(data_dir))
    with database.read() as connection:
        paths = connection.scalars(select(lake_files.c.path).where(lake_files.c.replaced_at.is_(None))).all()
    database.close()
    found: Counter[str] = Counter()
    with duckdb.connect() as engine:
        for path in paths:
            rows = engine.execute(
                "SELECT key FROM read_parquet(?, hive_partitioning = false)", [str(data_dir / "lake" / path)]
            )
            found.update(key for (key,) in rows.fetchall())
    return found


def nothing_waits(data_dir: Path) -> bool:
    """Whether the inbox is in the lake up to its last batch."""
    database = Database(sqlite_url(data_dir))
    with database.read() as connection:
        done = progress.latest(connection)
    database.close()
    last = 0
    for segment in (data_dir / "inbox").glob("segment-*.db"):
        with contextlib.closing(sqlite3.connect(segment)) as reader:
            last = max(last, reader.execute("SELECT coalesce(max(position), 0) FROM batches").fetchone()[0])
    return done >= last
