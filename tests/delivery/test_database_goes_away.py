"""A PostgreSQL that stops takes nothing from those who are served, and is found again when it is back."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import ldclient
import psutil
import pytest
import python_sdk
import requests
from servers import SHARED_SECRET_KEY, PostgreSQL, start_server

ANN = ldclient.Context.create("ann")
SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}


@pytest.fixture(scope="module")
def own_postgresql():
    """One that may be stopped, unlike the one that other tests share."""
    database = PostgreSQL()
    yield database
    database.server.start()
    database.stop()


def turn(running, kind):
    change = {"environmentKey": "test", "instructions": [{"kind": kind}]}
    return running.call("PATCH", "/flags/default/checkout", json=change, headers=SEMANTIC)


def test_what_is_known_is_served_while_the_database_is_away_and_changes_go_on_when_it_is_back(
    tmp_path, own_postgresql, until
):
    running = start_server(tmp_path, database_url=own_postgresql.database(), log_level="error")
    try:
        _story_of_an_absence(running, own_postgresql.server, until)
    finally:
        assert running.stop() == 0


def _story_of_an_absence(running, database, until):
    running.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    environment = running.ok("GET", "/projects/default/environments/test")
    key, unknown = {"Authorization": environment["apiKey"]}, {"Authorization": "sdk-unknown"}
    evaluate = f"/sdk/evalx/{environment['_id']}/contexts/eyJrZXkiOiJhbm4iLCJraW5kIjoidXNlciJ9"

    def ask(path, headers=None):
        return requests.get(running.url + path, headers=headers, timeout=10)

    with python_sdk.following(running.url, environment["apiKey"]) as sdk:
        poll, page = ask("/sdk/latest-all", key), ask(evaluate)
        assert poll.ok
        assert page.ok

        database.stop()
        for _ in range(3):
            assert ask("/sdk/latest-all", key).content == poll.content
            assert ask(evaluate).content == page.content
            with stream(running, environment["apiKey"]) as reader:
                assert b"event: put" in reader.recv(65536)
            assert ask("/sdk/latest-all", unknown).status_code == 503
            assert ask("/all", unknown).status_code == 503
            assert turn(running, "turnFlagOn").status_code == 503
        paid = {"kind": "custom", "key": "paid", "creationDate": int(time.time() * 1000), "contextKeys": {"user": "a"}}
        assert running.call("POST", "/bulk", token=environment["apiKey"], json=[paid]).status_code == 202
        assert sdk.variation("checkout", ANN, None) is False

        database.start()
        until(lambda: turn(running, "turnFlagOn").ok, 20)
        until(lambda: sdk.variation("checkout", ANN, None) is True, 20)
        assert ask("/all", unknown).status_code == 401


def test_a_frozen_database_holds_up_nobody_for_long_and_all_goes_on_when_it_thaws(tmp_path, own_postgresql, until):
    running = start_server(tmp_path, database_url=own_postgresql.database(), log_level="error", database_seconds="2")
    try:
        _story_of_a_frost(running, own_postgresql.server, until)
    finally:
        assert running.stop() == 0


def _story_of_a_frost(running, database, until):
    running.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    environment = running.ok("GET", "/projects/default/environments/test")
    key = {"Authorization": environment["apiKey"]}
    with python_sdk.following(running.url, environment["apiKey"]) as sdk, ThreadPoolExecutor(24) as several:
        poll = requests.get(f"{running.url}/sdk/latest-all", headers=key, timeout=10)
        assert poll.ok
        with frozen(database.get_pid()):
            began = time.monotonic()
            writes = [several.submit(turn, running, "turnFlagOn") for _ in range(12)]
            reads = [several.submit(running.call, "GET", "/flags/default") for _ in range(12)]
            assert requests.get(f"{running.url}/sdk/latest-all", headers=key, timeout=1).content == poll.content
            with stream(running, environment["apiKey"]) as reader:
                assert b"event: put" in reader.recv(65536)
            paid = {
                "kind": "custom",
                "key": "paid",
                "creationDate": int(time.time() * 1000),
                "contextKeys": {"user": "a"},
            }
            assert requests.post(f"{running.url}/bulk", headers=key, json=[paid], timeout=2).status_code == 202
            assert {asked.result().status_code for asked in (*writes, *reads)} == {503}
            assert time.monotonic() - began < 25, "some six seconds, and more on a busy machine"
            began = time.monotonic()
            assert turn(running, "turnFlagOn").status_code == 503
            assert time.monotonic() - began < 12
            assert requests.get(f"{running.url}/readyz?for=sdks", timeout=10).ok
        until(lambda: turn(running, "turnFlagOn").ok, 20)
        until(lambda: sdk.variation("checkout", ANN, None) is True, 20)


@contextmanager
def frozen(postmaster):
    """A PostgreSQL that takes connections and whatever is sent, and does nothing."""
    family = [psutil.Process(postmaster)]
    family[0].suspend()  # first: it starts no others any more
    family += family[0].children(recursive=True)
    for process in family[1:]:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(family):
            process.resume()


@pytest.fixture(scope="module")
def past(own_postgresql, tmp_path_factory):
    """A server that was and is no more: its address, its database and its environment."""
    running = start_server(tmp_path_factory.mktemp("past"), database_url=own_postgresql.database())
    running.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    environment = running.ok("GET", "/projects/default/environments/test")
    assert running.stop() == 0
    yield running, environment
    running.session.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_server_that_starts_while_the_database_is_away_tells_all_to_try_again_and_serves_them_when_it_is_back(
    tmp_path, own_postgresql, past, until, workers
):
    running, environment = past
    settings = {"database_url": running.database_url, "workers": workers, "log_level": "error"}
    own_postgresql.server.stop()
    with starting(tmp_path, settings, running.url.rpartition(":")[2]) as process:
        try:
            first = next(process.stdout)
            assert "waiting for the state store" in first
            assert "reason=" in first
            _everybody_is_told_to_come_again(running.url, environment)
            with python_sdk.following(running.url, environment["apiKey"], start_wait=0) as sdk:
                assert not sdk.is_initialized()
                own_postgresql.server.start()
                # At each moment somebody listens.
                until(lambda: requests.get(f"{running.url}/readyz", timeout=10).ok, 40)
                told = list(itertools.takewhile(lambda line: "serves console" not in line, process.stdout))
                assert not any("waiting for the state store" in line for line in told), "it says so again and again"
                until(sdk.is_initialized, 40)
                before = sdk.variation("checkout", ANN, None)
                until(lambda: turn(running, "turnFlagOff" if before else "turnFlagOn").ok, 20)
                until(lambda: sdk.variation("checkout", ANN, None) is not before, 20)
            unknown = {"Authorization": "sdk-unknown"}
            until(lambda: requests.get(f"{running.url}/all", headers=unknown, timeout=10).status_code == 401, 5)
        finally:
            own_postgresql.server.start()
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode == 0


def _everybody_is_told_to_come_again(url, environment):
    server_side, mobile = {"Authorization": environment["apiKey"]}, {"Authorization": environment["mobileKey"]}
    context = "eyJrZXkiOiJhbm4iLCJraW5kIjoidXNlciJ9"
    asked = [
        *(("GET", path, server_side) for path in ("/all", "/sdk/stream", "/sdk/latest-all", "/sdk/poll")),
        *(("GET", path, mobile) for path in (f"/meval/{context}", f"/msdk/evalx/contexts/{context}")),
        *(("GET", path, {}) for path in (f"/eval/{environment['_id']}/{context}", f"/sdk/goals/{environment['_id']}")),
        *(("POST", path, server_side) for path in ("/bulk", "/diagnostic", "/mobile/events/bulk")),
        ("POST", f"/events/bulk/{environment['_id']}", {}),
        ("PATCH", "/api/v2/flags/default/checkout", {"Authorization": "api-x"}),
        ("GET", "/readyz", {}),
        ("GET", "/readyz?for=sdks", {}),
        ("GET", "/", {}),
    ]
    for method, path, headers in asked:
        answer = requests.request(
            method, url + path, headers=headers, data=b"[]" if method == "POST" else None, timeout=5
        )
        assert (path, answer.status_code) == (path, 503)
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Type"].startswith("application/json")
        if not path.startswith("/readyz"):
            assert answer.json()["code"] == "service_unavailable"
    assert "state store" in requests.get(f"{url}/readyz", timeout=5).json()["reasons"][0]
    for path in ("/healthz", "/status"):
        assert requests.get(url + path, timeout=5).json() == {"status": "healthy"}
    page = requests.get(
        f"{url}/eval/{environment['_id']}/{context}", headers={"Origin": "https://shop.example"}, timeout=5
    )
    assert page.headers["Access-Control-Allow-Origin"] == "*", "else a page learns nothing of what to do"


@pytest.mark.parametrize(("workers", "how"), [("1", signal.SIGTERM), ("2", signal.SIGINT)], ids=["term", "ctrl-c"])
def test_server_that_waits_for_its_database_stops_in_order_when_it_is_told_to(tmp_path, until, workers, how):
    settings = {"database_url": "postgresql://flags@127.0.0.1:1/flags", "workers": workers, "log_level": "error"}
    with starting(tmp_path, settings, "0") as process:
        assert "waiting for the state store" in next(process.stdout)
        process.send_signal(how)
        rest, _ = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")


def starting(data_dir, settings, port):
    return subprocess.Popen(
        [sys.executable, "-m", "flaghoist.cli", "serve", "--port", port, "--data-dir", str(data_dir)],
        env={
            **os.environ,
            "FLAGHOIST_SECRET_KEY": SHARED_SECRET_KEY,
            **{f"FLAGHOIST_{name.upper()}": value for name, value in settings.items()},
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def stream(running, sdk_key):
    host, _, port = running.url.removeprefix("http://").partition(":")
    reader = socket.create_connection((host, int(port)), timeout=5)
    reader.sendall(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {sdk_key}\r\n\r\n".encode())
    return reader
