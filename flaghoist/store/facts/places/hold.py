"""Holds over many machines: who copies a lake asks in the state store for nothing to be deleted from it meanwhile."""

import contextlib
import logging
import uuid
from collections.abc import Iterator

from sqlalchemy import Connection, exists, select

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.repeated import Repeated
from flaghoist.store import leases
from flaghoist.store.database import Database
from flaghoist.store.tables import leases as leases_table

log = logging.getLogger("flaghoist.lake")

PREFIX = "lake-held:"
LASTS_MS = 15 * MINUTE_MS
RENEWED_EVERY_SECONDS = 120.0


@contextlib.contextmanager
def held(database: Database) -> Iterator[None]:
    """Nothing is taken off the lake's list inside; if this process dies, until a quarter of an hour after."""
    name = f"{PREFIX}{uuid.uuid4().hex}"

    def take() -> None:
        now = clock.now_ms()
        database.write(lambda connection: leases.take(connection, name, name, now=now, until=now + LASTS_MS))

    take()
    renewing = Repeated(
        "lake-hold",
        take,
        every_seconds=RENEWED_EVERY_SECONDS,
        first_after_seconds=RENEWED_EVERY_SECONDS,
        log=log,
        trouble="cannot go on holding the lake",
    )
    renewing.start()
    try:
        yield
    finally:
        renewing.stop()
        database.write(lambda connection: leases.release(connection, name, name))


def is_held(connection: Connection) -> bool:
    """Whether somebody holds the lake; asked within a write, so that nobody begins to before it is committed."""
    now = clock.now_ms()
    # One that would last for longer than any is meant to was taken by a clock that was ahead.
    lasting = leases_table.c.until.between(now + 1, now + 2 * LASTS_MS)
    still = select(leases_table).where(leases_table.c.name.startswith(PREFIX), lasting)
    return bool(connection.execute(select(exists(still.subquery().select()))).scalar())
