"""Mends damaged segments of the inbox: what can still be read goes on, and the damaged file is kept aside."""

import contextlib
import logging
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from flaghoist.base import clock
from flaghoist.store import salvage
from flaghoist.store.batches import Source
from flaghoist.store.folders import sync
from flaghoist.store.known_ids import EVENT_MEMORY_MS, PAYLOAD_MEMORY_MS, Remembered
from flaghoist.store.position import received_at
from flaghoist.store.segments import (
    INSERT_BATCH,
    INSERT_EVENT_ID,
    Row,
    connect,
    is_intact,
)

log = logging.getLogger("flaghoist.inbox")

_COLUMNS: tuple[tuple[type, ...], ...] = (
    (bytes, type(None)),  # payload
    (str,),  # environment
    (str,),  # source
    (int,),  # schema
    (int,),  # marks
    (int,),  # events
    (str,),  # agent
    (str,),  # wrapper
    (str, type(None)),  # repeats
    (bytes,),  # body
    (int, type(None)),  # checksum
)
_SOURCES = Source.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What can still be read of a damaged segment; ``lost`` are the positions of batches known to be spoilt."""

    batches: dict[int, Row] = field(default_factory=dict)
    event_ids: set[tuple[bytes, int]] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)

    @property
    def last_position(self) -> int:
        """Of the last batch that was found, readable or not."""
        return max((*self.batches, *self.lost), default=0)

    def ids(self) -> list[Remembered]:
        """The digests of payloads and events, with the time until which each is remembered."""
        payloads = [(row[1], received_at(row[0]) + PAYLOAD_MEMORY_MS) for row in self.batches.values() if row[1]]
        return payloads + [(digest, received_at(position) + EVENT_MEMORY_MS) for digest, position in self.event_ids]


def is_damaged(path: Path) -> bool:
    """Whether a segment that nobody has open yet has to be mended before it is used."""
    try:
        return salvage.is_cut_off(path)
    except (sqlite3.DatabaseError, FileNotFoundError) as error:
        if isinstance(error, sqlite3.Error) and not salvage.is_damage(error):
            raise
        return True


def read_damaged(path: Path) -> Salvaged:
    """Everything in a damaged segment that is still what was written."""
    found = Salvaged()
    for number, values in salvage.rows(path):
        if number is not None and len(values) in (len(_COLUMNS), len(_COLUMNS) + 1) and values[0] is None:
            row = (number, *values[1:], *[None] * (len(_COLUMNS) + 1 - len(values)))
            if _is_batch(row) and is_intact(row):
                found.batches.setdefault(number, row)
            elif number > 0:
                found.lost.add(number)
        elif len(values) == 2 and isinstance(values[0], bytes) and isinstance(values[1], int):
            found.event_ids.add((values[0], values[1]))
    found.lost.difference_update(found.batches)
    return found


def replace(path: Path, found: Salvaged, reason: object) -> None:
    """Put a segment with what was found in the place of the damaged one, which goes to ``damaged`` beside it.

    Raises ``OSError`` or ``sqlite3.Error`` where that cannot be written; the damaged one then stays where it is.
    """
    mended = path.with_name(f"mended-{path.name}")
    salvage.remove(mended)
    try:
        with contextlib.closing(connect(mended)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT_BATCH, [found.batches[position] for position in sorted(found.batches)])
            connection.executemany(INSERT_EVENT_ID, sorted(found.event_ids))
            connection.execute("COMMIT")
    except BaseException:
        salvage.remove(mended)
        raise
    sync(path.parent)
    kept = salvage.set_aside(path, path.parent / "damaged", str(clock.now_ms()))
    mended.rename(path)
    sync(path.parent)
    log.error(
        "damaged segment file=%s reason=%s kept_as=%s batches_rescued=%s batches_lost=%s",
        path,
        reason,
        kept,
        len(found.batches),
        f"at least {len(found.lost)}" if found.lost else "none known",
    )


def finish(folder: Path) -> None:
    """Complete what a crash interrupted while segments were mended, and take up logs whose file is gone."""
    for mended in folder.glob("mended-segment-*.db"):
        path = mended.with_name(mended.name.removeprefix("mended-"))
        if path.exists():
            salvage.remove(mended)  # perhaps half written: it is made anew
        else:
            salvage.set_aside(path, folder / "damaged", str(clock.now_ms()))
            mended.rename(path)
    for log_file in folder.glob("segment-*.db-wal"):
        log_file.with_name(log_file.name.removesuffix("-wal")).touch()
    for left in folder.glob("mended-segment-*"):
        left.unlink()


def _is_batch(row: Row) -> bool:
    right_types = all(isinstance(value, types) for value, types in zip(row[1:], _COLUMNS, strict=True))
    return right_types and row[3] in _SOURCES and row[6] >= 0
