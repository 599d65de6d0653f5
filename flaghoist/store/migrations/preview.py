"""What migrations would run, in the SQL of the store at hand; the store itself is not touched.

The steps are taken on an empty copy of its tables: in memory for SQLite, in a schema that is never committed for
PostgreSQL. So rows that a step would carry along are not in it, and no table that is in use is locked.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, text

from flaghoist.store.database import Database
from flaghoist.store.migrations import Step, pending, upgrade

_SCHEMA = "flaghoist_preview"
_QUIET = ("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ", "SHOW")


@dataclass(frozen=True, slots=True)
class Planned:
    """A step and its statements."""

    step: Step
    statements: list[str]


def preview(database: Database) -> list[Planned]:
    """The steps still to be taken, oldest first, each with what it would execute; raises ``SchemaNewer``."""
    ahead = pending(database)
    if not ahead:
        return []
    with database.read() as connection:
        tables = list(_table_definitions(connection)) if database.is_sqlite else inspect(connection).get_table_names()
    with _copied(database, tables) as copy:
        planned = []
        for step in ahead:
            with _overheard(copy) as statements:
                upgrade(copy, step.revision)
            planned.append(Planned(step, statements))
    return planned


@contextlib.contextmanager
def _copied(database: Database, tables: list[str]) -> Iterator[Connection]:
    """A connection that sees the store's tables without their rows, but with the revision they are at."""
    if database.is_sqlite:
        engine = create_engine("sqlite://")
        with engine.connect() as connection, database.read() as original:
            for definition in tables:
                connection.exec_driver_sql(definition)
            _copy_revision(original, connection)
            yield connection
        engine.dispose()
        return
    with database.engine().connect() as connection, connection.begin() as transaction:
        real = connection.execute(text("SELECT quote_ident(current_schema())")).scalar()
        connection.execute(text(f"CREATE SCHEMA {_SCHEMA}"))
        for table in tables:
            connection.execute(text(f'CREATE TABLE {_SCHEMA}."{table}" (LIKE {real}."{table}" INCLUDING ALL)'))
        if "alembic_version" in tables:
            connection.execute(text(f"INSERT INTO {_SCHEMA}.alembic_version SELECT * FROM {real}.alembic_version"))
        connection.execute(text(f"SET LOCAL search_path TO {_SCHEMA}"))
        yield connection
        transaction.rollback()


def _table_definitions(connection: Connection) -> Iterator[str]:
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name"
    yield from connection.scalars(text(query))


def _copy_revision(original: Connection, copy: Connection) -> None:
    if inspect(original).has_table("alembic_version"):
        for row in original.execute(text("SELECT version_num FROM alembic_version")).mappings():
            copy.execute(text("INSERT INTO alembic_version VALUES (:version_num)"), dict(row))


@contextlib.contextmanager
def _overheard(connection: Connection) -> Iterator[list[str]]:
    """What changes anything among the statements that are executed inside."""
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        told = statement.strip()
        if not told.upper().startswith(_QUIET) and "alembic_version" not in told:
            statements.append(told)

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", hear)
