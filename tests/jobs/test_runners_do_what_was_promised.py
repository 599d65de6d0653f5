"""Runners: every job runs at least once, failures are tried again with patience, timers outlive who set them."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.jobs.queue import Every, Failed, Hopeless, Queue
from flaghoist.jobs.runner import Runner
from flaghoist.store import jobs
from flaghoist.store.database import Database
from flaghoist.store.jobs import Errand, Job

PATIENCE_SECONDS = 10.0


def promise(database: Database, *uniqs: str, lane: str = "", due_at: int = 0) -> None:
    errands = [Errand("post", uniq, {"text": uniq}, due_at, lane) for uniq in uniqs]
    database.write(lambda connection: jobs.enqueue(connection, errands, clock.now_ms()))


def until(holds: Callable[[], bool]) -> None:
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < PATIENCE_SECONDS, "it did not come to pass"
        time.sleep(0.01)


def kept(database: Database) -> dict[str, tuple[int, int]]:
    with database.read() as connection:
        return {each.queue: (each.waiting, each.dead) for each in jobs.states(connection, clock.now_ms())}


class World:
    """Runners over one store, and what they did."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.did: list[str] = []
        self.runners: list[Runner] = []

    def run(self, act: Callable[[Job], Any] | None = None, every: tuple[Every, ...] = (), **more: Any) -> Runner:
        async def run(job: Job) -> None:
            self.did.append(job.uniq)
            if act is not None:
                waited = act(job)
                if waited is not None:
                    await waited

        lease = more.pop("lease_seconds", 60.0)
        runner = Runner(self.database, [Queue(name="post", run=run, **more)], every, lease_seconds=lease)
        runner.start()
        self.runners.append(runner)
        return runner


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    made = World(database)
    yield made
    for runner in made.runners:
        runner.stop()


def test_what_is_promised_is_done_once_and_nothing_of_it_is_kept(world: World) -> None:
    promise(world.database, *map(str, range(50)))
    runner = world.run()
    promise(world.database, "later")
    runner.nudge()
    until(lambda: kept(world.database) == {})
    assert sorted(world.did) == sorted([*map(str, range(50)), "later"])


def test_several_runners_share_the_work(world: World) -> None:
    promise(world.database, *map(str, range(200)))
    for _ in range(3):
        world.run(lambda _job: asyncio.sleep(0.001), at_once=5)
    until(lambda: kept(world.database) == {})
    assert Counter(world.did) == Counter(map(str, range(200)))


def test_a_failure_is_tried_again_and_in_the_end_given_up(world: World) -> None:
    def fail(job: Job) -> None:
        if job.uniq == "flaky" and job.attempt == 3:
            return
        raise Hopeless("no such place") if job.uniq == "hopeless" else Failed("it is raining")

    promise(world.database, "flaky", "doomed", "hopeless")
    world.run(fail, attempts_max=4, first_wait_seconds=0.01)
    until(lambda: kept(world.database) == {"post": (0, 2)})
    assert Counter(world.did) == {"flaky": 3, "doomed": 4, "hopeless": 1}
    with world.database.read() as connection:
        assert {(each.uniq, each.error) for each in jobs.dead(connection, "post")} == {
            ("doomed", "it is raining"),
            ("hopeless", "no such place"),
        }


def test_a_mistake_of_ours_is_a_failure_whose_words_are_not_kept(world: World) -> None:
    def crash(_job: Job) -> None:
        raise ValueError("the secret is hunter2")

    promise(world.database, "a")
    world.run(crash, attempts_max=1)
    until(lambda: kept(world.database) == {"post": (0, 1)})
    with world.database.read() as connection:
        assert [each.error for each in jobs.dead(connection, "post")] == ["ValueError"]


def test_a_job_that_kills_whoever_runs_it_is_given_up(world: World) -> None:
    promise(world.database, "poison")
    for now in (1, 2):  # two holders have died with it

        def died(connection: Connection, now: int = now) -> None:
            jobs.claim(connection, "post", "", now=now, lease_until=now + 1, holder="dead", limit=1)

        world.database.write(died)
    world.run(attempts_max=2)
    until(lambda: kept(world.database) == {"post": (0, 1)})
    assert world.did == []


def test_a_long_job_keeps_its_lease_and_is_not_done_by_another(world: World) -> None:
    promise(world.database, "long")
    for _ in range(2):
        world.run(lambda _job: asyncio.sleep(1.0), lease_seconds=0.4)
    until(lambda: kept(world.database) == {})
    assert world.did == ["long"]


def test_a_stopped_runner_lets_jobs_end_and_others_take_what_it_leaves(world: World) -> None:
    begun = threading.Event()

    def slow(_job: Job) -> Any:
        begun.set()
        return asyncio.sleep(0.2)

    promise(world.database, "a", "b")
    runner = world.run(slow, at_once=1)
    assert begun.wait(PATIENCE_SECONDS)
    runner.stop()
    assert world.did == ["a"]
    assert kept(world.database) == {"post": (1, 0)}
    world.run()
    until(lambda: kept(world.database) == {})
    assert world.did == ["a", "b"]


def test_one_lane_that_is_stuck_does_not_hold_up_the_others(world: World) -> None:
    released = threading.Event()

    async def wait(job: Job) -> None:
        while job.lane == "stuck" and not released.is_set():
            await asyncio.sleep(0.01)

    promise(world.database, *[f"stuck {number}" for number in range(30)], lane="stuck")
    promise(world.database, *[f"free {number}" for number in range(30)], lane="free", due_at=1)
    world.run(wait, at_once=6, at_once_in_lane=3)
    until(lambda: kept(world.database) == {"post": (30, 0)})
    assert sum(uniq.startswith("stuck") for uniq in world.did) == 3
    released.set()
    until(lambda: kept(world.database) == {})


def test_a_job_that_is_due_later_runs_when_it_is_due(world: World) -> None:
    world.run()
    due_at = clock.now_ms() + 300
    promise(world.database, "later", due_at=due_at)
    until(lambda: world.did == ["later"])
    assert clock.now_ms() >= due_at


def test_a_timer_goes_off_again_and_again_once_over_all_nodes(world: World) -> None:
    went_off: list[int] = []

    def sometimes_fails() -> None:
        went_off.append(clock.now_ms())
        if len(went_off) == 2:
            raise Failed("once")

    for _ in range(3):
        world.run(every=(Every("sweep", 0.3, sometimes_fails),))
    until(lambda: len(went_off) >= 4)
    for runner in world.runners:
        runner.stop()
    assert all(later - earlier >= 250 for earlier, later in pairwise(went_off))
    assert kept(world.database) == {"every sweep": (1, 0)}


def test_what_a_clock_that_was_a_year_ahead_has_put_off_is_done_when_it_is_right_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rang = threading.Event()
    with monkeypatch.context() as ahead:
        now_ms = clock.now_ms
        ahead.setattr(clock, "now_ms", lambda: now_ms() + 365 * clock.DAY_MS)
        promise(world.database, "begun", "failed")
        _begun, failed = world.database.write(
            lambda connection: jobs.claim(
                connection, "post", "", now=clock.now_ms(), lease_until=clock.now_ms() + 5_000, holder="gone", limit=2
            )
        )
        later = clock.now_ms() + 60_000
        world.database.write(lambda connection: jobs.postpone(connection, failed, later, "it did not answer"))
        timer = [Errand("every ring", "", {}, clock.now_ms() + 3_600_000)]
        world.database.write(lambda connection: jobs.enqueue(connection, timer, clock.now_ms()))
    world.run(every=(Every("ring", 3_600.0, rang.set),))
    until(lambda: sorted(world.did) == ["begun", "failed"] and rang.is_set())
    until(lambda: kept(world.database) == {"every ring": (1, 0)})


def test_what_is_put_off_for_a_while_stays_so(world: World) -> None:
    promise(world.database, "later", due_at=clock.now_ms() + 3_600_000)
    promise(world.database, "now")
    world.run()
    until(lambda: world.did == ["now"])
    time.sleep(1.2)
    assert world.did == ["now"]
