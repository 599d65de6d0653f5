"""Whoever balances requests learns in time that a server cannot do its work, and SDKs are served all the same."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from audiences import Audience
from servers import Server, start_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("ready"), disk_reserve="0")
    yield running
    assert running.stop() == 0


def test_a_server_at_work_is_alive_and_ready(server: Server) -> None:
    for path in ("/status", "/healthz", "/readyz", "/readyz?for=sdks"):
        answer = requests.get(server.url + path, timeout=30)
        assert (answer.status_code, answer.json()["status"]) in ((200, "healthy"), (200, "ready")), path


def test_a_store_of_another_schema_is_a_reason(server: Server) -> None:
    with sqlite3.connect(server.data_dir / "state.db") as store:
        (before,) = store.execute("SELECT version_num FROM alembic_version").fetchone()
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    try:
        _not_ready(server, "schema 9999")
        assert _status(server, "/readyz?for=sdks") == 200
        assert _status(server, "/healthz") == 200
    finally:
        with sqlite3.connect(server.data_dir / "state.db") as store:
            store.execute("UPDATE alembic_version SET version_num = ?", (before,))
    assert _status(server, "/readyz") == 200, "it recovers by itself"


def test_a_full_disk_is_a_reason(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    server = start_server(tmp_path, disk_reserve=str(disk.f_blocks * disk.f_frsize))
    try:
        _not_ready(server, "no events can be taken in: ")
        assert _status(server, "/readyz?for=sdks") == 200
    finally:
        assert server.stop() == 0


def test_a_server_that_stops_says_so_before_it_closes_a_stream(tmp_path: Path) -> None:
    server = start_server(tmp_path, drain_seconds="3")
    sdk_key = server.ok("GET", "/projects/default/environments/test")["apiKey"]
    audience = Audience(sdk_key)
    (stream,) = audience.open(server.url, 1)
    stopping = threading.Thread(target=server.process.send_signal, args=(signal.SIGTERM,))
    stopping.start()
    began = time.monotonic()
    while _status(server, "/readyz?for=sdks") == 200:
        assert time.monotonic() - began < 2.8, "it does not say that it is stopping"
        time.sleep(0.02)
    _not_ready(server, "the server is stopping")
    assert not stream.has_ended
    # Still served, for as long as balancers send requests here.
    assert requests.get(f"{server.url}/sdk/latest-all", headers={"Authorization": sdk_key}, timeout=30).ok
    assert server.process.wait(timeout=30) == 0
    assert time.monotonic() - began >= 2.9
    assert stream.has_ended
    audience.close()
    stopping.join()
    server.session.close()
    assert server.process.stdout is not None
    server.process.stdout.close()


def _not_ready(server: Server, reason: str) -> None:
    answer = requests.get(f"{server.url}/readyz", timeout=30)
    assert answer.status_code == 503
    assert any(each.startswith(reason) or reason in each for each in answer.json()["reasons"]), answer.json()


def _status(server: Server, path: str) -> int:
    return requests.get(server.url + path, timeout=30).status_code
