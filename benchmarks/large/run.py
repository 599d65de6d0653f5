"""Does a server with 5,000 flags of ten rules, 200 environments and a million contexts a day start soon and stay small?

Set up through the API and, for the many flags, by writing to the store what the API wrote for one. Then the server is
started anew, and everything is measured from outside: how long until it answers, what it holds in memory, how soon a
change arrives while all environments are loaded, and the same after a day's contexts have sent their events.
"""

import argparse
import base64
import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import requests
import world

TOKEN = "api-22222222-2222-4222-8222-222222222222"
CHANGES = 30
EVENTS_PER_BATCH = 1_000
ANN = {"kind": "user", "key": "ann", "country": "C3", "version": "7.5.0"}


class Server:
    """A server process with its data folder."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "FLAGHOIST_ACCESS_TOKEN": TOKEN, "FLAGHOIST_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", str(folder)]
        self.began = time.monotonic()
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = next(line.rpartition(" on ")[2].strip() for line in self._process.stdout if " on http://" in line)
        self.session = requests.Session()
        self.told = 0.0  # seconds of processor time at the last line of the report

    def get(self, path: str, key: str = "", **headers: str) -> requests.Response:
        """One answer, which must be a good one."""
        answer = self.session.get(f"{self.url}{path}", headers={"Authorization": key, **headers}, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def memory(self, name: str = "VmRSS") -> float:
        """Resident megabytes, now or (``VmHWM``) at the most."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0]) / 1024

    def cpu_seconds(self) -> float:
        """Processor time used so far: other work on the machine makes no difference to it."""
        spent = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End it in order."""
        self.session.close()
        self._process.terminate()
        self._process.wait(60)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server until the end of the block."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    """Set up, then ask and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--flags", type=int, default=5_000)
    arguments.add_argument("--environments", type=int, default=200)
    arguments.add_argument("--contexts", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="flaghoist-large-") as name:
        folder = Path(name)
        with serving(folder) as server:
            said("starts empty", time.monotonic() - server.began, server)
            timed("environments made", server, lambda: world.begin(server.url, TOKEN, chosen.environments))
        world.multiply(folder, chosen.flags)
        with serving(folder) as server:
            keys = busy(server)
            use(server, keys)
            load_all(server)
            changes(server, keys)
            send(server, keys, chosen.contexts)
        with serving(folder) as server:
            said("starts again", time.monotonic() - server.began, server)
            server.get("/sdk/latest-all", keys["apiKey"])
            said("and has answered a full poll", time.monotonic() - server.began, server)


def busy(server: Server) -> dict[str, str]:
    """The keys of the environment in which all flags have rules."""
    said("starts", time.monotonic() - server.began, server)
    keys: dict[str, str] = server.get(f"/api/v2/projects/{world.PROJECT}/environments/{world.BUSY}", TOKEN).json()
    return keys


def use(server: Server, keys: dict[str, str]) -> None:
    """The first and the next of everything that SDKs ask for."""
    key = keys["apiKey"]
    answer = server.get("/sdk/latest-all", key, **{"Accept-Encoding": "identity"})
    said("first full poll, since the start", time.monotonic() - server.began, server)
    print(f"{'':44} {len(answer.content) / 1e6:.1f} MB, {len(gzip.compress(answer.content, 6)) / 1e6:.2f} MB gzipped")
    timed("next full poll", server, lambda: server.get("/sdk/latest-all", key, **{"Accept-Encoding": "identity"}))
    timed("first gzipped", server, lambda: server.get("/sdk/latest-all", key))
    timed("next gzipped", server, lambda: server.get("/sdk/latest-all", key))
    encoded = base64.urlsafe_b64encode(json.dumps(ANN).encode()).decode()
    path = f"/sdk/evalx/{keys['_id']}/contexts/{encoded}"
    with meanwhile(server) as waits:
        timed("first evaluation", server, lambda: server.get(path))
    print(f"{'':44} others waited {max(waits) * 1e3:.0f} ms at the most meanwhile")
    timed("next evaluation", server, lambda: server.get(path))


def load_all(server: Server) -> None:
    """Every environment polled once."""
    path = f"/api/v2/projects/{world.PROJECT}/environments?limit=1000"
    environments = server.get(path, TOKEN).json()["items"]
    before = server.memory()
    seconds = []
    for environment in environments:
        began = time.monotonic()
        server.get("/sdk/latest-all", environment["apiKey"])
        seconds.append(time.monotonic() - began)
    said(f"all {len(environments)} environments polled, each", median(seconds), server)
    each, most = (server.memory() - before) / len(environments), server.memory("VmHWM")
    print(f"{'':44} {each:.1f} MB each, {most:.0f} MB at the most")


def changes(server: Server, keys: dict[str, str]) -> None:
    """From asking for a change to its arrival at a stream; in one environment, and in all at once."""
    heard: list[float] = []
    threading.Thread(target=_listen, args=(server.url, keys["apiKey"], heard), daemon=True).start()
    until(lambda: len(heard) == 1)
    where = f"{server.url}/api/v2/flags/{world.PROJECT}/flag-0001"
    turned = itertools.cycle(("turnFlagOff", "turnFlagOn"))
    semantic = {"Authorization": TOKEN, "Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}

    def in_one() -> None:
        body = {"environmentKey": world.BUSY, "instructions": [{"kind": next(turned)}]}
        assert server.session.patch(where, json=body, headers=semantic).ok

    reach = itertools.cycle((False, True))

    def in_all() -> None:
        body = [{"op": "replace", "path": "/clientSideAvailability/usingMobileKey", "value": next(reach)}]
        answer = server.session.patch(where, json=body, headers={"Authorization": TOKEN})
        assert answer.ok, answer.text

    for name, change in (("change in one environment arrives after", in_one), ("change in all arrives after", in_all)):
        seconds = []
        for _ in range(CHANGES):
            known, began = len(heard), time.monotonic()
            change()
            until(lambda known=known: len(heard) > known)  # type: ignore[misc]
            seconds.append(heard[known] - began)
            time.sleep(0.05)
        said(name, median(seconds), server)
        print(f"{'':44} {max(seconds) * 1e3:.0f} ms at the most")


def _listen(url: str, key: str, heard: list[float]) -> None:
    with requests.get(f"{url}/all", headers={"Authorization": key}, stream=True, timeout=600) as stream:
        heard.extend(time.monotonic() for line in stream.iter_lines(chunk_size=None) if line.startswith(b"event:"))


def send(server: Server, keys: dict[str, str], contexts: int) -> None:
    """A day's contexts, each seen once, in batches as SDKs send them."""
    began = time.monotonic()
    for first in range(0, contexts, EVENTS_PER_BATCH):
        at = int(time.time() * 1000)
        events: list[dict[str, Any]] = [
            {
                "kind": "feature",
                "creationDate": at,
                "key": "flag-0001",
                "version": 1,
                "variation": number % 2,
                "value": number % 2 == 0,
                "default": False,
                "context": {"kind": "user", "key": f"user-{number}", "country": f"C{number % 40}"},
            }
            for number in range(first, min(first + EVENTS_PER_BATCH, contexts))
        ]
        body = gzip.compress(json.dumps(events).encode(), 1)
        headers = {
            "Authorization": keys["apiKey"],
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "X-LaunchDarkly-Event-Schema": "4",
        }
        answer = server.session.post(f"{server.url}/bulk", data=body, headers=headers)
        assert answer.status_code == 202, answer.text
    said(f"{contexts:,} contexts sent their events", time.monotonic() - began, server)
    time.sleep(15)
    said("and their events have been moved on", time.monotonic() - began, server)
    print(f"{'':44} {server.memory('VmHWM'):.0f} MB at the most")


@contextmanager
def meanwhile(server: Server) -> Iterator[list[float]]:
    """How long somebody waits who asks for the server's status all the time."""
    waits: list[float] = []
    ending = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not ending.is_set():
                began = time.monotonic()
                session.get(f"{server.url}/status", timeout=60)
                waits.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: bool(waits))
    yield waits
    ending.set()
    asking.join()


def until(condition: Callable[[], bool], within_seconds: float = 60.0) -> None:
    """Return as soon as something is true."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.0005)


def timed(name: str, server: Server, work: Callable[[], Any]) -> None:
    """Do something, and say how long it took."""
    began = time.monotonic()
    work()
    said(name, time.monotonic() - began, server)


def said(name: str, seconds: float, server: Server) -> None:
    """One line of the report."""
    spent = server.cpu_seconds()
    cpu_ms, server.told = (spent - server.told) * 1e3, spent
    print(f"{name:44} {seconds * 1e3:9,.1f} ms {cpu_ms:9,.0f} ms of CPU {server.memory():7,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
