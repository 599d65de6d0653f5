"""Reads what can still be read of a damaged SQLite file, page by page, when SQLite itself gives up on all of it.

By the published file format (sqlite.org/fileformat2.html, sections 1.5 to 2.1 and 4.1), for tables to which rows are
only added: whichever copy of a page a row is found on, in the file or in its write-ahead log, it is the row.
"""

import contextlib
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Value = int | float | str | bytes | None
Row = tuple[int | None, tuple[Value, ...]]
"""A row's number, if its table has such, and its columns; an ``INTEGER PRIMARY KEY`` is the number, and None there."""

PAGE_BYTES = 4096
WAL_HEADER, FRAME_HEADER = 32, 24
SHM_FORMAT = 3_007_000
INTERIOR_INDEX, LEAF_INDEX, LEAF_TABLE = 0x02, 0x0A, 0x0D
OVERFLOW_PAGES_MAX = 1 << 16
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: our own tables are gone
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def rows(path: Path) -> Iterator[Row]:
    """Every row of every table and index that is still whole; the same row may come several times."""
    image = _Image(path)
    for page in image.copies():
        # What is read here may be anything: nonsense ends the page, not the search.
        with contextlib.suppress(IndexError, struct.error, ValueError, OverflowError):
            yield from image.rows_on(page)


def is_cut_off(path: Path) -> bool:
    """Whether the write-ahead log holds commits that SQLite would not see, and would write over, for damage before.

    To be asked before anyone opens the file for writing; raises ``sqlite3.Error`` where it cannot be read at all.
    """
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size <= WAL_HEADER + FRAME_HEADER:
        return False
    if path.stat().st_size == 0:
        return True  # SQLite would take the file for a new one and delete the log
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as reader:
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        shared = path.with_name(path.name + "-shm").read_bytes()[:20]
    # sqlite.org/walformat.html, section 2.1: version at 0, number of valid frames at 16, in the machine's own order.
    version, frames = struct.unpack("=I12xI", shared)
    return bool(version == SHM_FORMAT and _commits(log) > frames)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite complains of the file itself, and not of the disk or of other users."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def remove(path: Path) -> None:
    """Delete a SQLite file and what belongs to it; the file goes last, so that nothing is left without it."""
    for ending in ("-wal", "-shm", ""):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def set_aside(path: Path, folder: Path, suffix: str) -> Path:
    """Move a SQLite file with what belongs to it into a folder, under a name of its own; nothing is deleted."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.name}.{suffix}"
    # The log goes last: without it, the file alone would still be seen as damaged.
    for ending in ("", "-shm", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(target.with_name(target.name + ending))
    return target


def _commits(log: Path) -> int:
    """The number of frames up to the last commit, whether or not what comes before is whole."""
    return len(_frames(log.read_bytes()))


def _frames(log: bytes) -> list[tuple[int, bytes]]:
    """Page number and content of each frame, in order, up to the last commit of the log's newest round."""
    size = _page_bytes(int.from_bytes(log[8:12], "big")) or PAGE_BYTES
    places = range(WAL_HEADER, len(log) - FRAME_HEADER - size + 1, FRAME_HEADER + size)
    salts = Counter(log[place + 8 : place + 16] for place in places)
    if not salts:
        return []
    # Frames of an earlier round carry other salts; if the header itself is damaged, the most common are taken.
    salt = log[16:24] if log[16:24] in salts else salts.most_common(1)[0][0]
    frames, committed = [], 0
    for place in places:
        number, after_commit = struct.unpack_from(">II", log, place)
        if log[place + 8 : place + 16] == salt:
            frames.append((number, log[place + FRAME_HEADER : place + FRAME_HEADER + size]))
            committed = len(frames) if after_commit else committed
    return frames[:committed]


def _page_bytes(told: int) -> int:
    """A page size as a header tells it, or 0 if it cannot be one."""
    size = 65_536 if told == 1 else told
    return size if 512 <= size <= 65_536 and size & (size - 1) == 0 else 0


@dataclass
class _Image:
    """All copies of all pages."""

    path: Path
    page_bytes: int = PAGE_BYTES
    _file: bytes = b""
    _log: list[tuple[int, bytes]] = field(default_factory=list)
    _newest: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = self.path.read_bytes() if self.path.exists() else b""
        log = self.path.with_name(self.path.name + "-wal")
        self._log = _frames(log.read_bytes()) if log.exists() else []
        told = _page_bytes(int.from_bytes(self._file[16:18], "big")) if self._file[:6] == b"SQLite" else 0
        self.page_bytes = len(self._log[0][1]) if self._log else told or PAGE_BYTES
        self._newest = dict(self._log)

    def copies(self) -> Iterator[bytes]:
        """Each copy of each page, without the header before the first."""
        for start in range(0, len(self._file), self.page_bytes):
            yield self._file[start : start + self.page_bytes]
        for _, page in self._log:
            yield page

    def rows_on(self, page: bytes) -> Iterator[Row]:
        start = 100 if page[:6] == b"SQLite" else 0
        kind = page[start]
        if kind not in (INTERIOR_INDEX, LEAF_INDEX, LEAF_TABLE):
            return
        (cells,) = struct.unpack_from(">H", page, start + 3)
        pointers = start + (12 if kind == INTERIOR_INDEX else 8)
        for cell in range(cells):
            (place,) = struct.unpack_from(">H", page, pointers + 2 * cell)
            with contextlib.suppress(IndexError, struct.error, ValueError):
                yield self._row(page, place, kind)

    def _row(self, page: bytes, place: int, kind: int) -> Row:
        if kind == INTERIOR_INDEX:
            place += 4
        length, place = _varint(page, place)
        number = None
        if kind == LEAF_TABLE:
            number, place = _varint(page, place)
        return number, _record(self._payload(page, place, length, kind))

    def _payload(self, page: bytes, place: int, length: int, kind: int) -> bytes:
        usable = self.page_bytes
        most = usable - 35 if kind == LEAF_TABLE else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return _exactly(page[place : place + length], length)
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
        parts, size = [_exactly(page[place : place + local], local)], local
        (following,) = struct.unpack_from(">I", page, place + local)
        for _ in range(OVERFLOW_PAGES_MAX):
            if size >= length:
                break
            beyond = self._page(following)
            (following,) = struct.unpack_from(">I", beyond)
            parts.append(beyond[4 : 4 + length - size])
            size += len(parts[-1])
        return _exactly(b"".join(parts), length)

    def _page(self, number: int) -> bytes:
        page = self._newest.get(number) or self._file[(number - 1) * self.page_bytes : number * self.page_bytes]
        return _exactly(page, self.page_bytes)


def _record(payload: bytes) -> tuple[Value, ...]:
    header_end, place = _varint(payload, 0)
    body = header_end
    values: list[Value] = []
    while place < header_end:
        kind, place = _varint(payload, place)
        value, body = _value(payload, body, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, place: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, place
    if kind in (8, 9):
        return kind - 8, place
    if kind in _INTEGER_BYTES:
        end = place + _INTEGER_BYTES[kind]
        return int.from_bytes(_exactly(payload[place:end], end - place), "big", signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", payload, place)[0], place + 8
    if kind < 12:
        raise ValueError("no such type")
    end = place + (kind - 12) // 2
    content = _exactly(payload[place:end], end - place)
    return (content if kind % 2 == 0 else content.decode()), end


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine bytes, seven bits in each but the ninth, and the place after it."""
    number = 0
    for taken in range(8):
        byte = page[place + taken]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + taken + 1
    number = number << 8 | page[place + 8]
    return number - (1 << 64) if number >> 63 else number, place + 9


def _exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ValueError("cut short")
    return content
