"""How many requests a token may make: windows of ten seconds, told in headers on every answer."""

import threading

from flaghoist.base import clock
from flaghoist.base.errors import RateLimited

WINDOW_MS = 10_000
UNLIMITED = 1_000_000
Headers = tuple[tuple[str, str], ...]


class RateLimits:
    """Counts per token and per operation; without a limit the counts are still told, against a million."""

    def __init__(self, limit: int) -> None:
        self._limit = limit or UNLIMITED
        self._window = 0
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def take(self, who: str, operation: str) -> Headers:
        """Count one request and give its headers; raises ``RateLimited`` (with headers) beyond the limit."""
        now = clock.now_ms()
        window = now // WINDOW_MS
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            total = self._count(who, "")
            here = self._count(who, operation)
        headers = self._headers(total, here, (window + 1) * WINDOW_MS)
        if total > self._limit:
            seconds = max(1, ((window + 1) * WINDOW_MS - now + 999) // 1000)
            refusal = RateLimited(f"more than {self._limit} requests in 10 seconds; try again in {seconds} s")
            refusal.headers = (*headers, ("retry-after", str(seconds)))
            raise refusal
        return headers

    def _count(self, who: str, operation: str) -> int:
        self._counts[who, operation] = self._counts.get((who, operation), 0) + 1
        return self._counts[who, operation]

    def _headers(self, total: int, here: int, reset: int) -> Headers:
        limit = str(self._limit)
        left = str(max(self._limit - total, 0))
        return (
            ("x-ratelimit-global-limit", limit),
            ("x-ratelimit-global-remaining", left),
            ("x-ratelimit-route-limit", limit),
            ("x-ratelimit-route-remaining", str(max(self._limit - here, 0))),
            ("x-ratelimit-auth-token-limit", limit),
            ("x-ratelimit-auth-token-remaining", left),
            ("x-ratelimit-reset", str(reset)),
        )
