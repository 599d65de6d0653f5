"""From the inbox to the lake: every accepted event becomes a fact once, however often this is interrupted."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.ingest.parse import Haul, Identity, parse
from flaghoist.store.batches import StoredBatch
from flaghoist.store.database import Database
from flaghoist.store.facts import activity, progress
from flaghoist.store.facts.lake import Lake, publish
from flaghoist.store.facts.rows import Exposure, Outcome
from flaghoist.store.facts.tally import Tally
from flaghoist.store.inbox import Inbox

log = logging.getLogger("flaghoist.compact")

STEP_BYTES = 8 * 1024 * 1024
"""Bodies read in one step, as received; compressed ones unfold to about eight times as much."""

PAUSE_SECONDS = 1.0
SHARE = 0.25
"""Of one core, what many small steps may take; where more has piled up, each step is large and cheap."""

AWAY_SECONDS = 5.0
UPKEEP_SECONDS = 60.0
COUNTS_KEPT_MS = 400 * 86_400_000
"""How long hourly and daily counts stay: a year, and a month to compare with."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one step has read, by environment."""

    exposures: dict[str, list[Exposure]] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    identities: dict[str, list[Identity]] = field(default_factory=dict)
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


class Compactor:
    """One thread that moves events on, about once a second while there are any.

    A step writes Parquet files that nobody sees yet, then commits in one transaction: the list of those files, how far
    the inbox is done, and all tallies. Until that commit nothing has happened; after it, everything has.
    """

    def __init__(
        self,
        inbox: Inbox,
        lake: Lake,
        database: Database,
        *,
        max_lateness_ms: int,
        retention_ms: int = 0,
        witnesses: Sequence[Witness] = (),
        stage: Stage = lambda _: None,
    ) -> None:
        self._inbox = inbox
        self._lake = lake
        self._database = database
        self._max_lateness_ms = max_lateness_ms
        self._retention_ms = retention_ms
        self._witnesses = witnesses
        self._stage = stage
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Tidy up after an earlier process, then work in the background until ``stop``."""
        with self._lock:
            self._lake.remove_strays()
        self._thread = threading.Thread(target=self._run, name="compactor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the step under way; what is still in the inbox is safe there."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def flush(self) -> None:
        """Move on everything accepted so far, now; raises ``Unavailable`` while the store is away."""
        self._move()

    def _run(self) -> None:
        upkeep_at = 0.0
        while not self._stopping.is_set():
            started = time.monotonic()
            busy, pause = False, PAUSE_SECONDS
            try:
                busy = self._move() >= STEP_BYTES
                if started >= upkeep_at:
                    self._upkeep()
                    upkeep_at = started + UPKEEP_SECONDS
            except Unavailable as error:
                log.warning("cannot compact error=%s", error)
                pause = AWAY_SECONDS
            except Exception:
                log.exception("cannot compact")
                pause = AWAY_SECONDS
            elapsed = time.monotonic() - started
            self._stopping.wait(pause if busy else max(pause, elapsed * (1 - SHARE) / SHARE))

    def _move(self) -> int:
        """Move on everything there is; gives the bytes moved."""
        moved = 0
        with self._lock:
            while step := self._step():
                moved += step
        return moved

    def _step(self) -> int:
        """Move one step on; gives its bytes, 0 when the inbox is empty."""
        with self._database.read() as connection:
            since = progress.reached(connection, self._inbox.id)
        batches = self._inbox.after(since, limit_bytes=STEP_BYTES)
        if not batches:
            return 0
        gathered = self._gather(batches)
        self._stage("parsed")
        name = f"{self._inbox.id[:12]}-{batches[0].position:016x}"
        files = self._lake.write(name, gathered.exposures, gathered.outcomes)
        self._stage("written")

        def commit(connection: Connection) -> None:
            progress.advance(connection, self._inbox.id, since=since, to=batches[-1].position)
            publish(connection, files)
            activity.record(connection, gathered.tally)
            for witness in self._witnesses:
                witness(connection, gathered)
            self._stage("committing")

        self._database.write(commit)
        self._stage("committed")
        self._inbox.retire(batches[-1].position)
        self._stage("retired")
        return sum(max(len(stored.batch.body), 1) for stored in batches)

    def _gather(self, batches: Sequence[StoredBatch]) -> Gathered:
        gathered = Gathered()
        for stored in batches:
            haul = parse(stored, gathered.tally, max_lateness_ms=self._max_lateness_ms)
            gathered.add(stored.batch.environment_id, haul)
        return gathered

    def _upkeep(self) -> None:
        while not self._stopping.is_set() and self._lake.merge_one():
            self._stage("merged")
        self._lake.sweep()
        counts_since = clock.now_ms() - COUNTS_KEPT_MS
        self._database.write(lambda connection: activity.forget(connection, before=counts_since))
        if self._retention_ms:
            self._lake.forget(before=clock.now_ms() - self._retention_ms)
