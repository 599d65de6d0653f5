"""One data set gives the same answers on every engine, to nine digits."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest
from engine_worlds import iterations, questions

from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.facts import superseded
from flaghoist.store.facts.engines.address import engine_at
from flaghoist.store.facts.engines.port import Engine
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.superseded import Superseded

pytestmark = [
    pytest.mark.world,
    # Said because the embedded ClickHouse brings pandas; Spark is asked nothing that needs it.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
RELATIVE = 1e-9


@pytest.fixture(scope="module")
def clickhouse_at() -> Iterator[str]:
    """Where ClickHouse listens."""
    from clickhouse_server import clickhouse_server

    with clickhouse_server() as at:
        yield at


@pytest.fixture(scope="module")
def clickhouse(clickhouse_at: str) -> Engine:
    """ClickHouse, over HTTP."""
    engine = engine_at(f"clickhouse://somebody:secret@{clickhouse_at}")
    assert engine is not None
    return engine


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    """Spark, with a driver and two executors in one JVM."""
    from flaghoist.store.facts.engines.spark import SparkEngine

    engine = SparkEngine(_local_spark)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def trino(shop: Any) -> Iterator[Engine]:
    """What we send to Trino, run by a stand-in; it says nothing of how Trino itself understands it."""
    from trino_stand_in import StandIn

    from flaghoist.store.facts.engines.trino import TrinoEngine

    made: list[StandIn] = []

    def connect() -> StandIn:
        made.append(StandIn(shop.road.lake.folder))
        return made[-1]

    yield TrinoEngine(connect, tables="hive.lake", scratch="memory.main", lake=str(shop.road.lake.folder))
    assert made
    assert [each.tables_left for each in made] == [[]] * len(made), "what was kept is dropped in the end"


@pytest.mark.parametrize("name", ["clickhouse", "spark", "trino"])
def test_all_questions_have_the_same_answers(shop: Any, name: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(name)
    facts = Facts(shop.road.lake, shop.road.database, spill=shop.road.folder / f"beside-{name}", engine=engine)
    own = shop.road.facts
    asked = questions(shop.environment, started=shop.started)
    ours, theirs = own.answers(list(asked.values())), facts.answers(list(asked.values()))
    for about, our, their in zip(asked, ours, theirs, strict=True):
        assert _differences(our, their) == [], about

    plain, *_, creation = iterations(shop.environment, started=shop.started).values()
    assert facts.traffic(plain) == own.traffic(plain)
    bounds = [shop.started + step * DAY_MS for step in range(5)]
    assert facts.units_in_time(creation, bounds) == own.units_in_time(creation, bounds)
    story = asked["funnel in order"], [shop.started + 2 * DAY_MS]
    assert _differences(own.series(*story), facts.series(*story)) == []

    shop.road.database.write(lambda connection: superseded.record(connection, _every_tenth(shop)))
    (ours,), (theirs,) = own.answers([asked["funnel in order"]]), facts.answers([asked["funnel in order"]])
    shop.road.database.write(lambda connection: superseded.forget(connection, before=2**62))
    assert ours.traffic.exposures < own.traffic(plain).exposures
    assert _differences(ours, theirs) == []


def _every_tenth(shop: Any) -> list[Superseded]:
    """One in ten of the facts, as if a copy of each had been received earlier elsewhere."""
    parts = [
        f"SELECT position, unit FROM '{shop.road.lake.folder}/env=*/day=*/{dataset}-*.parquet'"
        for dataset in ("exposures", "outcomes")
    ]
    rows = duckdb.sql(f"SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE hash(position) % 10 = 0").fetchall()
    return [Superseded(shop.environment, position, unit) for position, unit in rows]


def test_a_lake_that_cannot_be_seen_is_no_lake_without_events(
    shop: Any, clickhouse_at: str, spark: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    from flaghoist.store.facts.engines.spark import SparkEngine

    for engine in (
        engine_at(f"clickhouse://{clickhouse_at}/?lake=/nowhere"),
        SparkEngine(_local_spark, lake="/nowhere"),
    ):
        facts = Facts(shop.road.lake, shop.road.database, spill=shop.road.folder / "elsewhere", engine=engine)
        caplog.clear()
        with pytest.raises(Unavailable):
            facts.traffic(iterations(shop.environment, started=shop.started)["by receipt"])
        assert [record.message.partition(" tried")[0] for record in caplog.records] == ["cannot read facts"] * 3
        assert "/nowhere/env=" in caplog.text


def test_spark_is_connected_anew_when_it_was_stopped(shop: Any, spark: Engine) -> None:
    from pyspark.sql import SparkSession

    facts = Facts(shop.road.lake, shop.road.database, spill=shop.road.folder / "lost", engine=spark)
    plain = iterations(shop.environment, started=shop.started)["by receipt"]
    before = facts.traffic(plain)
    SparkSession.getActiveSession().stop()
    assert facts.traffic(plain) == before


def _local_spark() -> Any:
    """Small data is quicker without compiling queries; nothing else is changed."""
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .getOrCreate()
    )


def _differences(ours: Any, theirs: Any, at: str = "") -> list[str]:
    """Where two answers differ, and how."""
    if dataclasses.is_dataclass(ours) and type(ours) is type(theirs):
        names = [field.name for field in dataclasses.fields(ours)]
        return [
            each for name in names for each in _differences(getattr(ours, name), getattr(theirs, name), f"{at}.{name}")
        ]
    if isinstance(ours, Mapping):
        return [] if dict(ours) == dict(theirs) else [f"{at}: {ours} and {theirs}"]
    if isinstance(ours, Sequence) and not isinstance(ours, str) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [each for number, pair in pairs for each in _differences(*pair, f"{at}[{number}]")]
    same = pytest.approx(ours, rel=RELATIVE, abs=1e-12) if isinstance(ours, float) else ours
    return [] if same == theirs and type(ours) is type(theirs) else [f"{at}: {ours!r} and {theirs!r}"]
