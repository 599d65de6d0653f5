"""Many open streams in one thread: what each of them hears, and when it ends."""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Stream:
    """One open stream, as raw bytes."""

    connection: socket.socket
    heard: bytearray = field(default_factory=bytearray)
    heard_at: float = 0.0
    has_ended: bool = False


class Audience:
    """Server-side streams of one SDK key."""

    def __init__(self, sdk_key: str) -> None:
        self._sdk_key = sdk_key
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._lock = threading.Lock()
        self.streams: list[Stream] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def open(self, url: str, many: int) -> list[Stream]:
        """Open some streams and wait until each has heard everything once."""
        where = urlsplit(url)
        assert where.hostname and where.port
        opened = []
        for _ in range(many):
            connection = socket.create_connection((where.hostname, where.port), timeout=10)
            connection.sendall(
                f"GET /all HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: {self._sdk_key}\r\n\r\n".encode()
            )
            connection.setblocking(False)
            stream = Stream(connection)
            opened.append(stream)
            self.streams.append(stream)
            with self._lock:
                self._selector.register(connection, selectors.EVENT_READ, stream)
        until(lambda: all(b"event: put" in stream.heard for stream in opened))
        return opened

    def close(self) -> None:
        """Close all of them."""
        self._stopping = True
        self._thread.join()
        for stream in self.streams:
            stream.connection.close()
        self._selector.close()

    def _listen(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.02):
                stream = key.data
                try:
                    some = stream.connection.recv(2**16)
                except OSError:
                    some = b""
                stream.heard_at = time.perf_counter()
                stream.heard += some
                if not some:
                    stream.has_ended = True
                    with self._lock:
                        self._selector.unregister(stream.connection)


def until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    """Return once something is so; fail if it is not within a time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
