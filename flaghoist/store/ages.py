"""How late it is for those who delete what is old: a clock that jumps ahead must not make everything old at once."""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, select

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store.tables import leases
from flaghoist.store.upsert import upsert

log = logging.getLogger("flaghoist.upkeep")

AHEAD_MS = 6 * HOUR_MS
"""How far the clock may have come since it was last looked at, and still be believed at once."""

DOUBTED_MS = DAY_MS
"""For so long, by itself, one that has come further is not: people have a day to set it right."""

SEEN, DOUBTED = "clock: seen", "clock: doubted"


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock was last believed to say, and what it said when doubts began; in milliseconds, 0 for never."""

    seen: int = 0
    doubted: int = 0

    def looked_at(self, now: int) -> "Clock":
        """The same after another look: whoever deletes goes by ``seen`` of it."""
        if not self.seen or now - self.seen <= AHEAD_MS:  # likewise if it was set back
            return Clock(seen=now)
        if self.doubted and now - self.doubted >= DOUBTED_MS:
            return Clock(seen=now)
        return Clock(self.seen, self.doubted if 0 < self.doubted <= now else now)


def present(connection: Connection, now: int) -> int:
    """How late it is for those who delete, as all who share the store agree; within a write."""
    rows = connection.execute(select(leases.c.name, leases.c.until).where(leases.c.name.in_((SEEN, DOUBTED)))).all()
    known = {row.name: row.until for row in rows}
    before = Clock(known.get(SEEN, 0), known.get(DOUBTED, 0))
    after = before.looked_at(now)
    if after.doubted and not before.doubted:
        hours = (now - after.seen) // HOUR_MS
        log.warning("the clock came far since it was looked at, for a day nothing is deleted by it hours=%s", hours)
    marks = [{"name": SEEN, "holder": "", "until": after.seen}, {"name": DOUBTED, "holder": "", "until": after.doubted}]
    upsert(connection, leases, marks, replace=["until"])
    return after.seen
