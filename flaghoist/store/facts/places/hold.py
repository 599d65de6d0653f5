"""Holds over many machines: who copies a lake asks in the state store for nothing to be deleted from it meanwhile."""

import contextlib
import logging
import threading
import uuid
from collections.abc import Iterator

from sqlalchemy import Connection, exists, select

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import Unavailable
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
    ended = threading.Event()

    def take() -> None:
        now = clock.now_ms()
        database.write(lambda connection: leases.take(connection, name, name, now=now, until=now + LASTS_MS))

    def renew() -> None:
        while not ended.wait(RENEWED_EVERY_SECONDS):
            try:
                take()
            except Unavailable as error:
                log.warning("cannot go on holding the lake reason=%s", error)

    take()
    renewing = threading.Thread(target=renew, name="lake-hold", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        database.write(lambda connection: leases.release(connection, name, name))


def is_held(connection: Connection) -> bool:
    """Whether somebody holds the lake; asked within a write, so that nobody begins to before it is committed."""
    still = select(leases_table).where(leases_table.c.name.startswith(PREFIX), leases_table.c.until > clock.now_ms())
    return bool(connection.execute(select(exists(still.subquery().select()))).scalar())
