"""Says on the command line how far something has come, once it takes longer than people like to wait in the dark."""

import sys
import time

QUIET_SECONDS = 2.0
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


class Progress:
    """Counts bytes towards a total that is known roughly; tells about it on stderr every two seconds."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._told_at = time.monotonic()

    def __call__(self, more: int) -> None:
        """So many bytes more are done."""
        self._done += more
        now = time.monotonic()
        if now - self._told_at >= QUIET_SECONDS:
            self._told_at = now
            whole = f" of about {readable(self._total)}" if self._total > self._done else ""
            print(f"{self._what}: {readable(self._done)}{whole}", file=sys.stderr, flush=True)


def readable(count: int) -> str:
    """A number of bytes as people write it: 1.4 GB."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{count} bytes"
