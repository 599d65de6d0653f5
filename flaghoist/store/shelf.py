"""The segments of one inbox, in order: those of earlier processes are taken up, and what is damaged is mended."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from flaghoist.base.errors import Unavailable
from flaghoist.store import mending, salvage
from flaghoist.store.batches import StoredBatch
from flaghoist.store.holds import deleting
from flaghoist.store.known_ids import KnownIds, Remembered
from flaghoist.store.segments import Damaged, Segment, floor_of

log = logging.getLogger("flaghoist.inbox")


class Shelf:
    """Read beside the writer; ``writing`` is held by whoever writes, or puts a segment in the place of another."""

    def __init__(self, folder: Path, known: KnownIds, continue_after: Callable[[int], None]) -> None:
        """``continue_after`` is told of positions that have been given out, ``known`` of ids.

        Mends what is damaged, as far as it can be, and says so in the log.
        """
        self._folder = folder
        self._known = known
        self._continue_after = continue_after
        self._segments: list[Segment] = []
        self._unmended: dict[Path, mending.Salvaged] = {}
        self._lock = threading.Lock()
        self.writing = threading.Lock()
        mending.finish(folder)
        for path in sorted(folder.glob("segment-*.db")):
            self._take_up(path)

    @property
    def newest(self) -> Segment | None:
        """The one to write to; none in a new inbox."""
        return self._segments[-1] if self._segments else None

    def add(self, segment: Segment) -> None:
        """A new one."""
        with self._lock:
            self._segments.append(segment)

    def __contains__(self, segment: Segment) -> bool:
        return segment in self._segments

    def beyond(self, position: int) -> list[Segment]:
        """Those that hold something after a position."""
        with self._lock:
            return [segment for segment in self._segments if segment.last_position > position]

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """The batches that follow a position, in order of arrival, until their bodies exceed ``limit_bytes``.

        Raises ``Unavailable`` while a damaged segment cannot be mended: what came later has to wait for it.
        """
        self._mend_the_rest()
        found: list[StoredBatch] = []
        for segment in self.beyond(position):
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

    def remembered(self, until: int) -> list[Remembered]:
        """Every id in them of batches up to a position, with the time until which it is (milliseconds)."""
        with self._lock:
            segments = list(self._segments)
        return [each for segment in segments for each in segment.ids(until=until)]

    def retire(self, position: int) -> None:
        """Delete the full ones of which nothing lies after a position, and keep their ids; may raise ``sqlite3.Error``.

        While somebody holds the folder nothing is deleted; a later call makes up for it.
        """
        with self._lock:
            done = [segment for segment in self._segments[:-1] if segment.last_position <= position]
        if done:
            with deleting(self._folder) as may_delete:
                for segment in done if may_delete else ():
                    self._delete(segment)

    def replace(self, segment: Segment, reason: object) -> Segment:
        """Put a mended segment in the place of a damaged one, while ``writing`` is held."""
        mending.replace(segment.path, mending.read_damaged(segment.path), reason)
        segment.close()  # now that its file is elsewhere, closing leaves that alone
        mended = Segment(segment.path)
        with self._lock:
            self._segments[self._segments.index(segment)] = mended
        return mended

    def close(self) -> None:
        """Let go of all files."""
        for segment in self._segments:
            segment.close()

    def _delete(self, segment: Segment) -> None:
        try:
            ids = segment.ids()
        except sqlite3.DatabaseError as error:
            self._mend(segment, error)
            return
        self._known.keep(ids)
        with self._lock:
            self._segments.remove(segment)
        segment.delete()

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
            with self._lock:
                self._segments = sorted([*self._segments, segment], key=lambda each: each.floor)
            del self._unmended[path]

    def _mend(self, segment: Segment, reason: Damaged | sqlite3.DatabaseError) -> None:
        """Put a mended segment in the place of a damaged one; raises ``Unavailable`` if that cannot be done now."""
        if isinstance(reason, sqlite3.Error) and not salvage.is_damage(reason):
            raise Unavailable(f"the segment {segment.path} cannot be read at the moment: {reason}") from reason
        with self.writing:
            try:
                self.replace(segment, reason)
            except (OSError, sqlite3.Error) as error:
                why = f"the damaged segment {segment.path} cannot be mended at the moment: {error}"
                raise Unavailable(why) from error
