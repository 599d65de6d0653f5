"""One POST to a receiver: signed, bounded in time and size, and silent about what is secret."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from receivers import Receiver, status

from flaghoist.jobs.queue import Failed
from flaghoist.outbound.guard import Guard
from flaghoist.outbound.send import Sender, signature

HERE = Guard.allowing("127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def post(url: str, body: bytes = b"{}", *, secret: str = "", seconds: float = 5.0) -> None:
    async def send() -> None:
        sender = Sender(HERE, timeout_seconds=seconds)
        try:
            await sender.post(url, body, secret=secret)
        finally:
            await sender.close()

    asyncio.run(send())


def test_the_signature_is_hmac_sha256() -> None:
    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == expected


def test_a_receiver_can_tell_who_sent_it_and_that_nobody_changed_it(receiver: Receiver) -> None:
    post(receiver.url, b'{"name":"\xc3\xbc"}', secret="s3cret")
    post(receiver.url, b"{}")
    signed, unsigned = receiver.deliveries
    assert signed.raw == b'{"name":"\xc3\xbc"}'
    assert signed.headers["X-LD-Signature"] == signature("s3cret", signed.raw)
    assert signed.headers["Content-Type"] == "application/json"
    assert signed.headers["User-Agent"].startswith("Flaghoist/")
    assert "X-LD-Signature" not in unsigned.headers


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_any_2xx_is_an_arrival(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code)
    post(receiver.url)


@pytest.mark.parametrize("code", [301, 400, 401, 404, 410, 429, 500, 503])
def test_anything_else_is_not(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code)
    with pytest.raises(Failed, match=str(code)):
        post(receiver.url)


def test_a_receiver_that_does_not_answer_is_waited_for_no_longer_than_agreed(receiver: Receiver) -> None:
    released = threading.Event()
    receiver.answer = lambda _request: released.wait(20) and None
    started = time.monotonic()
    with pytest.raises(Failed, match=r"no answer within 0\.3 seconds"):
        post(receiver.url, seconds=0.3)
    assert time.monotonic() - started < 10
    released.set()


def test_an_answer_without_end_is_not_read_to_its_end(receiver: Receiver) -> None:
    sent = 0

    def flood(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.send_header("Content-Length", str(1 << 40))
        request.end_headers()
        while True:
            sent += request.wfile.write(b"x" * 65536)

    receiver.answer = flood
    post(receiver.url, seconds=10)
    assert sent < 64 << 20


def test_an_address_where_nobody_listens_is_a_failure_in_plain_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Failed, match="ClientConnectorError"):
        post(f"http://127.0.0.1:{port}/")


def test_neither_the_secret_nor_the_password_in_an_address_is_told(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    receiver.answer = status(500)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    urls = [
        f"http://ada:hunter2@127.0.0.1:{receiver.port}/hook?key=hunter2",
        f"http://ada:hunter2@127.0.0.1:{nobody}/hook?key=hunter2",
        "http://ada:hunter2@10.0.0.1/hook?key=hunter2",
        "http://ada:hunter2@nowhere.invalid/hook?key=hunter2",
        "http://ada:hunter2@x y/hook?key=hunter2",
        "ftp://ada:hunter2@example.com/hook?key=hunter2",
    ]
    for url in urls:
        with pytest.raises(Failed) as reason:
            post(url, secret="hunter2hunter2")
        told.append(str(reason.value))
    assert receiver.deliveries[0].headers["Authorization"].startswith("Basic ")
    assert "hunter2" not in "\n".join([*told, caplog.text])
