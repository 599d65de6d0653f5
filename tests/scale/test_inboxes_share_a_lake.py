"""Several inboxes feed one lake: what was sent to two of them counts once, and upkeep is done by one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from flaghoist.base import clock
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.sharing import Alone, Shared, Sharing
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database
from flaghoist.store.facts import activity, progress
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.tables import lake_files, superseded_facts
from flaghoist.store.inbox import Inbox
from flaghoist.store.nudges import Alone as NobodyToNudge
from flaghoist.store.position import received_at
from flaghoist.store.tables import claims

ENVIRONMENT = "64b1f0c2a9d3e4f5a6b7c8d9"


@dataclass
class Node:
    """One process: its inbox and what moves it on."""

    inbox: Inbox
    lake: Lake
    database: Database
    sharing: Sharing
    stage: Callable[[str], None] = lambda _: None

    def compactor(self) -> Compactor:
        return Compactor(
            self.inbox, self.lake, self.database, max_lateness_ms=0, sharing=self.sharing, stage=self.stage
        )

    def move_on(self) -> None:
        """Start as a process does, and move on what there is."""
        compactor = self.compactor()
        compactor.start()
        compactor.catch_up()
        compactor.stop()

    def send(self, user: str, *, payload_id: str = "", event_id: str = "") -> None:
        event = {"kind": "custom", "key": "bought", "contextKeys": {"user": user}, "creationDate": 1}
        ids = ((0, event_id),) if event_id else ()
        body = json.dumps([event]).encode()
        self.inbox.accept(Batch(ENVIRONMENT, "server", body, 1, payload_id=payload_id, event_ids=ids)).result(10)


@pytest.fixture
def nodes(tmp_path: Path, database: Database) -> Iterator[tuple[Node, Node]]:
    made = []
    for name in ("here", "there"):
        inbox = Inbox(tmp_path / name / "inbox")
        lake = Lake(tmp_path / "lake", database, scratch=tmp_path / name / "scratch")
        made.append(Node(inbox, lake, database, Shared(inbox, database, NobodyToNudge())))
    yield made[0], made[1]
    for node in made:
        node.inbox.close()
        node.lake.close()


def test_the_second_to_commit_leaves_out_what_the_first_has_had_however_far_it_had_come(
    nodes: tuple[Node, Node], database: Database
) -> None:
    here, there = nodes
    for node in nodes:
        node.send("ann", payload_id="same")
        node.send("bob", event_id="same")
    here.send("eve", payload_id="only here")

    def overtaken(stage: str) -> None:
        if stage == "written":  # its files lie there, not yet listed
            here.stage = lambda _: None
            there.move_on()

    here.stage = overtaken
    here.compactor().flush()
    assert _counted(database) == 3


def test_what_an_inbox_had_while_it_was_alone_is_known_to_those_that_come(
    nodes: tuple[Node, Node], database: Database
) -> None:
    here, there = nodes
    shared, here.sharing = here.sharing, Alone()
    here.send("ann", payload_id="early")
    here.send("bob", event_id="early")
    here.move_on()
    here.send("eve", payload_id="not yet moved on")
    here.sharing = shared
    here.move_on()
    there.send("ann", payload_id="early")
    there.send("bob", event_id="early")
    there.send("eve", payload_id="not yet moved on")
    there.move_on()
    assert _counted(database) == 3


def test_claims_are_forgotten_when_their_time_is_over(
    nodes: tuple[Node, Node], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = nodes
    here.send("ann", payload_id="a week")
    here.send("bob", event_id="ninety days")
    here.move_on()
    now = clock.now_ms()
    for days, left in ((6, 2), (8, 1), (91, 0)):
        for day in (days - 1, days):  # a clock that comes far at once is not believed for a day
            monkeypatch.setattr(clock, "now_ms", lambda day=day: now + day * 86_400_000)
            here.compactor().upkeep()
        with database.read() as connection:
            assert connection.execute(select(func.count()).select_from(claims)).scalar() == left


def test_one_process_keeps_the_lake_until_it_leaves(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    assert here.sharing.keeps_the_lake()
    assert here.sharing.keeps_the_lake()
    assert not there.sharing.keeps_the_lake()
    here.sharing.leave()
    assert there.sharing.keeps_the_lake()


def test_files_that_another_process_is_writing_are_no_strays(nodes: tuple[Node, Node]) -> None:
    here, there = nodes
    here.send("ann")
    kept: list[bool] = []

    def look(stage: str) -> None:
        if stage == "written":
            there.move_on()
            kept.extend(path.exists() for path in here.lake.folder.glob("env=*/day=*/*.parquet"))

    here.stage = look
    here.compactor().flush()
    assert kept == [True]
    assert _counted(here.database) == 1


def test_facts_are_through_as_far_as_the_slowest_inbox_at_work(nodes: tuple[Node, Node], database: Database) -> None:
    here, there = nodes
    there.sharing.attest(clock.now_ms() - 3_600_000, at_once=True)
    here.send("ann")
    here.compactor().catch_up()
    with database.read() as connection:
        assert received_at(progress.latest(connection)) < clock.now_ms() - 3_000_000
    there.sharing.leave()
    with database.read() as connection:
        assert received_at(progress.latest(connection)) > clock.now_ms() - 60_000


def test_a_clock_that_differs_from_the_databases_is_told_of_once_until_it_agrees(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here, _ = nodes
    for ahead_ms in (5_000, 5_000, 0, -5_000):
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now_ms", lambda ms=ahead_ms, now_ms=clock.now_ms: now_ms() + ms)
            here.sharing.attest(None, at_once=True)
    told = [record.getMessage().rpartition("=") for record in caplog.records if "clock" in record.message]
    if here.database.is_sqlite:
        assert not told, "it is on the same machine"
        return
    assert [words for words, *_ in told] == [
        "the clock is ahead of the database's milliseconds",
        "",
        "the clock is ahead of the database's milliseconds",
    ]
    assert 4_000 < int(told[0][2]) < 6_000
    assert -6_000 < int(told[2][2]) < -4_000


def _counted(database: Database) -> int:
    """How many events there are, by every count that is kept of them."""
    with database.read() as connection:
        tallied = activity.event(connection, ENVIRONMENT, "custom", "bought")
        listed = connection.execute(
            select(func.sum(lake_files.c.rows)).where(lake_files.c.replaced_at.is_(None))
        ).scalar_one()
        superseded = connection.execute(select(func.count()).select_from(superseded_facts)).scalar_one()
    assert tallied is not None
    assert tallied.events == listed - superseded
    return tallied.events
