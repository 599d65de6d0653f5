"""Segments of the inbox: each one SQLite file that is written, read, and finally deleted whole."""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.known_ids import EVENT_MEMORY_MS, PAYLOAD_MEMORY_MS, Remembered
from flaghoist.store.position import received_at

_ROW_BYTES = 200  # what a batch takes beside its body, roughly
_READ = "position, environment, source, schema, marks, events, agent, wrapper, repeats, body"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
  position INTEGER PRIMARY KEY, payload BLOB, environment TEXT, source TEXT, schema INTEGER, marks INTEGER,
  events INTEGER, agent TEXT, wrapper TEXT, repeats TEXT, body BLOB
);
CREATE TABLE IF NOT EXISTS event_ids (digest BLOB, position INTEGER);
"""


class Segment:
    """A file named for a position that all its batches follow; only the inbox's writer writes to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.floor = int(path.stem.removeprefix("segment-"), 16)
        self._writer = self._open()
        self.last_position = 0
        self.bytes = 0
        self._measure()

    @classmethod
    def create(cls, folder: Path, floor: int) -> "Segment":
        """A new, empty segment for batches after a position."""
        segment = cls(folder / f"segment-{floor:016x}.db")
        sync_folder(folder)
        return segment

    @contextlib.contextmanager
    def writing(self) -> Iterator["Segment"]:
        """What is appended inside is durable at the end, or not there at all."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            yield self
            self._writer.execute("COMMIT")
        except BaseException:
            self._reopen()
            raise

    def append(self, position: int, payload: bytes | None, batch: Batch, repeats: Iterable[int]) -> None:
        """Add a batch whose first event has this position."""
        self._writer.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
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
            ),
        )
        self.last_position = position
        self.bytes += len(batch.body) + _ROW_BYTES

    def append_event_ids(self, position: int, digests: Iterable[bytes]) -> None:
        """Add the ids of events inside a batch."""
        self._writer.executemany("INSERT INTO event_ids VALUES (?, ?)", [(digest, position) for digest in digests])

    def after(self, position: int) -> Iterator[StoredBatch]:
        """The batches that follow a position, in order; safe beside the writer."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as reader:
            query = f"SELECT {_READ} FROM batches WHERE position > ? ORDER BY position"
            for first, environment, source, schema, marks, events, agent, wrapper, repeats, body in reader.execute(
                query, (position,)
            ):
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
                yield StoredBatch(first, batch, frozenset(map(int, (repeats or "").split())))

    def ids(self) -> list[Remembered]:
        """The digests of all payload and event ids in it, with the time until which each is remembered."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as reader:
            payloads = reader.execute("SELECT payload, position FROM batches WHERE payload IS NOT NULL").fetchall()
            events = reader.execute("SELECT digest, position FROM event_ids").fetchall()
        return [(digest, received_at(position) + PAYLOAD_MEMORY_MS) for digest, position in payloads] + [
            (digest, received_at(position) + EVENT_MEMORY_MS) for digest, position in events
        ]

    def delete(self) -> None:
        """Remove the file; its batches are in the lake and its ids are kept elsewhere."""
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._writer.close()
        sync_folder(self.path.parent)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")  # most segments are deleted before copying would pay
        connection.executescript(_SCHEMA)
        return connection

    def _reopen(self) -> None:
        """After a failed write: forget it, as the file does."""
        self._writer.close()
        self._writer = self._open()
        self._measure()

    def _measure(self) -> None:
        query = "SELECT max(position), count(*), total(length(body)) FROM batches"
        last, batches, body_bytes = self._writer.execute(query).fetchone()
        self.last_position = last or 0
        self.bytes = int(body_bytes) + batches * _ROW_BYTES


def sync_folder(folder: Path) -> None:
    """Make files that were created in or removed from a folder so for good."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
