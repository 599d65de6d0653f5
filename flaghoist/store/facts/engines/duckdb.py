"""DuckDB in this process: the engine of a single machine, and of whoever sets nothing else."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from flaghoist.store.facts.engines.port import FilesMoved, Row, Session
from flaghoist.store.facts.engines.words import IN_DUCKDB
from flaghoist.store.facts.lake import Dataset, open_duckdb, read_files
from flaghoist.store.facts.places.port import Near


class DuckdbEngine:
    """One engine for all questions, bounded as a whole; beyond memory it uses its own folder."""

    def __init__(
        self,
        *,
        spill: Path,
        threads: int = 2,
        memory_limit: str = "2GB",
        at_hand: Callable[[], contextlib.AbstractContextManager[Near]] = lambda: contextlib.nullcontext(list),
    ) -> None:
        """``at_hand`` is as of the lake: what gives the paths of its files on this machine."""
        self._at_hand = at_hand
        spill.mkdir(parents=True, exist_ok=True)
        self._connection = open_duckdb(threads=threads, memory_limit=memory_limit, spill=spill)
        for word, meaning in IN_DUCKDB.items():
            self._connection.execute(f"CREATE MACRO {word} AS {meaning}")

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A new conversation, with tables of its own."""
        with self._at_hand() as near, contextlib.closing(self._connection.cursor()) as cursor:
            yield _Session(cursor, near)

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()


class _Session:
    def __init__(self, cursor: duckdb.DuckDBPyConnection, near: Near) -> None:
        self._cursor = cursor
        self._near = near

    def source(self, paths: Sequence[str], dataset: Dataset) -> str:
        return read_files(self._near(paths), dataset)

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", parameters)

    def keep_rows(self, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        listed = ", ".join(f"unnest(${column}::{kind}[]) AS {column}" for column, kind in columns.items())
        values = {column: [row[at] for row in rows] for at, column in enumerate(columns)}
        self.keep(name, f"SELECT {listed}", values)

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self._execute(query, parameters).fetchall()

    def _execute(self, query: str, parameters: Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        try:
            return self._cursor.execute(query, dict(parameters or {}))
        except (duckdb.IOException, duckdb.InvalidInputException) as error:  # moved away, or damaged meanwhile
            raise FilesMoved(str(error)) from error
