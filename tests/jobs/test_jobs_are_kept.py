"""Jobs as the store keeps them: promised with what made them necessary, claimed by one at a time, never forgotten."""

import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from flaghoist.store import jobs
from flaghoist.store.database import Database
from flaghoist.store.jobs import Errand, Job


def errand(uniq: str, *, due_at: int = 0, lane: str = "", **body: Any) -> Errand:
    return Errand("post", uniq, body, due_at, lane)


def promise(database: Database, *errands: Errand) -> None:
    database.write(lambda connection: jobs.enqueue(connection, errands, 1))


def take(database: Database, now: int = 100, *, limit: int = 10, lane: str = "", lease: int = 50) -> list[Job]:
    def act(connection: Connection) -> list[Job]:
        return jobs.claim(connection, "post", lane, now=now, lease_until=now + lease, holder="me", limit=limit)

    return database.write(act, in_turn=False)


def test_a_job_is_promised_only_if_what_made_it_necessary_happens(database: Database) -> None:
    def refused(connection: Connection) -> None:
        jobs.enqueue(connection, [errand("a")], 1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(refused)
    assert take(database) == []


def test_the_same_job_promised_twice_is_one(database: Database) -> None:
    promise(database, errand("a", text="first"))
    promise(database, errand("a", text="second"), errand("b"))
    assert [(job.uniq, job.body) for job in take(database)] == [("a", {"text": "first"}), ("b", {})]


def test_those_due_the_longest_come_first_and_those_not_yet_due_wait(database: Database) -> None:
    promise(database, errand("later", due_at=101), errand("second", due_at=20), errand("first", due_at=10))
    assert [job.uniq for job in take(database, limit=1)] == ["first"]
    assert [job.uniq for job in take(database)] == ["second"]
    assert take(database) == []
    with database.read() as connection:
        assert jobs.next_due(connection, "post", 100) == 101


def test_a_job_whose_holder_died_is_due_again_and_the_dead_can_no_longer_speak_for_it(database: Database) -> None:
    promise(database, errand("a"))
    (first,) = take(database, now=100)
    assert take(database, now=149) == []
    (second,) = take(database, now=150)
    assert (first.attempt, second.attempt) == (1, 2)
    database.write(lambda connection: jobs.finish(connection, [first]))
    database.write(lambda connection: jobs.renew(connection, [first], 999))
    database.write(lambda connection: jobs.give_up(connection, first, 120, "late word"))
    (third,) = take(database, now=200)
    assert third.attempt == 3
    database.write(lambda connection: jobs.finish(connection, [third]))
    assert take(database, now=10_000) == []


def test_a_lease_that_is_renewed_does_not_end(database: Database) -> None:
    promise(database, errand("a"))
    held = take(database, now=100)
    database.write(lambda connection: jobs.renew(connection, held, 300))
    assert take(database, now=299) == []
    assert len(take(database, now=300)) == 1


def test_a_postponed_job_comes_back_at_its_time_and_one_given_up_never_does(database: Database) -> None:
    promise(database, errand("a"), errand("b", to="x"))
    one, other = take(database, now=100)
    database.write(lambda connection: jobs.postpone(connection, one, 500, "busy"))
    database.write(lambda connection: jobs.give_up(connection, other, 110, "gone " * 1000))
    assert take(database, now=499) == []
    assert [job.attempt for job in take(database, now=500)] == [2]
    promise(database, errand("b"))
    assert take(database, now=500) == []
    with database.read() as connection:
        (found,) = jobs.dead(connection, "post")
        assert [(each.queue, each.waiting, each.dead) for each in jobs.states(connection, 500)] == [("post", 1, 1)]
    assert (found.uniq, found.body, found.attempt, found.died_at) == ("b", {"to": "x"}, 1, 110)
    assert found.error.startswith("gone gone")
    assert len(found.error) == jobs.ERROR_SHOWN


def test_what_was_given_up_is_kept_for_a_while_and_not_without_end(database: Database) -> None:
    promise(database, *[errand(str(number)) for number in range(6)])
    for died_at, job in enumerate(take(database), start=1):
        database.write(lambda connection, job=job, died_at=died_at: jobs.give_up(connection, job, died_at, "no"))
    assert database.write(lambda connection: jobs.bury(connection, before=1, keep=100)) == 1
    assert database.write(lambda connection: jobs.bury(connection, before=0, keep=3)) == 2
    with database.read() as connection:
        assert [each.died_at for each in jobs.dead(connection, "post")] == [6, 5, 4]


def test_lanes_are_found_by_who_waits_the_longest(database: Database) -> None:
    promise(database, errand("a", due_at=5, lane="slow"), errand("b", due_at=3, lane="fast"), errand("c", lane="late"))
    promise(database, errand("d", due_at=999, lane="tomorrow"))
    with database.read() as connection:
        assert jobs.lanes_due(connection, "post", 100) == ["late", "fast", "slow"]
    assert [job.uniq for job in take(database, lane="fast")] == ["b"]


def test_many_who_claim_at_once_never_hold_the_same_job(database: Database) -> None:
    promise(database, *[errand(str(number)) for number in range(300)])
    found: list[str] = []

    def work() -> None:
        while held := take(database, limit=7):
            found.extend(job.uniq for job in held)
            database.write(lambda connection: jobs.finish(connection, held), in_turn=False)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found, key=int) == [str(number) for number in range(300)]
    with database.read() as connection:
        assert jobs.states(connection, 500) == []
