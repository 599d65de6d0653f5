"""What changes on the server is told at once, to those who may see it and to nobody else."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import requests
import uvicorn
from servers import Server, start_server

from flaghoist.app.first_start import first_start
from flaghoist.app.opening import begin, open_state
from flaghoist.app.server import build
from flaghoist.base.asgi import Site
from flaghoist.base.settings import Settings
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.journal import Change
from flaghoist.resources import families
from flaghoist.rest import live
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.news import Newsroom
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Documents
from flaghoist.store.migrations import migrate

TOKEN = "api-00000000-0000-4000-8000-00000000cafe"


class Listener:
    """A browser that follows changes: the events it has been sent, one after the other."""

    def __init__(self, url: str, token: str, last_event_id: str = "", **more: str) -> None:
        given = {"Authorization": token, "Last-Event-ID": last_event_id, **more}
        headers = {name: value for name, value in given.items() if value}
        self.answer = requests.get(f"{url}/internal/changes", headers=headers, stream=True, timeout=20)
        self.last_event_id = last_event_id
        self.beats = 0
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)
        if self.answer.ok:
            assert next(self._lines) == "retry: 1000"

    def next(self) -> tuple[str, Any]:
        """The next event and its data; ``("end", None)`` when the stream has been brought to an end."""
        event, data = "", ""
        patience_ends = time.monotonic() + 12
        for line in self._lines:
            assert time.monotonic() < patience_ends, "nothing is told"
            name, _, value = line.partition(": ")
            if line == ":":
                self.beats += 1
            elif name == "event":
                event = value
            elif name == "id":
                self.last_event_id = value
            elif name == "data":
                data = value
            elif event:
                return event, json.loads(data)
        return "end", None

    def addresses(self, count: int) -> list[str]:
        return [self.next()[1]["address"] for _ in range(count)]

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.answer.close()


def flag(server: Server, project: str, key: str = "checkout") -> str:
    server.ok("POST", f"/flags/{project}", json={"key": key, "name": key.title()})
    return f"proj/{project}:env/*:flag/{key}"


def renamed(server: Server, project: str, name: str, key: str = "checkout") -> None:
    server.ok("PATCH", f"/flags/{project}/{key}", json=[{"op": "replace", "path": "/name", "value": name}])


def test_the_life_of_a_flag_is_told_as_it_happens(server: Server, project: str) -> None:
    with Listener(server.url, server.token) as listener:
        started = time.monotonic()
        address = flag(server, project)
        event, created = listener.next()
        assert time.monotonic() - started < 2
        renamed(server, project, "Till")
        server.ok("DELETE", f"/flags/{project}/checkout")
        told = [created, listener.next()[1], listener.next()[1]]
    assert event == "change"
    assert [each["change"] for each in told] == ["created", "updated", "deleted"]
    assert [each["version"] for each in told] == [1, 2, 3]
    assert {each["address"] for each in told} == {address}
    assert {each["kind"] for each in told} == {"flag"}
    assert [each["name"] for each in told] == ["Checkout", "Till", "Till"]
    assert {each["actor"] for each in told} == {"owner@example.com"}
    assert str(told[-1]["seq"]) == listener.last_event_id
    entry = server.ok("GET", "/auditlog?limit=1")["items"][0]
    assert (entry["date"], entry["kind"]) == (told[-1]["at"], "flag")


def test_who_may_not_view_a_project_hears_nothing_of_it(server: Server, project: str) -> None:
    """Also what belongs to the account is told only to who may view it: here a role."""
    secret = str(server.project()["key"])
    token = server.token_for(
        inlineRole=[{"effect": "allow", "resources": [f"proj/{project}"], "actions": ["viewProject"]}]
    )
    with Listener(server.url, token) as narrow, Listener(server.url, server.token) as wide:
        hidden = flag(server, secret)
        policy = [{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}]
        server.ok("POST", "/roles", json={"key": f"viewer-{project}", "name": "Viewer", "policy": policy})
        shown = flag(server, project)
        assert narrow.addresses(1) == [shown]
        assert wide.addresses(3) == [hidden, f"role/viewer-{project}", shown]
    with Listener(server.url, token, last_event_id=str(int(narrow.last_event_id) - 3)) as later:
        assert later.addresses(1) == [shown], "nor does it hear of it by catching up"


def test_rights_lost_while_listening_are_lost_at_once(server: Server, project: str) -> None:
    other = str(server.project()["key"])
    key = f"viewer-{project}"
    policy = [{"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}]
    server.ok("POST", "/roles", json={"key": key, "name": "Viewer", "policy": policy})
    token = server.token_for(customRoleIds=[key])
    with Listener(server.url, token) as listener:
        seen = flag(server, project)
        assert listener.addresses(1) == [seen]
        closer = [{"effect": "allow", "resources": [f"proj/{other}"], "actions": ["viewProject"]}]
        server.ok("PATCH", f"/roles/{key}", json=[{"op": "replace", "path": "/policy", "value": closer}])
        assert listener.next()[0] == "reset", "what was read so far may no longer be what may be seen"
        renamed(server, project, "Unseen")
        still_seen = flag(server, other)
        assert listener.addresses(1) == [still_seen]


def test_who_comes_back_hears_what_they_missed(server: Server, project: str) -> None:
    with Listener(server.url, server.token) as listener:
        address = flag(server, project)
        assert listener.addresses(1) == [address]
    for name in ("One", "Two", "Three"):
        renamed(server, project, name)
    with Listener(server.url, server.token, last_event_id=listener.last_event_id) as again:
        missed = [again.next()[1] for _ in range(3)]
        assert [(each["address"], each["name"]) for each in missed] == [
            (address, "One"),
            (address, "Two"),
            (address, "Three"),
        ]
        renamed(server, project, "Four")
        assert again.next()[1]["name"] == "Four"


def test_a_deleted_token_hears_no_more(server: Server) -> None:
    made = server.ok("POST", "/tokens", json={"name": "passing", "role": "reader"})
    with Listener(server.url, made["token"]) as listener:
        server.ok("DELETE", f"/tokens/{made['_id']}")
        assert listener.next() == ("end", None)
    with Listener(server.url, made["token"]) as refused:
        assert refused.answer.status_code == 401


def test_a_session_hears_until_it_is_signed_out(small: "Small") -> None:
    """Nothing of the journal tells of a sign-out: it is found at the next heartbeat."""
    with Listener(small.url, "") as stranger, small.signed_in() as browser:
        assert stranger.answer.status_code == 401
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        with Listener(small.url, "", Cookie=cookie) as page:
            small.make_flag("seen")
            assert page.next()[1]["name"] == "Seen"
            csrf = browser.get(f"{small.url}/internal/session", timeout=20).json()["csrfToken"]
            signed_out = browser.delete(f"{small.url}/internal/session", headers={"x-csrf-token": csrf}, timeout=20)
            assert signed_out.status_code == 204
            started = time.monotonic()
            assert page.next() == ("end", None)
            assert time.monotonic() - started < 3


@pytest.mark.parametrize("last_event_id", ["1", "99999999", "yesterday", "-1"])
def test_who_cannot_catch_up_is_told_to_read_all_afresh(
    small: "Small", monkeypatch: pytest.MonkeyPatch, last_event_id: str
) -> None:
    """Too long ago; of a store that has been put back to an older state; or no number at all."""
    monkeypatch.setattr(live, "CATCH_UP_MAX", 3)
    with Listener(small.url, TOKEN, last_event_id=last_event_id) as listener:
        assert listener.next() == ("reset", {})
        now = listener.last_event_id
        small.make_flag(f"after.{last_event_id}")
        event, told = listener.next()
    assert (event, told["seq"]) == ("change", int(now) + 1)


def test_an_idle_stream_is_kept_alive(small: "Small") -> None:
    with Listener(small.url, TOKEN) as listener:
        threading.Timer(2.5, small.make_flag, ["late"]).start()
        assert listener.next()[1]["name"] == "Late"
    assert listener.beats in (1, 2, 3)


def test_a_reader_who_is_stuck_is_cut_off_and_costs_nobody_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STUCK_SECONDS", 0.5)
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.0)
    newsroom = Newsroom(database=Database(sqlite_url(tmp_path)), documents=Documents(), catalogue=catalogue())
    migrate(newsroom.database)
    first_start(newsroom.database, newsroom.documents, newsroom.catalogue, given_token=TOKEN, owner_email="o@x.com")
    changes = live.LiveChanges(newsroom, limits=RateLimits(0), heartbeat_seconds=0.1)
    site = Site(changes.routes(), on_start=changes.start, on_stop=changes.close)
    with Running(site) as running, socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", running.port))
        stuck.sendall(f"GET /internal/changes HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\r\n".encode())
        assert b"200 OK" in stuck.recv(100)
        until(lambda: changes.open_streams == 1)
        ends = time.monotonic() + 20
        while changes.open_streams:  # first the buffers of two kernels fill, some megabytes
            assert time.monotonic() < ends, "it was never cut off"
            changes.listen([busy_change(seq) for seq in range(changes.newest + 1, changes.newest + 201)])
            time.sleep(0.01)
        received = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while chunk := stuck.recv(2**20):
                received += chunk
        assert not received.endswith(b"0\r\n\r\n"), "cut off where it stood, not brought to an end"
        assert len(changes.recent) == live.CATCH_UP_MAX
    newsroom.database.close()


def test_a_server_told_to_stop_ends_its_streams_and_drains(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    with Listener(server.url, server.token) as one, Listener(server.url, server.token) as other:
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 8
        # A chunked body that is cut short would raise.
        assert [one.next(), other.next()] == [("end", None)] * 2


def test_sdk_keys_follow_nothing(server: Server) -> None:
    environments = server.project()["environments"]
    with Listener(server.url, environments[0]["apiKey"]) as sdk:
        assert sdk.answer.status_code == 401


class Running:
    """A site on a real socket, in this process."""

    def __init__(self, site: Site) -> None:
        self.server = uvicorn.Server(uvicorn.Config(site, port=0, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self) -> Self:
        self.thread.start()
        until(lambda: self.server.started)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_exc: object) -> None:
        self.server.should_exit = True
        self.thread.join()


class Small(Running):
    """A whole server whose bounds a test may narrow."""

    def __init__(self, data_dir: Path) -> None:
        settings = Settings(data_dir=data_dir, access_token=TOKEN, heartbeat_seconds=1)
        state = open_state(settings)
        self.owner = begin(settings, state).owner
        super().__init__(build(settings, state=state).site)

    def make_flag(self, key: str) -> None:
        """A new flag in the project that every account begins with."""
        self.call("POST", "/api/v2/flags/default", {"key": key, "name": key.title()})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self.url + path, headers={"Authorization": TOKEN}, json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def signed_in(self) -> requests.Session:
        """A browser in which the owner has chosen a password by the link of the first start."""
        browser = requests.Session()
        assert self.owner.link is not None
        chosen = {"token": self.owner.link.token, "password": "correct horse battery staple"}
        answer = browser.post(f"{self.url}/internal/session/link", json=chosen, timeout=20)
        assert answer.ok, answer.text
        return browser


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with Small(tmp_path_factory.mktemp("small")) as server:
        yield server


def busy_change(seq: int) -> Change:
    """A change of the account with the longest name that is told."""
    return Change(
        seq=seq, id=f"{seq:024x}", at=1, kind="account", address="acct", name="n" * 200, accesses=(),
        actor={"name": "o@x.com", "kind": "token", "member": None, "token": None}, comment="",
        before={}, after={}, version_before=1, version_after=2,
    )  # fmt: skip


def catalogue() -> Catalogue:
    return Catalogue(resource for family in families() for resource in family.resources)


def until(holds: Callable[[], object], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come about in time"
        time.sleep(0.02)
