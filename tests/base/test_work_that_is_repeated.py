"""What is done again and again in the background: it outlives failures, can be woken, and ends when told to."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from flaghoist.base.errors import Unavailable
from flaghoist.base.repeated import Repeated

PATIENCE_SECONDS = 10.0
log = logging.getLogger("flaghoist.test")


@contextmanager
def running(
    turn: Callable[[], float | None], every_seconds: float, first_after_seconds: float = 0
) -> Iterator[Repeated]:
    repeated = Repeated(
        "test", turn, every_seconds=every_seconds, first_after_seconds=first_after_seconds, log=log, trouble="cannot"
    )
    repeated.start()
    try:
        yield repeated
    finally:
        repeated.stop()


def test_a_turn_that_fails_is_told_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    third = threading.Event()
    failures = [Unavailable("the disk is away"), ZeroDivisionError("a mistake of ours")]

    def turn() -> None:
        if failures:
            raise failures.pop(0)
        third.set()

    with running(turn, every_seconds=0.001):
        assert third.wait(PATIENCE_SECONDS)
    refusal, mistake = caplog.records
    assert (refusal.levelname, refusal.getMessage()) == ("WARNING", "cannot error=the disk is away")
    assert mistake.levelname == "ERROR" and mistake.exc_info, "a mistake is told with where it was made"


def test_whoever_is_woken_rests_no_longer() -> None:
    turns = threading.Semaphore(0)
    with running(turns.release, every_seconds=3600, first_after_seconds=3600) as repeated:
        assert not turns.acquire(timeout=0.05)
        for _ in range(3):
            repeated.wake()
            assert turns.acquire(timeout=PATIENCE_SECONDS)


def test_a_turn_may_say_how_long_to_rest() -> None:
    turns = threading.Semaphore(0)

    def turn() -> float:
        turns.release()
        return 0.001

    with running(turn, every_seconds=3600):
        assert all(turns.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))


def test_a_turn_under_way_is_finished_and_none_begun() -> None:
    begun, finished = threading.Event(), []

    def turn() -> None:
        begun.set()
        while not repeated.is_stopping:
            pass
        finished.append(True)

    with running(turn, every_seconds=0, first_after_seconds=3600) as repeated:
        repeated.wake()
        assert begun.wait(PATIENCE_SECONDS)
    assert finished == [True]


def test_what_never_began_can_be_stopped() -> None:
    Repeated("test", lambda: None, every_seconds=1, log=log, trouble="cannot").stop()
