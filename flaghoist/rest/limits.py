"""How many requests a token may make: windows of ten seconds, told in headers on every answer."""

from flaghoist.base import clock
from flaghoist.base.errors import RateLimited
from flaghoist.store.counters import Counts, CountsHere, Window

WINDOW_MS = 10_000
UNLIMITED = 1_000_000
Headers = tuple[tuple[str, str], ...]


class RateLimits:
    """Counts per token and per operation; without a limit the counts are still told, against a million."""

    def __init__(self, limit: int, counts: Counts | None = None) -> None:
        """``counts`` are those of all processes, where there are several and a limit to be kept."""
        self._limit = limit or UNLIMITED
        self._counts = counts or CountsHere()

    def take(self, who: str, operation: str) -> Headers:
        """Count one request and give its headers; raises ``RateLimited`` (with headers) beyond the limit."""
        now = clock.now_ms()
        starts_at = now // WINDOW_MS * WINDOW_MS
        ends_at = starts_at + WINDOW_MS
        total = self._counts.add(Window(f"rest/{who}", starts_at, ends_at))
        here = self._counts.add(Window(f"rest/{who}/{operation}", starts_at, ends_at))
        headers = self._headers(total, here, ends_at)
        if total > self._limit:
            seconds = max(1, (ends_at - now + 999) // 1000)
            refusal = RateLimited(f"more than {self._limit} requests in 10 seconds; try again in {seconds} s")
            refusal.headers = (*headers, ("retry-after", str(seconds)))
            raise refusal
        return headers

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
