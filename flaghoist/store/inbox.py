"""Where events are safe before anyone is told that they were accepted."""

import contextlib
import fcntl
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Literal

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.store.known_ids import KnownIds, event_digest, payload_digest
from flaghoist.store.position import Positions
from flaghoist.store.segments import Segment

log = logging.getLogger("flaghoist.inbox")

SEGMENT_BYTES = 32 * 1024 * 1024
GROUP_MAX = 256
WAITING_BYTES_MAX = 64 * 1024 * 1024

Source = Literal["server", "mobile", "client", "import", "pixel"]


class Marks(IntFlag):
    """How a body is to be read."""

    GZIP = 1
    UNSUMMARIZED = 2  # every evaluation is in it, and no summary
    EXTENSIONS = 4  # an import that may hold exposures and attributes
    BY_CREATION = 8  # the sender vouches for creationDate as the time of each event
    LINES = 16  # one JSON object a line


@dataclass(frozen=True, slots=True)
class Batch:
    """One accepted body, still as the sender compressed it; ``events`` is how many array elements it holds."""

    environment_id: str
    source: Source
    body: bytes
    events: int
    payload_id: str = ""
    schema: int = 4
    marks: Marks = Marks(0)
    event_ids: tuple[tuple[int, str], ...] = ()
    """(place in the body, ``eventId``) of the events that carry one."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch is durable; ``repeats`` are the places of events whose ``eventId`` was accepted before."""

    received_at: int
    repeats: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A batch with this payload id was accepted before; nothing was kept of this one."""


Outcome = Accepted | Duplicate


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as it lies in the inbox; ``position`` is that of its first event."""

    position: int
    batch: Batch
    repeats: frozenset[int]


class Inbox:
    """One folder, one writer: batches that wait together become durable with one ``fsync``.

    Bodies lie in segment files, deleted whole once ``retire`` is told that everything in them is in the lake.
    Payload ids are remembered for seven days and event ids for ninety, per environment. Raises ``Unavailable`` when
    another process has the folder.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._lock_file = _locked(folder / "lock")
        self._known = KnownIds(folder / "ids.db")
        self.id = self._known.inbox_id
        self._segments: list[Segment] = [Segment(path) for path in sorted(folder.glob("segment-*.db"))]
        self._segments_lock = threading.Lock()
        for segment in self._segments:
            self._known.remember(segment.digests())
        self._positions = Positions.following(max([segment.last_position() for segment in self._segments], default=0))
        self._waiting: queue.SimpleQueue[tuple[Batch, Future[Outcome]] | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._stopped = False
        self._writer = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
        self._writer.start()

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Make a batch durable; the future fails with ``Unavailable`` when the disk is full or cannot be written."""
        future: Future[Outcome] = Future()
        if self._stopped or self._waiting_bytes > WAITING_BYTES_MAX:
            why = "is shutting down" if self._stopped else "is busy"
            future.set_exception(Unavailable(f"the event inbox {why}; try again"))
            return future
        self._waiting_bytes += len(batch.body)  # a wrong count after a race between threads heals when the queue empties
        self._waiting.put((batch, future))
        return future

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """Batches that follow a position, in order of arrival, until their bodies exceed ``limit_bytes``."""
        found: list[StoredBatch] = []
        with self._segments_lock:
            segments = [segment for segment in self._segments if segment.last_position() > position]
        for segment in segments:
            for row in segment.after(position):
                found.append(_stored(row))
                limit_bytes -= len(found[-1].batch.body)
                if limit_bytes <= 0:
                    return found
        return found

    def last_position(self) -> int:
        """The position of the newest durable batch, 0 before the first."""
        with self._segments_lock:
            return max([segment.last_position() for segment in self._segments], default=0)

    def retire(self, position: int) -> None:
        """Everything up to a position is in the lake: forget the bodies of full segments, keep their ids."""
        with self._segments_lock:
            done = [segment for segment in self._segments[:-1] if segment.last_position() <= position]
        for segment in done:
            self._known.keep(segment.digests())
            with self._segments_lock:
                self._segments.remove(segment)
            segment.delete()
        self._known.forget_expired()

    def close(self) -> None:
        """Finish what was accepted and let go of the folder."""
        self._stopped = True
        self._waiting.put(None)
        self._writer.join()
        for segment in self._segments:
            segment.close()
        self._known.close()
        self._lock_file.close()

    def _write(self) -> None:
        for group in _groups(self._waiting):
            try:
                outcomes = self._commit([batch for batch, _ in group])
            except (sqlite3.Error, OSError) as error:
                log.error("cannot write events error=%s batches=%s", error, len(group))
                refusal = Unavailable(f"the event inbox cannot be written: {error}")
                for _, future in group:
                    future.set_exception(refusal)
            else:
                for (_, future), outcome in zip(group, outcomes, strict=True):
                    future.set_result(outcome)
            self._waiting_bytes -= sum(len(batch.body) for batch, _ in group)
            if self._waiting.empty():
                self._waiting_bytes = 0

    def _commit(self, batches: list[Batch]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        new: dict[bytes, int] = {}
        with self._current().writing() as segment:
            for batch in batches:
                digest = payload_digest(batch.environment_id, batch.payload_id) if batch.payload_id else None
                if digest is not None and (digest in new or self._known.knows(digest)):
                    outcomes.append(Duplicate())
                    continue
                events = _event_digests(batch)
                repeats = frozenset(_repeated(events, new, self._known))
                position = self._positions.next(clock.now_ms(), batch.events)
                segment.append(position, digest, batch, repeats)
                if digest is not None:
                    new[digest] = position
                for place, event in events:
                    if place not in repeats:
                        segment.append_event_id(event, position)
                        new[event] = position
                outcomes.append(Accepted(_received_at(position), repeats))
        self._known.remember((digest, 0) for digest in new)
        return outcomes

    def _current(self) -> Segment:
        if not self._segments or self._segments[-1].size() >= self._segment_bytes:
            segment = Segment.create(self._folder, self._positions)
            with self._segments_lock:
                self._segments.append(segment)
        return self._segments[-1]
