"""How long one metric and ten metrics take over 30 million events, against reading the same columns and nothing more.

The lake holds eight days of one environment: 24 million metric events of 20 metrics and 6 million exposures of 20
flags, of a million users, in the very files that compaction and merging leave behind.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from flaghoist.base.clock import DAY_MS
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import CLUSTER, COLUMNS, PARQUET, Dataset, Lake, LakeFile, day_of, publish
from flaghoist.store.facts.question import Iteration, Measure, Question
from flaghoist.store.migrations import migrate
from flaghoist.store.position import first_at

ENVIRONMENT = "0123456789abcdef01234567"
DAYS, UNITS, FLAGS, METRICS = 8, 1_000_000, 20, 20
FIRST_DAY = 1_795_392_000_000  # 2026-11-23T00:00:00Z
ROUNDS = 7


def main() -> None:
    """Generate, ask, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=30_000_000)
    events: int = arguments.parse_args().events
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-results-"))
    try:
        _measure(folder, events)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, events: int) -> None:
    database = Database(sqlite_url(folder))
    migrate(database)
    lake = Lake(folder / "lake", database)
    started = time.perf_counter()
    files = _generate(lake, events)
    database.write(lambda connection: publish(connection, files))
    size = sum((lake.folder / file.path).stat().st_size for file in files)
    print(
        f"{events:,} events in {len(files)} files, {size / events:.1f} bytes each, "
        f"made in {time.perf_counter() - started:.0f} s"
    )
    facts = Facts(lake, database, spill=folder / "spill", threads=2)
    iteration = Iteration(environment_id=ENVIRONMENT, flag_key="flag-7", unit_kind="user", started_at=FIRST_DAY)

    def question(metric: int, *, numeric: bool) -> Question:
        return Question(
            iteration=iteration, measure=Measure(event_key=f"metric-{metric}", numeric=numeric, aggregation="sum")
        )

    scan_one, scan_ten = _scans(lake)
    report = [
        ("a bare scan for one metric", scan_one),
        ("one conversion metric", lambda: facts.answer(question(3, numeric=False))),
        ("one numeric metric", lambda: facts.answer(question(3, numeric=True))),
        ("a bare scan for ten metrics", scan_ten),
        ("ten numeric metrics", lambda: facts.answers([question(metric, numeric=True) for metric in range(10)])),
    ]
    timed: dict[str, list[float]] = {name: [] for name, _ in report}
    for _ in range(ROUNDS):
        for name, act in report:
            timed[name].append(_seconds(act))
    best = {name: min(times) for name, times in timed.items()}
    for name, _ in report:
        limit = best["a bare scan for ten metrics" if "ten" in name else "a bare scan for one metric"]
        middle = statistics.median(timed[name])
        print(f"{name:30} best {best[name]:6.3f} s, median {middle:6.3f} s, {best[name] / limit:5.1f} x the scan")
    facts.close()
    lake.close()
    database.close()


def _scans(lake: Lake) -> tuple[Callable[[], object], Callable[[], object]]:
    """Summing the columns that the questions need, over the rows that they are about, without any join."""
    engine = duckdb.connect(config={"threads": 2})
    exposures = lake.files(ENVIRONMENT, "exposures")
    outcomes = lake.files(ENVIRONMENT, "outcomes")

    def scan(keys: list[str]) -> None:
        engine.execute(
            "SELECT sum(unit), sum(position), sum(variation) FROM read_parquet($files) "
            "WHERE flag = 'flag-7' AND unit_kind = 'user'",
            {"files": exposures},
        ).fetchall()
        for key in keys:
            engine.execute(
                "SELECT sum(unit), sum(position), sum(value) FROM read_parquet($files) "
                "WHERE kind = 'custom' AND key = $key AND unit_kind = 'user'",
                {"files": outcomes, "key": key},
            ).fetchall()

    return lambda: scan(["metric-3"]), lambda: scan([f"metric-{metric}" for metric in range(10)])


def _generate(lake: Lake, events: int) -> list[LakeFile]:
    engine = duckdb.connect(config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(lake.folder)})
    engine.execute("SELECT setseed(0.23)")
    files = []
    for day in range(DAYS):
        began = FIRST_DAY + day * DAY_MS
        exposures, outcomes = events // 5 // DAYS, events * 4 // 5 // DAYS
        files.append(_write(engine, lake, "exposures", began, exposures, _EXPOSURE))
        files.append(_write(engine, lake, "outcomes", began, outcomes, _OUTCOME))
    engine.close()
    return files


_SHARED = f"""
  'user' AS unit_kind, hash(who)::UBIGINT AS unit, 'user-' || who AS unit_key, 'user' AS kinds,
  $position + ((n * 86399 // $rows) * 1000 << 22) + n % 16384 AS position,
  $began + n * 86399 // $rows * 1000 AS created_at, false AS by_creation, 1 AS weight
  FROM (SELECT n, (random() * {UNITS})::BIGINT AS who, random() AS chance, random() AS size
        FROM range($rows) AS numbers(n))
"""
_EXPOSURE = f"""
  SELECT 'flag-' || (hash(n) % {FLAGS}) AS flag, hash(who) % 2 AS variation, 7 AS version, NULL AS treatment,
  'fallthrough' AS rule, NULL AS iteration, NULL AS attributes, {_SHARED}
"""
_OUTCOME = f"""
  SELECT 'custom' AS kind, 'metric-' || (hash(n) % {METRICS}) AS key, round(-ln(1 - chance) * 50, 2) AS value,
  NULL AS url, NULL AS properties, NULL AS context, {_SHARED}
"""


def _write(
    engine: duckdb.DuckDBPyConnection, lake: Lake, dataset: Dataset, began: int, rows: int, query: str
) -> LakeFile:
    day = day_of(began)
    path = f"env={ENVIRONMENT}/day={day}/{dataset}-generated.parquet"
    target = lake.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in COLUMNS[dataset].items())
    filled = query.replace("$position", str(first_at(began))).replace("$began", str(began)).replace("$rows", str(rows))
    engine.execute(f"COPY (SELECT {columns} FROM ({filled}) ORDER BY {CLUSTER[dataset]}) TO '{target}' ({PARQUET})")
    return LakeFile(path, ENVIRONMENT, dataset, day, rows)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
