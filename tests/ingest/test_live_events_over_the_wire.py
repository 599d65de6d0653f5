"""A person watches an environment while an official SDK sends: each event is seen soon, and only by who may see it."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_sdk
import requests
import uvicorn
from driven import until
from ldclient import Context, LDClient
from onlookers import Watching
from servers import Server, start_server

from flaghoist.app import watching
from flaghoist.app.opening import begin, open_state
from flaghoist.app.server import build
from flaghoist.base.settings import Settings

TOKEN = "api-00000000-0000-4000-8000-00000000cafe"
NOBODY = [{"effect": "deny", "resources": ["*"], "actions": ["*"]}]


@pytest.fixture
def sdk_key(server: Server, project: str) -> str:
    return str(server.ok("GET", f"/projects/{project}/environments/test")["apiKey"])


@pytest.fixture
def sdk(server: Server, sdk_key: str) -> Iterator[LDClient]:
    options = {"send_events": True, "private_attributes": {"email"}}
    with python_sdk.following(server.url, sdk_key, **options) as client:
        yield client


def test_what_an_sdk_sends_is_seen_while_it_comes(server: Server, project: str, sdk: LDClient) -> None:
    ann = Context.builder("ann").set("plan", "pro").set("email", "ann@example.com").build()
    sdk.track("before", ann)
    sdk.flush()
    with Watching(server, project, kind="custom") as watching:
        assert watching.next()["key"] == "before", "what came in the last minutes comes first"
        sdk.track("purchase", ann, data={"basket": 3}, metric_value=12.5)
        sdk.flush()
        event = watching.next()
    assert (event["key"], event["kind"], event["fate"], event["metricValue"]) == (
        "purchase",
        "custom",
        "accepted",
        12.5,
    )
    assert event["contexts"] == [{"kind": "user", "key": "ann"}] and event["data"] == {"basket": 3}
    assert event["source"]["door"] == "server" and event["source"]["sdk"].startswith("PythonClient/")
    with Watching(server, project, q="PRO", last_event_id=str(int(event["id"]) - 2)) as again:
        assert again.next()["received"]["context"]["plan"] == "pro"
    with Watching(server, project, kind="index,identify") as indexed:
        assert "ann@example.com" not in json.dumps(indexed.next()), "what the SDK kept to itself is not there"


def test_problems_are_seen_with_their_reason(server: Server, project: str, sdk_key: str) -> None:
    headers = {"Authorization": sdk_key}
    with Watching(server, project, fate="rejected") as watching:
        requests.post(f"{server.url}/bulk", json=[{"kind": "custom", "key": "k"}], headers=headers, timeout=10)
        assert watching.next()["reason"] == "unknown_unit"
        assert requests.post(f"{server.url}/bulk", data=b"[{", headers=headers, timeout=10).status_code == 400
        assert "not valid JSON" in watching.next()["why"]
        imported = server.call(
            "POST",
            f"/v2/event-data-import/{project}/test",
            json=[{"kind": "click", "key": "k"}],
            headers={"X-LaunchDarkly-Event-Schema": "4"},
        )
        assert imported.status_code == 400
        event = watching.next()
        assert (event["kind"], event["source"]["door"], event["why"]) == (
            "request",
            "import",
            "event 0 is of kind 'click'; possible here: custom",
        )


def test_only_who_may_view_the_project_may_watch(server: Server, project: str) -> None:
    with Watching(server, project, token=server.token_for(inlineRole=NOBODY)) as refused:
        assert refused.answer.status_code == 403
    with Watching(server, project, token="api-unknown") as unknown:
        assert unknown.answer.status_code == 401
    with Watching(server, "elsewhere") as nowhere:
        assert nowhere.answer.status_code == 404
    with Watching(server, project, kind="purchase") as odd:
        assert odd.answer.status_code == 400 and "pageview" in odd.answer.json()["message"]


def test_nobody_watches_longer_than_they_may(tmp_path: Path) -> None:
    server = start_server(tmp_path, heartbeat_seconds="1")
    project = server.project()["key"]
    made = server.ok("POST", "/tokens", json={"name": "for a while", "role": "reader"})
    with Watching(server, project, token=made["token"]) as watching, Watching(server, project) as stays:
        assert watching.answer.headers["content-type"].startswith("text/event-stream")
        server.ok("DELETE", f"/tokens/{made['_id']}")
        with pytest.raises(AssertionError, match="ended"):
            watching.next()
        assert server.stop() == 0, "a stream that is open does not hold up the end of the server"
        with pytest.raises(AssertionError, match="ended"):
            stays.next()


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server in this process that waits half a second for a reader; gives its port."""
    monkeypatch.setattr(watching, "STUCK_SECONDS", 0.5)
    settings = Settings(data_dir=tmp_path, access_token=TOKEN)
    state = open_state(settings)
    begin(settings, state)
    server = uvicorn.Server(uvicorn.Config(build(settings, state=state).site, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, within_seconds=10)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def test_a_reader_who_is_stuck_is_cut_off(impatient: int) -> None:
    url = f"http://127.0.0.1:{impatient}"
    at = "/api/v2/projects/default/environments/test"
    client_id = requests.get(url + at, headers={"Authorization": TOKEN}, timeout=10).json()["_id"]
    long = [{"kind": "custom", "key": "k", "contextKeys": {"user": "u"}, "data": "x" * 10_000}] * 200
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", impatient))
        path = "/internal/projects/default/environments/test/events"
        stuck.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\r\n".encode())
        assert b"200 OK" in stuck.recv(100)
        for _ in range(6):  # the buffers of two kernels fill, some megabytes
            requests.post(f"{url}/events/bulk/{client_id}", json=long, timeout=10)
            time.sleep(0.4)
        stuck.settimeout(5)
        received = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while chunk := stuck.recv(2**20):
                received += chunk
        assert not received.endswith(b"0\r\n\r\n"), "cut off where it stood, not brought to an end"
