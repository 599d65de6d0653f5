"""How often somebody may try to sign in: so often per e-mail and per network address, then not for a while."""

from collections.abc import Iterable

from sqlalchemy import Connection

from flaghoist.base import clock, ids
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import RateLimited
from flaghoist.store import counters
from flaghoist.store.database import Database, Discard

WINDOW_MS = 15 * MINUTE_MS
PER_EMAIL = 10
PER_CLIENT = 50


class Attempts:
    """Counts in the state store, one by one, so that they hold over all processes and outlast a restart.

    E-mails that nobody has are counted as well, or the limit would tell them apart.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, email: str, client: str) -> None:
        """Count one attempt before it is judged; raises ``RateLimited`` beyond the limit."""
        now = clock.now_ms()
        most = {_named("email", email): PER_EMAIL, _named("client", client): PER_CLIENT}

        def act(connection: Connection) -> list[int] | Discard[list[int]]:
            known = counters.within(connection, list(most), now)
            # What would go on for longer than any window was counted while the clock was ahead.
            found = {name: each for name, each in known.items() if each[1] <= now + WINDOW_MS}
            if full := [ends_at for name, (count, ends_at) in found.items() if count >= most[name]]:
                return Discard(full)
            counters.forget(connection, before=now)
            for name in sorted(most):
                count, ends_at = found.get(name, (0, now + WINDOW_MS))
                counters.put(connection, name, count + 1, ends_at)
            return []

        if full := self._database.write(act):
            raise _refusal(full, now)

    def forgive(self, email: str) -> None:
        """Somebody has signed in: what was counted for their e-mail is forgotten."""
        name, now = _named("email", email), clock.now_ms()
        self._database.write(lambda connection: counters.forget(connection, before=now, name=name))


def _named(kind: str, who: str) -> str:
    """Neither addresses nor e-mails stand in the store for a count's sake."""
    return f"sign-in/{kind}/{ids.digest(who)}"


def _refusal(ends: Iterable[int], now: int) -> RateLimited:
    seconds = (max(ends) - now + 999) // 1000
    minutes = (seconds + 59) // 60
    refusal = RateLimited(
        f"too many attempts to sign in: try again in {minutes} minute{'s' if minutes > 1 else ''}",
        code="too_many_attempts",
    )
    refusal.headers = (("retry-after", str(seconds)),)
    return refusal
