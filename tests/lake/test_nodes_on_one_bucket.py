"""Two servers on one PostgreSQL and one bucket: both tell the same, and nothing is lost while the bucket is away."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audiences import until
from object_storage import Objects, ObjectStorage
from servers import SHARED_SECRET_KEY, PostgreSQL, Server, start_server

pytestmark = pytest.mark.world
Pair = tuple[Server, Server]


@pytest.fixture
def nodes(postgresql: PostgreSQL, objects: Objects, tmp_path: Path) -> Iterator[Pair]:
    shared = {"database_url": postgresql.database(), **objects.settings()}
    first = start_server(tmp_path / "first", log=tmp_path / "first.log", **shared)
    second = start_server(tmp_path / "second", log=tmp_path / "second.log", **shared)
    yield first, second
    assert [node.stop() for node in (first, second) if node.process.poll() is None][-1:] == [0]


def test_events_sent_to_both_are_told_by_both_whatever_becomes_of_bucket_and_nodes(
    nodes: Pair, storage: ObjectStorage, objects: Objects, tmp_path: Path
) -> None:
    here, there = nodes
    for number in range(20):
        _send(nodes[number % 2], f"early-{number}")
    until(lambda: [_told(node) for node in nodes] == [(200, 20)] * 2, seconds=30)

    with storage.away():
        for number in range(10):
            _send(nodes[number % 2], f"late-{number}")
        for copy in (tmp_path / "second" / "lake-cache").glob("*.parquet"):
            copy.unlink()
        refused = _ask(there)
        assert refused.status_code == 503
        assert "facts cannot be read in s3://" in refused.json()["message"]
        assert here.call("GET", "/flags/default").status_code == 200
        started = start_server(tmp_path / "third", database_url=here.database_url, **objects.settings())
        _send(started, "to one that started meanwhile")
        until(lambda: "cannot compact" in (tmp_path / "first.log").read_text(), seconds=30)
    until(lambda: [_told(node) for node in (here, there, started)] == [(200, 31)] * 3, seconds=60)
    assert started.stop() == 0

    assert "lake-" not in _command(here, objects, "doctor", "--json"), "all objects are there, and whole"
    _command(here, objects, "backup", "--to", str(tmp_path / "backup"))
    copied = {path.relative_to(tmp_path / "backup" / "lake").as_posix() for path in _parquet(tmp_path / "backup")}
    assert copied and copied <= set(objects.contents())

    for number in range(10):
        _send(here, f"last-{number}")
    here.stop(signal.SIGKILL)
    until(lambda: _told(there)[0] == 200, seconds=30)
    again = start_server(here.data_dir, database_url=here.database_url, **objects.settings())
    until(lambda: [_told(node) for node in (again, there)] == [(200, 41)] * 2, seconds=60)
    assert again.stop() == 0


def _command(node: Server, objects: Objects, *words: str) -> str:
    named = {"FLAGHOIST_DATABASE_URL": node.database_url, "FLAGHOIST_SECRET_KEY": SHARED_SECRET_KEY}
    settings = {f"FLAGHOIST_{name.upper()}": value for name, value in objects.settings().items()}
    ran = subprocess.run(
        [sys.executable, "-m", "flaghoist.cli", *words, "--data-dir", str(node.data_dir)],
        env={**os.environ, **named, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _parquet(folder: Path) -> list[Path]:
    return list(folder.rglob("*.parquet"))


def _send(node: Server, payload: str) -> None:
    event = {"kind": "custom", "key": "bought", "contextKeys": {"user": payload}}
    headers = {"X-LaunchDarkly-Event-Schema": "4", "X-LaunchDarkly-Payload-ID": payload}
    assert node.call("POST", "/bulk", token=_sdk_key(node), json=[event], headers=headers).status_code == 202


def _sdk_key(node: Server) -> str:
    return str(node.ok("GET", "/projects/default/environments/test")["apiKey"])


def _ask(node: Server) -> Any:
    return node.call("GET", "/internal/projects/default/environments/test/event-keys/bought/activity")


def _told(node: Server) -> tuple[int, int]:
    """What a node answers, and how many events it knows of."""
    answer = _ask(node)
    time.sleep(0.2)
    return answer.status_code, answer.json()["events"] if answer.ok else 0
