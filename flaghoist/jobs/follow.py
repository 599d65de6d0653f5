"""Follows the changes and promises what each entails: the promises and the position are kept in one transaction.

A committed change therefore has its jobs, whatever dies when. Several nodes may follow under one name: what one has
read is worth nothing if another was faster, and is read again.
"""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.repeated import Repeated
from flaghoist.store import changes, followers, jobs
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database, Discard
from flaghoist.store.jobs import Errand

log = logging.getLogger("flaghoist.jobs")
LOOK_EVERY_SECONDS = 1.0
AT_ONCE_MAX = 200
UNKEPT_MAX = 500  # changes that entail nothing are read again after a crash; this many at most

Entails = Callable[[Connection, Sequence[ChangeRow]], Sequence[Errand]]


class Follower:
    """One thread that reads what follows its position. ``promised`` is called once there are new jobs.

    ``entails(connection, changes)`` reads what it needs and gives the jobs; it must be as good the second time.
    """

    def __init__(self, database: Database, name: str, entails: Entails, promised: Callable[[], None]) -> None:
        self._database = database
        self._name = name
        self._entails = entails
        self._promised = promised
        self._seen = 0  # further than the position kept, where what lies between entailed nothing
        self._following = Repeated(
            f"follow {name}",
            self.catch_up,
            every_seconds=LOOK_EVERY_SECONDS,
            log=log,
            trouble=f"cannot follow changes as {name}",
        )

    def start(self) -> None:
        """Go on from the position kept; whoever has none begins with the newest change."""
        self._database.write(lambda connection: followers.begin(connection, self._name))
        self._following.start()

    def nudge(self) -> None:
        """Say that there is something new; from any thread."""
        self._following.wake()

    def stop(self) -> None:
        """Finish the step under way, and end; what is left is there for the next who follows."""
        self._following.stop()

    def catch_up(self) -> None:
        """Deal with every change there is, now."""
        while self._step():
            pass

    def _step(self) -> bool:
        """Read some changes and keep what they entail; false once there are none."""
        with self._database.read() as connection:
            kept = followers.position(connection, self._name)
            assert kept is not None, "a follower begins before it follows"
            start = max(kept, self._seen)
            found = changes.after(connection, start, AT_ONCE_MAX)
            errands = self._entails(connection, found) if found else ()
        if not found:
            return False
        newest = found[-1].seq
        if (errands or newest - kept > UNKEPT_MAX) and not self._keep(kept, newest, errands):
            return True
        self._seen = newest
        if errands:
            self._promised()
        return True

    def _keep(self, kept: int, newest: int, errands: Sequence[Errand]) -> bool:
        def act(connection: Connection) -> bool | Discard[bool]:
            if not followers.advance(connection, self._name, since=kept, to=newest):
                return Discard(False)
            jobs.enqueue(connection, errands, clock.now_ms())
            return True

        return self._database.write(act, in_turn=False)
