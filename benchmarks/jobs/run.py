"""How many jobs are promised, claimed and done in a second, beside bare inserts and deletes of the same rows?"""

import argparse
import contextlib
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from servers import PostgreSQL

from flaghoist.base import clock
from flaghoist.jobs.queue import Queue
from flaghoist.jobs.runner import Runner
from flaghoist.store import jobs
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.jobs import Errand, Job
from flaghoist.store.migrations import migrate

BATCH = 20
LEASE_MS = 60_000
BODY = {"webhook": "webhook/6b0456d88e516cc338be3a7b", "seq": 123456}
RAW_BODY = '{"webhook":"webhook/6b0456d88e516cc338be3a7b","seq":123456}'
COLUMNS = "id INTEGER PRIMARY KEY, queue TEXT, lane TEXT, uniq TEXT, body TEXT, due_at BIGINT"


def main() -> int:
    """Print jobs per second on each store, and the ratio to the bare rows, best of some rounds in turns."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    postgresql = PostgreSQL()
    with tempfile.TemporaryDirectory() as folder:
        url = postgresql.database()
        stores = {
            "SQLite": (sqlite_url(Path(folder)), lambda: _bare_sqlite(Path(folder) / "bare.db")),
            "PostgreSQL": (url.replace("postgresql://", "postgresql+psycopg://"), lambda: _bare_postgresql(url)),
        }
        for name, (address, bare) in stores.items():
            database = Database(address)
            migrate(database)
            _store(name, database, bare, chosen.jobs, chosen.rounds)
            database.close()
    postgresql.stop()
    return 0


Bare = Callable[[], contextlib.AbstractContextManager[Callable[[str, list[Any]], None]]]


def _store(name: str, database: Database, bare: Bare, count: int, rounds: int) -> None:
    acts: dict[str, Callable[[], float]] = {
        "bare inserts": lambda: _bare_inserts(bare, count),
        "promised": lambda: _promised(database, count),
        "claimed and done, one thread": lambda: _worked(database, 1),
        "claimed and done, four threads": lambda: _worked(database, 4),
        "run by a runner": lambda: _run(database),
    }
    best: dict[str, float] = {}
    for _ in range(rounds):
        for act, measure in acts.items():
            if act not in ("bare inserts", "promised"):
                _promised(database, count)
            best[act] = max(best.get(act, 0.0), count / measure())
    for act, rate in best.items():
        print(f"{name:11s} {act:32s} {rate:10,.0f}/s   {rate / best['bare inserts']:5.2f} x bare inserts", flush=True)


def _promised(database: Database, count: int) -> float:
    started = time.perf_counter()
    for start in range(0, count, BATCH):
        errands = [Errand("bench", str(number), BODY, number) for number in range(start, start + BATCH)]
        database.write(lambda connection, errands=errands: jobs.enqueue(connection, errands, 1), in_turn=False)
    return time.perf_counter() - started


def _worked(database: Database, threads: int) -> float:
    def work() -> None:
        held: list[Job] = []
        while True:

            def turn(connection: Any, done: list[Job] = held) -> list[Job]:
                jobs.finish(connection, done)
                now = clock.now_ms()
                return jobs.claim(
                    connection, "bench", "", now=now, lease_until=now + LEASE_MS, holder="bench", limit=BATCH
                )

            held = database.write(turn, in_turn=False)
            if not held:
                return

    workers = [threading.Thread(target=work) for _ in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - started


def _run(database: Database) -> float:
    async def nothing(_job: Job) -> None:
        return

    runner = Runner(database, [Queue(name="bench", run=nothing)])
    started = time.perf_counter()
    runner.start()
    while True:
        time.sleep(0.01)
        with database.read() as connection:
            if not any(each.queue == "bench" for each in jobs.states(connection, clock.now_ms())):
                break
    taken = time.perf_counter() - started
    runner.stop()
    return taken


def _bare_inserts(bare: Bare, count: int) -> float:
    with bare() as insert:
        started = time.perf_counter()
        for start in range(0, count, BATCH):
            rows = [("bench", "", str(number), RAW_BODY, number) for number in range(start, start + BATCH)]
            insert("INSERT INTO bare (queue, lane, uniq, body, due_at) VALUES ({0}, {0}, {0}, {0}, {0})", rows)
        return time.perf_counter() - started


@contextlib.contextmanager
def _bare_sqlite(path: Path) -> Iterator[Callable[[str, list[Any]], None]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(f"CREATE TABLE bare ({COLUMNS})")
        connection.commit()

        def insert(statement: str, rows: list[Any]) -> None:
            connection.executemany(statement.format("?"), rows)
            connection.commit()

        yield insert


@contextlib.contextmanager
def _bare_postgresql(url: str) -> Iterator[Callable[[str, list[Any]], None]]:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(f"CREATE TABLE bare ({COLUMNS.replace('INTEGER', 'BIGSERIAL')})")
        connection.commit()

        def insert(statement: str, rows: list[Any]) -> None:
            with connection.cursor() as cursor:
                cursor.executemany(statement.format("%s"), rows)
            connection.commit()

        yield insert


if __name__ == "__main__":
    sys.exit(main())
