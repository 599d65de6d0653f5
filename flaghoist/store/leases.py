"""Leases: work that only one of several processes does at a time, whoever comes first."""

from sqlalchemy import Connection, delete, func, select

from flaghoist.base.clock import HOUR_MS
from flaghoist.store.tables import leases
from flaghoist.store.upsert import upsert

FORGOTTEN_MS = HOUR_MS


def take(connection: Connection, name: str, holder: str, *, now: int, until: int) -> bool:
    """Take or renew a lease, within a write; false while somebody else has it.

    Whoever works longer than their lease lasts must expect that another has begun. One that would last for more than
    twice as long as the one asked for was taken by a clock that was ahead, and holds up nobody.
    """
    row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if row is not None and row.holder != holder and now < row.until <= now + 2 * (until - now):
        return False
    upsert(connection, leases, [{"name": name, "holder": holder, "until": until}], replace=["holder", "until"])
    return True


def release(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back, if it is still held."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def holders(connection: Connection, prefix: str, *, now: int) -> int:
    """How many leases whose names begin alike are held; forgets those that ended long ago."""
    alike = leases.c.name.startswith(prefix, autoescape=True)
    connection.execute(delete(leases).where(alike, leases.c.until < now - FORGOTTEN_MS))
    # One that lasts for longer than any is meant to was taken by a clock that was ahead.
    lasting = leases.c.until.between(now + 1, now + FORGOTTEN_MS)
    held = select(func.count()).select_from(leases).where(alike, lasting)
    return connection.execute(held).scalar() or 0
