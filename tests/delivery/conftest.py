"""A served environment: the delivery doors on a real socket, fed by a source that keeps everything in memory."""

import asyncio
import base64
import copy
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import aiohttp
import ldclient
import pytest
import python_sdk
import requests
import uvicorn
from ldclient.config import HTTPConfig

from flaghoist.base.asgi import Site
from flaghoist.base.connections import Connection
from flaghoist.base.errors import NotFound, Unavailable
from flaghoist.delivery.hub import Hub
from flaghoist.delivery.routes import routes
from flaghoist.delivery.source import EnvironmentIdentity, Payload, Update

ENVIRONMENT_ID = "64b1f0c2a9d3e4f5a6b7c8d9"
SDK_KEY = "sdk-abc"
MOBILE_KEY = "mob-abc"


class MemorySource:
    """Environments and credentials in dictionaries, with a switch that takes them away."""

    def __init__(self) -> None:
        self.credentials: dict[tuple[str, str], EnvironmentIdentity] = {}
        self.items: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
        self.goals: dict[str, list[dict[str, Any]]] = {}
        self.seq = 100
        self.is_away = False
        self.loads = 0
        self.before_load_ends: Callable[[], None] = lambda: None

    def resolve(self, kind: str, credential: str) -> EnvironmentIdentity | None:
        if self.is_away:
            raise Unavailable("the store is away")
        return self.credentials.get((kind, credential))

    def load(self, environment_id: str) -> Payload:
        self.loads += 1
        if self.is_away:
            raise Unavailable("the store is away")
        if environment_id not in self.items:
            raise NotFound(environment_id)
        seq, items = self.seq, copy.deepcopy(self.items[environment_id])
        self.before_load_ends()
        return Payload(seq, items["flags"], items["segments"], self.goals[environment_id])


class Over:
    """What a world is served over: uvicorn's HTTP parser, the event loop, TLS, and whether it hands out its sockets."""

    def __init__(
        self, *, http: Any = Connection, loop: str = "uvloop", certificate: Any = None, keeps_sockets: bool = False
    ) -> None:
        self.scheme = "https" if certificate else "http"
        self.certificate = certificate
        self._options: dict[str, Any] = {"http": http, "loop": loop}
        if certificate:
            self._options |= {"ssl_certfile": certificate.chain, "ssl_keyfile": certificate.key}
        self._keeps_sockets = keeps_sockets

    def config(self, site: Site) -> uvicorn.Config:
        async def as_asgi_has_it(scope: Any, receive: Any, send: Any) -> None:
            async def received() -> Any:
                return await receive()

            await site(scope, received, send)

        app = as_asgi_has_it if self._keeps_sockets else site
        return uvicorn.Config(app, log_level="warning", **self._options)


class World:
    """A server, and what its operator and its users can do."""

    def __init__(self, *, heartbeat_seconds: float, idle_seconds: float, **server: Any) -> None:
        self.source = MemorySource()
        self.over = Over(**server)
        self.hub = Hub(self.source, heartbeat_seconds=heartbeat_seconds, idle_seconds=idle_seconds)
        self.environment_id, self.sdk_key, self.mobile_key = ENVIRONMENT_ID, SDK_KEY, MOBILE_KEY
        self.add_environment()
        self._stack = ExitStack()

    def start(self) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self.url = f"{self.over.scheme}://127.0.0.1:{self.port}"
        site = Site(routes(self.hub), on_start=self._on_start, on_stop=_nothing)
        self._server = uvicorn.Server(self.over.config(site))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        until(lambda: self._server.started)

    @property
    def requests_at_work(self) -> int:
        """How many tasks and connections the HTTP server itself looks after."""
        state = self._server.server_state
        return len(state.tasks) + len(state.connections)

    def stop(self, within_seconds: float = 0.5) -> None:
        if not self._thread.is_alive():
            return
        self._stack.close()
        asyncio.run_coroutine_threadsafe(self.hub.close(within_seconds), self._loop).result(10)
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def add_environment(self, *, secure_mode: bool = False) -> None:
        self.source.items[self.environment_id] = {"flags": {}, "segments": {}}
        self.source.goals[self.environment_id] = []
        self.identity = EnvironmentIdentity(
            self.environment_id, "proj/web:env/production", "web", "production", secure_mode, (self.sdk_key,)
        )
        for credential in (("sdk", self.sdk_key), ("mobile", self.mobile_key), ("client", self.environment_id)):
            self.source.credentials[credential] = self.identity

    def store(self, kind: str, item: dict[str, Any]) -> Update:
        """Write an item to the store, as a new version, without telling anybody."""
        self.source.seq += 1
        item = {**item, "version": self.source.seq}
        self.source.items[self.environment_id][kind][item["key"]] = item
        return Update(kind, item["key"], item["version"], item, self.source.seq)

    def change(self, kind: str, item: dict[str, Any]) -> Update:
        """Write an item to the store and publish it, as a commit does."""
        update = self.store(kind, item)
        self.hub.publish(self.environment_id, [update])
        return update

    def delete(self, kind: str, key: str) -> None:
        self.source.seq += 1
        del self.source.items[self.environment_id][kind][key]
        self.hub.publish(self.environment_id, [Update(kind, key, self.source.seq, None, self.source.seq)])

    def sdk(self, **options: Any) -> ldclient.LDClient:
        """An official server-side SDK set to this server; it is closed when the world ends."""
        if self.over.certificate:
            options["http"] = HTTPConfig(ca_certs=self.over.certificate.chain)
        config = {"initial_reconnect_delay": 0.05, **options}
        return self._stack.enter_context(python_sdk.following(self.url, self.sdk_key, start_wait=5, **config))

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, self.url + path, timeout=5, **options)

    async def _on_start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.hub.start()


async def _nothing() -> None:
    pass


def until(condition: Callable[[], Any], within_seconds: float = 5.0) -> None:
    """Return as soon as something is true; fail if that takes too long."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.fixture(name="until")
def _until() -> Callable[..., None]:
    return until


class Listener:
    """A stream read line by line, as any SSE parser does: comments are told apart, events are (name, data)."""

    def __init__(self, method: str, url: str, **options: Any) -> None:
        self._asked = (method, url, options)

    async def __aenter__(self) -> "Listener":
        method, url, options = self._asked
        self._session = aiohttp.ClientSession(read_bufsize=2**20)
        self.response = await self._session.request(method, url, **options)
        return self

    async def __aexit__(self, *_: object) -> None:
        connection = self.response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()  # TLS would say goodbye first, after the loop has ended
        self.response.close()
        await self._session.close()
        await asyncio.sleep(0.01)

    async def next(self, within_seconds: float = 5.0) -> tuple[str, Any]:
        """The next event, ``("comment", "")`` for a heartbeat, ``("end", None)`` once the server has closed."""
        async with asyncio.timeout(within_seconds):
            name, data = "", ""
            while line := (await self.response.content.readline()).decode():
                if line == "\n" and name:
                    return name, json.loads(data)
                if line.startswith(":"):
                    name, data = "comment", '""'
                elif line.startswith("event: "):
                    name = line[7:-1]
                elif line.startswith("data: "):
                    data = line[6:-1]
            return "end", None

    async def next_event(self, within_seconds: float = 5.0) -> tuple[str, Any]:
        """The same, whatever heartbeats come before it."""
        async with asyncio.timeout(within_seconds):
            while (heard := await self.next(within_seconds))[0] == "comment":
                pass
            return heard

    async def nothing(self, for_seconds: float = 0.15) -> None:
        """Fail if anything is said in this time."""
        with pytest.raises(TimeoutError):
            raise AssertionError(f"heard {await self.next(for_seconds)}")


@pytest.fixture(scope="session")
def listen() -> type[Listener]:
    return Listener


def _worlds() -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(
        *, heartbeat_seconds: float = 60.0, idle_seconds: float = 0, flags: Any = (), segments: Any = (), **server: Any
    ) -> World:
        world = World(heartbeat_seconds=heartbeat_seconds, idle_seconds=idle_seconds, **server)
        worlds.append(world)
        for flag in flags:
            world.store("flags", flag)
        for segment in segments:
            world.store("segments", segment)
        world.start()
        return world

    yield make
    for world in worlds:
        world.stop()


make_world = pytest.fixture(_worlds, name="make_world")
# For tests that only look.
make_shared_world = pytest.fixture(_worlds, scope="module", name="make_shared_world")


@pytest.fixture(scope="session")
def make_flag() -> Callable[..., dict[str, Any]]:
    """A boolean flag in the form of the wire, on and serving true to all, with whatever is to differ."""

    def make(key: str, **different: Any) -> dict[str, Any]:
        flag = {
            "key": key,
            "version": 1,
            "on": True,
            "variations": [True, False],
            "offVariation": 1,
            "fallthrough": {"variation": 0},
            "prerequisites": [],
            "targets": [],
            "contextTargets": [],
            "rules": [],
            "salt": "salt",
            "trackEvents": False,
            "trackEventsFallthrough": False,
            "debugEventsUntilDate": None,
            "clientSideAvailability": {"usingMobileKey": True, "usingEnvironmentId": True},
        }
        flag.update(different)
        flag["clientSide"] = flag["clientSideAvailability"]["usingEnvironmentId"]
        return flag

    return make


@pytest.fixture(scope="session")
def make_segment() -> Callable[..., dict[str, Any]]:
    def make(key: str, **different: Any) -> dict[str, Any]:
        empty = {"included": [], "excluded": [], "includedContexts": [], "excludedContexts": [], "rules": []}
        return {"key": key, "version": 1, "salt": "salt", **empty, **different}

    return make


@pytest.fixture(scope="session")
def asks_for_segment() -> Callable[[str], dict[str, Any]]:
    """A rule that serves variation 0 to members of a segment."""

    def make(segment_key: str) -> dict[str, Any]:
        clause = {"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": [segment_key]}
        return {"id": f"in-{segment_key}", "clauses": [{**clause, "negate": False}], "variation": 0}

    return make


@pytest.fixture(scope="session")
def b64() -> Callable[[Any], str]:
    """A context as browsers put it into a path: URL-safe base64 without padding."""
    return lambda context: base64.urlsafe_b64encode(json.dumps(context).encode()).decode().rstrip("=")
