"""From the inbox to the lake: every accepted event becomes a fact once, however often this is interrupted."""

import logging
import threading
import time
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Spread
from flaghoist.base.repeated import Repeated
from flaghoist.ingest.aside import Aside
from flaghoist.ingest.gather import Gathering, Parse
from flaghoist.ingest.parse import parse
from flaghoist.ingest.sharing import Alone, Sharing
from flaghoist.ingest.steps import STEP_BYTES, Stage, Steps, Witness
from flaghoist.store import ages, claims
from flaghoist.store.database import Database
from flaghoist.store.facts import activity, progress
from flaghoist.store.facts.lake import Lake
from flaghoist.store.logs import Feed
from flaghoist.store.position import first_at

log = logging.getLogger("flaghoist.compact")

PAUSE_SECONDS = 1.0
SHARE = 0.25
"""Of one core, what many small steps may take; where more has piled up, each step is large and cheap."""

AWAY_SECONDS = 2.0
UPKEEP_SECONDS = 60.0
STRAY_MS = 3 * HOUR_MS
"""How old a file that is not listed must be before another process than its writer may delete it."""

COUNTS_KEPT_MS = 400 * DAY_MS
"""How long hourly and daily counts stay: a year, and a month to compare with."""


class Compactor:
    """One thread that moves events on, about once a second while there are any.

    A batch that cannot be read or stored for a mistake of ours is put off, so that it holds up no others, and tried
    again at each start. ``steps`` are the seconds that steps have taken, ``bytes_moved`` the bodies in them as
    received.
    """

    def __init__(
        self,
        inbox: Feed,
        lake: Lake,
        database: Database,
        *,
        max_lateness_ms: int,
        retention_ms: int = 0,
        witnesses: Sequence[Witness] = (),
        stage: Stage = lambda _: None,
        parse: Parse = parse,
        sharing: Sharing | None = None,
    ) -> None:
        """``inbox`` may be a partition of a log, ``sharing`` is how it gets on with others."""
        self._inbox = inbox
        self._lake = lake
        self._database = database
        self._retention_ms = retention_ms
        self._stage = stage
        self._sharing = sharing or Alone()
        self._aside = Aside(inbox, database)
        self._stepping = Steps(
            inbox,
            lake,
            database,
            gathering=Gathering(parse, max_lateness_ms, self._aside.put_off),
            aside=self._aside,
            sharing=self._sharing,
            witnesses=witnesses,
            stage=stage,
        )
        self._lock = threading.Lock()
        self._is_awaited = threading.Event()
        self._upkeep_at = 0.0
        self._repeated = Repeated(
            "compactor", self._turn, every_seconds=AWAY_SECONDS, log=log, trouble="cannot compact"
        )
        self.steps = Spread()
        self.bytes_moved = 0

    def start(self) -> None:
        """Tidy up after an earlier process, then work in the background until ``stop``."""
        self.begin()
        self._repeated.start()

    def take_over(self) -> None:
        """Tidy up after an earlier process, and move on what it accepted, once."""
        self.begin()
        try:
            self.move_on(is_awaited=False)
        finally:
            self._sharing.leave()

    def begin(self) -> None:
        """Tidy up after an earlier process."""
        with self._lock:
            self._lake.remove_strays(self._sharing.strays)
            with self._database.read() as connection:
                reached = progress.reached(connection, self._inbox.id)
            self._inbox.follow(reached)
            self._sharing.begin(reached)
            self._aside.try_again(self._stepping.store_again)

    @property
    def put_off(self) -> int:
        """How many batches wait for a version that can read them."""
        return len(self._aside)

    def stop(self) -> None:
        """Finish the step under way; what is still in the inbox is safe there."""
        self._repeated.stop()
        self._sharing.leave()

    def wake(self) -> None:
        """Somebody waits for what has been accepted here to count."""
        self._is_awaited.set()
        self._repeated.wake()

    def flush(self) -> None:
        """Move on everything accepted so far, now; raises ``Unavailable`` while the store is away."""
        asked_at = clock.now_ms()
        self.move_on(is_awaited=True)
        self._sharing.wait_for_others(asked_at)

    def catch_up(self) -> None:
        """Likewise, as far as that can be done now: what cannot be written is safe where it is, and counts later."""
        try:
            self.flush()
        except Unavailable as error:
            log.warning("answering without the newest events reason=%s", error)

    def _turn(self) -> float:
        """Move on what there is, and look after the lake now and then; gives the seconds to rest."""
        started = time.monotonic()
        is_awaited = self._is_awaited.is_set()
        self._is_awaited.clear()
        is_busy = self.move_on(is_awaited=is_awaited) >= STEP_BYTES
        if started >= self._upkeep_at:
            self.upkeep()
            self._upkeep_at = started + UPKEEP_SECONDS
        return PAUSE_SECONDS if is_busy else rest_after(time.monotonic() - started)

    def move_on(self, *, is_awaited: bool) -> int:
        """Move on everything that was there at the beginning, whatever goes on arriving; gives the bytes moved."""
        moved, looked_at = 0, None
        with self._lock:
            try:
                began = looking_at = clock.now_ms()
                while step := self._timed_step():
                    moved, looking_at = moved + step, clock.now_ms()
                    if self._stepping.all_until >= first_at(began):
                        looking_at = began
                        break
                looked_at = looking_at
            finally:
                self._sharing.attest(looked_at, at_once=is_awaited)
        return moved

    def _timed_step(self) -> int:
        began = time.monotonic()
        step = self._stepping.take()
        if step:
            self.steps.add(time.monotonic() - began)
            self.bytes_moved += step
        return step

    def upkeep(self) -> None:
        """Merge small files, delete merged ones, and forget what is too old; done in the background each minute."""
        while not self._repeated.is_stopping:
            if not self._sharing.keeps_the_lake():
                return
            if not self._lake.merge_one():
                break
            self._stage("merged")
        self._lake.sweep()
        if self._sharing.strays:
            self._lake.remove_strays(older_than_ms=STRAY_MS)
        now = self._database.write(partial(self._forget, now=clock.now_ms()))
        if self._retention_ms:
            self._lake.forget(before=now - self._retention_ms)

    def _forget(self, connection: Connection, now: int) -> int:
        """Drop ids and counts that are too old; gives how late it is for those who delete."""
        now = ages.present(connection, now)
        if self._sharing.strays:
            claims.forget(connection, before=now)
        activity.forget(connection, before=now - COUNTS_KEPT_MS)
        return now


def rest_after(seconds: float) -> float:
    """How long to rest after so much work that small steps take no more than their share."""
    return max(PAUSE_SECONDS, seconds * (1 - SHARE) / SHARE)
