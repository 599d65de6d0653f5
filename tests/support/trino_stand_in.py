"""A stand-in for Trino: its SQL, as sqlglot reads it, run by DuckDB over a lake laid out as Hive tables are."""

from pathlib import Path
from typing import Any

import duckdb
import sqlglot


class StandIn:
    """What the ``trino`` package calls a connection; the catalog ``memory`` holds what is made."""

    def __init__(self, lake: Path) -> None:
        self.duckdb = duckdb.connect()
        self.duckdb.execute("ATTACH ':memory:' AS hive; CREATE SCHEMA hive.lake")
        for dataset in ("exposures", "outcomes"):
            files = f"'{lake}/env=*/day=*/{dataset}-*.parquet', filename = '$path', hive_partitioning = true"
            self.duckdb.execute(
                f"CREATE TABLE hive.lake.{dataset} AS SELECT * REPLACE (day::VARCHAR AS day) FROM read_parquet({files})"
            )
        for direction, sign in (("left", "<<"), ("right", ">>")):
            self.duckdb.execute(f"CREATE MACRO bitwise_{direction}_shift(number, bits) AS number {sign} bits")
        self.tables_left: list[Any] | None = None

    def cursor(self) -> "StandIn":
        return self

    def execute(self, sql: str) -> None:
        (translated,) = sqlglot.transpile(sql, read="trino", write="duckdb")
        self.duckdb.execute(translated)

    def fetchall(self) -> list[Any]:
        return self.duckdb.fetchall()

    def close(self) -> None:
        self.tables_left = self.duckdb.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
        self.duckdb.close()
