"""One step of compaction after another: some of what waits in an inbox becomes facts, whole or not at all."""

import logging
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from flaghoist.base.errors import Refusal, Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.base.tracing import span
from flaghoist.ingest.aside import Aside
from flaghoist.ingest.gather import Gathered, Gathering
from flaghoist.ingest.sharing import Sharing
from flaghoist.store.batches import StoredBatch
from flaghoist.store.claims import Claimed
from flaghoist.store.database import Database
from flaghoist.store.facts import activity, progress, superseded
from flaghoist.store.facts.lake import Lake, LakeFile, TakenForStray, publish
from flaghoist.store.logs import Feed

log = logging.getLogger("flaghoist.compact")

STEP_BYTES = 8 * MEBIBYTE
"""Bodies read in one step, as received; compressed ones unfold to about eight times as much."""

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


class Steps:
    """A step writes Parquet files that nobody sees yet, then commits in one transaction: the list of those files, how
    far the inbox is done, and all tallies. Until that commit nothing has happened; after it, everything has. A commit
    that did not come through is tried again as it is. After a step all is moved on that has a position up to
    ``all_until``, as far as is known.
    """

    def __init__(
        self,
        inbox: Feed,
        lake: Lake,
        database: Database,
        *,
        gathering: Gathering,
        aside: Aside,
        sharing: Sharing,
        witnesses: Sequence[Witness],
        stage: Stage,
    ) -> None:
        self._inbox = inbox
        self._lake = lake
        self._database = database
        self._gathering = gathering
        self._aside = aside
        self._sharing = sharing
        self._witnesses = witnesses
        self._stage = stage
        self._written: Written | None = None
        self._again = ""
        self.step_bytes = STEP_BYTES
        self.all_until = 0

    def take(self) -> int:
        """Move one step on; gives its bytes, 0 when the inbox is empty."""
        try:
            return self._take()
        except _OneByOne as narrowed:
            log.warning("cannot store some batch, going on one by one error=%s", narrowed.__cause__)
            self.step_bytes = 1
            return self._take()

    def store_again(self, stored: StoredBatch, mark: str) -> None:
        """Store a batch that was put off, with a mark that it counts; raises whatever is still wrong with it."""
        gathered = self._gathering.of_one(stored)
        name = f"{self._inbox.writer}-{stored.position:016x}-again"
        files = self._lake.write(name, gathered.exposures, gathered.outcomes)
        written = Written(mark, 0, stored.position, files, gathered, [stored], [stored])
        self._database.write(lambda connection: self._count(connection, written))

    def _take(self) -> int:
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
            return self._take()
        self._written = None
        # A log is filled by others, whose clocks are not ours: that it gave all it had is all there is to know.
        until = moved.to if self._inbox.is_own else sys.maxsize
        self.all_until = until if is_read_now and moved.is_all else 0
        self._stage("committed")
        self._inbox.retire(moved.to)
        self._stage("retired")
        self.step_bytes = min(self.step_bytes * 2, STEP_BYTES)
        return max(sum(len(stored.batch.body) for stored in moved.batches), 1)

    def _write(self, since: int) -> Written | None:
        arrived = self._inbox.after(since, limit_bytes=self.step_bytes)
        if not arrived:
            return None
        batches = self._sharing.unclaimed(arrived)
        with span("compaction parse", batches=len(batches)):
            gathered = self._gathering.of_all(batches)
        self._stage("parsed")
        name = f"{self._inbox.writer}-{arrived[0].position:016x}{self._again}"
        to, offset = arrived[-1].position, arrived[-1].offset
        is_all = sum(len(stored.batch.body) for stored in arrived) < self.step_bytes
        try:
            with span("compaction write", batches=len(batches)):
                files = self._lake.write(name, gathered.exposures, gathered.outcomes)
        except Unavailable:
            self.step_bytes = max(self.step_bytes // 2, 1)  # less at a time may still find room
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
        progress.put_off(connection, written.inbox, written.gathered.put_off)
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
        self._aside.put_off(batches[0], error)
        return [], Gathered(put_off=[batches[0].position])
