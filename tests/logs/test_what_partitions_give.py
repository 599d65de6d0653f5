"""Partitions of a log give the same batches the same positions, and count once whoever moves them on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from audiences import until
from paper_log import PaperLog
from sqlalchemy import func, select

from flaghoist.base import clock
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.from_log import FromLog
from flaghoist.ingest.parse import Haul, parse
from flaghoist.ingest.put_off import Part
from flaghoist.ingest.sharing import Shared
from flaghoist.store import inboxes
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database
from flaghoist.store.facts import activity
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.logs import event_log
from flaghoist.store.logs.feed import PartitionFeed
from flaghoist.store.logs.shares import LEASE_MS, Shares
from flaghoist.store.nudges import Alone as NobodyToNudge
from flaghoist.store.position import PLACES

ENVIRONMENT = "64b1f0c2a9d3e4f5a6b7c8d"
STAGES = ("parsed", "written", "committing", "committed", "retired")


class Killed(BaseException):
    """The process is no more."""


class Node:
    """One process that reads a log."""

    def __init__(self, name: str, log: PaperLog, database: Database, folder: Path) -> None:
        self.name, self.log, self.database, self.folder = name, log, database, folder
        self.lake = Lake(folder / "lake", database, scratch=folder / name / "scratch")
        self.dies_at = ""
        self.parse = parse
        self.home = folder / name
        self.mover = self.new_mover()

    def new_mover(self) -> FromLog:
        """As after a restart."""
        return FromLog(
            self.log, self.database, NobodyToNudge(), node=self.name, home=self.home, open_part=self.open_part
        )

    def feed(self, partition: str, place: int) -> PartitionFeed:
        reader = self.log.reader(partition)
        return PartitionFeed(partition, reader, self.database, place=place, node=self.name, home=self.home)

    def open_part(self, partition: str, place: int) -> Part:
        feed = self.feed(partition, place)
        sharing = Shared(feed, self.database, NobodyToNudge())
        return feed, Compactor(
            feed,
            self.lake,
            self.database,
            max_lateness_ms=0,
            sharing=sharing,
            stage=self.stage,
            parse=lambda *asked, **named: self.parse(*asked, **named),
        )

    def stage(self, name: str) -> None:
        if name == self.dies_at:
            raise Killed

    def move_on(self, partition: str = "paper:0") -> None:
        """As its holder does; without asking whether it is."""
        _, compactor = self.open_part(partition, self.log.partitions().index(partition))
        compactor.begin()
        compactor.move_on(is_awaited=True)


@pytest.fixture
def log() -> PaperLog:
    return PaperLog(partitions=4)


@pytest.fixture
def nodes(tmp_path: Path, database: Database, log: PaperLog) -> Iterator[tuple[Node, Node]]:
    made = Node("here", log, database, tmp_path), Node("there", log, database, tmp_path)
    yield made
    for node in made:
        node.lake.close()


def test_a_payload_and_an_event_count_once_whether_they_come_in_one_step_or_over_two_partitions(
    nodes: tuple[Node, Node], log: PaperLog
) -> None:
    here, there = nodes
    for _ in range(2):
        send(log, "ann", payload_id="same")
        send(log, "bob", event_id="same")
    here.move_on()
    for record in list(log.sheets[0]):  # as if it had gone to another partition before
        log.sheets[1].append(replace(record, offset=len(log.sheets[1])))
    there.move_on("paper:1")
    send(log, "ann", payload_id="same")
    send(log, "eve", payload_id="another")
    here.move_on()
    assert counted(here.database) == 3


@pytest.mark.parametrize("stage", STAGES)
def test_whoever_takes_over_counts_what_the_dead_had_begun_and_not_what_they_had_ended(
    nodes: tuple[Node, Node], log: PaperLog, stage: str
) -> None:
    here, there = nodes
    for user in ("ann", "bob"):
        send(log, user, payload_id=user)
    here.dies_at = stage
    with pytest.raises(Killed):
        here.move_on()
    send(log, "eve")
    there.move_on()
    there.move_on()
    assert counted(here.database) == 3


def test_one_who_has_been_overtaken_counts_nothing_twice(nodes: tuple[Node, Node], log: PaperLog) -> None:
    here, there = nodes
    send(log, "ann")

    def overtaken(stage: str) -> None:
        if stage == "written":
            here.stage = lambda _: None  # type: ignore[method-assign]
            send(log, "bob")
            there.move_on()

    here.stage = overtaken  # type: ignore[method-assign]
    with pytest.raises(Exception, match="no longer at position"):
        here.move_on()
    here.move_on()
    assert counted(here.database) == 2


@pytest.mark.parametrize("ahead_ms", [-60_000, 0, 60_000], ids=["clock behind", "same clock", "clock ahead"])
def test_a_question_does_not_wait_for_what_arrived_after_it(
    nodes: tuple[Node, Node], log: PaperLog, ahead_ms: int
) -> None:
    here, _ = nodes
    log.ahead_ms = ahead_ms
    sent = 0

    def send_another(stage: str) -> None:
        nonlocal sent
        if stage == "parsed" and sent < 20:
            sent += 1
            send(log, f"user {sent}")

    here.stage = send_another  # type: ignore[method-assign]
    send(log, "ann")
    here.move_on()
    assert sent == 1, "it went on and on"
    assert counted(here.database) == 1
    with here.database.read() as connection:
        through = inboxes.through(connection, clock.now_ms())
    assert through is not None and through <= log.sheets[0][1].at_ms - ahead_ms, "it vouches for what it left"
    here.move_on()
    assert (sent, counted(here.database)) == (2, 2)


@pytest.mark.parametrize("limit_bytes", [1, 500, 10**9])
def test_what_a_reader_gives_in_many_pieces_is_all_there_was(
    nodes: tuple[Node, Node], log: PaperLog, limit_bytes: int
) -> None:
    """As JetStream does, which gives no more than some hundreds at once."""
    for number in range(9):
        send(log, f"user {number}")
    log.at_once = 2
    feed = nodes[0].feed("paper:0", 0)
    found = feed.after(0, limit_bytes=limit_bytes)
    given = sum(len(stored.batch.body) for stored in found)
    assert given >= limit_bytes or len(found) == 9
    assert len(found) <= 1 or given - len(found[-1].batch.body) - len(found[-2].batch.body) < limit_bytes


def test_positions_do_not_depend_on_where_reading_began(
    nodes: tuple[Node, Node], log: PaperLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now_ms", lambda: 1_800_000_000_000)
    for number in range(300):
        send(log, f"user {number}", events=PLACES + 1 if number % 70 == 3 else 1)
    feed = nodes[0].feed("paper:0", 0)
    at_once = [stored.position for stored in feed.after(0, limit_bytes=10**9)]
    assert len(set(at_once)) == 300
    assert at_once == sorted(at_once)
    steps: list[int] = []
    while found := feed.after(steps[-1] if steps else 0, limit_bytes=500):
        steps += [stored.position for stored in found]
    assert steps == at_once


def test_what_nobody_here_wrote_is_left_out_and_holds_up_nothing(nodes: tuple[Node, Node], log: PaperLog) -> None:
    send(log, "ann")
    for headers in ({}, {"flaghoist": "2"}, {**log.sheets[0][0].headers, "events": "many"}):
        log.sheets[0].append(replace(log.sheets[0][0], offset=len(log.sheets[0]), headers=headers))
    nodes[0].move_on()
    send(log, "bob")
    nodes[0].move_on()
    assert counted(nodes[0].database) == 2


def test_what_was_put_off_counts_after_a_restart_whoever_reads_its_partition_by_then(
    nodes: tuple[Node, Node], log: PaperLog
) -> None:
    here, there = nodes

    def stumbles(*_asked: object, **_named: object) -> Haul:
        raise RuntimeError("a mistake of ours")

    del log.sheets[1:]  # one partition, which whoever comes first keeps
    here.parse = stumbles  # type: ignore[assignment]
    send(log, "ann")
    here.move_on()
    assert (counted(here.database), here.mover.put_off, there.mover.put_off) == (0, 1, 0)
    here.parse = parse
    there.mover.start()
    until(lambda: Shares(there.database, "somebody else").renewed(log.partitions(), []) == [])
    here.mover = here.new_mover()
    here.mover.start()
    until(lambda: counted(here.database) == 1)
    until(lambda: here.mover.put_off == 0)
    here.mover.stop()
    there.mover.stop()
    assert counted(here.database) == 1


def test_partitions_are_shared_evenly_and_those_of_the_dead_fall_to_the_living(
    nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (Shares(node.database, node.name) for node in nodes)
    partitions = [f"paper:{place}" for place in range(5)]
    mine = here.renewed(partitions, [])
    assert mine == partitions
    assert there.renewed(partitions, []) == []
    kept = here.renewed(partitions, mine)
    assert len(kept) == 3
    here.give_back(set(mine) - set(kept))
    assert sorted([*kept, *there.renewed(partitions, [])]) == partitions
    later = clock.now_ms() + LEASE_MS + 1
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    assert sorted(there.renewed(partitions, [])) == partitions


def test_a_node_reads_all_of_a_log_until_another_comes_and_goes(nodes: tuple[Node, Node], log: PaperLog) -> None:
    here, there = nodes
    here.mover.start()
    send(log, "ann")
    until(lambda: counted(here.database) == 1)
    there.mover.start()
    log.is_away = True
    here.mover.catch_up()  # answers, with what there is
    log.is_away = False
    send(log, "bob")
    until(lambda: counted(here.database) == 2, seconds=20)
    here.mover.stop()
    send(log, "eve")
    until(lambda: counted(here.database) == 3, seconds=20)
    there.mover.stop()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("pigeon://loft/flock", "begins with kafka:// or nats://, not with 'pigeon'"),
        ("kafka://broker:9092", "names host, port and a topic or stream"),
        ("nats://server:4222/stream?speed=high", "knows no option 'speed'"),
    ],
)
def test_an_address_that_names_no_log_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        event_log(url)


def send(log: PaperLog, user: str, *, payload_id: str = "", event_id: str = "", events: int = 1) -> None:
    event = {"kind": "custom", "key": "bought", "contextKeys": {"user": user}, "creationDate": 1}
    ids = ((0, event_id),) if event_id else ()
    body = json.dumps([event]).encode()
    batch = Batch(f"{ENVIRONMENT}0", "server", body, events, payload_id=payload_id, event_ids=ids)
    log.accept(batch).result(1)


def counted(database: Database) -> int:
    """How many events there are, by every count that is kept of them."""
    with database.read() as connection:
        tallied = activity.event(connection, f"{ENVIRONMENT}0", "custom", "bought")
        listed = select(func.sum(lake_files.c.rows)).where(lake_files.c.replaced_at.is_(None))
        rows = connection.execute(listed).scalar()
    assert (tallied.events if tallied else None) == rows
    return rows or 0
