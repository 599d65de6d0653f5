"""Flaghoist for tests that kill it: small segments, upkeep all the time, and a clock that a file moves.

Run as ``python hurried_server.py serve …``; ``FLAGHOIST_TEST_CLOCK`` names a file that holds by how many milliseconds
this process's clock is ahead of the machine's, as it is at any moment. With ``FLAGHOIST_TEST_CLOCK_LIBRARY``, which
names libfaketime, the file holds seconds, and all clocks that tell the date are moved; those that measure time are not.
"""

import logging
import os
import select
import sys
import time
from pathlib import Path

from flaghoist.base import clock
from flaghoist.cli import main, worker, workers
from flaghoist.ingest import compact
from flaghoist.store.facts import lake
from flaghoist.store.inbox import Inbox

SEGMENT_BYTES = 100_000


def hurry() -> None:
    """Make rare things common."""
    assert Inbox.__init__.__kwdefaults__ is not None
    Inbox.__init__.__kwdefaults__["segment_bytes"] = SEGMENT_BYTES
    compact.PAUSE_SECONDS = 0.05
    compact.SHARE = 0.9
    compact.UPKEEP_SECONDS = 0.5
    lake.MERGE_FILES = 3
    lake.GRACE_MS = 2_000
    workers.COMMAND = (sys.executable, __file__, "worker")


def move_clock(file: Path) -> None:
    """Let the only clock be ahead by what a file says."""
    machine_ms = clock.now_ms
    clock.now_ms = lambda: machine_ms() + int(file.read_text() or 0)


def begin_anew(library: str, file: str) -> None:
    """Run this program again from its beginning, with its clocks in the hands of a library."""
    faked = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": file,
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",  # a clock that is set leaves the times of files as they are
    }
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **faked})


def sleep_otherwise() -> None:
    """Sleep as ever, though libfaketime 0.9.10 refuses to wait for a moment of the clock that it leaves alone."""
    time.sleep = lambda seconds: select.select([], [], [], seconds)  # type: ignore[assignment]


if __name__ == "__main__":
    hurry()
    library, moved = os.environ.get("FLAGHOIST_TEST_CLOCK_LIBRARY"), os.environ.get("FLAGHOIST_TEST_CLOCK")
    if moved and library and "LD_PRELOAD" not in os.environ:
        begin_anew(library, moved)
    if moved and not library:
        move_clock(Path(moved))
    if library:
        sleep_otherwise()
    if sys.argv[1] == "worker":
        status = worker.main()
        logging.shutdown()
        os._exit(status)
    sys.exit(main())
