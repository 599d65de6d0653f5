"""A PostgreSQL that stops takes nothing from those who are served, and is found again when it is back."""

import os
import socket
import subprocess
import sys
import time

import ldclient
import pytest
import python_sdk
import requests
from servers import PostgreSQL, start_server

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


def test_server_that_starts_while_the_database_is_away_comes_up_with_it(tmp_path, own_postgresql):
    url = own_postgresql.database()
    own_postgresql.server.stop()
    starting = subprocess.Popen(
        [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)],
        env={**os.environ, "FLAGHOIST_DATABASE_URL": url, "FLAGHOIST_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with starting:
        try:
            assert any("waiting for the state store" in line for line in starting.stdout)
            own_postgresql.server.start()
            at = next(line for line in starting.stdout if "serves console" in line).rpartition(" on ")[2].strip()
            assert requests.get(f"{at}/status", timeout=10).ok
        finally:
            starting.terminate()
            starting.communicate(timeout=30)
    assert starting.returncode == 0


def stream(running, sdk_key):
    host, _, port = running.url.removeprefix("http://").partition(":")
    reader = socket.create_connection((host, int(port)), timeout=5)
    reader.sendall(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {sdk_key}\r\n\r\n".encode())
    return reader
