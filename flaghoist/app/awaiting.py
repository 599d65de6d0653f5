"""A server that starts while its database is away waits for it, and says so."""

import logging
import time

from flaghoist.app.state import state_url
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.store.database import Database

log = logging.getLogger("flaghoist.store")
RETRY_SECONDS = 2.0


def await_store(settings: Settings) -> None:
    """Return once the state store can be read: nothing listens until then, so clients try again by themselves."""
    database = Database(state_url(settings))
    try:
        while not _answers(database):
            log.error("waiting for the state store, and serving nothing meanwhile retry_seconds=%s", RETRY_SECONDS)
            time.sleep(RETRY_SECONDS)
    finally:
        database.close()


def _answers(database: Database) -> bool:
    try:
        with database.read():
            return True
    except Unavailable:  # the store has logged why
        return False
