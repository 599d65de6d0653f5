"""Disks that take nothing for a while, and what a server is expected to do meanwhile and afterwards."""

import contextlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from ledger import Rig

SHOWN_FLAG = "button"
LAST_LINE = "that is all\n"


@contextlib.contextmanager
def no_write_succeeds(rig: Rig) -> Iterator[None]:
    """No file of the server's process takes another byte; needs no privileges."""
    pid = rig.server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """A small disk without a free byte."""
    filler = disk / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while True:
            os.write(file.fileno(), bytes(65_536))
    with filler.open("ab") as file, contextlib.suppress(OSError):
        while True:
            os.write(file.fileno(), bytes(512))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def unchangeable(folder: Path) -> Iterator[None]:
    """Nothing in a folder can be written, made or deleted, not even by those who have it open.

    But for what SQLite maps into memory: that a mapped page cannot be written, the kernel tells by ending the process.
    """
    everything = [folder, *(path for path in folder.rglob("*") if not path.name.endswith("-shm"))]
    names = [str(path) for path in everything if path.exists()]
    try:
        subprocess.run(["chattr", "-f", "+i", *names], check=False)  # some may be gone by now
        yield
    finally:
        subprocess.run(["chattr", "-f", "-i", *names], check=False)


@contextlib.contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """A disk that nobody writes to at the moment, mounted so that nobody can."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextlib.contextmanager
def small_disk(at: Path, mebibytes: int) -> Iterator[Path]:
    """A disk of its own, in memory."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


class Overheard:
    """What a server logs, read from a pipe, since a log on the troubled disk would be silent itself."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.lines: list[str] = []
        self._end = os.open(path, os.O_RDWR)  # to write too: so it stays open while no server runs
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        with os.fdopen(self._end) as pipe:
            self.lines.extend(iter(pipe.readline, LAST_LINE))

    def close(self) -> None:
        """Hear no more."""
        with self.path.open("a") as pipe:
            pipe.write(f"\n{LAST_LINE}")  # what came last may lack its end
        self._listener.join()

    def told(self, *words: str) -> bool:
        """Whether some line holds all of these."""
        return any(all(word in line for word in words) for line in list(self.lines))


def outlast(rig: Rig, trouble: contextlib.AbstractContextManager[None], log: Overheard) -> None:
    """The whole story: before, in the middle of it, and afterwards, without a restart."""
    rig.begin(sdks=2, importers=1, pause=0.01)
    wait_until(lambda: rig.ledger.batches > 50)
    flag = f"/flags/{rig.lab.project}/{SHOWN_FLAG}"
    before = rig.server.ok("GET", flag)
    audited = len(rig.lab.audit())
    counted = _purchases(rig)
    with requests.get(
        f"{rig.server.url}/all", headers={"Authorization": rig.sdk_key}, stream=True, timeout=20
    ) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"event: put"
        with trouble:
            wait_until(lambda: send(rig).status_code == 503)
            wait_until(lambda: log.told("events are refused", str(rig.data_dir / "inbox")))
            for _ in range(3):
                refused = _change(rig)
                assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
                assert "cannot be written" in refused.json()["message"]
            wait_until(lambda: log.told("unwritable store"))
            assert rig.server.ok("GET", flag) == before
            poll = requests.get(f"{rig.server.url}/sdk/latest-all", headers={"Authorization": rig.sdk_key}, timeout=20)
            assert poll.status_code == 200 and poll.json()["flags"][SHOWN_FLAG]["on"] is True
            with requests.get(
                f"{rig.server.url}/all", headers={"Authorization": rig.sdk_key}, stream=True, timeout=20
            ) as late:
                assert next(late.iter_lines(chunk_size=1)) == b"event: put"
            assert _purchases(rig) >= counted
        wait_until(lambda: send(rig).status_code == 202)
        wait_until(lambda: _change(rig).status_code == 200)
        patched = (line for line in lines if line == b"event: patch")
        assert next(patched) == b"event: patch"
    assert len(rig.lab.audit()) == audited + 1, "what was refused left no trace"
    differences = rig.settle()
    assert not differences, "\n".join([*differences, *log.lines])
    assert not log.told("Traceback"), "\n".join(log.lines)


def wait_until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Return once something is so; fail if it is not within a time."""
    for _ in range(int(seconds / 0.05)):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def send(rig: Rig) -> requests.Response:
    """A payload that no results count."""
    headers = {"Authorization": rig.sdk_key, "X-LaunchDarkly-Event-Schema": "4"}
    event = {"kind": "identify", "context": {"kind": "user", "key": "ann"}, "creationDate": 1}
    return requests.post(f"{rig.server.url}/bulk", json=[event], headers=headers, timeout=20)


def _change(rig: Rig) -> requests.Response:
    """A change that SDKs hear of."""
    body = [{"op": "replace", "path": f"/environments/{rig.lab.environment}/trackEvents", "value": True}]
    return rig.server.call("PATCH", f"/flags/{rig.lab.project}/{SHOWN_FLAG}", json=body)


def _purchases(rig: Rig) -> int:
    results = rig.server.ok("GET", f"{rig.lab.path}/colour/metrics/revenue/results")
    return sum(int(each["events"]) for each in results["results"][0]["treatmentResults"])
