"""Object storage for tests: a server that speaks S3, in a process of its own, which can be away and come back."""

import itertools
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
_names = itertools.count(1)
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
port = 0
for line in sys.stdin:
    if line == "serve\\n":
        server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        server.start()
        port = server.get_host_and_port()[1]
    else:
        server.stop()
    print(port, flush=True)
"""


@dataclass
class ObjectStorage:
    """What it keeps lasts as long as its process, whether it serves or not."""

    process: "subprocess.Popen[str]" = field(init=False)
    endpoint: str = field(init=False)

    def __post_init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-c", _SERVER]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.endpoint = f"http://127.0.0.1:{self._tell('serve')}"

    def bucket(self) -> "Objects":
        """A new, empty bucket."""
        name = f"lake-{os.getpid()}-{next(_names)}"
        with urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/{name}", method="PUT"), timeout=30):
            pass
        return Objects(self.endpoint, name)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens inside."""
        self._tell("stop")
        try:
            yield
        finally:
            self._tell("serve")

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections inside, and answers none."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it, and with it all it has kept."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _tell(self, what: str) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@dataclass(frozen=True)
class Objects:
    """One bucket, as a stranger sees it."""

    endpoint: str
    name: str

    @property
    def url(self) -> str:
        return f"s3://{self.name}/facts"

    def settings(self) -> dict[str, str]:
        """What tells a server to keep its facts here."""
        return {"lake_url": self.url, "lake_s3_endpoint": self.endpoint}

    def contents(self) -> dict[str, bytes]:
        """Every object of the lake by its path."""
        listed = [each["path"] for some in obstore.list(self.store()) for each in some]
        return {path: bytes(obstore.get(self.store(), path).bytes()) for path in listed}

    def put(self, path: str, content: bytes) -> None:
        """Replace an object by force."""
        obstore.put(self.store(), path, content)

    def delete(self, path: str) -> None:
        """As somebody with too many rights does."""
        obstore.delete(self.store(), path)

    def store(self) -> Any:
        return S3Store(self.name, prefix="facts", endpoint=self.endpoint, client_options={"allow_http": True})


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """A server, and credentials for it in the environment of this process and those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        running = ObjectStorage()
        yield running
        running.close()
