"""Forgets in the background what settings say is not to be kept, so that the data folder stays bounded."""

import logging
import threading

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.resources.experimentation.versions import LASTING_KINDS
from flaghoist.store import retention
from flaghoist.store.database import Database

log = logging.getLogger("flaghoist.upkeep")

FIRST_AFTER_SECONDS, EVERY_SECONDS = 5.0, 3600.0


def forget(database: Database, settings: Settings, *, stopping: threading.Event) -> None:
    """Delete what is too old by now; several processes may do so at once."""
    now = clock.now_ms()
    expired = retention.forget_expired(database, now=now)
    forgotten = 0
    if settings.audit_retention_days:
        before = now - settings.audit_retention_days * DAY_MS
        forgotten = retention.forget_changes(
            database, before=before, lasting=LASTING_KINDS, go_on=lambda: not stopping.is_set()
        )
    if expired or forgotten:
        log.info("forgotten changes=%s expired=%s", forgotten, expired)


class Upkeep:
    """One thread that does so soon after the start, and then each hour."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way, and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = FIRST_AFTER_SECONDS
        while not self._stopping.wait(pause):
            pause = EVERY_SECONDS
            try:
                forget(self._database, self._settings, stopping=self._stopping)
            except Unavailable as error:
                log.warning("cannot forget error=%s", error)
            except Exception:
                log.exception("cannot forget")
