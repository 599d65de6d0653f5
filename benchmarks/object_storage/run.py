"""Facts on object storage: is a question answered sooner from copies, or by reading ranges over the network?

Run from the repository: ``.venv/bin/python benchmarks/object_storage/run.py``; for ranges with ``s3fs`` installed too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import duckdb

from flaghoist.store.facts.lake import PARQUET
from flaghoist.store.facts.places.address import bucket_at
from flaghoist.store.facts.places.bucket import Bucket

ROWS, FLAGS, ROUNDS = 4_000_000, 50, 5
FACTS = f"""
  SELECT 'flag-' || (hash(i) % {FLAGS}) AS flag, 'user' AS unit_kind, hash(i // 3) AS unit,
    'user-' || (i // 3) AS unit_key, i AS position, (i % 3)::SMALLINT AS variation
  FROM range({ROWS}) AS made(i) ORDER BY flag, unit_kind, unit, position
"""
QUESTION = """
  SELECT variation, count(*), count(DISTINCT unit), min(position) FROM read_parquet('{}', hive_partitioning = false)
  WHERE flag = 'flag-7' AND unit_kind = 'user' GROUP BY variation ORDER BY variation
"""
SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


def main() -> None:
    """Print the best of some rounds of each way."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
    with (
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None
        endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            compare(endpoint, Path(folder))
        finally:
            server.kill()


def compare(endpoint: str, folder: Path) -> None:
    """All ways in turn, side by side."""
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/lake", method="PUT")).close()
    engine = duckdb.connect(config={"threads": 2})

    def fill(target: Path) -> None:
        engine.execute(f"COPY ({FACTS}) TO '{target}' ({PARQUET})")

    def place() -> Bucket:
        return bucket_at("s3://lake/facts", folder / "cache", endpoint=endpoint, cache_bytes=10**10)

    path = place().write("env=env/day=2026-11-23/exposures", fill)
    (copy,) = (folder / "cache").glob("*.parquet")
    print(f"one file of {copy.stat().st_size / 1e6:.0f} MB, {ROWS:,} facts; a question about one of {FLAGS} flags")
    told = {engine.execute(QUESTION.format(copy)).fetchall().__repr__()}
    ways: dict[str, Callable[[], object]] = {"from a copy": lambda: engine.execute(QUESTION.format(copy)).fetchall()}

    def fetched() -> object:
        shutil.rmtree(folder / "cache")
        bucket = place()
        with bucket.at_hand() as near:
            (here,) = near([bucket.named(path)])
            return engine.execute(QUESTION.format(here)).fetchall()

    ways["fetched, checked, then from the copy"] = fetched
    try:
        import s3fs
    except ImportError:
        print("(s3fs is not installed: no ranges)")
    else:
        engine.register_filesystem(s3fs.S3FileSystem(endpoint_url=endpoint))
        ways["in ranges through s3fs"] = lambda: engine.execute(QUESTION.format(f"s3://lake/facts/{path}")).fetchall()
    best = dict.fromkeys(ways, 1e9)
    for _ in range(ROUNDS):
        for way, ask in ways.items():
            started = time.perf_counter()
            told.add(repr(ask()))
            best[way] = min(best[way], time.perf_counter() - started)
    assert len(told) == 1, "all ways tell the same"
    for way, seconds in best.items():
        print(f"{seconds:8.3f} s  {way}")


if __name__ == "__main__":
    main()
