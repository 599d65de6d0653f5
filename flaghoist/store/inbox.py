"""Where events are safe before anyone is told that they were accepted."""

import fcntl
import logging
import queue
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.holds import deleting
from flaghoist.store.known_ids import KnownIds, event_digest, payload_digest
from flaghoist.store.position import Positions
from flaghoist.store.segments import Segment, sync_folder

log = logging.getLogger("flaghoist.inbox")

SEGMENT_BYTES = 32 * 1024 * 1024
GROUP_MAX = 256
WAITING_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch is durable, from this position on; ``repeats`` are the places of events whose ``eventId`` was known."""

    position: int
    repeats: frozenset[int]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A batch with this payload id was accepted before, so nothing was kept of this one."""


Outcome = Accepted | Duplicate
_Job = tuple[Batch, "Future[Outcome]"]


class Inbox:
    """One folder, one writer: batches that wait together become durable with one ``fsync``.

    Bodies lie in segment files, each deleted whole once ``retire`` is told that all of it is in the lake. Payload ids
    are remembered for seven days and event ids for ninety, per environment, across restarts and deletions.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open the folder, alone: raises ``Unavailable`` while another process has it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._lock_file = _locked(folder / "lock")
        self._known = KnownIds(folder / "ids.db")
        # Without this, a power cut could take the inbox's name away, and with it how far it has been moved on.
        sync_folder(folder)
        sync_folder(folder.parent)
        self._segments = [Segment(path) for path in sorted(folder.glob("segment-*.db"))]
        self._segments_lock = threading.Lock()
        for segment in self._segments:
            self._known.remember(digest for digest, _ in segment.ids())
        reached = max([max(segment.floor, segment.last_position) for segment in self._segments], default=0)
        self._positions = Positions.following(reached)
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._is_closed = False
        self._writer = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
        self._writer.start()

    @property
    def id(self) -> str:
        """Which inbox this is, among all that ever fed the same store."""
        return self._known.inbox_id

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Make a batch durable; the future fails with ``Unavailable`` when that cannot be done now."""
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()  # what is on its way to the disk can no longer be called back
        if self._is_closed or self._waiting_bytes > WAITING_BYTES_MAX:
            why = "is closed" if self._is_closed else "is busy"
            future.set_exception(Unavailable(f"the event inbox {why}; try again"))
        else:
            self._waiting_bytes += len(batch.body)
            self._waiting.put((batch, future))
        return future

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """The batches that follow a position, in order of arrival, until their bodies exceed ``limit_bytes``."""
        found: list[StoredBatch] = []
        with self._segments_lock:
            segments = [segment for segment in self._segments if segment.last_position > position]
        for segment in segments:
            for stored in segment.after(position):
                found.append(stored)
                limit_bytes -= len(stored.batch.body)
                if limit_bytes <= 0:
                    return found
        return found

    def retire(self, position: int) -> None:
        """Everything up to a position is in the lake: delete the full segments that lie before it, keep their ids.

        While somebody holds the folder nothing is deleted; a later call makes up for it.
        """
        with self._segments_lock:
            done = [segment for segment in self._segments[:-1] if segment.last_position <= position]
        if done:
            with deleting(self._folder) as may_delete:
                for segment in done if may_delete else ():
                    self._retire(segment)
        self._known.forget_expired()

    def close(self) -> None:
        """Finish what is on its way and let go of the folder."""
        self._is_closed = True
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
            except Exception as error:
                log.exception("cannot write events batches=%s", len(group))
                _fail(group, error)
            else:
                for (_, future), outcome in zip(group, outcomes, strict=True):
                    future.set_result(outcome)
            # Door threads add without a lock, so a lost update is possible; an empty queue sets the count right.
            waiting = self._waiting_bytes - sum(len(batch.body) for batch, _ in group)
            self._waiting_bytes = 0 if self._waiting.empty() else waiting

    def _commit(self, batches: list[Batch]) -> list[Outcome]:
        new: set[bytes] = set()
        with self._current_segment().writing() as segment:
            outcomes = [self._append(segment, batch, new) for batch in batches]
        self._known.remember(new)
        return outcomes

    def _retire(self, segment: Segment) -> None:
        self._known.keep(segment.ids())
        with self._segments_lock:
            self._segments.remove(segment)
        segment.delete()

    def _append(self, segment: Segment, batch: Batch, new: set[bytes]) -> Outcome:
        payload = payload_digest(batch.environment_id, batch.payload_id) if batch.payload_id else None
        if payload is not None and not self._claim(payload, new):
            return Duplicate()
        events = {place: event_digest(batch.environment_id, event_id) for place, event_id in batch.event_ids}
        repeats = frozenset(place for place, digest in events.items() if not self._claim(digest, new))
        position = self._positions.next(clock.now_ms(), batch.events)
        segment.append(position, payload, batch, repeats)
        if events:
            segment.append_event_ids(position, [events[place] for place in events.keys() - repeats])
        return Accepted(position, repeats)

    def _claim(self, digest: bytes, new: set[bytes]) -> bool:
        if digest in new or self._known.knows(digest):
            return False
        new.add(digest)
        return True

    def _current_segment(self) -> Segment:
        if not self._segments or self._segments[-1].bytes >= self._segment_bytes:
            segment = Segment.create(self._folder, self._positions.next(clock.now_ms(), 1))
            with self._segments_lock:
                self._segments.append(segment)
        return self._segments[-1]


def _groups(waiting: "queue.SimpleQueue[_Job | None]") -> Iterator[list[_Job]]:
    """All that waits, again and again, until the closing ``None``."""
    while True:
        group = [waiting.get()]
        while len(group) < GROUP_MAX and not waiting.empty():
            group.append(waiting.get())
        yield [job for job in group if job is not None]
        if None in group:
            return


def _fail(group: list[_Job], error: Exception) -> None:
    if isinstance(error, sqlite3.Error | OSError):
        error = Unavailable("events cannot be written at the moment; try again")
    for _, future in group:
        future.set_exception(error)


def _locked(path: Path) -> TextIOWrapper:
    lock_file = path.open("w")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise Unavailable(f"another process has the event inbox at {path.parent}") from None
    return lock_file
