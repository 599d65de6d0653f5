"""The same facts give the same answers, however they are spread over files, threads and restarts."""

import random
from pathlib import Path
from typing import Any

import duckdb
from event_road import NOON, Road
from sqlalchemy import select, update

from flaghoist.base.clock import DAY_MS
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import LakeFile, publish
from flaghoist.store.facts.question import Iteration, Measure, Question
from flaghoist.store.facts.tables import lake_files

UNITS = 400
PAYLOADS = 40


def test_answers_survive_merging_restarts_threads_and_shuffled_files(sqlite_road: Road, environment: str) -> None:
    road = sqlite_road
    _live_through_three_days(road, environment)
    questions = _questions(environment)
    small_files = len(_listed(road))
    told = repr(road.facts.answers(questions))
    assert small_files > 20

    one_by_one = [road.facts.answer(question) for question in reversed(questions)]
    assert repr(one_by_one[::-1]) == told

    while road.lake.merge_one():
        pass
    assert len(_listed(road)) < small_files / 4
    assert repr(road.facts.answers(questions)) == told

    road.close()
    road.open()
    assert repr(road.facts.answers(questions)) == told

    for threads in (1, 4):
        other = Facts(road.lake, road.database, spill=road.folder / "spill", threads=threads)
        assert repr(other.answers(questions)) == told
        other.close()

    _shuffle(road, environment)
    assert repr(road.facts.answers(questions)) == told


def _live_through_three_days(road: Road, environment: str) -> None:
    chance = random.Random(20261123)
    for number in range(PAYLOADS):
        at = NOON + number * 3 * DAY_MS // PAYLOADS
        road.send(environment, [_event(chance, at) for _ in range(60)], at=at)
        road.compactor.flush()


def _event(chance: random.Random, at: int) -> dict[str, Any]:
    unit = f"user-{chance.randrange(UNITS)}"
    if chance.random() < 0.3:
        context = {"kind": "user", "key": unit, "plan": chance.choice(["free", "pro", "team"])}
        variation = _own_variation(unit) if chance.random() < 0.97 else chance.randrange(3)
        reason = {"kind": "FALLTHROUGH", "inExperiment": True}
        return {"kind": "feature", "key": "f", "variation": variation, "reason": reason, "context": context}
    # Of many magnitudes, positive and negative, so that the order of adding would show in the last bits.
    value = chance.choice([-1, 1, 1]) * chance.random() * 10.0 ** chance.randrange(-6, 7)
    key = chance.choice(["spent", "visited"])
    return {"kind": "custom", "key": key, "metricValue": value, "contextKeys": {"user": unit}, "creationDate": at}


def _own_variation(unit: str) -> int:
    """The variation of a unit, the same in every run."""
    return sum(map(ord, unit)) % 3


def _questions(environment: str) -> list[Question]:
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=NOON)
    spent = Measure(event_key="spent", numeric=True, aggregation="sum")
    average = Measure(event_key="spent", numeric=True, default_zero=False)
    capped = Measure(event_key="spent", numeric=True, aggregation="sum", winsor_lower=5, winsor_upper=95)
    tail = Measure(event_key="spent", numeric=True, default_zero=False, percentile=90)
    visits = Measure(event_key="visited", aggregation="sum")
    return [
        Question(iteration=iteration, measure=spent, slice_by="plan"),
        Question(iteration=iteration, measure=average, slice_by="plan"),
        Question(iteration=iteration, measure=capped),
        Question(iteration=iteration, measure=tail, slice_by="plan"),
        Question(iteration=iteration, measure=spent, denominator=visits),
        Question(iteration=iteration, measure=spent, covariate_ms=DAY_MS),
    ]


def _listed(road: Road) -> list[LakeFile]:
    with road.database.read() as connection:
        rows = connection.execute(select(lake_files).where(lake_files.c.replaced_at.is_(None)))
        return [LakeFile(row.path, row.environment, row.dataset, row.day, row.rows) for row in rows]


def _shuffle(road: Road, environment: str) -> None:
    """Spread the rows of each day over three files, in no order."""
    old = _listed(road)
    new: list[LakeFile] = []
    engine = duckdb.connect()
    for file in old:
        source = road.lake.folder / file.path
        engine.execute(f"CREATE OR REPLACE TABLE rows AS SELECT *, random() AS chance FROM '{source}'")
        for part in range(3):
            path = f"{Path(file.path).parent}/{file.dataset}-shuffled-{len(new)}.parquet"
            third = f"chance >= {part}/3 AND chance < ({part} + 1)/3"
            query = f"SELECT * EXCLUDE (chance) FROM rows WHERE {third} ORDER BY chance"
            engine.execute(f"COPY ({query}) TO '{road.lake.folder / path}' (FORMAT parquet)")
            new.append(LakeFile(path, environment, file.dataset, file.day, file.rows // 3))
    engine.close()

    def swap(connection: Any) -> None:
        connection.execute(update(lake_files).values(replaced_at=NOON))
        publish(connection, new)

    road.database.write(swap)
