"""Ends servers without a warning: all of their processes, one worker, or the one that starts the workers."""

import os
import signal
import time
from pathlib import Path
from typing import Literal

from servers import Server

Whom = Literal["all", "worker", "parent"]
GONE_WITHIN_SECONDS = 60.0


def workers_of(server: Server) -> list[int]:
    """The processes that a server has started, the oldest first; none where it serves by itself."""
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return sorted(int(child) for children in threads for child in children.read_text().split())


def kill(server: Server, whom: Whom = "all", *, place: int = 0) -> None:
    """Kill, and return once nothing of what is to be gone is left; a worker's place is taken by another soon.

    Workers whose parent was killed end by themselves, in order.
    """
    workers = workers_of(server)
    if whom == "worker" and workers:
        _kill(workers[place % len(workers)])
        return
    server.process.kill()
    for worker in workers if whom == "all" else ():
        _kill(worker)
    server.process.wait()
    _until_gone(workers)
    assert server.process.stdout is not None
    server.process.stdout.close()
    server.session.close()


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return  # it was just ending


def _until_gone(processes: list[int]) -> None:
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    while left := [each for each in processes if _runs(each)]:
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.02)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
