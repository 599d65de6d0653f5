"""Whether a server may start on what it finds: no half restore, and no schema but the one it knows."""

from flaghoist.base.settings import Settings
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.backup.restoring import require_whole
from flaghoist.store.database import Database
from flaghoist.store.migrations import SchemaNewer, migrate, newest, pending


class CannotStart(Exception):
    """The message says why, and what to do."""


def brought_up_to_date(database: Database, settings: Settings) -> list[str]:
    """The migrations applied here, oldest first; raises ``CannotStart``."""
    try:
        require_whole(settings.data_dir)
        if settings.migrate_on_start == "yes":
            return migrate(database)
        ahead = pending(database)
    except (BackupRefused, SchemaNewer) as error:
        raise CannotStart(str(error)) from None
    if ahead:
        raise CannotStart(
            f"the state store is {len(ahead)} steps behind schema {newest()} and migrate_on_start is 'no': "
            "run 'flaghoist migrate --preview' to see them, and 'flaghoist migrate' to take them"
        )
    return []
