"""Where events are safe before anyone is told that they were accepted."""

import fcntl
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store import mending, salvage
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.folders import sync
from flaghoist.store.holds import deleting
from flaghoist.store.known_ids import KnownIds, Remembered, event_digest, payload_digest
from flaghoist.store.moments import Moments
from flaghoist.store.position import FIRST_SLOTS, Positions, received_at
from flaghoist.store.room import Bounds
from flaghoist.store.segments import Damaged, Segment, floor_of

log = logging.getLogger("flaghoist.inbox")

SEGMENT_BYTES = 32 * MEBIBYTE
GROUP_MAX = 256
WAITING_BYTES_MAX = 64 * MEBIBYTE
DISK_FACTOR = 4
"""Small batches take more of the disk than of a segment's share; a segment this many times its size is full too."""

REMINDED_SECONDS = 10.0


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

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        bounds: Bounds | None = None,
        moments: Moments | None = None,
    ) -> None:
        """Open the folder, alone: raises ``Unavailable`` while another process has it.

        ``moments`` are those that several inboxes share. What is damaged is mended, as far as it can be, and said so in
        the log.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._bounds = bounds or Bounds()
        self._moments = moments
        self._lock_file = _locked(folder / "lock")
        self._known = KnownIds(folder / "ids.db")
        # Without this, a power cut could take the inbox's name away, and with it how far it has been moved on.
        sync(folder)
        sync(folder.parent)
        self._first_slot = int(self._known.inbox_id[:8], 16) % FIRST_SLOTS
        self._positions = Positions(first_slot=self._first_slot)
        self._segments: list[Segment] = []
        self._in_lake = 0
        self._unmended: dict[Path, mending.Salvaged] = {}
        self._segments_lock = threading.Lock()
        self._writing_lock = threading.Lock()
        mending.finish(folder)
        for path in sorted(folder.glob("segment-*.db")):
            self._take_up(path)
        self._refusing_since = 0.0
        self._reminded_at = 0.0
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._doubted: Segment | None = None
        self._waiting_bytes = 0
        self._is_closed = False
        self._writer = threading.Thread(target=self._write, name="inbox-writer", daemon=True)
        self._writer.start()

    @property
    def id(self) -> str:
        """Which inbox this is, among all that ever fed the same store."""
        return self._known.inbox_id

    @property
    def writer(self) -> str:
        """What the names of files have in common that are written of what it accepted."""
        return self.id[:12]

    @property
    def is_own(self) -> bool:
        """Nobody else moves it on."""
        return True

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._folder

    @property
    def disk_bytes(self) -> int:
        """What the bodies that wait take of the disk; a segment all of which is in the lake is as good as gone."""
        with self._segments_lock:
            return sum(each.disk_bytes for each in self._segments if each.last_position > self._in_lake)

    @property
    def objection(self) -> str:
        """Why nothing more can be taken in now; empty if it can."""
        if self._refusing_since:
            return "the last events could not be written"
        return self._bounds.objection(self._folder, self.disk_bytes)

    def waiting_since(self) -> int | None:
        """When the oldest batch that is not in the lake was received, in milliseconds; None where all of them are."""
        with self._segments_lock:
            segments = [segment for segment in self._segments if segment.last_position > self._in_lake]
        firsts = (segment.first_after(self._in_lake) for segment in segments)
        first = next((position for position in firsts if position is not None), None)
        return None if first is None else received_at(first)

    def follow(self, position: int) -> None:
        """Give out only positions after one up to which all is said to be in the lake, whatever happened to files."""
        with self._writing_lock:
            self._continue_after(position)
            self._in_lake = max(self._in_lake, position)

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
        """The batches that follow a position, in order of arrival, until their bodies exceed ``limit_bytes``.

        Raises ``Unavailable`` while a damaged segment cannot be mended: what came later has to wait for it.
        """
        self._mend_the_rest()
        found: list[StoredBatch] = []
        with self._segments_lock:
            segments = [segment for segment in self._segments if segment.last_position > position]
        for segment in segments:
            try:
                for stored in segment.after(position):
                    found.append(stored)
                    limit_bytes -= len(stored.batch.body)
                    if limit_bytes <= 0:
                        return found
            except (Damaged, sqlite3.DatabaseError) as error:
                self._mend(segment, error)
                return found or self.after(position, limit_bytes=limit_bytes)
        return found

    def retire(self, position: int) -> None:
        """Everything up to a position is in the lake: delete the full segments that lie before it, keep their ids.

        While somebody holds the folder nothing is deleted; a later call makes up for it.
        """
        self._in_lake = max(self._in_lake, position)
        with self._segments_lock:
            done = [segment for segment in self._segments[:-1] if segment.last_position <= position]
        try:
            if done:
                with deleting(self._folder) as may_delete:
                    for segment in done if may_delete else ():
                        self._retire(segment)
            self._known.forget_expired()
        except sqlite3.Error as error:  # the segments stay, and are looked at again
            raise Unavailable(f"ids cannot be kept at the moment: {error}") from error

    def remembered(self, until: int) -> list[Remembered]:
        """Every id that is remembered of batches up to a position, with the time until which it is (milliseconds)."""
        with self._segments_lock:
            segments = list(self._segments)
        return [*self._known.kept(), *(each for segment in segments for each in segment.ids(until=until))]

    def close(self) -> None:
        """Finish what is on its way and let go of the folder."""
        self._is_closed = True
        self._waiting.put(None)
        self._writer.join()
        for segment in self._segments:
            segment.close()
        self._known.close()
        if self._moments is not None:
            self._moments.close()
        self._lock_file.close()

    def _write(self) -> None:
        for group in _groups(self._waiting):
            try:
                outcomes = self._commit([batch for batch, _ in group])
            except Exception as error:
                self._fail(group, error)
            else:
                for (_, future), outcome in zip(group, outcomes, strict=True):
                    future.set_result(outcome)
                if group and self._refusing_since:
                    log.warning("events are accepted again inbox=%s", self._folder)
                    self._refusing_since = self._reminded_at = 0.0
            # Door threads add without a lock, so a lost update is possible; an empty queue sets the count right.
            waiting = self._waiting_bytes - sum(len(batch.body) for batch, _ in group)
            self._waiting_bytes = 0 if self._waiting.empty() else waiting

    def _fail(self, group: list[_Job], error: Exception) -> None:
        """Tell the senders, each, and those who read the log now and then."""
        now = time.monotonic()
        if not self._refusing_since or now - self._reminded_at >= REMINDED_SECONDS:
            expected = isinstance(error, sqlite3.Error | OSError | Unavailable)
            log.error("events are refused inbox=%s reason=%s", self._folder, error, exc_info=not expected)
            self._refusing_since, self._reminded_at = self._refusing_since or now, now
        if isinstance(error, sqlite3.Error | OSError):
            error = Unavailable("events cannot be written at the moment; try again")
        for _, future in group:
            future.set_exception(error)

    def _commit(self, batches: list[Batch]) -> list[Outcome]:
        with self._writing_lock:
            if objection := self._bounds.objection(self._folder, self.disk_bytes):
                raise Unavailable(f"no events can be taken in at the moment: {objection}")
            segment = self._current_segment()
            try:
                return self._append_all(segment, batches)
            except sqlite3.DatabaseError as error:
                if not salvage.is_damage(error):
                    raise
                return self._append_all(self._replace(segment, error), batches)

    def _append_all(self, segment: Segment, batches: list[Batch]) -> list[Outcome]:
        self._settle_doubts()
        new: set[bytes] = set()
        try:
            with segment.writing():
                outcomes = [self._append(segment, batch, new) for batch in batches]
        except BaseException:
            self._doubted = segment
            raise
        self._known.remember(new)
        return outcomes

    def _settle_doubts(self) -> None:
        """Know again what a file has kept of a write that it said had failed: its senders come back with it."""
        if self._doubted in self._segments:
            self._known.remember(digest for digest, _ in self._doubted.ids())
        self._doubted = None

    def _retire(self, segment: Segment) -> None:
        try:
            ids = segment.ids()
        except sqlite3.DatabaseError as error:
            self._mend(segment, error)
            return
        self._known.keep(ids)
        with self._segments_lock:
            self._segments.remove(segment)
        segment.delete()

    def _append(self, segment: Segment, batch: Batch, new: set[bytes]) -> Outcome:
        payload = payload_digest(batch.environment_id, batch.payload_id) if batch.payload_id else None
        if payload is not None and not self._claim(payload, new):
            return Duplicate()
        events = {place: event_digest(batch.environment_id, event_id) for place, event_id in batch.event_ids}
        repeats = frozenset(place for place, digest in events.items() if not self._claim(digest, new))
        position = self._next_position(batch.events)
        segment.append(position, payload, batch, repeats)
        if events:
            segment.append_event_ids(position, [(place, events[place]) for place in sorted(events.keys() - repeats)])
        return Accepted(position, repeats)

    def _next_position(self, events: int) -> int:
        if self._moments is None:
            return self._positions.next(clock.now_ms(), events)
        return self._moments.next(self._positions, events)

    def _claim(self, digest: bytes, new: set[bytes]) -> bool:
        if digest in new or self._known.knows(digest):
            return False
        new.add(digest)
        return True

    def _current_segment(self) -> Segment:
        if not self._segments or self._is_full(self._segments[-1]):
            segment = Segment.create(self._folder, self._next_position(1))
            with self._segments_lock:
                self._segments.append(segment)
        return self._segments[-1]

    def _is_full(self, segment: Segment) -> bool:
        return segment.bytes >= self._segment_bytes or segment.disk_bytes >= self._segment_bytes * DISK_FACTOR

    def _continue_after(self, position: int) -> None:
        if received_at(position) >= self._positions.at_ms:
            self._positions = Positions.following(position, first_slot=self._first_slot)

    def _take_up(self, path: Path) -> None:
        """Open a segment of an earlier process, mended if need be."""
        self._continue_after(floor_of(path))
        try:
            if mending.is_damaged(path):
                raise Damaged("the log is cut off before its last commit")
            segment = Segment(path)
            ids = segment.ids()
        except (Damaged, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.Error) and not salvage.is_damage(error):
                raise
            self._take_up_mended(path, error)
            return
        self._segments.append(segment)
        self._known.remember(digest for digest, _ in ids)
        self._continue_after(segment.last_position)

    def _take_up_mended(self, path: Path, reason: object) -> None:
        found = mending.read_damaged(path)
        self._known.remember(digest for digest, _ in found.ids())
        self._continue_after(found.last_position)
        try:
            mending.replace(path, found, reason)
        except (OSError, sqlite3.Error) as error:
            log.error("damaged segment file=%s reason=%s cannot be mended yet: %s", path, reason, error)
            self._unmended[path] = found
        else:
            self._segments.append(Segment(path))

    def _mend_the_rest(self) -> None:
        """Try again what could not be mended at the start."""
        for path, found in list(self._unmended.items()):
            try:
                mending.replace(path, found, "found so at the start")
                segment = Segment(path)
            except (OSError, sqlite3.Error) as error:
                raise Unavailable(f"the damaged segment {path} cannot be mended at the moment: {error}") from error
            with self._segments_lock:
                self._segments = sorted([*self._segments, segment], key=lambda each: each.floor)
            del self._unmended[path]

    def _mend(self, segment: Segment, reason: Damaged | sqlite3.DatabaseError) -> None:
        """Put a mended segment in the place of a damaged one; raises ``Unavailable`` if that cannot be done now."""
        if isinstance(reason, sqlite3.Error) and not salvage.is_damage(reason):
            raise Unavailable(f"the segment {segment.path} cannot be read at the moment: {reason}") from reason
        with self._writing_lock:
            try:
                self._replace(segment, reason)
            except (OSError, sqlite3.Error) as error:
                why = f"the damaged segment {segment.path} cannot be mended at the moment: {error}"
                raise Unavailable(why) from error

    def _replace(self, segment: Segment, reason: object) -> Segment:
        mending.replace(segment.path, mending.read_damaged(segment.path), reason)
        segment.close()  # now that its file is elsewhere, closing leaves that alone
        mended = Segment(segment.path)
        with self._segments_lock:
            self._segments[self._segments.index(segment)] = mended
        return mended


def _groups(waiting: "queue.SimpleQueue[_Job | None]") -> Iterator[list[_Job]]:
    """All that waits, again and again, until the closing ``None``."""
    while True:
        group = [waiting.get()]
        while len(group) < GROUP_MAX and not waiting.empty():
            group.append(waiting.get())
        yield [job for job in group if job is not None]
        if None in group:
            return


def _locked(path: Path) -> TextIOWrapper:
    lock_file = path.open("w")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise Unavailable(f"another process has the event inbox at {path.parent}") from None
    return lock_file
