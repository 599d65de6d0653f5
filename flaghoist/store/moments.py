"""When events arrive, as all processes that share a data folder tell it, whatever happens to the machine's clock.

What arrives later is never dated earlier, in whichever process: a purchase stays behind the exposure that led to it.
And a clock that is suddenly far ahead is not believed at once: what was dated a year ahead would stay so, as would all
that comes after it.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS, MINUTE_MS
from flaghoist.store.position import Positions

log = logging.getLogger("flaghoist.inbox")

AHEAD_MS = HOUR_MS
"""How much further the clock may have come than time has gone by, and still be believed at once."""

DOUBTED_MS = 10 * MINUTE_MS
"""For so long one that is further ahead is not believed: whoever set it wrong may notice."""

_LAYOUT = struct.Struct("<qqqq16s")  # newest moment given out, a believed time, uptime then, uptime of the doubt, boot
_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the first goes on while a machine sleeps
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Moments:
    """Gives out positions; a small file tells each process what the others have given out since the machine started."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._boot = hashlib.blake2b(_BOOT.read_bytes() if _BOOT.exists() else b"", digest_size=16).digest()
        self._descriptor: int | None = None

    def next(self, positions: Positions, events: int) -> int:
        """The position of a payload that arrives now, of an inbox that has given out ``positions`` so far."""
        with self._alone() as file:
            newest, believed, uptime, doubted = self._read(file)
            now, up = clock.now_ms(), time.clock_gettime_ns(_UPTIME) // 1_000_000
            expected = believed + up - uptime
            if believed and now > expected + AHEAD_MS and up < (doubted or up) + DOUBTED_MS:
                if not doubted:
                    log.warning("the clock has jumped ahead, not believed for now seconds=%s", (now - expected) // 1000)
                now, doubted = expected, doubted or up
            else:
                believed, uptime, doubted = now, up, 0
            if positions.at_ms < newest:
                now = max(now, newest + 1)
            position = positions.next(now, events)
            os.pwrite(file, _LAYOUT.pack(max(newest, positions.at_ms), believed, uptime, doubted, self._boot), 0)
        return position

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _read(self, file: int) -> tuple[int, int, int, int]:
        written = os.pread(file, _LAYOUT.size, 0)
        if len(written) < _LAYOUT.size or not written.endswith(self._boot):
            return 0, 0, 0, 0
        newest, believed, uptime, doubted, _ = _LAYOUT.unpack(written)
        return newest, believed, uptime, doubted

    @contextlib.contextmanager
    def _alone(self) -> Iterator[int]:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield self._descriptor
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
