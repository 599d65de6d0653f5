"""A client that says too much, too slowly, or never reads harms itself: nobody else notices, and nothing is kept."""

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import uvicorn
from servers import Server

from flaghoist.base import connections, http
from flaghoist.base.asgi import Site
from flaghoist.base.connections import Connection
from flaghoist.base.http import Request, Response


class Host:
    """A site of one door, behind the connection that the product uses."""

    def __init__(self, **config: Any) -> None:
        self.bodies: list[bytes] = []
        self.large = b"x" * 30_000_000

        async def door(request: Request) -> Response:
            self.bodies.append(await request.body(wire_limit=1_000_000))
            return Response(200, b"thanks")

        async def vast(_request: Request) -> Response:
            return Response(200, self.large)

        async def nothing() -> None: ...

        site = Site([("POST", "/door", door), ("GET", "/vast", vast)], on_start=nothing, on_stop=nothing)
        self.server = uvicorn.Server(uvicorn.Config(site, port=0, http=Connection, log_level="error", **config))
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.address = self.server.servers[0].sockets[0].getsockname()[:2]

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=10)

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(timeout=20)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """With the product's patience, only shorter."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.5)
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 0.5)
    monkeypatch.setattr(http, "BODY_SECONDS", 0.5)
    running = Host()
    yield running
    running.stop()


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes; a test that waits for ever fails by the socket's timeout."""
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            told += chunk
    return told


def status_and_body(told: bytes) -> tuple[int, dict[str, Any]]:
    head, _, body = told.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)


def test_whoever_connects_and_says_nothing_is_let_go(host: Host) -> None:
    with host.connect() as connection:
        assert read_all(connection) == b""


@pytest.mark.parametrize("said", [b"GET /door HTTP/1.1\r\nhost: x\r\n", b"GET /do", b"P"], ids=["headers", "line", "P"])
def test_a_head_that_comes_to_no_end_is_refused(host: Host, said: bytes) -> None:
    with host.connect() as connection:
        connection.sendall(said)
        status, body = status_and_body(read_all(connection))
        assert (status, body["code"]) == (408, "request_timeout")


def test_dripping_a_head_gives_no_more_time(host: Host) -> None:
    with host.connect() as connection:
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(b"GET /door HTTP/1.1\r\n")
            while time.monotonic() - started < 8:
                connection.sendall(b"x: y\r\n")
                time.sleep(0.05)
        assert time.monotonic() - started < 6


def test_the_second_request_of_a_connection_has_as_little_time(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"POST /door HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi")
        assert connection.recv(65536).endswith(b"thanks")
        connection.sendall(b"POST /door HT")
        assert status_and_body(read_all(connection))[0] == 408


@pytest.mark.parametrize(
    "head",
    [b"x: " + b"y" * 200_000, b"\r\n".join([b"a%d: b" % at for at in range(300)])],
    ids=["one long header", "many headers"],
)
def test_a_head_that_is_too_large_is_refused(host: Host, head: bytes) -> None:
    with host.connect() as connection:
        connection.sendall(b"GET /door HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n" * (len(head) < 100_000) * 2)
        status, body = status_and_body(read_all(connection))
        assert (status, body["code"]) == (431, "request_header_fields_too_large")


@pytest.mark.parametrize(
    "beside",
    [b"0\r\n" + b"a: b\r\n" * 100_000, b"0\r\na: " + b"b" * 900_000, b"1;" + b"x" * 900_000],
    ids=["many trailers", "one long trailer", "a long extension"],
)
def test_what_comes_beside_a_body_is_bounded_as_well(
    host: Host, beside: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "BODY_SECONDS", 60)  # it is not the time that ends it
    with host.connect() as connection:
        connection.sendall(b"POST /door HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(beside)
            assert read_all(connection) == b""
        assert host.bodies == []


def test_what_is_no_http_is_refused_in_the_shape_of_the_api(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        status, body = status_and_body(read_all(connection))
        assert (status, body["code"]) == (400, "invalid_request")


def test_strangers_cannot_fill_the_log(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    for said in (b"hello\r\n\r\n", b"GET /door HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n\r\n"):
        with host.connect() as connection:
            connection.sendall(said)
            assert read_all(connection).startswith(b"HTTP/1.1 4")
    assert caplog.records == []


def test_a_body_that_drips_is_refused_and_the_connection_closed(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"POST /door HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n")
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - started < 4.5
        assert host.bodies == []


def test_a_body_that_keeps_a_decent_pace_may_take_longer(host: Host) -> None:
    piece = b"x" * 20_000
    with host.connect() as connection:
        connection.sendall(b"POST /door HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (5 * len(piece)))
        for _ in range(5):
            connection.sendall(piece)
            time.sleep(0.2)
        assert b"200 OK" in connection.recv(65536)
    assert host.bodies == [5 * piece]


def test_whoever_goes_on_with_a_body_that_was_refused_is_cut_off(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"POST /door HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n")
        assert b"413" in connection.recv(65536).split(b"\r\n")[0]
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - started < 8:
                connection.sendall(b"x" * 100)
                time.sleep(0.05)
        assert time.monotonic() - started < 6


def test_whoever_never_reads_a_large_answer_is_cut_off(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"GET /vast HTTP/1.1\r\nhost: x\r\n\r\n")
        assert connection.recv(8) == b"HTTP/1.1"
        deadline = time.monotonic() + 8
        while host.server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not host.server.server_state.connections
        assert len(read_all(connection)) < len(host.large)


def test_whoever_reads_slowly_but_surely_gets_all(host: Host) -> None:
    with host.connect() as connection:
        connection.sendall(b"GET /vast HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        told = 0
        while chunk := connection.recv(1 << 20):
            told += len(chunk)
            time.sleep(0.05)
        assert told > len(host.large)


def test_the_bomb_in_a_body_does_not_go_off(host: Host) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    answer = requests.post(
        f"http://{host.address[0]}:{host.address[1]}/door",
        data=bomb,
        headers={"Content-Encoding": "gzip"},
        timeout=10,
    )
    assert answer.status_code == 413
    assert host.bodies == []


def test_an_address_with_thousands_of_parameters_is_refused(server: Server) -> None:
    answer = server.call("GET", "/projects?" + "&".join([f"a{at}=1" for at in range(3000)]))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "query parameters" in answer.json()["message"]


def test_whoever_is_nobody_yet_may_send_little(server: Server) -> None:
    body = {"email": "ada@example.com", "password": "x" * 100_000}
    answer = requests.post(f"{server.url}/internal/session", json=body, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_entity_too_large")


DEEP = [b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 5_000 + b"]" * 5_000]


@pytest.mark.parametrize("body", DEEP, ids=["open", "objects", "arrays"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/projects"),
        ("PATCH", "/api/v2/projects/default"),
        ("POST", "/internal/session"),
        ("POST", "/bulk"),
        ("REPORT", "/msdk/evalx/context"),
    ],
)
def test_what_is_nested_too_deeply_is_refused_in_the_shape_of_the_api(
    server: Server, method: str, path: str, body: bytes
) -> None:
    keys = server.ok("GET", "/projects/default/environments/test")
    token = {"/bulk": keys["apiKey"], "/msdk/evalx/context": keys["mobileKey"]}.get(path, server.token)
    headers = {"Content-Type": "application/json", "Authorization": token}
    answer = requests.request(method, server.url + path, data=body, headers=headers, timeout=30)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"]


EVERYWHERE = {"x-content-type-options": "nosniff"}


@pytest.mark.parametrize(
    ("path", "accept", "told"),
    [
        ("/api/v2/projects", "*/*", {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}),
        ("/api/v2/nowhere", "*/*", {"content-security-policy": "default-src 'none'; frame-ancestors 'none'"}),
        ("/sdk/latest-all", "*/*", {}),
        ("/internal/session", "*/*", {"cache-control": "no-store"}),
        ("/sign-in", "text/html", {"x-frame-options": "DENY", "referrer-policy": "same-origin"}),
    ],
)
def test_every_answer_tells_browsers_what_not_to_do_with_it(
    server: Server, path: str, accept: str, told: dict[str, str]
) -> None:
    answer = requests.get(server.url + path, headers={"Accept": accept}, timeout=30)
    for name, value in {**EVERYWHERE, **told}.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers, "this was plain HTTP"


def test_over_tls_browsers_are_told_to_stay_there(server: Server) -> None:
    for host, told in (("flags.example.com", True), ("localhost:8800", False), ("10.0.0.7", False), ("[::1]:8", False)):
        headers = {"X-Forwarded-Proto": "https", "Host": host}
        answer = requests.get(f"{server.url}/status", headers=headers, timeout=30)
        assert ("strict-transport-security" in answer.headers) is told
