"""Spark, over Spark Connect or with a driver here; what a question keeps are checkpoints of its executors."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from threading import Lock
from typing import Any

from flaghoist.store.facts.engines.dialects.spark import SPARK
from flaghoist.store.facts.engines.port import EngineFailed, FilesMoved, Row, Session
from flaghoist.store.facts.engines.translated import TranslatedSession, seen_from
from flaghoist.store.facts.engines.translation import Statement
from flaghoist.store.facts.lake import COLUMNS, Dataset

_FILES_MOVED = ("PATH_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST")


class SparkEngine:
    """Asks Spark; all sessions share one connection, made when it is first needed, and again when it was lost."""

    def __init__(self, connect: Callable[[], Any], *, lake: str = "") -> None:
        """``connect`` gets or creates a ``SparkSession``; ``lake`` is where Spark finds the lake: a folder or a URL."""
        self._connect = connect
        self._lake = lake
        self._spark: Any = None
        self._connecting = Lock()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A new conversation."""
        spark = self._connected()
        remote = _Remote(spark, self._lake)
        try:
            yield TranslatedSession(SPARK, remote)
        except EngineFailed:
            _stop_if_dead(spark)
            raise
        finally:
            remote.forget()

    def close(self) -> None:
        """Let go of the connection."""
        if self._spark is not None:
            self._spark.stop()

    def _connected(self) -> Any:
        with self._connecting, _in_our_words():
            self._spark = self._connect()
            return self._spark


def _stop_if_dead(spark: Any) -> None:
    """Have the next question connect anew, if it was not this question that failed but the connection."""
    try:
        spark.sql("SELECT 1").collect()
    except Exception:  # whatever it is: it cannot even do this
        with contextlib.suppress(Exception):
            spark.stop()


class _Remote:
    def __init__(self, spark: Any, lake: str) -> None:
        self._spark = spark
        self._lake = lake
        self._kept: list[str] = []

    def lake(self, paths: Sequence[str], dataset: Dataset) -> str:
        shape = ", ".join(f"{column} {SPARK.column(kind)}" for column, kind in COLUMNS[dataset].items())
        table = f"flaghoist_lake_{uuid.uuid4().hex}"
        with _in_our_words():
            self._keep(table, self._spark.read.schema(shape).parquet(*seen_from(self._lake, paths)))
        return table

    def make(self, table: str, statement: Statement) -> None:
        with _in_our_words():
            frame = self._spark.sql(statement.sql, args=statement.parameters)
            # Computed once and cut off from how: plans that grow with every step take longer than their rows.
            self._keep(table, frame.localCheckpoint())

    def fill(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        with _in_our_words():
            self._keep(table, self._spark.createDataFrame(list(rows), shape))

    def ask(self, statement: Statement) -> list[Row]:
        with _in_our_words():
            rows = self._spark.sql(statement.sql, args=statement.parameters).collect()
        return [tuple(_plain(value) for value in row) for row in rows]

    def forget(self) -> None:
        """Drop everything kept."""
        for table in self._kept:
            with contextlib.suppress(Exception):  # what is lost is dropped with the connection
                self._spark.catalog.dropTempView(table)

    def _keep(self, table: str, frame: Any) -> None:
        self._kept.append(table)
        frame.createOrReplaceTempView(table)


@contextlib.contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # of Spark, of gRPC, of the gateway to Java: they share no other base
        told = str(error)[:500]
        raise FilesMoved(told) if any(name in told for name in _FILES_MOVED) else EngineFailed(told) from error


def _plain(value: Any) -> Any:
    """Sums of whole numbers come as decimals without a fraction."""
    return int(value) if isinstance(value, Decimal) else value
