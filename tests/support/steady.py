"""Those who go on whatever happens to the server: writers who change a flag all the time, and readers of streams."""

import contextlib
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from servers import Server

SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
VALUES = ("one", "two", "three", "four")


@dataclass(frozen=True)
class Written:
    """A change that was answered with 2xx: what the flag serves since, its version, and when that was known."""

    value: str
    version: int
    at: float


class SteadyWriter(threading.Thread):
    """Lets a flag of its own serve one value after the other, and writes down what it was answered."""

    def __init__(self, server: Server, project: str, key: str, pause: float = 0.05) -> None:
        super().__init__(daemon=True)
        self.key = key
        self.written: list[Written] = []
        self.in_doubt = 0
        self.refused: list[str] = []
        self._server = Server(server.url, server.token, server.data_dir, server.store, server.process)
        self._path, self._pause = f"/flags/{project}/{key}", pause
        self._stopping = threading.Event()
        variations = [{"value": value} for value in VALUES]
        made = server.ok("POST", f"/flags/{project}", json={"key": key, "name": key, "variations": variations})
        self._ids = [each["_id"] for each in made["variations"]]
        self._change(made["variations"][0]["_id"], kind="turnFlagOn")

    def run(self) -> None:
        for value, variation in itertools.cycle(zip(VALUES, self._ids, strict=True)):
            if self._stopping.is_set():
                return
            version = self._change(variation)
            if version is None:
                self.in_doubt += 1
                time.sleep(self._pause)
            else:
                self.written.append(Written(value, version, time.monotonic()))
            time.sleep(self._pause)

    def stop(self) -> None:
        """Write no more; returns when the last answer is there."""
        self._stopping.set()
        self.join(60)
        assert not self.is_alive(), "a writer still waits for an answer"
        self._server.session.close()

    def longest_silence(self, since: float, to: float) -> float:
        """How many seconds went by at most without an answer between two moments."""
        times = [since, *(each.at for each in self.written if since < each.at < to), to]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)

    def _change(self, variation: str, kind: str = "updateFallthroughVariationOrRollout") -> int | None:
        """The version that the flag has now; nothing if that was not told."""
        instruction = {"kind": kind, **({} if kind == "turnFlagOn" else {"variationId": variation})}
        body = {"environmentKey": "test", "instructions": [instruction]}
        try:
            answer = self._server.call("PATCH", self._path, json=body, headers=SEMANTIC)
        except requests.RequestException:
            return None
        if answer.status_code >= 500:
            return None
        if not answer.ok:
            self.refused.append(f"{answer.status_code} {answer.text[:200]}")
            return None
        return int(answer.json()["_version"])


@dataclass
class Reader(threading.Thread):
    """Keeps a stream open, again after each end, and what it says: for each flag (version, value served)."""

    url: str
    sdk_key: str
    known: dict[str, tuple[int, Any]] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._stopping = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
                self._read()  # until it ends, in whatever way
            self._stopping.wait(0.3)

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            connection.sock.shutdown(2)
        self.join(10)

    def _read(self) -> None:
        self._connection = connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=200)
        try:
            connection.request("GET", "/all", headers={"Authorization": self.sdk_key})
            answer = connection.getresponse()
            self.statuses.append(answer.status)
            if answer.status == 200:
                self.opened += 1
                self._listen(answer)
        finally:
            connection.close()

    def _listen(self, answer: http.client.HTTPResponse) -> None:
        kind = ""
        while not self._stopping.is_set() and (line := answer.readline()):
            if line.startswith(b"event:"):
                kind = line[6:].strip().decode()
            elif line.startswith(b"data:") and kind in ("put", "patch", "delete"):
                self._hear(kind, json.loads(line[5:]))

    def _hear(self, kind: str, told: Any) -> None:
        if kind == "delete":
            return
        flags = told["data"]["flags"].values() if kind == "put" else [told["data"]]
        for flag in flags:
            if "fallthrough" in flag and "variation" in flag["fallthrough"]:
                self.known[flag["key"]] = (flag["version"], flag["variations"][flag["fallthrough"]["variation"]])
