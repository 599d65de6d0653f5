"""How the tables came to be, one step a file; applied on start, in order, on both stores."""

from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from flaghoist.store.database import Database


class SchemaNewer(Exception):
    """The store was brought to a shape that this program does not know; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One migration, in a sentence."""

    revision: str
    text: str


def migrate(database: Database) -> list[str]:
    """Bring the store to the newest shape; gives the revisions applied here, oldest first.

    Servers that start together take turns: the first migrates, the others find it done. Raises ``SchemaNewer``.
    """
    if not pending(database):
        return []
    return database.write(upgrade)


def pending(database: Database) -> list[Step]:
    """The steps that are still to be taken, oldest first; raises ``SchemaNewer``."""
    with database.read() as connection:
        return steps_ahead(connection)


def upgrade(connection: Connection, revision: str = "head") -> list[str]:
    """Take the steps up to a revision within a transaction; gives them as ``0002: a sentence``."""
    ahead = steps_ahead(connection, revision)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return [f"{step.revision}: {step.text}" for step in ahead]


def steps_ahead(connection: Connection, revision: str = "head") -> list[Step]:
    """The steps from the present shape to a revision, oldest first; raises ``SchemaNewer``."""
    current = revision_of(connection)
    if current is not None and not is_known(current):
        raise SchemaNewer(
            f"the state store has the schema {current}, and this program knows up to {newest()}: "
            "start the version of Flaghoist that made it, or a newer one"
        )
    steps = _script().iterate_revisions(revision, current or "base")
    return [Step(step.revision, step.doc) for step in reversed(list(steps))]


def revision_of(connection: Connection) -> str | None:
    """The revision that a store is at; none if it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Whether this program has a migration of that name."""
    return revision in {step.revision for step in _script().walk_revisions()}


def newest() -> str:
    """The revision that this program works with."""
    head = _script().get_current_head()
    assert head is not None, "there is one line of migrations"
    return head


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "flaghoist.store:migrations")
    return config
