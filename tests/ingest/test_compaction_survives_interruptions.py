"""Wherever the way from inbox to lake is cut off, every event ends up there once."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from event_road import Road
from sqlalchemy import func, select

from flaghoist.store.facts import activity
from flaghoist.store.facts.answer import SeenEvent
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.inbox import Duplicate

STAGES = ("parsed", "written", "committing", "committed", "retired")
KILLED = -signal.SIGKILL


def test_a_process_killed_at_any_stage_leaves_nothing_half_done(road: Road, environment: str) -> None:
    sent = 0
    for stage in STAGES if road.database.is_sqlite else ("committing", "committed"):
        for _ in range(2):
            sent += 1
            road.send(environment, [_purchase(f"user-{sent}")], payload_id=f"payload-{sent}")
        road.close()
        assert _compact(road, die_at=stage) == KILLED
        road.open()
        for number in range(1, sent + 1):
            again = road.send(environment, [_purchase(f"user-{number}")], payload_id=f"payload-{number}")
            assert isinstance(again, Duplicate)
        assert _counted(road, environment) == sent


def test_a_merge_that_is_cut_off_changes_nothing(road: Road, environment: str) -> None:
    for number in range(9):
        road.send(environment, [_purchase(f"user-{number}")])
        road.compactor.flush()
    road.close()
    assert _compact(road, die_at="merging") == KILLED
    road.open()
    assert _counted(road, environment) == 9
    on_disk = {str(path.relative_to(road.lake.folder)) for path in road.lake.folder.glob("env=*/**/*.parquet")}
    with road.database.read() as connection:
        assert on_disk == set(connection.execute(select(lake_files.c.path)).scalars())


def test_merged_files_go_once_their_readers_have_had_time(road: Road, environment: str) -> None:
    for number in range(9):
        road.send(environment, [_purchase(f"user-{number}")])
        road.compactor.flush()
    assert road.lake.merge_one()
    assert len(list(road.lake.folder.glob("env=*/**/*.parquet"))) == 10
    road.lake.sweep()
    assert len(list(road.lake.folder.glob("env=*/**/*.parquet"))) == 10

    road.clock.at_ms += 11 * 60_000
    road.lake.sweep()
    assert len(list(road.lake.folder.glob("env=*/**/*.parquet"))) == 1
    assert _counted(road, environment) == 9


def test_events_older_than_their_retention_are_deleted_by_whole_days(road: Road, environment: str) -> None:
    first = road.clock.at_ms
    for day in range(3):
        road.send(environment, [_purchase(f"user-{day}")], at=first + day * 86_400_000)
    road.compactor.flush()
    road.lake.forget(before=first + 86_400_000)
    assert [event.received_at for event in _latest(road, environment)] == [first + 2 * 86_400_000, first + 86_400_000]


def test_kill_9_at_random_moments_while_events_arrive_and_move_on(
    sqlite_road: Road, environment: str, tmp_path: Path
) -> None:
    road, chance = sqlite_road, random.Random(11)
    road.close()
    told: set[str] = set()
    for _ in range(2):
        command = [sys.executable, "-c", _BUSY, str(tmp_path), road.database.url, environment]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as busy:
            assert busy.stdout is not None
            lines = [busy.stdout.readline() for _ in range(chance.randint(20, 120))]
            busy.send_signal(signal.SIGKILL)
            lines += busy.stdout.read().splitlines(keepends=True)
        told |= {line.decode().strip() for line in lines if line.endswith(b"\n")}
    road.open()
    road.compactor.start()
    road.compactor.flush()
    road.compactor.stop()
    kept = [event.contexts["user"] for event in _latest(road, environment)]
    assert len(kept) == len(set(kept)), "an event became two facts"
    assert told <= set(kept), "an accepted event was lost"
    assert len(kept) <= len(told) + 2 * 4, "more than the batches under way were kept"


def _purchase(user: str) -> dict[str, object]:
    return {"kind": "custom", "key": "bought", "contextKeys": {"user": user}, "creationDate": 1}


def _counted(road: Road, environment: str) -> int:
    """How many events there are, by every count that is kept of them."""
    road.compactor.start()
    road.compactor.flush()
    road.compactor.stop()
    facts = len(_latest(road, environment))
    with road.database.read() as connection:
        tallied = activity.event(connection, environment, "custom", "bought")
        listed = connection.execute(
            select(func.sum(lake_files.c.rows)).where(lake_files.c.replaced_at.is_(None))
        ).scalar()
    assert tallied is not None
    assert facts == tallied.events == listed
    return facts


def _latest(road: Road, environment: str) -> list[SeenEvent]:
    return road.facts.latest_events(environment, "custom", "bought", since=0, limit=100_000)


def _compact(road: Road, *, die_at: str) -> int:
    command = [sys.executable, "-c", _COMPACT, str(road.folder), road.database.url, die_at]
    return subprocess.run(command, timeout=60, check=False).returncode


_OPEN = """
import os, signal, sys, threading
from pathlib import Path
from flaghoist.ingest.compact import Compactor
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database
from flaghoist.store.facts import lake as lakes
from flaghoist.store.facts.lake import Lake
from flaghoist.store.inbox import Inbox

folder, url, word = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

database = Database(url)
lake = Lake(folder / "lake", database)
inbox = Inbox(folder / "inbox", segment_bytes=2_000)
"""

_COMPACT = (
    _OPEN
    + """
stage = lambda reached: die() if reached == word else None
if word == "merging":
    lakes._replace = die
Compactor(inbox, lake, database, max_lateness_ms=0, stage=stage).flush()
lake.merge_one()
"""
)

_BUSY = (
    _OPEN
    + """
compactor = Compactor(inbox, lake, database, max_lateness_ms=0)
compactor.start()

def send(sender):
    number = 0
    while True:
        user = f"{os.getpid()}-{sender}-{number}"
        body = b'[{"kind":"custom","key":"bought","contextKeys":{"user":"%s"}}]' % user.encode()
        inbox.accept(Batch(word, "server", body, 1)).result()
        os.write(1, user.encode() + b"\\n")
        number += 1

for sender in range(4):
    threading.Thread(target=send, args=(sender,)).start()
while True:
    compactor.flush()
"""
)
