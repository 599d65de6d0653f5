"""The ids of payloads and events that were accepted, remembered longer than the bodies they came with."""

import contextlib
import hashlib
import logging
import re
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store import salvage
from flaghoist.store.ages import Clock
from flaghoist.store.folders import sync, write_whole

log = logging.getLogger("flaghoist.inbox")

DIGEST_BYTES = 16
PAYLOAD_MEMORY_MS = 7 * DAY_MS
EVENT_MEMORY_MS = 90 * DAY_MS
FORGET_EVERY_MS = HOUR_MS
_INBOX_ID = re.compile(r"[0-9a-f]{32}")
Remembered = tuple[bytes, int]  # digest, until when in milliseconds


def payload_digest(environment_id: str, payload_id: str) -> bytes:
    """What is remembered of a payload id."""
    return _digest("payload", environment_id, payload_id)


def event_digest(environment_id: str, event_id: str) -> bytes:
    """What is remembered of an event id."""
    return _digest("event", environment_id, event_id)


class KnownIds:
    """Ids of bodies still in the inbox are held in memory, older ones in a file of their own.

    The inbox's writer asks, the compactor moves ids to the file: each has its own connection. A file that is damaged is
    kept aside, and made anew with all that can still be read of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh: set[bytes] = set()
        self._asking_lock = threading.Lock()
        self._keeping_lock = threading.Lock()
        self._forgot_at = 0
        if not path.exists() and _mended(path).exists():
            _mended(path).rename(path)  # a crash came in between
        try:
            if path.exists() and salvage.is_cut_off(path):
                raise sqlite3.DatabaseError("its log is damaged")
            self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and not salvage.is_damage(error):
                raise
            self._replace(error)
        self.inbox_id = self._read_inbox_id()

    def knows(self, digest: bytes) -> bool:
        """Whether this id was accepted within its time of memory."""
        # In this order: an id leaves memory only once it is in the file.
        if digest in self._fresh:
            return True
        try:
            return self._is_kept(digest)
        except sqlite3.DatabaseError as error:
            self._mend(error)
            return self._is_kept(digest)

    def remember(self, digests: Iterable[bytes]) -> None:
        """Hold ids in memory while the bodies they came with are in the inbox."""
        self._fresh.update(digests)

    def keep(self, ids: Iterable[Remembered]) -> None:
        """Write ids to the file, durably, and let go of them in memory."""
        listed = list(ids)
        try:
            self._keep(listed)
        except sqlite3.DatabaseError as error:
            self._mend(error)
            self._keep(listed)
        self._fresh.difference_update([digest for digest, _ in listed])

    def kept(self) -> list[Remembered]:
        """Every id in the file."""
        with self._keeping_lock:
            return self._keeping.execute("SELECT digest, until FROM ids").fetchall()

    def forget_expired(self) -> None:
        """Drop what is past its time of memory; does so at most once an hour."""
        now = clock.now_ms()
        if 0 <= now - self._forgot_at < FORGET_EVERY_MS:
            return
        self._forgot_at = now
        with self._keeping_lock, self._keeping:
            marks = self._keeping.execute("SELECT seen, doubted FROM clock").fetchone()
            looked = Clock(*(marks or ())).looked_at(now)
            self._keeping.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?)", (looked.seen, looked.doubted))
            self._keeping.execute("DELETE FROM ids WHERE until < ?", (looked.seen,))

    def close(self) -> None:
        """Let go of the file."""
        self._asking.close()
        self._keeping.close()

    def _open(self) -> None:
        self._asking = _connect(self._path)
        self._keeping = _connect(self._path)

    def _is_kept(self, digest: bytes) -> bool:
        with self._asking_lock:
            return self._asking.execute("SELECT 1 FROM ids WHERE digest = ?", (digest,)).fetchone() is not None

    def _keep(self, ids: Sequence[Remembered]) -> None:
        with self._keeping_lock, self._keeping:
            self._keeping.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", ids)

    def _mend(self, error: sqlite3.DatabaseError) -> None:
        """Replace a damaged file; raises the error where it tells of something else."""
        if not salvage.is_damage(error):
            raise error
        with self._keeping_lock, self._asking_lock:
            opened = (self._asking, self._keeping)
            self._replace(error)
            for connection in opened:  # now that it is moved, closing leaves the file alone
                connection.close()

    def _replace(self, reason: object) -> None:
        ids, inbox_ids = _readable(self._path)
        mended = _mended(self._path)
        salvage.remove(mended)
        with contextlib.closing(_connect(mended)) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", ids.items())
            connection.executemany("INSERT OR IGNORE INTO inbox VALUES (1, ?)", [(each,) for each in inbox_ids])
        kept = salvage.set_aside(self._path, self._path.parent / "damaged", str(clock.now_ms()))
        mended.rename(self._path)
        sync(self._path.parent)
        log.error("damaged ids file=%s reason=%s kept_as=%s ids_rescued=%s", self._path, reason, kept, len(ids))
        self._open()

    def _read_inbox_id(self) -> str:
        """By this name the store knows how far the inbox is done, so it is written down twice."""
        beside = self._path.with_name("id")
        if beside.exists() and _INBOX_ID.fullmatch(written := beside.read_text()):
            return written
        with self._keeping:
            self._keeping.execute("INSERT OR IGNORE INTO inbox VALUES (1, ?)", (uuid.uuid4().hex,))
            (inbox_id,) = self._keeping.execute("SELECT id FROM inbox").fetchone()
        write_whole(beside, inbox_id.encode())
        return str(inbox_id)


def _mended(path: Path) -> Path:
    return path.with_name(f"mended-{path.name}")


def _readable(path: Path) -> tuple[dict[bytes, int], list[str]]:
    """Ids, each with the time until which it is remembered, and the inbox's own, as far as a file tells them."""
    ids: dict[bytes, int] = {}
    inbox_ids = []
    for number, values in salvage.rows(path):
        match values:
            # From the table and from its index: what is gone in one may be whole in the other.
            case (bytes(digest), int(until)) | (int(until), bytes(digest)) if len(digest) == DIGEST_BYTES:
                ids[digest] = max(until, ids.get(digest, 0))
            case (None, str(inbox_id)) if number == 1 and _INBOX_ID.fullmatch(inbox_id):
                inbox_ids.append(inbox_id)
    return ids, inbox_ids


def _digest(kind: str, environment_id: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind}\0{environment_id}\0{text}".encode(), digest_size=DIGEST_BYTES).digest()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS ids (digest BLOB PRIMARY KEY, until INTEGER) WITHOUT ROWID")
    connection.execute("CREATE INDEX IF NOT EXISTS ids_by_end ON ids (until)")
    connection.execute("CREATE TABLE IF NOT EXISTS inbox (one INTEGER PRIMARY KEY, id TEXT)")
    connection.execute("CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY, seen INTEGER, doubted INTEGER)")
    return connection
