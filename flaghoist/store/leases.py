"""Leases: work that only one of several processes does at a time, whoever comes first."""

from sqlalchemy import Connection, delete, select

from flaghoist.store.tables import leases
from flaghoist.store.upsert import upsert


def take(connection: Connection, name: str, holder: str, *, now: int, until: int) -> bool:
    """Take or renew a lease, within a write; false while somebody else has it.

    Whoever works longer than their lease lasts must expect that another has begun.
    """
    row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if row is not None and row.holder != holder and row.until > now:
        return False
    upsert(connection, leases, [{"name": name, "holder": holder, "until": until}], replace=["holder", "until"])
    return True


def release(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back, if it is still held."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
