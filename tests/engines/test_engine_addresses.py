"""The setting that names an engine: what is wrong with it is told at once, and an engine that is away refuses nobody
but the question.
"""

import importlib.util
from typing import Any

import pytest
from engine_worlds import iterations

from flaghoist.app.analysis import analysis_engine
from flaghoist.app.upgrading import CannotStart
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.store.facts.engines.address import engine_at
from flaghoist.store.facts.facts import Facts


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://host/db", "begins with none of the engines known: clickhouse://"),
        ("clickhouse://", "names no host"),
        ("clickhouse://host:80x", "cannot be read"),
        ("clickhouse://host?lack=/lake", "has 'lack'; clickhouse knows lake, cluster, secure"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_in_words(url: str, told: str) -> None:
    with pytest.raises(CannotStart, match=told):
        analysis_engine(Settings(analysis_url=url))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("clickhouse://host", r"sqlglot is not installed: pip install 'flaghoist\[clickhouse\]'"),
        ("spark://host:7077", r"sqlglot, pyspark is not installed: pip install 'flaghoist\[spark\]'"),
        ("sc://host", r"pip install 'flaghoist\[spark\]'"),
        ("trino://host/hive/lake", r"sqlglot, trino is not installed: pip install 'flaghoist\[trino\]'"),
    ],
)
def test_an_engine_whose_package_is_missing_says_how_to_get_it(
    url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=told):
        engine_at(url)


def test_without_an_address_duckdb_answers() -> None:
    assert engine_at("") is None


def test_an_engine_that_is_away_makes_only_its_questions_fail(shop: Any) -> None:
    away = engine_at("clickhouse://127.0.0.1:1")
    facts = Facts(shop.road.lake, shop.road.database, spill=shop.road.folder / "away", engine=away)
    with pytest.raises(Unavailable, match="results cannot be computed at the moment"):
        facts.traffic(iterations(shop.environment, started=shop.started)["by receipt"])
    assert facts.latest_events(shop.environment, "pageview", "seen", since=shop.started, limit=3)
    facts.close()
