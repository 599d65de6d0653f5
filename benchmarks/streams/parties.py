"""The parties of a measurement: a Flaghoist, the floor, and clients of either; each is a process of its own."""

import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOKEN = "api-00000000-0000-4000-8000-000000000000"
READY_WITHIN_SECONDS = 120.0
KEPT_ALIVE_SECONDS = 2.0  # less than the server keeps a connection that asks for nothing
Json = dict[str, Any]


def compiled(folder: Path, name: str) -> Path:
    """One of the C programs of this folder."""
    program = folder / name
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(program), str(HERE / f"{name}.c")], check=True)
    return program


class Told:
    """A process that is told a line and answers with a line of JSON."""

    def __init__(self, *command: str | Path) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, line: str, within_seconds: float = READY_WITHIN_SECONDS) -> Json:
        """Say something, and give the answer."""
        self.say(line)
        return self.hear(within_seconds)

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")

    def hear(self, within_seconds: float = READY_WITHIN_SECONDS) -> Json:
        """The next line; an empty mapping if there is none in time."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within_seconds)[0]:
            return {}
        heard = json.loads(self._process.stdout.readline() or "{}")
        return heard if isinstance(heard, dict) else {"value": heard}

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


class Listeners(Told):
    """Clients of one stream, all in sync when they have been made."""

    def __init__(
        self, program: Path, folder: Path, port: int, count: int, key: str, *, come_back: bool = False
    ) -> None:
        request = folder / f"request-{port}"
        request.write_text(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nAccept: text/event-stream\r\n\r\n")
        super().__init__(program, str(port), str(count), request, str(int(come_back)))
        self.sync = self.hear()

    def keep_to_one_core(self) -> None:
        """Real clients are on machines of their own: these are not to push aside who writes to them."""
        os.sched_setaffinity(self._process.pid, {max(os.sched_getaffinity(0))})


class Server:
    """A Flaghoist with an environment of flags, one of them to be switched."""

    def __init__(self, folder: Path, *, port: int = 0, flags: int = 0) -> None:
        self.folder = folder
        environment = {**os.environ, "FLAGHOIST_ACCESS_TOKEN": TOKEN, "FLAGHOIST_LOG_LEVEL": "warning"}
        command = [sys.executable, str(HERE / "counted.py"), "serve", "--port", str(port), "--data-dir", str(folder)]
        self.began = time.monotonic()
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        url = next(line for line in self._process.stdout if " on http://" in line).rpartition(":")[2]
        self.port = int(url)
        self._called = 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port)
        for number in range(flags):
            self.call("POST", "/flags/default", {"key": f"flag-{number}", "name": f"Flag {number}"})
        self.sdk_key = self.call("GET", "/projects/default/environments/production")["apiKey"]
        self.on = False

    def call(self, method: str, path: str, body: Any = None, *, semantic: bool = False) -> Json:
        """One REST request that must succeed."""
        kind = "application/json; domain-model=launchdarkly.semanticpatch" if semantic else "application/json"
        headers = {"Authorization": TOKEN, "Content-Type": kind}
        if time.monotonic() - self._called > KEPT_ALIVE_SECONDS:
            self._connection.close()  # it opens again by itself
        self._called = time.monotonic()
        self._connection.request(method, f"/api/v2{path}", json.dumps(body) if body is not None else None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {content[:300]!r}"
        decoded = json.loads(content)
        assert isinstance(decoded, dict)
        return decoded

    def switch(self, key: str = "flag-0") -> int:
        """Turn a flag on or off; gives the version that SDKs then see."""
        self.on = not self.on
        kind = "turnFlagOn" if self.on else "turnFlagOff"
        body = {"environmentKey": "production", "instructions": [{"kind": kind}]}
        flag = self.call("PATCH", f"/flags/default/{key}", body, semantic=True)
        return int(flag["environments"]["production"]["version"])

    @property
    def pid(self) -> int:
        return self._process.pid

    def hang_up(self) -> None:
        """Close the connection that requests are made on; the next one opens another."""
        self._connection.close()

    def memory_kb(self) -> dict[str, int]:
        """What the process holds: ``Rss``, ``Pss`` and what it shares with nobody (``Private_Dirty``)."""
        lines = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()[1:]
        return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}

    def peak_kb(self) -> int:
        """The most it has held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how: int = signal.SIGTERM) -> list[str]:
        """End it; gives what it printed last."""
        self._connection.close()
        self._process.send_signal(how)
        rest, _ = self._process.communicate(timeout=60)
        return rest.splitlines()
