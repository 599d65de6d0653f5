"""A session with an engine that speaks another dialect: what is asked is translated, what is kept gets a name there."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Protocol

from flaghoist.store.facts.engines.port import Row
from flaghoist.store.facts.engines.translation import Dialect, Statement
from flaghoist.store.facts.lake import Dataset


class Remote(Protocol):
    """What an engine does with statements in its own dialect; raises ``FilesMoved`` or ``EngineFailed``."""

    def lake(self, paths: Sequence[str], dataset: Dataset) -> str:
        """Some files as a table in the engine's SQL; raises ``FilesMoved`` unless all of them are there."""

    def make(self, table: str, statement: Statement) -> None:
        """Keep the rows of a query as a table."""

    def fill(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Keep some rows as a table; types are the engine's."""

    def ask(self, statement: Statement) -> list[Row]:
        """The rows of a query; whole numbers as ``int``."""


class TranslatedSession:
    """Keeps what was named under names that no other session uses, and none of them twice."""

    def __init__(self, dialect: Dialect, remote: Remote, *, schema: str = "", called: str | None = None) -> None:
        """``schema`` is where tables are kept, if that needs saying; ``called`` tells them from other sessions'."""
        self._dialect = dialect
        self._remote = remote
        self._begin = f"{schema}." if schema else ""
        self._begin += f"flaghoist_{called or uuid.uuid4().hex[:12]}"
        self._tables: dict[str, str] = {}
        self._sources: dict[tuple[str, ...], str] = {}
        self._made = 0

    def source(self, paths: Sequence[str], dataset: Dataset) -> str:
        wanted = (dataset, *paths)
        if wanted not in self._sources:
            name = f"{dataset}_{len(self._sources)}"
            self._tables[name] = self._remote.lake(paths, dataset)
            self._sources[wanted] = name
        return self._sources[wanted]

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        statement = self._dialect.translate(query, self._tables, parameters or {})
        table = self._new_table(name)
        self._remote.make(table, statement)
        self._tables[name] = table

    def keep_rows(self, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        table = self._new_table(name)
        self._remote.fill(table, {column: self._dialect.column(kind) for column, kind in columns.items()}, rows)
        self._tables[name] = table

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        return self._remote.ask(self._dialect.translate(query, self._tables, parameters or {}))

    def _new_table(self, name: str) -> str:
        self._made += 1
        return f"{self._begin}_{self._made}_{name}"


def seen_from(root: str, paths: Sequence[str]) -> list[str]:
    """Where an engine finds files of the lake that it knows by another root; as they are named here without one."""
    if not root:
        return list(paths)
    return ["/".join([root.rstrip("/"), *PurePath(path).parts[-3:]]) for path in paths]  # env=…, day=…, the file
