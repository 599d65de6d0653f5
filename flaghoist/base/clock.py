"""The only clock: everything that needs the time asks here."""

import time
from datetime import UTC, datetime

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def now_ms() -> int:
    """The present, in milliseconds since the Unix epoch (UTC)."""
    return time.time_ns() // 1_000_000


def rfc3339(at_ms: int) -> str:
    """An instant as the API writes its few textual dates: ``2026-11-23T08:36:00.123Z``."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def http_date(at_ms: int) -> str:
    """An instant as an HTTP ``Date`` header (RFC 9110, section 5.6.7)."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]
    return f"{weekday}, {moment.day:02d} {month} {moment.year} {moment:%H:%M:%S} GMT"
