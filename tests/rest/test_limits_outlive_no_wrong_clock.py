"""A clock that was ahead for a while, and is set right again, leaves nobody locked out."""

import pytest

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import RateLimited
from flaghoist.ingest.pace import ImportPace
from flaghoist.rest.attempts import PER_EMAIL, Attempts
from flaghoist.store.counters import CountsHere, Window
from flaghoist.store.database import Database

NOON = 1_795_435_200_000
"""2026-11-23T12:00:00Z"""


class Clock:
    def __init__(self) -> None:
        self.at_ms = NOON

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A year ahead."""
    made = Clock()
    made.at_ms += 365 * DAY_MS
    monkeypatch.setattr(clock, "now_ms", made.now_ms)
    return made


def test_whoever_was_refused_at_signing_in_may_try_again(database: Database, wrong: Clock) -> None:
    attempts = Attempts(database)
    for _ in range(PER_EMAIL):
        attempts.take("ann@example.org", "192.0.2.1")
    with pytest.raises(RateLimited):
        attempts.take("ann@example.org", "192.0.2.1")
    wrong.at_ms = NOON
    for _ in range(PER_EMAIL):
        attempts.take("ann@example.org", "192.0.2.1")
    with pytest.raises(RateLimited):
        attempts.take("ann@example.org", "192.0.2.1")


def test_imports_go_on_at_their_pace(wrong: Clock) -> None:
    pace = ImportPace(2)
    assert [pace("token") > 0 for _ in range(3)] == [False, False, True]
    wrong.at_ms = NOON
    assert pace("token") <= 5.0
    wrong.at_ms += 5_000
    assert pace("token") == 0.0


def test_counts_of_windows_that_are_over_are_forgotten_all_the_same(wrong: Clock) -> None:
    counts = CountsHere()
    counts.add(Window("rest", wrong.at_ms, wrong.at_ms + 10_000))
    wrong.at_ms = NOON
    for number in range(50):
        wrong.at_ms = NOON + number * 10_000
        counts.add(Window("rest", wrong.at_ms, wrong.at_ms + 10_000))
    assert len(counts._counts) <= 3
