"""What a compactor owes to the others, where several inboxes feed one lake."""

import itertools
import logging
import time
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store import claims, clocks, inboxes, leases
from flaghoist.store.batches import StoredBatch
from flaghoist.store.database import Database
from flaghoist.store.logs import Feed
from flaghoist.store.nudges import Nudges

log = logging.getLogger("flaghoist.compact")

LEASE = "lake"
LEASE_MS = 5 * MINUTE_MS
OTHERS_WITHIN_SECONDS = 2.0
"""How long a question waits for what other processes have accepted."""

LOOK_EVERY_SECONDS = 0.02
CLOCKS_APART_MS = 1_000
"""Clocks of nodes that differ by more may put purchases before the exposures that led to them."""

CARRIED_AT_ONCE = 5_000


class Sharing(Protocol):
    """How one inbox gets on with others."""

    @property
    def strays(self) -> str:
        """What the names of files that only this process writes have in common; empty if it alone writes."""
        ...

    def begin(self, reached: int) -> None:
        """Before anything is moved on from a position."""
        ...

    def unclaimed(self, batches: Sequence[StoredBatch]) -> list[StoredBatch]:
        """Batches without what other inboxes have had."""
        ...

    def claim(self, connection: Connection, arrived: Sequence[StoredBatch], batches: Sequence[StoredBatch]) -> None:
        """Have those count here that are unclaimed of what arrived, once, within the write that does it.

        Raises ``Claimed`` if by now others are.
        """
        ...

    def attest(self, through: int | None, *, at_once: bool) -> None:
        """All accepted here before a time (milliseconds) is in the lake; None if no more is so than before."""
        ...

    def wait_for_others(self, asked_at: int) -> None:
        """Return once all that was accepted anywhere before a time counts, or when that takes too long."""
        ...

    def keeps_the_lake(self) -> bool:
        """Whether upkeep of the lake falls to this process, for some minutes from now on."""
        ...

    def leave(self) -> None:
        """Others need not wait for this process."""
        ...


class Alone:
    """The only inbox there is owes nothing to anybody."""

    strays = ""

    def begin(self, reached: int) -> None:
        """Nothing to do."""

    def unclaimed(self, batches: Sequence[StoredBatch]) -> list[StoredBatch]:
        """The inbox itself takes nothing twice."""
        return list(batches)

    def claim(self, connection: Connection, arrived: Sequence[StoredBatch], batches: Sequence[StoredBatch]) -> None:
        """Nobody else asks."""

    def attest(self, through: int | None, *, at_once: bool) -> None:
        """Nobody else asks."""

    def wait_for_others(self, asked_at: int) -> None:
        """There are none."""

    def keeps_the_lake(self) -> bool:
        """Nobody else does."""
        return True

    def leave(self) -> None:
        """Nobody waits."""


class Shared:
    """One of several inboxes; they meet in the state store."""

    def __init__(self, inbox: Feed, database: Database, nudges: Nudges) -> None:
        self._inbox = inbox
        self._database = database
        self._nudges = nudges
        self._through = 0
        self._told_at = 0
        self._is_clock_apart = False
        self.strays = inbox.writer

    def begin(self, reached: int) -> None:
        """Once: claim all ids that the inbox remembers from the time when it was the only one."""
        inbox = self._inbox.id
        with self._database.read() as connection:
            if inboxes.is_carried_over(connection, inbox):
                return
        remembered = iter(self._inbox.remembered(reached))
        carried = 0
        while some := list(itertools.islice(remembered, CARRIED_AT_ONCE)):
            self._carry_over(some)
            carried += len(some)
        self.attest(None, at_once=True)
        self._database.write(lambda connection: inboxes.set_carried_over(connection, inbox))
        log.info("shares its ids with other inboxes ids=%s", carried)

    def unclaimed(self, batches: Sequence[StoredBatch]) -> list[StoredBatch]:
        """Batches without what other inboxes have had."""
        with self._database.read() as connection:
            return claims.unclaimed(connection, batches)

    def claim(self, connection: Connection, arrived: Sequence[StoredBatch], batches: Sequence[StoredBatch]) -> None:
        """Have them count here, once; raises ``Claimed`` if by now others would have to."""
        claims.claim(connection, arrived, batches)

    def attest(self, through: int | None, *, at_once: bool) -> None:
        """Tell the others, now and then or at once."""
        now = clock.now_ms()
        self._through = self._through if through is None else through
        if at_once or not 0 <= now - self._told_at < inboxes.HEARD_OF_EVERY_MS:
            told, inbox = self._through, self._inbox.id
            ahead_ms = self._database.write(lambda connection: _attested(connection, inbox, through=told, now=now))
            self._told_at = now
            self._note_clock(ahead_ms)

    def wait_for_others(self, asked_at: int) -> None:
        """Ask them, and wait for as long as somebody who has asked a question may."""
        wait_for_others(self._database, self._nudges, asked_at, but=self._inbox.id)

    def keeps_the_lake(self) -> bool:
        """Whoever takes the lease first."""
        now, inbox = clock.now_ms(), self._inbox.id
        return self._database.write(
            lambda connection: leases.take(connection, LEASE, inbox, now=now, until=now + LEASE_MS)
        )

    def leave(self) -> None:
        """Give the lease back, and be waited for no more."""

        def act(connection: Connection) -> None:
            if self._inbox.is_own:  # else somebody goes on with it soon
                inboxes.leave(connection, self._inbox.id)
            leases.release(connection, LEASE, self._inbox.id)

        try:
            self._database.write(act)
        except Unavailable as error:
            log.warning("cannot say that this process leaves reason=%s", error)

    def _note_clock(self, ahead_ms: int) -> None:
        is_apart = abs(ahead_ms) > CLOCKS_APART_MS
        if is_apart and not self._is_clock_apart:
            log.warning("the clock is ahead of the database's milliseconds=%s", ahead_ms)
        elif self._is_clock_apart and not is_apart:
            log.warning("the clock agrees with the database's again")
        self._is_clock_apart = is_apart

    def _carry_over(self, some: Sequence[tuple[bytes, int]]) -> None:
        self._database.write(lambda connection: claims.carry_over(connection, some))


def _attested(connection: Connection, inbox: str, *, through: int, now: int) -> int:
    inboxes.attest(connection, inbox, through=through, now=now)
    return clocks.ahead_ms(connection)


def wait_for_others(database: Database, nudges: Nudges, asked_at: int, *, but: str = "") -> None:
    """Ask all inboxes but one, and wait until they have moved on what they accepted before a time, or for too long."""
    deadline = time.monotonic() + OTHERS_WITHIN_SECONDS
    if _are_through(database, asked_at, but):
        return
    nudges.send("events")
    while not _are_through(database, asked_at, but):
        if time.monotonic() >= deadline:
            log.warning("answering without the newest events reason=another process has not moved its own on")
            return
        time.sleep(LOOK_EVERY_SECONDS)


def _are_through(database: Database, asked_at: int, but: str) -> bool:
    with database.read() as connection:
        through = inboxes.through(connection, clock.now_ms(), but=but)
    return through is None or through >= asked_at
