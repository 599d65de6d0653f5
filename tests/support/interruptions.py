"""Runs upkeep of events again and again, killed before the first, the second, … change it makes to the file system.

Run as ``python interruptions.py FOLDER compaction|mending|putting-off EVERY``; prints a line for every so-manieth place
it was cut off at, with what was found after a restart.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from event_road import NOON, FakeClock, Road
from sqlalchemy import func, select

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.ingest.parse import parse
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import activity, lake
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.inbox import Duplicate, Inbox
from flaghoist.store.migrations import migrate

CHANGES = ("unlink", "rename", "replace", "rmdir", "mkdir")
SENT = 24
Act = Callable[[Road], None]


def main(folder: Path, story: str, every: int) -> None:
    """Tell one story, cut off at every place."""
    time = FakeClock()
    clock.now_ms = time.now_ms
    Inbox.__init__.__kwdefaults__["segment_bytes"] = 2_000  # type: ignore[index]
    lake.MERGE_FILES = 2
    lake.GRACE_MS = -1
    prepare, act = STORIES[story]
    base = folder / "base"
    base.mkdir(parents=True)
    _apart(lambda: _with_road(base, prepare))
    for change in range(1, 1_000, every):
        world = folder / str(change)
        shutil.copytree(base, world)
        killed = _apart(lambda world=world, change=change: _cut_off(world, act, change))  # type: ignore[misc]
        _apart(lambda world=world: _with_road(world, _look))  # type: ignore[misc]
        if not killed:
            print("uninterrupted", flush=True)
            return


def _sent(road: Road) -> None:
    for number in range(SENT):
        at = NOON + number // 8 * DAY_MS + number
        road.send("env", [_purchase(f"user-{number}")], at=at, payload_id=f"payload-{number}")


def _sent_and_damaged(road: Road) -> None:
    _sent(road)
    road.close()
    first = min(road.folder.glob("inbox/segment-*.db"))
    with first.open("r+b") as file:
        file.write(b"garbage in the first bytes, not of a database")
    ids = road.folder / "inbox" / "ids.db"
    ids.write_bytes(b"garbage" * 10)
    os._exit(0)


def _sent_and_put_off(road: Road) -> None:
    _sent(road)
    _stumbling(road)


def _stumbling(road: Road) -> None:
    road.new_compactor(parse=_crashing).flush()


def _crashing(stored: Any, tally: Any, **bounds: Any) -> Any:
    if stored.received_at % 3 == 0:
        raise RuntimeError("a mistake in the parser")
    return parse(stored, tally, **bounds)


def _compaction(road: Road) -> None:
    for _ in range(2):
        compactor = road.new_compactor()
        compactor.start()
        compactor.flush()
        compactor.stop()
        while road.lake.merge_one():
            pass
        road.clock.at_ms += 1
        road.lake.sweep()
    road.lake.forget(before=NOON + DAY_MS)


def _look(road: Road) -> None:
    """Let a new process do all of it, then count in every way there is."""
    _compaction(road)
    again = [road.send("env", [_purchase("x")], payload_id=f"payload-{number}") for number in range(SENT)]
    road.compactor.flush()
    facts = len(road.facts.latest_events("env", "custom", "bought", since=0, limit=1_000))
    on_disk = {str(path.relative_to(road.lake.folder)) for path in road.lake.folder.glob("env=*/**/*.parquet")}
    with road.database.read() as connection:
        tallied = activity.event(connection, "env", "custom", "bought")
        rows = connection.execute(
            select(func.sum(lake_files.c.rows)).where(lake_files.c.replaced_at.is_(None))
        ).scalar()
        listed = set(connection.execute(select(lake_files.c.path)).scalars())
    repeats = sum(isinstance(outcome, Duplicate) for outcome in again)
    put_off = len(list(road.folder.glob("inbox/quarantine/*.batch")))
    print(
        f"facts={facts} listed={rows} tallied={tallied.events if tallied else 0} repeats={repeats} "
        f"strays={len(on_disk ^ listed)} put_off={put_off}",
        flush=True,
    )


def _with_road(folder: Path, act: Act) -> None:
    database = Database(sqlite_url(folder))
    migrate(database)
    road = Road(folder, database, FakeClock(NOON + 3 * DAY_MS))
    clock.now_ms = road.clock.now_ms
    act(road)
    road.close()
    database.close()


def _cut_off(folder: Path, act: Act, change: int) -> None:
    left = [change]

    def counted(made: Callable[..., Any]) -> Callable[..., Any]:
        def make(*arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return made(*arguments, **named)

        return make

    for name in CHANGES:
        setattr(os, name, counted(getattr(os, name)))
    _with_road(folder, act)


def _apart(act: Callable[[], None]) -> bool:
    """Do something in a process of its own; says whether it was killed."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _purchase(user: str) -> dict[str, object]:
    return {"kind": "custom", "key": "bought", "contextKeys": {"user": user}, "creationDate": 1}


STORIES: dict[str, tuple[Act, Act]] = {
    "compaction": (_sent, _compaction),
    "mending": (_sent_and_damaged, _compaction),
    "putting-off": (_sent, _stumbling),
    "trying-again": (_sent_and_put_off, _compaction),
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
