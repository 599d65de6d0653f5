"""What was written down while the clock was a year ahead holds others up for no longer than it was meant to."""

from functools import partial

from flaghoist.base.clock import DAY_MS
from flaghoist.store import inboxes, leases
from flaghoist.store.database import Database

LEASE_MS = 300_000


def test_a_lease_taken_while_the_clock_was_ahead_holds_up_nobody_once_it_is_right(database: Database) -> None:
    def take(holder: str, now: int) -> bool:
        return database.write(partial(leases.take, name="lake", holder=holder, now=now, until=now + LEASE_MS))

    noon = 1_795_435_200_000
    assert take("ahead", noon + 365 * DAY_MS)
    assert not take("beside", noon + 365 * DAY_MS + 1)
    assert take("right", noon), "who is gone by now cannot give it back"
    assert not take("ahead", noon + 1)
    assert not take("a little behind", noon - LEASE_MS + 1), "clocks of nodes differ"
    assert take("next", noon + LEASE_MS)


def test_one_who_was_here_while_the_clock_was_ahead_does_not_count_among_those_who_share(database: Database) -> None:
    noon = 1_795_435_200_000

    def take(name: str, now: int) -> None:
        database.write(partial(leases.take, name=f"reader {name}", holder=name, now=now, until=now + LEASE_MS))

    take("gone", noon + 365 * DAY_MS)
    take("here", noon)
    assert database.write(partial(leases.holders, prefix="reader ", now=noon + 1)) == 1


def test_nobody_waits_for_an_inbox_that_was_last_heard_of_while_the_clock_was_ahead(database: Database) -> None:
    noon = 1_795_435_200_000
    database.write(partial(inboxes.attest, inbox="gone", through=noon, now=noon + 365 * DAY_MS))
    database.write(partial(inboxes.attest, inbox="here", through=noon + 5, now=noon + 5))
    with database.read() as connection:
        assert inboxes.through(connection, noon + 10) == noon + 5
