"""Trino; what a question keeps are tables in a schema set aside for it, dropped when it is answered."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote

from flaghoist.store.facts.engines.dialects.trino import TRINO, literal
from flaghoist.store.facts.engines.port import EngineFailed, FilesMoved, Row, Session
from flaghoist.store.facts.engines.translated import TranslatedSession, seen_from
from flaghoist.store.facts.engines.translation import Statement
from flaghoist.store.facts.lake import COLUMNS, Dataset

ROWS_AT_ONCE = 1_000


class TrinoEngine:
    """Asks Trino over one connection for each session."""

    def __init__(self, connect: Callable[[], Any], *, tables: str, scratch: str, lake: str) -> None:
        """``connect`` gives a connection of the ``trino`` package. ``tables`` and ``scratch`` are schemas with their
        catalogs: where the tables ``exposures`` and ``outcomes`` are, and where tables may be made and dropped.
        ``lake`` is the lake's root as the hidden column ``$path`` names it.
        """
        self._connect = connect
        self._tables = tables
        self._scratch = scratch
        self._lake = lake

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A new conversation."""
        with contextlib.closing(self._connect()) as connection:
            remote = _Remote(connection, self._tables, self._lake)
            try:
                yield TranslatedSession(TRINO, remote, schema=self._scratch)
            finally:
                remote.forget()

    def close(self) -> None:
        """Nothing is held between sessions."""


class _Remote:
    def __init__(self, connection: Any, tables: str, lake: str) -> None:
        self._connection = connection
        self._tables = tables
        self._lake = lake
        self._kept: list[str] = []

    def lake(self, paths: Sequence[str], dataset: Dataset) -> str:
        files = lake_files(f"{self._tables}.{dataset}", seen_from(self._lake, paths))
        ((found,),) = self._run(f'SELECT count(DISTINCT "$path") FROM {files}')
        if found != len(paths):
            raise FilesMoved(f"Trino sees {found} of {len(paths)} files; are the partitions of {dataset} known to it?")
        return f"(SELECT {', '.join(COLUMNS[dataset])} FROM {files})"

    def make(self, table: str, statement: Statement) -> None:
        self._run(f"CREATE TABLE {self._new(table)} AS\n{statement.sql}")

    def fill(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        named = self._new(table)
        self._run(f"CREATE TABLE {named} ({listed})")
        for at in range(0, len(rows), ROWS_AT_ONCE):
            values = ", ".join(_row(row) for row in rows[at : at + ROWS_AT_ONCE])
            self._run(f"INSERT INTO {named} VALUES {values}")

    def ask(self, statement: Statement) -> list[Row]:
        return [tuple(_plain(value) for value in row) for row in self._run(statement.sql)]

    def forget(self) -> None:
        """Drop everything kept."""
        for table in self._kept:
            with contextlib.suppress(EngineFailed):
                self._run(f"DROP TABLE IF EXISTS {table}")

    def _new(self, table: str) -> str:
        self._kept.append(table)
        return table

    def _run(self, sql: str) -> list[Any]:
        from trino.exceptions import Error

        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            return list(cursor.fetchall())
        except (Error, OSError) as error:  # its client reports a broken network as an OSError
            raise EngineFailed(f"Trino: {str(error)[:500]}") from error


def lake_files(table: str, paths: Sequence[str]) -> str:
    """Some files, at least one, as what stands behind FROM: partitions first, so that no other is even listed."""
    partitions = [PurePath(path).parts[-3:-1] for path in paths]
    environments = sorted({unquote(environment.removeprefix("env=")) for environment, _ in partitions})
    days = sorted({day.removeprefix("day=") for _, day in partitions})
    return (
        f'{table} WHERE env IN ({_listed(environments)}) AND day IN ({_listed(days)}) AND "$path" IN ({_listed(paths)})'
    )


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(literal, values))


def _row(row: Row) -> str:
    return "(" + ", ".join(_value(value) for value in row) + ")"


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"DOUBLE '{value!r}'"
    return literal(value) if isinstance(value, str) else str(value)


def _plain(value: Any) -> Any:
    """Sums of whole numbers come as decimals without a fraction."""
    return int(value) if isinstance(value, Decimal) else value
