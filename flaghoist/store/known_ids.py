"""The ids of payloads and events that were accepted, remembered longer than the bodies they came with."""

import hashlib
import sqlite3
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path

from flaghoist.base import clock

DAY_MS = 86_400_000
PAYLOAD_MEMORY_MS = 7 * DAY_MS
EVENT_MEMORY_MS = 90 * DAY_MS
FORGET_EVERY_MS = 3_600_000
Remembered = tuple[bytes, int]  # digest, until when in milliseconds


def payload_digest(environment_id: str, payload_id: str) -> bytes:
    """What is remembered of a payload id."""
    return _digest("payload", environment_id, payload_id)


def event_digest(environment_id: str, event_id: str) -> bytes:
    """What is remembered of an event id."""
    return _digest("event", environment_id, event_id)


class KnownIds:
    """Ids of bodies still in the inbox are held in memory, older ones in a file of their own.

    The inbox's writer asks, the compactor moves ids to the file: each has its own connection.
    """

    def __init__(self, path: Path) -> None:
        self._fresh: set[bytes] = set()
        self._asking = _connect(path)
        self._keeping = _connect(path)
        self._keeping_lock = threading.Lock()
        self._forgot_at = 0
        self.inbox_id = self._read_inbox_id()

    def knows(self, digest: bytes) -> bool:
        """Whether this id was accepted within its time of memory."""
        # In this order: an id leaves memory only once it is in the file.
        if digest in self._fresh:
            return True
        return self._asking.execute("SELECT 1 FROM ids WHERE digest = ?", (digest,)).fetchone() is not None

    def remember(self, digests: Iterable[bytes]) -> None:
        """Hold ids in memory while the bodies they came with are in the inbox."""
        self._fresh.update(digests)

    def keep(self, ids: Iterable[Remembered]) -> None:
        """Write ids to the file, durably, and let go of them in memory."""
        listed = list(ids)
        with self._keeping_lock:
            with self._keeping:
                self._keeping.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", listed)
            self._fresh.difference_update([digest for digest, _ in listed])

    def forget_expired(self) -> None:
        """Drop what is past its time of memory; does so at most once an hour."""
        now = clock.now_ms()
        with self._keeping_lock:
            if now - self._forgot_at < FORGET_EVERY_MS:
                return
            self._forgot_at = now
            with self._keeping:
                self._keeping.execute("DELETE FROM ids WHERE until < ?", (now,))

    def close(self) -> None:
        """Let go of the file."""
        self._asking.close()
        self._keeping.close()

    def _read_inbox_id(self) -> str:
        with self._keeping:
            self._keeping.execute("INSERT OR IGNORE INTO inbox VALUES (1, ?)", (uuid.uuid4().hex,))
            (inbox_id,) = self._keeping.execute("SELECT id FROM inbox").fetchone()
        return str(inbox_id)


def _digest(kind: str, environment_id: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind}\0{environment_id}\0{text}".encode(), digest_size=16).digest()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS ids (digest BLOB PRIMARY KEY, until INTEGER) WITHOUT ROWID")
    connection.execute("CREATE INDEX IF NOT EXISTS ids_by_end ON ids (until)")
    connection.execute("CREATE TABLE IF NOT EXISTS inbox (one INTEGER PRIMARY KEY, id TEXT)")
    return connection
