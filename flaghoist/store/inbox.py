"""Where events are safe before anyone is told that they were accepted."""

import fcntl
import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store import salvage
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.folders import sync
from flaghoist.store.known_ids import KnownIds, Remembered, event_digest, payload_digest
from flaghoist.store.line import Line
from flaghoist.store.moments import Moments
from flaghoist.store.position import FIRST_SLOTS, Positions, received_at
from flaghoist.store.room import Bounds
from flaghoist.store.segments import Segment
from flaghoist.store.shelf import Shelf

SEGMENT_BYTES = 32 * MEBIBYTE
DISK_FACTOR = 4
"""Small batches take more of the disk than of a segment's share; a segment this many times its size is full too."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch is durable, from this position on; ``repeats`` are the places of events whose ``eventId`` was known."""

    position: int
    repeats: frozenset[int]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A batch with this payload id was accepted before, so nothing was kept of this one."""


Outcome = Accepted | Duplicate


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
        self._in_lake = 0
        self._shelf = Shelf(folder, self._known, self._continue_after)
        self._doubted: Segment | None = None
        self._line = Line(folder, self._commit)

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
        return sum(segment.disk_bytes for segment in self._shelf.beyond(self._in_lake))

    @property
    def objection(self) -> str:
        """Why nothing more can be taken in now; empty if it can."""
        if self._line.is_refusing:
            return "the last events could not be written"
        return self._bounds.objection(self._folder, self.disk_bytes)

    def waiting_since(self) -> int | None:
        """When the oldest batch that is not in the lake was received, in milliseconds; None where all of them are."""
        firsts = (segment.first_after(self._in_lake) for segment in self._shelf.beyond(self._in_lake))
        first = next((position for position in firsts if position is not None), None)
        return None if first is None else received_at(first)

    def follow(self, position: int) -> None:
        """Give out only positions after one up to which all is said to be in the lake, whatever happened to files."""
        with self._shelf.writing:
            self._continue_after(position)
            self._in_lake = max(self._in_lake, position)

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Make a batch durable; the future fails with ``Unavailable`` when that cannot be done now."""
        return self._line.join(batch)

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """The batches that follow a position, in order of arrival, until their bodies exceed ``limit_bytes``.

        Raises ``Unavailable`` while a damaged segment cannot be mended: what came later has to wait for it.
        """
        return self._shelf.after(position, limit_bytes=limit_bytes)

    def retire(self, position: int) -> None:
        """Everything up to a position is in the lake: delete the full segments that lie before it, keep their ids.

        While somebody holds the folder nothing is deleted; a later call makes up for it.
        """
        self._in_lake = max(self._in_lake, position)
        try:
            self._shelf.retire(position)
            self._known.forget_expired()
        except sqlite3.Error as error:  # the segments stay, and are looked at again
            raise Unavailable(f"ids cannot be kept at the moment: {error}") from error

    def remembered(self, until: int) -> list[Remembered]:
        """Every id that is remembered of batches up to a position, with the time until which it is (milliseconds)."""
        return [*self._known.kept(), *self._shelf.remembered(until)]

    def close(self) -> None:
        """Finish what is on its way and let go of the folder."""
        self._line.close()
        self._shelf.close()
        self._known.close()
        if self._moments is not None:
            self._moments.close()
        self._lock_file.close()

    def _commit(self, batches: list[Batch]) -> list[Outcome]:
        with self._shelf.writing:
            if objection := self._bounds.objection(self._folder, self.disk_bytes):
                raise Unavailable(f"no events can be taken in at the moment: {objection}")
            segment = self._current_segment()
            try:
                return self._append_all(segment, batches)
            except sqlite3.DatabaseError as error:
                if not salvage.is_damage(error):
                    raise
                return self._append_all(self._shelf.replace(segment, error), batches)

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
        if self._doubted is not None and self._doubted in self._shelf:
            self._known.remember(digest for digest, _ in self._doubted.ids())
        self._doubted = None

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
        segment = self._shelf.newest
        if segment is None or self._is_full(segment):
            segment = Segment.create(self._folder, self._next_position(1))
            self._shelf.add(segment)
        return segment

    def _is_full(self, segment: Segment) -> bool:
        return segment.bytes >= self._segment_bytes or segment.disk_bytes >= self._segment_bytes * DISK_FACTOR

    def _continue_after(self, position: int) -> None:
        if received_at(position) >= self._positions.at_ms:
            self._positions = Positions.following(position, first_slot=self._first_slot)


def _locked(path: Path) -> TextIOWrapper:
    lock_file = path.open("w")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise Unavailable(f"another process has the event inbox at {path.parent}") from None
    return lock_file
