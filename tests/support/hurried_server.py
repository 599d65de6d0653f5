"""Flaghoist for tests that kill it: small segments, upkeep all the time, and a clock that a file moves.

Run as ``python hurried_server.py serve …``; ``FLAGHOIST_TEST_CLOCK`` names a file that holds by how many milliseconds
this process's clock is ahead of the machine's, as it is at any moment.
"""

import os
import sys
from pathlib import Path

from flaghoist.base import clock
from flaghoist.cli import main
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


def move_clock(file: Path) -> None:
    """Let the only clock be ahead by what a file says."""
    machine_ms = clock.now_ms
    clock.now_ms = lambda: machine_ms() + int(file.read_text() or 0)


if __name__ == "__main__":
    hurry()
    if moved := os.environ.get("FLAGHOIST_TEST_CLOCK"):
        move_clock(Path(moved))
    sys.exit(main())
