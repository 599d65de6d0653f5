"""Questions answered by DuckDB while every statement is also written down in another engine's dialect."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from flaghoist.store.facts.engines.duckdb import DuckdbEngine
from flaghoist.store.facts.engines.port import Row, Session
from flaghoist.store.facts.engines.translated import TranslatedSession
from flaghoist.store.facts.engines.translation import Dialect, Statement
from flaghoist.store.facts.lake import Dataset


@dataclass
class Dictation:
    """An engine that answers as DuckDB does, and a page that fills; what was written before is not repeated."""

    own: DuckdbEngine
    dialect: Dialect
    files: Callable[[Sequence[str], Dataset], str]
    """How the dialect reads files of the lake."""
    page: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def title(self, text: str) -> None:
        self.page.append(f"-- ===== {text} =====\n")

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.own.session() as answering:
            yield _Both(answering, TranslatedSession(self.dialect, _Pen(self), called="q"))

    def close(self) -> None:
        self.own.close()


class _Both:
    """Asks DuckDB and the pen; answers are DuckDB's."""

    def __init__(self, answering: Session, writing: TranslatedSession) -> None:
        self._answering = answering
        self._writing = writing

    def source(self, paths: Sequence[str], dataset: Dataset) -> str:
        name = self._writing.source(paths, dataset)
        self._answering.keep(name, f"SELECT * FROM {self._answering.source(paths, dataset)} AS files")
        return name

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._answering.keep(name, query, parameters)
        self._writing.keep(name, query, parameters)

    def keep_rows(self, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        self._answering.keep_rows(name, columns, rows)
        self._writing.keep_rows(name, columns, rows)

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        self._writing.rows(query, parameters)
        return self._answering.rows(query, parameters)


class _Pen:
    def __init__(self, dictation: Dictation) -> None:
        self._dictation = dictation

    def lake(self, paths: Sequence[str], dataset: Dataset) -> str:
        stable = sorted({str(PurePath("/lake", *PurePath(path).parts[-3:-1], f"{dataset}.parquet")) for path in paths})
        name = f"lake_{dataset}_{len(stable)}_days"
        text = f"-- {name} stands for\n{self._dictation.files(stable, dataset)};"
        self._put(text)
        return name

    def make(self, table: str, statement: Statement) -> None:
        self._write(f"keep {table}", statement)

    def fill(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._write(f"fill {table} ({listed})", None)

    def ask(self, statement: Statement) -> list[Row]:
        self._write("ask", statement)
        return []

    def _write(self, what: str, statement: Statement | None) -> None:
        text = f"-- {what}"
        if statement is not None:
            given = "".join(f"\n--   {name} = {value!r}" for name, value in sorted(statement.parameters.items()))
            text += f"{given}\n{statement.sql};"
        self._put(re.sub(r"flaghoist_q_\d+_", "flaghoist_q_", text))

    def _put(self, text: str) -> None:
        if text not in self._dictation.seen:
            self._dictation.seen.add(text)
            self._dictation.page.append(f"{text}\n")


def golden(folder: Path, name: str, text: str, *, renew: bool) -> str:
    """What the page is to be; written anew when asked to."""
    path = folder / f"{name}.sql"
    if renew:
        path.write_text(text)
    return path.read_text()
