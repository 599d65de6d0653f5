"""From a log that several nodes share to the lake: each node moves on the partitions that fall to it."""

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.errors import Refusal, Unavailable
from flaghoist.base.figures import Spread
from flaghoist.base.repeated import Repeated
from flaghoist.ingest import compact
from flaghoist.ingest.put_off import OpenPart, Part, try_again
from flaghoist.ingest.sharing import wait_for_others
from flaghoist.store.database import Database
from flaghoist.store.logs import EventLog
from flaghoist.store.logs.home import put_off_in
from flaghoist.store.logs.shares import Shares
from flaghoist.store.nudges import Nudges

log = logging.getLogger("flaghoist.compact")

RENEW_SECONDS = 3.0
AWAY_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 30.0
"""How soon partitions are found that were added to the log."""

PATIENCE_SECONDS = 5.0
"""How long a question waits for its turn while much is moved on."""


class FromLog:
    """Two threads: one renews this node's share of the partitions, the other moves them on in turn."""

    def __init__(
        self,
        events: EventLog,
        database: Database,
        nudges: Nudges,
        *,
        node: str,
        home: Path,
        open_part: OpenPart,
    ) -> None:
        """``open_part`` opens a partition, given with its place among all; ``home`` has what was put off of them."""
        self._events = events
        self._database = database
        self._nudges = nudges
        self._home = home
        self._has_tried_again = False
        self._open_part = open_part
        self._shares = Shares(database, node)
        self._partitions: Sequence[str] = ()
        self._looked_at = 0.0
        self._wanted: Sequence[str] = ()
        self._parts: dict[str, Part] = {}
        self._moved_before = 0
        self.steps = Spread()
        self._turn = threading.Lock()
        self._is_awaited = threading.Event()
        self._upkeep_at = 0.0
        self._keeping = Repeated(
            "log-share",
            self._keep_share,
            every_seconds=compact.PAUSE_SECONDS,
            log=log,
            trouble="cannot look for events to move on",
        )
        self._reading = Repeated(
            "log-reader", self._read_on, every_seconds=AWAY_SECONDS, log=log, trouble="cannot move events on"
        )

    @property
    def put_off(self) -> int:
        """How many batches wait here for a version that can read them."""
        return sum(map(len, put_off_in(self._home).values()))

    @property
    def bytes_moved(self) -> int:
        """Bodies moved by this node, as received."""
        return self._moved_before + sum(compactor.bytes_moved for _, compactor in list(self._parts.values()))

    def start(self) -> None:
        """Work in the background until ``stop``."""
        self._keeping.start()
        self._reading.start()

    def stop(self) -> None:
        """Finish the step under way, and leave the partitions to others."""
        self._keeping.stop()
        self._reading.stop()
        self._wanted = ()
        try:
            self._settle()
            self._shares.leave()
        except Unavailable as error:
            log.warning("cannot say that this node leaves reason=%s", error)

    def wake(self) -> None:
        """Somebody waits for what has been accepted to count."""
        self._is_awaited.set()
        self._reading.wake()

    def catch_up(self) -> None:
        """Move on what this node reads, and wait a little for what others do; what is left counts later."""
        asked_at = clock.now_ms()
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            log.warning("answering without the newest events reason=many wait to be moved on")
            return
        try:
            self._move_on(is_awaited=True)
        except Refusal as error:
            log.warning("answering without the newest events reason=%s", error)
        finally:
            self._turn.release()
        wait_for_others(self._database, self._nudges, asked_at)

    def _keep_share(self) -> float:
        """Look which partitions fall to us; while the state store is away, those that did."""
        self._look_for_partitions()
        wanted = self._shares.renewed(self._partitions, list(self._parts))
        is_more = bool(set(wanted) - set(self._wanted))
        self._wanted = wanted
        if is_more:
            self._reading.wake()
        return RENEW_SECONDS if self._partitions else compact.PAUSE_SECONDS

    def _look_for_partitions(self) -> None:
        now = time.monotonic()
        if self._partitions and now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        try:
            self._partitions = self._events.partitions()
        except Unavailable:
            if not self._partitions:
                raise
        self._looked_at = now

    def _read_on(self) -> float:
        started = time.monotonic()
        is_awaited = self._is_awaited.is_set()
        self._is_awaited.clear()
        with self._turn:
            self._try_again()
            self._settle()
            self._move_on(is_awaited=is_awaited)
        if started >= self._upkeep_at and self._parts:
            next(iter(self._parts.values()))[1].upkeep()
            self._upkeep_at = started + compact.UPKEEP_SECONDS
        return min(compact.rest_after(time.monotonic() - started), AWAY_SECONDS)

    def _try_again(self) -> None:
        """Once, before any partition is taken up."""
        if self._partitions and not self._has_tried_again:
            try_again(self._home, self._partitions, self._open_part)
            self._has_tried_again = True

    def _move_on(self, *, is_awaited: bool) -> None:
        """Move every part on; where one cannot be, it comes last the next time."""
        for partition, (_, compactor) in list(self._parts.items()):
            try:
                compactor.move_on(is_awaited=is_awaited)
            except Exception:
                self._parts[partition] = self._parts.pop(partition)
                raise

    def _settle(self) -> None:
        """Let go of what is another's now, and take up what is ours."""
        wanted = self._wanted
        gone = [partition for partition in self._parts if partition not in wanted]
        for partition in gone:
            feed, compactor = self._parts.pop(partition)
            self._moved_before += compactor.bytes_moved
            compactor.stop()
            feed.close()
        if gone:
            self._shares.give_back(gone)
        for partition in wanted:
            if partition not in self._parts:
                self._take_up(partition)

    def _take_up(self, partition: str) -> None:
        feed, compactor = self._open_part(partition, self._partitions.index(partition))
        compactor.steps = self.steps
        try:
            compactor.begin()
        except BaseException:
            feed.close()
            raise
        self._parts[partition] = (feed, compactor)
        log.info("moves on partition=%s", partition)
