"""One server of two processes behaves as one, also while one of them dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from audiences import Audience, until
from onlookers import Watching
from servers import Server, start_server

STREAMS = 16  # all of them in one process would be a wonder: 1 in 32,768
EVENT_KEYS = "/internal/projects/default/environments/test/event-keys"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("pair"), workers="2")
    running.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    yield running
    assert running.stop() == 0, "the workers did not drain and exit cleanly"


@pytest.fixture(scope="module")
def sdk_key(pair: Server) -> str:
    return str(pair.ok("GET", "/projects/default/environments/test")["apiKey"])


@pytest.fixture
def audience(sdk_key: str) -> Iterator[Audience]:
    opened = Audience(sdk_key)
    yield opened
    opened.close()


def test_a_change_reaches_the_streams_of_both(pair: Server, audience: Audience) -> None:
    streams = audience.open(pair.url, STREAMS)
    for changes, is_on in enumerate((True, False, True), start=1):
        changed_at = time.perf_counter()
        pair.ok("PATCH", "/flags/default/checkout", json=_turned(on=is_on))
        until(lambda told=changes: all(stream.heard.count(b"event: patch") == told for stream in streams))
        # A second is what a lost nudge costs; nudged, it is a matter of milliseconds.
        assert max(stream.heard_at for stream in streams) - changed_at < 0.9


def test_whoever_watches_events_sees_those_that_either_receives(pair: Server, sdk_key: str) -> None:
    sent = {f"seen {number}" for number in range(STREAMS)}
    with Watching(pair, "default", key="seen") as watching:
        for key in sent:
            _send(pair, sdk_key, key, "ann")
        assert {watching.next()["key"] for _ in sent} == sent


def test_a_worker_that_is_killed_is_started_again_and_nothing_accepted_is_lost(
    pair: Server, sdk_key: str, audience: Audience
) -> None:
    streams = audience.open(pair.url, STREAMS)
    sent = 0
    for _ in range(20):
        sent += _send(pair, sdk_key, "bought", f"user-{sent}")
    victim = _workers(pair)[0]
    os.kill(victim, signal.SIGKILL)
    until(lambda: any(stream.has_ended for stream in streams))
    assert not all(stream.has_ended for stream in streams), "the streams of the other worker stay open"
    until(lambda: victim not in _workers(pair) and len(_workers(pair)) == 2)
    ended = sum(stream.has_ended for stream in streams)
    audience.open(pair.url, ended)
    for _ in range(20):
        sent += _send(pair, sdk_key, "bought", f"user-{sent}")
    until(lambda: _counted(pair, "bought") == sent, seconds=20)


def test_the_same_payload_and_the_same_event_sent_to_both_count_once(pair: Server, sdk_key: str) -> None:
    for number in range(STREAMS):  # each on a connection of its own, so both workers get some
        _send(pair, sdk_key, "repeated", "ann", payload_id="the-same-payload")
        event = {"kind": "custom", "key": "imported", "contextKeys": {"user": "ann"}, "creationDate": 1}
        answer = requests.post(
            f"{pair.url}/v2/event-data-import/default/test",
            json=[{**event, "eventId": "the-same-event"}, {**event, "eventId": f"another-{number}"}],
            headers={"Authorization": pair.token, "X-LaunchDarkly-Event-Schema": "4"},
            timeout=10,
        )
        assert answer.status_code == 202
    assert (_counted(pair, "repeated"), _counted(pair, "imported")) == (1, 1 + STREAMS)


def test_a_question_to_one_worker_counts_what_the_other_has_just_accepted(pair: Server, sdk_key: str) -> None:
    for number in range(8):
        for _ in range(4):
            _send(pair, sdk_key, f"fresh-{number}", "ann")
        assert _counted(pair, f"fresh-{number}") == 4


def test_inboxes_of_a_time_with_more_workers_are_emptied(tmp_path: Path) -> None:
    with _serving(tmp_path, workers="2") as server:
        sdk_key = str(server.ok("GET", "/projects/default/environments/test")["apiKey"])
        server.process.send_signal(signal.SIGSTOP)  # nobody starts anything again
        for worker in _workers(server):
            os.kill(worker, signal.SIGSTOP)
        senders = [_sender(server, sdk_key) for _ in range(STREAMS)]
        for worker in _workers(server):
            os.kill(worker, signal.SIGCONT)
        accepted = sum(sender.wait(20) == 0 for sender in senders)
        for process in (*_workers(server), server.process.pid):
            os.kill(process, signal.SIGKILL)
        server.process.wait()
    assert accepted == STREAMS
    with _serving(tmp_path, workers="1") as server:
        until(lambda: _counted(server, "left") == STREAMS, seconds=20)
        assert server.stop() == 0


def test_workers_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with _serving(tmp_path, workers="2") as server:
        workers = _workers(server)
        server.process.kill()
        server.process.wait()
        until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


def test_a_port_that_others_have_is_not_shared_with_them(pair: Server, tmp_path: Path) -> None:
    port = pair.url.rpartition(":")[2]
    command = [sys.executable, "-m", "flaghoist.cli", "serve", "--workers", "2", "--port", port]
    refused = subprocess.run([*command, "--data-dir", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in refused.stderr


@contextmanager
def _serving(folder: Path, **settings: str) -> Iterator[Server]:
    server = start_server(folder, **settings)
    try:
        yield server
    finally:
        server.session.close()
        assert server.process.stdout is not None
        server.process.stdout.close()
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def _workers(server: Server) -> list[int]:
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [int(child) for child in children.split()]


def _sender(server: Server, sdk_key: str) -> "subprocess.Popen[bytes]":
    body = '[{"kind":"custom","key":"left","contextKeys":{"user":"ann"}}]'
    headers = ("-H", f"Authorization: {sdk_key}", "-H", "X-LaunchDarkly-Event-Schema: 4")
    return subprocess.Popen(["curl", "-sf", "--max-time", "15", *headers, "-d", body, f"{server.url}/bulk"])


def _send(server: Server, sdk_key: str, key: str, user: str, *, payload_id: str = "") -> int:
    """Send one event on a connection of its own, again until it is accepted; gives 1."""
    headers = {"Authorization": sdk_key, "X-LaunchDarkly-Event-Schema": "4", "Connection": "close"}
    if payload_id:
        headers["X-LaunchDarkly-Payload-ID"] = payload_id
    event = {"kind": "custom", "key": key, "contextKeys": {"user": user}}
    answer = requests.post(f"{server.url}/bulk", json=[event], headers=headers, timeout=10)
    assert answer.status_code == 202
    return 1


def _counted(server: Server, key: str) -> int:
    found = requests.get(server.url + EVENT_KEYS, headers={"Authorization": server.token}, timeout=20).json()
    return next((each["events"] for each in found["items"] if each["key"] == key), 0)


def _turned(*, on: bool) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": "/environments/test/on", "value": on}]
