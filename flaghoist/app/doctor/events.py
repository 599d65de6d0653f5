"""The log that settings hand events to, as far as it can be asked."""

from collections.abc import Iterator

from sqlalchemy import Connection

from flaghoist.base.settings import Settings
from flaghoist.ingest.doors import WIRE_LIMIT
from flaghoist.store.doctor import event_log as examined
from flaghoist.store.doctor.finding import Finding
from flaghoist.store.logs import event_log


def findings(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """What is wrong with it; nothing where events are kept in inboxes."""
    try:
        log = event_log(settings.event_log_url)
    except ValueError as error:
        yield Finding("settings-log", str(error), "correct the setting; a server does not start with it either")
        return
    if log is not None:
        try:
            yield from examined.findings(connection, log, largest=WIRE_LIMIT)
        finally:
            log.close()
