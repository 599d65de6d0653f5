"""Followers of the changes: what each change entails is promised once, whoever follows and whatever dies."""

import threading
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from flaghoist.jobs.follow import UNKEPT_MAX, Follower
from flaghoist.store import changes, followers, jobs
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database
from flaghoist.store.jobs import Errand


def change(database: Database, text: str = "news") -> int:
    def act(connection: Connection) -> int:
        seq = changes.last_seq(connection) + 1
        changes.append(connection, ChangeRow(seq, f"{seq:024x}", 5, "metric", f"proj/p:metric/{text}", text, {}))
        return seq

    return database.write(act)


def entails(_connection: Connection, news: Sequence[ChangeRow]) -> list[Errand]:
    """A job for each change that is news."""
    return [Errand("tell", str(row.seq), {"seq": row.seq}, 0) for row in news if row.name == "news"]


def promised(database: Database) -> list[int]:
    def act(connection: Connection) -> list[int]:
        found = jobs.claim(connection, "tell", "", now=1, lease_until=0, holder="eye", limit=10_000)
        return sorted(job.body["seq"] for job in found)

    return database.write(act)


def position(database: Database) -> int | None:
    with database.read() as connection:
        return followers.position(connection, "test")


def begun(database: Database) -> Follower:
    database.write(lambda connection: followers.begin(connection, "test"))
    return Follower(database, "test", entails, lambda: None)


def test_whoever_begins_to_follow_hears_of_what_happens_from_then_on(database: Database) -> None:
    change(database)
    follower = begun(database)
    follower.catch_up()
    assert promised(database) == []
    later = [change(database), change(database)]
    follower.catch_up()
    assert promised(database) == later
    begun(database).catch_up()
    assert promised(database) == later


def test_a_follower_that_dies_before_it_keeps_its_position_has_promised_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = begun(database)
    seq = change(database)

    def dies(*_arguments: object) -> None:
        raise ConnectionError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "enqueue", dies)
        with pytest.raises(ConnectionError):
            follower.catch_up()
    assert (position(database), promised(database)) == (0, [])
    begun(database).catch_up()
    assert (position(database), promised(database)) == (seq, [seq])


def test_changes_that_entail_nothing_cost_no_write_and_are_not_read_for_ever(database: Database) -> None:
    follower = begun(database)
    for _ in range(3):
        change(database, "gossip")
    follower.catch_up()
    assert position(database) == 0
    seq = change(database)
    follower.catch_up()
    assert (position(database), promised(database)) == (seq, [seq])

    def many(connection: Connection) -> None:
        for number in range(seq + 1, seq + UNKEPT_MAX + 10):
            changes.append(connection, ChangeRow(number, f"{number:024x}", 5, "metric", "proj/p:metric/x", "x", {}))

    database.write(many)
    follower.catch_up()
    assert (position(database) or 0) > seq


def test_followers_on_many_nodes_promise_each_job_once(database: Database) -> None:
    nodes = [Follower(database, "test", entails, lambda: None) for _ in range(3)]
    for node in nodes:
        node.start()
    writers = [threading.Thread(target=lambda: [change(database) for _ in range(30)]) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        for node in nodes:
            node.nudge()
        time.sleep(0.002)
    for node in nodes:
        node.stop()
    nodes[0].catch_up()
    assert position(database) == 60
    assert promised(database) == list(range(1, 61))
