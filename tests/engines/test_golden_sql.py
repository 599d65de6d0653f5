"""The questions in every dialect, on pages to be read: `FLAGHOIST_RENEW_GOLDENS=1 pytest tests/engines` renews them."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from dictation import Dictation, golden
from engine_worlds import iterations, questions

from flaghoist.base.clock import DAY_MS
from flaghoist.store.facts.engines.clickhouse import lake_table
from flaghoist.store.facts.engines.dialects.clickhouse import CLICKHOUSE
from flaghoist.store.facts.engines.dialects.spark import SPARK
from flaghoist.store.facts.engines.dialects.trino import TRINO
from flaghoist.store.facts.engines.duckdb import DuckdbEngine
from flaghoist.store.facts.engines.translation import Dialect
from flaghoist.store.facts.engines.trino import lake_files
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import COLUMNS, Dataset

GOLDEN = Path(__file__).parent / "golden"
SHOWN = (
    "percentile of filtered sums, by plan",
    "capped sum with a covariate",
    "funnel in order",
    "average of units with events, within a window",
)


def _clickhouse(paths: Sequence[str], dataset: Dataset) -> str:
    return f"SELECT {', '.join(COLUMNS[dataset])} FROM {lake_table(paths, dataset)}"


def _trino(paths: Sequence[str], dataset: Dataset) -> str:
    return f"SELECT {', '.join(COLUMNS[dataset])} FROM {lake_files(f'hive.lake.{dataset}', paths)}"


def _spark(paths: Sequence[str], dataset: Dataset) -> str:
    return f"SELECT * FROM spark_read_parquet_{dataset}"


@pytest.mark.parametrize(
    ("dialect", "files"),
    [(CLICKHOUSE, _clickhouse), (SPARK, _spark), (TRINO, _trino)],
    ids=["clickhouse", "spark", "trino"],
)
def test_questions_read_in_every_dialect_as_they_did(
    shop: Any, dialect: Dialect, files: Callable[[Sequence[str], Dataset], str]
) -> None:
    dictation = Dictation(DuckdbEngine(spill=shop.road.folder / dialect.name), dialect, files)
    facts = Facts(shop.road.lake, shop.road.database, spill=shop.road.folder / "beside", engine=dictation)
    asked = questions(shop.environment, started=shop.started)
    for about in SHOWN:
        dictation.title(about)
        assert facts.answer(asked[about]) == shop.road.facts.answer(asked[about]), about
    dictation.title("units in time")
    plain = iterations(shop.environment, started=shop.started)["by receipt"]
    facts.units_in_time(plain, [shop.started + step * DAY_MS for step in range(3)])
    facts.close()
    told = "\n".join(dictation.page)
    assert told == golden(GOLDEN, dialect.name, told, renew=bool(os.environ.get("FLAGHOIST_RENEW_GOLDENS")))


@pytest.mark.parametrize("name", ["clickhouse", "spark", "trino"])
def test_the_pages_are_sql_of_their_dialect(name: str) -> None:
    statements = sqlglot.parse((GOLDEN / f"{name}.sql").read_text(), dialect=name)
    assert len([each for each in statements if each is not None]) > 40


def test_the_questions_are_about_something(shop: Any) -> None:
    asked = questions(shop.environment, started=shop.started)
    answers = dict(zip(asked, shop.road.facts.answers(list(asked.values())), strict=True))
    nobody = answers.pop("what nobody was shown")
    assert nobody.arms == ()
    for about, answer in answers.items():
        assert len(answer.arms) == 3, about
        assert all(arm.events for arm in answer.arms), about
    told = {name for answer in answers.values() for name, count in dataclasses.asdict(answer.left_out).items() if count}
    assert told == {field.name for field in dataclasses.fields(nobody.left_out)}, "some reason was never given"
    assert {part.value for part in answers["occurrence, by plan"].slices} >= {None, "", "it's \\ team", "naïve ☃", "11"}
