"""A road of events for tests: a clock that is set by hand, an inbox, a lake, and what they tell."""

import gzip
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flaghoist.base.clock import HOUR_MS
from flaghoist.ingest.compact import Compactor
from flaghoist.store.batches import Batch, Marks
from flaghoist.store.database import Database
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.places.port import Place
from flaghoist.store.inbox import Inbox, Outcome

NOON = 1_795_435_200_000
"""2026-11-23T12:00:00Z."""

_names = itertools.count()


@dataclass
class FakeClock:
    """Time stands still until told otherwise."""

    at_ms: int = NOON

    def now_ms(self) -> int:
        return self.at_ms


@dataclass
class Road:
    """Everything between a door and a question."""

    folder: Path
    database: Database
    clock: FakeClock
    max_lateness_ms: int = 72 * HOUR_MS
    place: Place | None = None
    inbox: Inbox = field(init=False)
    lake: Lake = field(init=False)
    facts: Facts = field(init=False)
    compactor: Compactor = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.inbox = Inbox(self.folder / "inbox")
        self.lake = Lake(self.place or self.folder / "lake", self.database)
        self.facts = Facts(self.lake, self.database, spill=self.folder / "spill")
        self.compactor = self.new_compactor()

    def new_compactor(self, **options: Any) -> Compactor:
        return Compactor(self.inbox, self.lake, self.database, max_lateness_ms=self.max_lateness_ms, **options)

    def close(self) -> None:
        self.inbox.close()
        self.facts.close()
        self.lake.close()

    def send(
        self, environment: str, events: Sequence[Any], *, at: int | None = None, compressed: bool = True, **batch: Any
    ) -> Outcome:
        """Put events into the inbox, at a time if given, as a server-side SDK would."""
        if at is not None:
            self.clock.at_ms = at
        body = json.dumps(events).encode()
        batch.setdefault("source", "server")
        if compressed:
            body = gzip.compress(body, 1)
            batch["marks"] = batch.get("marks", Marks(0)) | Marks.GZIP
        return self.inbox.accept(Batch(environment, body=body, events=len(events), **batch)).result(timeout=10)

    def wait_until(self, happened: Callable[[], object], *, seconds: float) -> None:
        """Return once something is so; fail if it is not within a time."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.05)


def new_environment() -> str:
    """The id of an environment that nobody has used."""
    return f"{next(_names):024x}"
