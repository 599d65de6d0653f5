"""How the tables came to be, one step a file; applied on start, in order, on both stores."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from flaghoist.store.database import Database


def migrate(database: Database) -> list[str]:
    """Bring the store to the newest shape; gives the revisions applied here, oldest first.

    Servers that start together take turns: the first migrates, the others find it done.
    """
    with database.engine().connect() as connection:
        if not _pending(connection):
            return []
    return database.write(_upgrade)


def _upgrade(connection: Connection) -> list[str]:
    pending = _pending(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return pending


def _pending(connection: Connection) -> list[str]:
    script = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    steps = script.iterate_revisions("head", current or "base")
    return [f"{step.revision}: {step.doc}" for step in reversed(list(steps))]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "flaghoist.store:migrations")
    return config
