"""Events are dated in the order in which they came, over all inboxes of a data folder, whatever the clock does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from event_road import FakeClock

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, HOUR_MS, MINUTE_MS
from flaghoist.store import moments
from flaghoist.store.moments import Moments
from flaghoist.store.position import Positions, received_at

NOON = 1_795_435_200_000
"""2026-11-23T12:00:00Z"""


class Machine:
    """A clock that can be set, and the time since the machine started, which cannot."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        self.up_ms = 5_000_000

    def pass_by(self, milliseconds: int) -> None:
        self.clock.at_ms += milliseconds
        self.up_ms += milliseconds

    def clock_gettime_ns(self, _which: int) -> int:
        return self.up_ms * 1_000_000


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(clock, "now_ms", made.clock.now_ms)
    monkeypatch.setattr(moments.time, "clock_gettime_ns", made.clock_gettime_ns)
    return made


class Door:
    """One inbox as far as dates go."""

    def __init__(self, file: Path, first_slot: int) -> None:
        self.moments = Moments(file)
        self.positions = Positions(first_slot=first_slot)

    def take(self) -> int:
        return self.moments.next(self.positions, 1)


@pytest.fixture
def doors(tmp_path: Path, machine: Machine) -> Iterator[tuple[Door, Door]]:
    both = Door(tmp_path / "run" / "moments", 90), Door(tmp_path / "run" / "moments", 3)
    yield both
    for door in both:
        door.moments.close()


def test_what_comes_later_through_another_door_is_later_though_the_clock_fell_back(
    doors: tuple[Door, Door], machine: Machine
) -> None:
    one, other = doors
    shown = one.take()
    machine.clock.at_ms -= 3 * HOUR_MS
    bought = other.take()
    again = one.take()
    assert shown < bought < again
    assert received_at(again) - NOON < 10


def test_a_clock_that_is_a_year_ahead_for_a_minute_dates_nothing(doors: tuple[Door, Door], machine: Machine) -> None:
    one, other = doors
    one.take()
    machine.clock.at_ms += 365 * DAY_MS
    machine.pass_by(MINUTE_MS)
    during = [received_at(door.take()) - NOON for door in (one, other)]
    machine.clock.at_ms -= 365 * DAY_MS
    machine.pass_by(MINUTE_MS)
    after = [received_at(door.take()) - NOON for door in (one, other)]
    assert during[0] == MINUTE_MS and after[0] == 2 * MINUTE_MS
    assert max(during + after) <= 2 * MINUTE_MS + 1


def test_a_clock_that_stays_ahead_is_believed_in_the_end(doors: tuple[Door, Door], machine: Machine) -> None:
    one, other = doors
    one.take()
    machine.clock.at_ms += 365 * DAY_MS
    early = received_at(one.take())
    machine.pass_by(moments.DOUBTED_MS)
    late = received_at(other.take())
    assert early == NOON and late == NOON + 365 * DAY_MS + moments.DOUBTED_MS


def test_after_a_long_silence_the_clock_is_believed_at_once(doors: tuple[Door, Door], machine: Machine) -> None:
    one, other = doors
    one.take()
    machine.pass_by(40 * DAY_MS)
    assert received_at(other.take()) == NOON + 40 * DAY_MS


def test_a_file_of_an_earlier_start_of_the_machine_says_nothing(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = Door(tmp_path / "moments", 0)
    earlier.take()
    (tmp_path / "boot").write_text("another start")
    monkeypatch.setattr(moments, "_BOOT", tmp_path / "boot")
    machine.clock.at_ms -= DAY_MS
    later = Door(tmp_path / "moments", 0)
    assert received_at(later.take()) == NOON - DAY_MS
    earlier.moments.close()
    later.moments.close()
