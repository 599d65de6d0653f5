"""Receivers of webhooks: a real web server that keeps what it was sent, and answers as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Delivery:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)


Answering = Callable[[BaseHTTPRequestHandler], None]


def fine(request: BaseHTTPRequestHandler) -> None:
    """Say that all is well."""
    request.send_response(200)
    request.send_header("Content-Length", "0")
    request.end_headers()


def status(code: int, **headers: str) -> Answering:
    """Say something else."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name, value)
        request.end_headers()

    return answer


@dataclass
class Receiver:
    """Listens on this machine alone unless told otherwise; ``answer`` may be changed at any time."""

    answer: Answering = fine
    host: str = "127.0.0.1"
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self
        self._came = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver._came:
                    receiver.deliveries.append(Delivery(self.path, dict(self.headers.items()), raw))
                    receiver._came.notify_all()
                receiver.answer(self)

            def log_message(self, *_arguments: object) -> None:
                pass

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_arguments: object) -> None:
                """Those who leave in the middle of an answer are no news."""

        self._server = Listener((self.host, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}/hook"

    def wait(self, holds: Callable[[list[Delivery]], bool], seconds: float = 20.0) -> list[Delivery]:
        """What has come in once something holds of it."""
        with self._came:
            met = self._came.wait_for(lambda: holds(self.deliveries), seconds)
            assert met, f"after {seconds} s only: {[each.path for each in self.deliveries]}"
            return list(self.deliveries)

    def ids(self) -> set[str]:
        """The audit entries that have come in, told apart by their ids."""
        with self._came:
            return {each.body["_id"] for each in self.deliveries}

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
