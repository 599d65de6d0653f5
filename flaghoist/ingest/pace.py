"""How fast an access token may import: a bucket of requests that refills evenly."""

import threading

from flaghoist.base import clock, ids

PERIOD_MS = 10_000
TOKENS_MAX = 10_000


class ImportPace:
    """``limit`` requests at once, and as many again every ten seconds; 0 for any number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buckets: dict[str, tuple[float, int]] = {}
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
            left, at = self._buckets.get(name, (float(self._limit), now))
            left = min(float(self._limit), left + (now - at) * self._limit / PERIOD_MS)
            self._buckets[name] = (left - 1 if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) * PERIOD_MS / self._limit / 1000
