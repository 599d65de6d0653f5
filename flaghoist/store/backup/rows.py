"""Rows of the state store as lines of JSON: what one store wrote, the other can read."""

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, MetaData, Table, func, insert, select, text

from flaghoist.store.migrations import revision_of

VERSION_TABLE = "alembic_version"
GROUP = 500
_lines = msgspec.json.Encoder()


def tables(connection: Connection) -> list[Table]:
    """The tables that a store really has, whatever its revision."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def dump(connection: Connection, table: Table, target: Path) -> int:
    """Write every row of a table, as an object by column; gives their number."""
    rows = 0
    with target.open("wb") as file:
        found = connection.execution_options(yield_per=GROUP).execute(select(table)).mappings()
        for group in found.partitions(GROUP):
            file.write(_lines.encode_lines([dict(row) for row in group]))
            rows += len(group)
    return rows


def load(connection: Connection, table: Table, source: Path) -> int:
    """Add rows to a table as they were written; gives their number."""
    binary = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
    rows = 0
    for group in _groups(source):
        for row in group:
            for name in binary:
                row[name] = None if row[name] is None else base64.b64decode(row[name])
        connection.execute(insert(table), group)
        rows += len(group)
    _count_on(connection, table)
    return rows


def is_empty(connection: Connection) -> bool:
    """Whether a store has no tables at all."""
    return revision_of(connection) is None and not tables(connection)


def _groups(source: Path) -> Iterator[list[dict[str, Any]]]:
    with source.open("rb") as file:
        for lines in iter(lambda: list(itertools.islice(file, GROUP)), []):
            yield [msgspec.json.decode(line) for line in lines]


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL go on numbering new rows after the last of those that came with a number."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.columns:
        name = {"table": f'"{table.name}"', "column": column.name}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), name).scalar()
        last = connection.execute(select(func.max(column))).scalar() if sequence else None
        if last is not None:
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
