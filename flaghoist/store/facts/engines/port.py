"""What questions ask of an engine: to read the lake, to keep a table for a while, and to give some rows."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from flaghoist.store.facts.lake import Dataset

Row = tuple[Any, ...]


class FilesMoved(Exception):
    """A file was merged away between listing and reading; list again, and ask again."""


class EngineFailed(Exception):
    """An engine does not answer, or not as it should; the message is for the log, since it may quote what was asked."""


class Session(Protocol):
    """One question's conversation with an engine; the tables it keeps are its own and end with it.

    Queries are in DuckDB's SQL and the words of ``words``; parameters are ``$name``. Names of kept tables may be used
    again: a query then means the latest, and the query that makes it anew the one before.
    """

    def source(self, paths: Sequence[str], dataset: Dataset) -> str:
        """Files of the lake, at least one, as a table in SQL with the columns of a dataset."""

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Keep a query's rows as a table."""

    def keep_rows(self, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Keep some rows, few of them, as a table; ``columns`` gives each one's type."""

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """A query's rows; raises ``FilesMoved`` or ``EngineFailed``, as everything here may."""


class Engine(Protocol):
    """Answers the questions of any number of threads, each in a session of its own."""

    def session(self) -> AbstractContextManager[Session]:
        """A new conversation."""

    def close(self) -> None:
        """Let go of the engine."""


def one_row(session: Session, query: str, parameters: Mapping[str, Any] | None = None) -> Row:
    """The only row of an answer."""
    (row,) = session.rows(query, parameters)
    return row
