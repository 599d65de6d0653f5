"""Forgets in the background what settings say is not to be kept, so that the data folder stays bounded."""

import logging
from collections.abc import Callable
from functools import partial

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.base.repeated import Repeated
from flaghoist.base.settings import Settings
from flaghoist.resources.experimentation.versions import LASTING_KINDS
from flaghoist.store import ages, retention
from flaghoist.store.database import Database

log = logging.getLogger("flaghoist.upkeep")

FIRST_AFTER_SECONDS, EVERY_SECONDS = 5.0, 3600.0


def upkeep(database: Database, settings: Settings) -> Repeated:
    """What forgets soon after the start, and then each hour; several processes may do so at once."""

    def turn() -> None:
        forget(database, settings, go_on=lambda: not repeated.is_stopping)

    repeated = Repeated(
        "upkeep",
        turn,
        every_seconds=EVERY_SECONDS,
        first_after_seconds=FIRST_AFTER_SECONDS,
        log=log,
        trouble="cannot forget",
    )
    return repeated


def forget(database: Database, settings: Settings, *, go_on: Callable[[], bool]) -> None:
    """Delete what is too old by now; changes go in batches, for as long as ``go_on`` says so."""
    now = database.write(partial(ages.present, now=clock.now_ms()))
    expired = retention.forget_expired(database, now=now)
    forgotten = 0
    if settings.audit_retention_days:
        before = now - settings.audit_retention_days * DAY_MS
        forgotten = retention.forget_changes(database, before=before, lasting=LASTING_KINDS, go_on=go_on)
    if expired or forgotten:
        log.info("forgotten changes=%s expired=%s", forgotten, expired)
