"""A process that lists its file hours after it wrote it never lists one that another has taken for a stray."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS
from flaghoist.ingest.compact import STRAY_MS, Compactor
from flaghoist.ingest.sharing import Shared
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import GRACE_MS, Lake
from flaghoist.store.inbox import Inbox
from flaghoist.store.nudges import Alone as NobodyToNudge

ENVIRONMENT = "64b1f0c2a9d3e4f5a6b7c8d9"


@pytest.fixture
def other_lake(tmp_path: Path, database: Database) -> Iterator[Lake]:
    """As another process has it."""
    lake = Lake(tmp_path / "lake", database, scratch=tmp_path / "other")
    yield lake
    lake.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    opened = Inbox(tmp_path / "inbox")
    yield opened
    opened.close()


def test_facts_written_hours_before_they_are_listed_are_written_again_rather_than_deleted(
    tmp_path: Path, database: Database, inbox: Inbox, other_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path / "lake", database, scratch=tmp_path / "own")
    facts = Facts(lake, database, spill=tmp_path / "spill")
    seen: list[str] = []

    def stage(name: str) -> None:
        """Between writing and listing the first time, hours go by, in which the other process looks for strays."""
        seen.append(name)
        if seen.count("written") == 1 and name == "written":
            (file,) = (tmp_path / "lake").glob("env=*/day=*/outcomes-*.parquet")
            os.utime(file, times=(0, (clock.now_ms() - STRAY_MS - HOUR_MS) / 1000))
            other_lake.remove_strays(older_than_ms=STRAY_MS)

    sharing = Shared(inbox, database, NobodyToNudge())
    compactor = Compactor(inbox, lake, database, max_lateness_ms=0, sharing=sharing, stage=stage)
    event = {"kind": "custom", "key": "bought", "contextKeys": {"user": "ann"}, "creationDate": 1}
    inbox.accept(Batch(ENVIRONMENT, "server", json.dumps([event]).encode(), 1)).result(10)
    compactor.flush()
    assert seen.count("written") == 2, "what was taken for a stray was written anew"
    now = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now + GRACE_MS + 1)
    other_lake.sweep()
    assert len(facts.latest_events(ENVIRONMENT, "custom", "bought", since=0, limit=10)) == 1
    assert lake.damaged() == [] and lake.size(now).rows == 1
    assert len(list((tmp_path / "lake").glob("env=*/day=*/*"))) == 1, "the stray is gone"
    facts.close()
    lake.close()


def test_what_nobody_lists_is_swept_in_the_end(tmp_path: Path, database: Database, other_lake: Lake) -> None:
    stray = tmp_path / "lake" / f"env={ENVIRONMENT}" / "day=2026-11-20" / "exposures-gone.0123.parquet"
    half = stray.with_name("exposures-gone.unnamed.parquet")
    for file in (stray, half):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"left behind")
        os.utime(file, (0, 0))
    other_lake.remove_strays(older_than_ms=STRAY_MS)
    assert stray.exists() and not half.exists()
    with pytest.MonkeyPatch.context() as later:
        now = clock.now_ms()
        later.setattr(clock, "now_ms", lambda: now + GRACE_MS + 1)
        other_lake.sweep()
    assert not stray.exists() and other_lake.damaged() == []
