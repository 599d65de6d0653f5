"""ClickHouse, asked over its HTTP interface; what a question keeps are temporary tables of its HTTP session."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from flaghoist.base import json
from flaghoist.store.facts.engines.dialects.clickhouse import CLICKHOUSE
from flaghoist.store.facts.engines.port import FilesMoved, Row, Session
from flaghoist.store.facts.engines.translated import TranslatedSession, seen_from
from flaghoist.store.facts.engines.translation import Statement
from flaghoist.store.facts.lake import COLUMNS, Dataset

SETTINGS = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "precise_float_parsing": "1",
    "output_format_json_quote_64bit_integers": "1",
}
"""What makes ClickHouse understand SQL as the questions mean it, and its numbers survive the way back."""

FILES_AT_ONCE = 500
"""In one pattern; a thousand is as many as ClickHouse takes unless told otherwise."""


class Client(Protocol):
    """One HTTP session, or something that behaves like it."""

    def send(self, query: str, parameters: Mapping[str, str], body: bytes = b"") -> bytes:
        """The answer to a query, which the body may follow as its data; raises ``FilesMoved`` or ``EngineFailed``."""


class ClickHouseEngine:
    """Asks ClickHouse; every session is a client of its own."""

    def __init__(
        self, connect: Callable[[], contextlib.AbstractContextManager[Client]], *, lake: str = "", cluster: str = ""
    ) -> None:
        """``lake`` is where ClickHouse finds the lake: a folder, or ``https://`` or ``s3://`` of object storage, which
        all nodes of ``cluster`` read if one is named.
        """
        self._connect = connect
        self._lake = lake
        self._cluster = cluster

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A new conversation."""
        with self._connect() as client:
            yield TranslatedSession(CLICKHOUSE, _Remote(client, self._lake, self._cluster))

    def close(self) -> None:
        """Nothing is held between sessions."""


class _Remote:
    def __init__(self, client: Client, lake: str, cluster: str) -> None:
        self._client = client
        self._lake = lake
        self._cluster = cluster

    def lake(self, paths: Sequence[str], dataset: Dataset) -> str:
        columns = ", ".join(COLUMNS[dataset])
        there = seen_from(self._lake, paths)
        parts = [there[at : at + FILES_AT_ONCE] for at in range(0, len(there), FILES_AT_ONCE)]
        tables = [lake_table(part, dataset, cluster=self._cluster) for part in parts]
        found = 0
        for table in tables:
            ((files,),) = self.ask(Statement(f"SELECT uniqExact(_path) FROM {table}", {}))
            found += files
        if found != len(paths):  # a pattern matches whatever there is, silently
            raise FilesMoved(f"ClickHouse sees {found} of {len(paths)} files, the first of which is {there[0]}")
        return "(" + " UNION ALL ".join(f"SELECT {columns} FROM {table}" for table in tables) + ")"

    def make(self, table: str, statement: Statement) -> None:
        self._client.send(f"CREATE TEMPORARY TABLE {table} ENGINE = Memory AS\n{statement.sql}", statement.parameters)

    def fill(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._client.send(f"CREATE TEMPORARY TABLE {table} ({listed}) ENGINE = Memory", {})
        if rows:
            body = b"\n".join(json.encode(row) for row in rows)
            self._client.send(f"INSERT INTO {table} FORMAT JSONCompactEachRow", {}, body)

    def ask(self, statement: Statement) -> list[Row]:
        query = f"{statement.sql}\nFORMAT JSONCompactEachRowWithNamesAndTypes"
        _, kinds, *rows = map(json.decode, self._client.send(query, statement.parameters).splitlines())
        reads = [_reader(kind) for kind in kinds]
        return [tuple(read(value) for read, value in zip(reads, row, strict=True)) for row in rows]


def lake_table(paths: Sequence[str], dataset: Dataset, *, cluster: str = "") -> str:
    """Some files of one place, at least one, as a table function."""
    listed = _text(_pattern(paths))
    shape = _text(", ".join(f"{column} {CLICKHOUSE.column(kind)}" for column, kind in COLUMNS[dataset].items()))
    if "://" not in paths[0]:
        return f"file({listed}, 'Parquet', {shape})"
    if cluster:
        return f"s3Cluster({_text(cluster)}, {listed}, 'Parquet', {shape})"
    return f"s3({listed}, 'Parquet', {shape})"


def _pattern(paths: Sequence[str]) -> str:
    """One pattern that matches all of the paths and nothing else."""
    if len(paths) == 1:
        return paths[0]
    root = paths[0].rsplit("/", 3)[0]
    assert all(path.startswith(f"{root}/") for path in paths), "the files of a lake lie under one root"
    return root + "/{" + ",".join(path.removeprefix(f"{root}/") for path in paths) + "}"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _reader(kind: str) -> Callable[[Any], Any]:
    """How a value of a type is read from JSON, where whole numbers stand in quotes if they are long."""
    bare = kind.removeprefix("Nullable(").removesuffix(")")
    if bare.startswith(("Int", "UInt")):
        return lambda value: None if value is None else int(value)
    if bare.startswith("Float"):
        return lambda value: None if value is None else float(value)
    return lambda value: value
