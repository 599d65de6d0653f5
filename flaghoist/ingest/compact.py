"""From the inbox to the lake: every accepted event becomes a fact once, however often this is interrupted."""

import logging
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.errors import Refusal, Unavailable
from flaghoist.base.figures import Spread
from flaghoist.base.repeated import Repeated
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.base.tracing import span
from flaghoist.ingest.parse import Haul, Identity, parse
from flaghoist.ingest.sharing import Alone, Sharing
from flaghoist.store import ages, claims
from flaghoist.store.batches import StoredBatch
from flaghoist.store.claims import Claimed
from flaghoist.store.database import Database
from flaghoist.store.facts import activity, progress, superseded
from flaghoist.store.facts.lake import Lake, LakeFile, TakenForStray, publish
from flaghoist.store.facts.rows import Exposure, Outcome
from flaghoist.store.facts.superseded import Superseded
from flaghoist.store.facts.tally import Tally
from flaghoist.store.logs import Feed
from flaghoist.store.position import first_at
from flaghoist.store.quarantine import Quarantine

log = logging.getLogger("flaghoist.compact")

STEP_BYTES = 8 * MEBIBYTE
"""Bodies read in one step, as received; compressed ones unfold to about eight times as much."""

PAUSE_SECONDS = 1.0
SHARE = 0.25
"""Of one core, what many small steps may take; where more has piled up, each step is large and cheap."""

AWAY_SECONDS = 5.0
UPKEEP_SECONDS = 60.0
STRAY_MS = 3 * HOUR_MS
"""How old a file that is not listed must be before another process than its writer may delete it."""

COUNTS_KEPT_MS = 400 * DAY_MS
"""How long hourly and daily counts stay: a year, and a month to compare with."""


Parse = Callable[..., Haul]
"""As ``parse.parse``."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one step has read, by environment."""

    exposures: dict[str, list[Exposure]] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    identities: dict[str, list[Identity]] = field(default_factory=dict)
    superseded: list[Superseded] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def add(self, environment: str, haul: Haul) -> None:
        if haul.exposures:
            self.exposures.setdefault(environment, []).extend(haul.exposures)
        if haul.outcomes:
            self.outcomes.setdefault(environment, []).extend(haul.outcomes)
        if haul.identities:
            self.identities.setdefault(environment, []).extend(haul.identities)


Witness = Callable[[Connection, Gathered], None]
"""Told of each step within the transaction that makes it count."""

Stage = Callable[[str], None]
"""Told which stage of a step has been reached; tests stop the process there."""


@dataclass(frozen=True, slots=True)
class Written:
    """Facts in files that nobody sees yet, and what makes them count."""

    inbox: str
    since: int
    to: int
    files: list[LakeFile]
    gathered: Gathered
    arrived: list[StoredBatch]
    batches: list[StoredBatch]
    """What counts of those that arrived."""
    offset: int | None = None
    is_all: bool = False
    """Nothing more was there when they were read."""


class _OneByOne(Exception):
    """One of several batches is at fault."""


class Compactor:
    """One thread that moves events on, about once a second while there are any.

    A step writes Parquet files that nobody sees yet, then commits in one transaction: the list of those files, how far
    the inbox is done, and all tallies. Until that commit nothing has happened; after it, everything has. A commit that
    did not come through is tried again as it is. A batch that cannot be read or stored for a mistake of ours is put
    off, whole and durably, so that it holds up no others, and tried again at each start. ``steps`` are the seconds that
    steps have taken, ``bytes_moved`` the bodies in them as received.
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
        self._max_lateness_ms = max_lateness_ms
        self._retention_ms = retention_ms
        self._witnesses = witnesses
        self._stage = stage
        self._parse = parse
        self._sharing = sharing or Alone()
        self._quarantine = Quarantine(inbox.folder / "quarantine")
        self._step_bytes = STEP_BYTES
        self._written: Written | None = None
        self._again = ""
        self._all_until = 0
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
            self._replay_quarantine()

    @property
    def put_off(self) -> int:
        """How many batches wait for a version that can read them."""
        return len(self._quarantine)

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
                    if self._all_until >= first_at(began):
                        looking_at = began
                        break
                looked_at = looking_at
            finally:
                self._sharing.attest(looked_at, at_once=is_awaited)
        return moved

    def _timed_step(self) -> int:
        began = time.monotonic()
        step = self._step()
        if step:
            self.steps.add(time.monotonic() - began)
            self.bytes_moved += step
        return step

    def _step(self) -> int:
        """Move one step on; gives its bytes, 0 when the inbox is empty."""
        try:
            return self._one_step()
        except _OneByOne as narrowed:
            log.warning("cannot store some batch, going on one by one error=%s", narrowed.__cause__)
            self._step_bytes = 1
            return self._one_step()

    def _one_step(self) -> int:
        with self._database.read() as connection:
            since = progress.reached(connection, self._inbox.id)
        is_read_now = self._written is None or self._written.since != since
        if is_read_now:
            self._written = self._write(since)
        if self._written is None:
            return 0
        moved = self._written
        try:
            with span("compaction commit", batches=len(moved.batches), files=len(moved.files)):
                self._commit(moved)
        except (Claimed, TakenForStray) as late:
            # What was written holds what counts elsewhere: write it anew, without. Or it is being deleted.
            self._written = None
            self._again = f"-{uuid.uuid4().hex[:8]}" if isinstance(late, TakenForStray) else ""
            self._lake.discard(moved.files)
            return self._one_step()
        self._written = None
        # A log is filled by others, whose clocks are not ours: that it gave all it had is all there is to know.
        until = moved.to if self._inbox.is_own else sys.maxsize
        self._all_until = until if is_read_now and moved.is_all else 0
        self._stage("committed")
        self._inbox.retire(moved.to)
        self._stage("retired")
        self._step_bytes = min(self._step_bytes * 2, STEP_BYTES)
        return max(sum(len(stored.batch.body) for stored in moved.batches), 1)

    def _write(self, since: int) -> Written | None:
        arrived = self._inbox.after(since, limit_bytes=self._step_bytes)
        if not arrived:
            return None
        batches = self._sharing.unclaimed(arrived)
        with span("compaction parse", batches=len(batches)):
            gathered = self._gather(batches)
        self._stage("parsed")
        name = f"{self._inbox.writer}-{arrived[0].position:016x}{self._again}"
        to, offset = arrived[-1].position, arrived[-1].offset
        is_all = sum(len(stored.batch.body) for stored in arrived) < self._step_bytes
        try:
            with span("compaction write", batches=len(batches)):
                files = self._lake.write(name, gathered.exposures, gathered.outcomes)
        except Unavailable:
            self._step_bytes = max(self._step_bytes // 2, 1)  # less at a time may still find room
            raise
        except Exception as error:
            files, gathered = self._narrow(batches, error)
        self._stage("written")
        return Written(self._inbox.id, since, to, files, gathered, arrived, batches, offset, is_all)

    def _commit(self, written: Written) -> None:
        try:
            self._database.write(lambda connection: self._count(connection, written))
        except Refusal:
            raise
        except Exception as error:  # undone, and so will it be each time
            self._lake.discard(written.files)
            self._written = None
            files, gathered = self._narrow(written.batches, error)
            nothing = replace(written, files=files, gathered=gathered)
            self._database.write(lambda connection: self._count(connection, nothing))

    def _count(self, connection: Connection, written: Written) -> None:
        progress.advance(connection, written.inbox, since=written.since, to=written.to, offset=written.offset)
        publish(connection, written.files)
        superseded.record(connection, written.gathered.superseded)
        self._sharing.claim(connection, written.arrived, written.batches)
        activity.record(connection, written.gathered.tally)
        for witness in self._witnesses:
            witness(connection, written.gathered)
        self._stage("committing")

    def _narrow(self, batches: Sequence[StoredBatch], error: Exception) -> tuple[list[LakeFile], Gathered]:
        """One of these batches cannot be stored: find it by going on one by one; once alone, it is put off."""
        if len(batches) > 1:
            raise _OneByOne from error
        self._put_off(batches[0], error)
        return [], Gathered()

    def _gather(self, batches: Sequence[StoredBatch]) -> Gathered:
        skipped: set[int] = set()
        while True:
            gathered = Gathered()
            for stored in batches:
                if stored.position in skipped:
                    continue
                try:
                    haul = self._haul(stored, gathered)
                except Exception as error:
                    self._put_off(stored, error)
                    skipped.add(stored.position)
                    break  # it may be half counted: begin again without it
                gathered.add(stored.batch.environment_id, haul)
            else:
                return gathered

    def _haul(self, stored: StoredBatch, gathered: Gathered) -> Haul:
        """The facts of a batch; what supersedes a copy that was moved on before was tallied with that."""
        gone = dict(stored.supersedes)
        if not gone:
            return self._parse(stored, gathered.tally, max_lateness_ms=self._max_lateness_ms)
        haul = self._parse(stored, Tally(), max_lateness_ms=self._max_lateness_ms)
        facts: list[Exposure | Outcome] = [*haul.exposures, *haul.outcomes]
        for fact in facts:
            if (place := fact.position - stored.position) in gone:
                gathered.superseded.append(Superseded(stored.batch.environment_id, gone[place], fact.unit))
        self._parse(stored.without_superseding, gathered.tally, max_lateness_ms=self._max_lateness_ms)
        return haul

    def _put_off(self, stored: StoredBatch, error: Exception) -> None:
        stored = stored.without_superseding  # of those, the copies that were moved on before go on counting
        try:
            self._quarantine.keep(stored, error)
        except OSError as full:
            raise Unavailable(f"a batch cannot be put off to {self._quarantine.folder}: {full}") from full
        log.error(
            "cannot read a batch, put off position=%s environment=%s events=%s folder=%s",
            stored.position,
            stored.batch.environment_id,
            stored.batch.events,
            self._quarantine.folder,
            exc_info=error,
        )

    def _replay_quarantine(self) -> None:
        """Try again what an earlier process had to put off; once it counts, it is let go of."""
        kept = []
        for stored in self._quarantine.batches():
            try:
                self._replay(stored)
            except Exception as error:
                log.warning("still cannot read a batch position=%s error=%s", stored.position, error)
                kept.append(stored.position)
        if not self._inbox.is_own:
            return  # another may have put off the same batches, and asks for these marks
        inbox = self._inbox.id
        self._database.write(lambda connection: progress.forget_replayed(connection, inbox, but=kept))

    def _replay(self, stored: StoredBatch) -> None:
        mark = progress.replayed(self._inbox.id, stored.position)
        with self._database.read() as connection:
            counts_already = progress.reached(connection, mark) > 0  # and a crash kept it here
        if not counts_already:
            gathered = Gathered()
            haul = self._parse(stored, gathered.tally, max_lateness_ms=self._max_lateness_ms)
            gathered.add(stored.batch.environment_id, haul)
            name = f"{self._inbox.writer}-{stored.position:016x}-again"
            files = self._lake.write(name, gathered.exposures, gathered.outcomes)
            written = Written(mark, 0, stored.position, files, gathered, [stored], [stored])
            self._database.write(lambda connection: self._count(connection, written))
        self._quarantine.release(stored)

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
