"""One partition of a log as a feed of the lake: whoever reads it gives the same batches the same positions."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from flaghoist.store.batches import StoredBatch
from flaghoist.store.database import Database
from flaghoist.store.facts import progress
from flaghoist.store.known_ids import Remembered
from flaghoist.store.logs import Reader, Record
from flaghoist.store.logs.home import room
from flaghoist.store.logs.letters import Foreign, opened
from flaghoist.store.position import FIRST_SLOTS, Positions

log = logging.getLogger("flaghoist.logs")


class PartitionFeed:
    """A position follows from the time of a record and the position before it, and from nothing else.

    So it does not matter who reads a partition, nor where they began: what was put off under a position is known by it
    at every node. How far a partition is in the lake stands in the state store alone, with the offset of that record.
    """

    is_own = False

    def __init__(
        self, partition: str, reader: Reader, database: Database, *, place: int, node: str, home: Path
    ) -> None:
        """``place`` is the partition's among all of its log, ``node`` who reads it, ``home`` a folder of the node's."""
        self.id = partition
        self.writer = f"{node[:12]}-p{place:04d}"
        self.folder = room(home, partition)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._first_slot = place * 8 % FIRST_SLOTS
        self._reader = reader
        self._database = database
        self._read_on: tuple[int, int | None] = (0, None)  # a position, and the offset that follows it

    def follow(self, position: int) -> None:
        """The state store is asked for each time; there is nothing to tell."""

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """The batches that follow a position; raises ``Unavailable`` while the log is away.

        Their bodies stay below ``limit_bytes`` only where nothing more was there when this was called.
        """
        found: list[StoredBatch] = []
        offset, end = self._offset_after(position), None
        while limit_bytes > 0 and (end is None or (offset is not None and offset < end)):
            records = self._reader.read(offset, limit_bytes=limit_bytes)
            end = self._reader.end if end is None else end
            if not records:
                break
            offset = records[-1].offset + 1
            batches = list(self._batches(found[-1].position if found else position, records))
            limit_bytes -= sum(len(stored.batch.body) for stored in batches)
            found += batches
        self._read_on = found[-1].position if found else position, offset
        return found

    def retire(self, position: int) -> None:
        """How long records are kept is the log's own affair."""

    def remembered(self, until: int) -> list[Remembered]:
        """A log remembers no ids: all are claimed as they are moved on."""
        return []

    def close(self) -> None:
        """Read no more."""
        self._reader.close()

    def _offset_after(self, position: int) -> int | None:
        """Where to read on; None if nothing of this partition was ever read."""
        known, offset = self._read_on
        if known == position and offset is not None:
            return offset
        with self._database.read() as connection:
            done = progress.offset(connection, self.id)
        return None if done is None else done + 1

    def _batches(self, position: int, records: Sequence[Record]) -> Iterator[StoredBatch]:
        positions = Positions.resuming(position, first_slot=self._first_slot)
        for record in records:
            try:
                stored = opened(record.headers, record.body)
            except Foreign as reason:
                log.warning("left out a record partition=%s offset=%s reason=%s", self.id, record.offset, reason)
                continue
            place = positions.next(record.at_ms, stored.batch.events)
            yield replace(stored, position=place, offset=record.offset)
