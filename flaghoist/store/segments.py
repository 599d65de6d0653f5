"""Segments of the inbox: each one SQLite file that is written, read, and finally deleted whole."""

import contextlib
import itertools
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.folders import sync
from flaghoist.store.known_ids import EVENT_MEMORY_MS, PAYLOAD_MEMORY_MS, Remembered
from flaghoist.store.position import payload_start, received_at
from flaghoist.store.salvage import remove

_ROW_BYTES = 200  # what a batch takes beside its body, roughly
_READ = "position, payload, environment, source, schema, marks, events, agent, wrapper, repeats, body, checksum"
_READ_EVENT_IDS = "SELECT position, digest FROM event_ids WHERE position > ? ORDER BY position"
_READ_FIRST = "SELECT min(position) FROM batches WHERE position > ?"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
  position INTEGER PRIMARY KEY, payload BLOB, environment TEXT, source TEXT, schema INTEGER, marks INTEGER,
  events INTEGER, agent TEXT, wrapper TEXT, repeats TEXT, body BLOB, checksum INTEGER
);
CREATE TABLE IF NOT EXISTS event_ids (digest BLOB, position INTEGER);
"""
Row = tuple[Any, ...]
"""A batch as it is stored, its columns in the order of the table."""


class Damaged(Exception):
    """A batch is no longer what was written."""


class Segment:
    """A file named for a position that all its batches follow; only the inbox's writer writes to it."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises ``sqlite3.DatabaseError`` if it is damaged."""
        self.path = path
        self.floor = floor_of(path)
        self._writer = connect(path)
        self.last_position = 0
        self.bytes = 0
        self.disk_bytes = 0
        self._measure()

    @classmethod
    def create(cls, folder: Path, floor: int) -> "Segment":
        """A new, empty segment for batches after a position; leaves nothing behind where there is no room for it."""
        path = folder / f"segment-{floor:016x}.db"
        try:
            segment = cls(path)
            sync(folder)
        except BaseException:
            remove(path)
            raise
        return segment

    @contextlib.contextmanager
    def writing(self) -> Iterator["Segment"]:
        """What is appended inside is durable at the end, or not there at all."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            yield self
            self._writer.execute("COMMIT")
            self.disk_bytes = _on_disk(self.path)
        except BaseException:
            self._reopen()
            raise

    def append(self, position: int, payload: bytes | None, batch: Batch, repeats: Iterable[int]) -> None:
        """Add a batch whose first event has this position."""
        row = (
            position,
            payload,
            batch.environment_id,
            batch.source,
            batch.schema,
            int(batch.marks),
            batch.events,
            batch.agent,
            batch.wrapper,
            " ".join(map(str, sorted(repeats))) or None,
            batch.body,
        )
        self._writer.execute(INSERT_BATCH, (*row, checksum(row)))
        self.last_position = position
        self.bytes += len(batch.body) + _ROW_BYTES

    def append_event_ids(self, position: int, digests: Iterable[tuple[int, bytes]]) -> None:
        """Add the ids of events inside a batch, each with the place of the event in it."""
        self._writer.executemany(INSERT_EVENT_ID, [(digest, position + place) for place, digest in digests])

    def after(self, position: int) -> Iterator[StoredBatch]:
        """The batches that follow a position, in order; safe beside the writer.

        Raises ``Damaged`` or ``sqlite3.DatabaseError`` where they can no longer be read as they were written.
        """
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as reader:
            query = f"SELECT {_READ} FROM batches WHERE position > ? ORDER BY position"
            of_batches = _by_payload(reader.execute(_READ_EVENT_IDS, (position,)))
            following = next(of_batches, None)
            for row in reader.execute(query, (position,)):
                if not is_intact(row):
                    raise Damaged(f"the batch at {row[0]} is no longer what was written")
                while following and following[0] < row[0]:
                    following = next(of_batches, None)
                yield _stored(row, following[1] if following and following[0] == row[0] else ())

    def first_after(self, position: int) -> int | None:
        """The position of the first batch that follows another; safe beside the writer."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as reader:
            found: int | None = reader.execute(_READ_FIRST, (position,)).fetchone()[0]
        return found

    def ids(self, *, until: int | None = None) -> list[Remembered]:
        """The digests of payload and event ids in it, with the time until which each is remembered.

        Those of all batches, or of those whose position is at most ``until``.
        """
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as reader:
            payloads = reader.execute("SELECT payload, position FROM batches WHERE payload IS NOT NULL").fetchall()
            events = reader.execute("SELECT digest, position FROM event_ids").fetchall()
        return [
            (digest, received_at(position) + memory_ms)
            for rows, memory_ms in ((payloads, PAYLOAD_MEMORY_MS), (events, EVENT_MEMORY_MS))
            for digest, position in rows
            if until is None or payload_start(position) <= until
        ]

    def delete(self) -> None:
        """Remove the file; its batches are in the lake and its ids are kept elsewhere."""
        remove(self.path)
        self._writer.close()
        sync(self.path.parent)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()

    def _reopen(self) -> None:
        """After a failed write: forget it, as the file does."""
        self._writer.close()
        self._writer = connect(self.path)
        self._measure()

    def _measure(self) -> None:
        query = "SELECT max(position), count(*), total(length(body)) FROM batches"
        last, batches, body_bytes = self._writer.execute(query).fetchone()
        self.last_position = last or 0
        self.bytes = int(body_bytes) + batches * _ROW_BYTES
        self.disk_bytes = _on_disk(self.path)


INSERT_BATCH = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_EVENT_ID = "INSERT INTO event_ids VALUES (?, ?)"


def connect(path: Path) -> sqlite3.Connection:
    """A segment's file, open for writing, with its tables."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")  # most segments are deleted before copying would pay
    connection.executescript(_SCHEMA)
    if not any(name == "checksum" for _, name, *_ in connection.execute("PRAGMA table_info(batches)")):
        connection.execute("ALTER TABLE batches ADD COLUMN checksum INTEGER")  # a segment from before 0.2
    return connection


def floor_of(path: Path) -> int:
    """The position that everything in a segment follows."""
    return int(path.name.removeprefix("segment-").removesuffix(".db"), 16)


def is_intact(row: Row) -> bool:
    """Whether a batch is still what was written; taken on trust where no checksum was."""
    return row[-1] is None or row[-1] == checksum(row[:-1])


def checksum(row: Row) -> int:
    """Of all columns; SQLite itself would not notice a body that changed on the disk."""
    return zlib.crc32(row[-1], zlib.crc32(repr(row[:-1]).encode()))


def _by_payload(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, tuple[tuple[int, bytes], ...]]]:
    """The ids of events by the positions of their batches, each with the event's place in its batch."""
    for start, of_batch in itertools.groupby(rows, key=lambda row: payload_start(row[0])):
        yield start, tuple((position - start, digest) for position, digest in of_batch)


def _stored(row: Row, event_digests: tuple[tuple[int, bytes], ...]) -> StoredBatch:
    position, payload, environment, source, schema, marks, events, agent, wrapper, repeats, body, _ = row
    batch = Batch(
        environment,
        source,
        body,
        events,
        schema=schema,
        marks=Marks(marks),
        agent=agent,
        wrapper=wrapper,
    )
    return StoredBatch(position, batch, frozenset(map(int, (repeats or "").split())), payload, event_digests)


def _on_disk(path: Path) -> int:
    """What a segment takes of the disk, in bytes; most of it is in the log."""
    sizes = 0
    for suffix in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            sizes += path.with_name(path.name + suffix).stat().st_size
    return sizes
