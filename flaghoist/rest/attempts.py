"""How often somebody may try to sign in: so often per e-mail and per network address, then not for a while."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from flaghoist.base import clock
from flaghoist.base.errors import RateLimited

WINDOW_MS = 15 * 60_000
PER_EMAIL = 10
PER_CLIENT = 50
_KEPT_MAX = 20_000


@dataclass(slots=True)
class _Count:
    ends_at: int
    attempts: int = 0


class Attempts:
    """Counts in this process alone. E-mails that nobody has are counted as well, or the limit would tell them apart."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}
        self._lock = threading.Lock()

    def take(self, email: str, client: str) -> None:
        """Count one attempt before it is judged; raises ``RateLimited`` beyond the limit."""
        now = clock.now_ms()
        with self._lock:
            self._forget(now)
            mine, theirs = self._count("email", email, now), self._count("client", client, now)
            full = [
                count.ends_at for count, most in ((mine, PER_EMAIL), (theirs, PER_CLIENT)) if count.attempts >= most
            ]
            if not full:
                mine.attempts += 1
                theirs.attempts += 1
        if full:
            raise _refusal(full, now)

    def forgive(self, email: str) -> None:
        """Somebody has signed in: what was counted for their e-mail is forgotten."""
        with self._lock:
            self._counts.pop(("email", email), None)

    def _count(self, kind: str, who: str, now: int) -> _Count:
        found = self._counts.get((kind, who))
        if found is None or found.ends_at <= now:
            found = self._counts[kind, who] = _Count(now + WINDOW_MS)
        return found

    def _forget(self, now: int) -> None:
        if len(self._counts) < _KEPT_MAX:
            return
        self._counts = {who: count for who, count in self._counts.items() if count.ends_at > now}
        while len(self._counts) >= _KEPT_MAX:
            del self._counts[next(iter(self._counts))]


def _refusal(ends: Iterable[int], now: int) -> RateLimited:
    seconds = (max(ends) - now + 999) // 1000
    minutes = (seconds + 59) // 60
    refusal = RateLimited(
        f"too many attempts to sign in: try again in {minutes} minute{'s' if minutes > 1 else ''}",
        code="too_many_attempts",
    )
    refusal.headers = (("retry-after", str(seconds)),)
    return refusal
