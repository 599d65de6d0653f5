"""How fast an access token may import: a bucket of requests that refills evenly."""

import threading
from dataclasses import dataclass

from flaghoist.base import clock, ids
from flaghoist.store.counters import Counts, CountsHere, Window

PERIOD_MS = 10_000
TOKENS_MAX = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: int
    window: int = 0
    taken_by_others: int = 0


class ImportPace:
    """``limit`` requests at once, and as many again every ten seconds; 0 for any number.

    Each process has a bucket for each token, from which what others let in is taken out as soon as it is known.
    """

    def __init__(self, limit: int, counts: Counts | None = None) -> None:
        """``counts`` are those of all processes, where there are several."""
        self._limit = limit
        self._counts = counts or CountsHere()
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def __call__(self, token: str) -> float:
        """How many seconds a token must wait before it may import again; 0 if this request may go ahead."""
        if not self._limit:
            return 0.0
        now = clock.now_ms()
        name = ids.digest(token)
        with self._lock:
            if name not in self._buckets and len(self._buckets) >= TOKENS_MAX:
                self._buckets.clear()
            bucket = self._buckets.setdefault(name, _Bucket(float(self._limit), now))
            bucket.left = min(float(self._limit), bucket.left + max(now - bucket.at, 0) * self._limit / PERIOD_MS)
            bucket.at = now
            window = Window(f"import/{name}", now // PERIOD_MS * PERIOD_MS, (now // PERIOD_MS + 1) * PERIOD_MS)
            self._hear_of_others(bucket, window)
            if bucket.left < 1:
                return (1 - bucket.left) * PERIOD_MS / self._limit / 1000
            bucket.left -= 1
            self._counts.add(window)
            return 0.0

    def _hear_of_others(self, bucket: _Bucket, window: Window) -> None:
        if bucket.window != window.starts_at:
            bucket.window, bucket.taken_by_others = window.starts_at, 0
        taken = self._counts.others(window)
        bucket.left -= taken - bucket.taken_by_others
        bucket.taken_by_others = taken
