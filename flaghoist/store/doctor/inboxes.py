"""Events that were accepted: whether they can be read, and whether they are moved on."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.store.backup.taking import inboxes
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.facts.tables import inbox_progress
from flaghoist.store.position import received_at

SLOW_MS = 10 * MINUTE_MS


def findings(connection: Connection, data_dir: Path) -> Iterator[Finding]:
    """What is wrong with each inbox of the folder, and with what the state knows of them."""
    reached = {row.inbox: row.position for row in connection.execute(select(inbox_progress))}
    here = set()
    for folder in inboxes(data_dir):
        last, broken = _newest(folder)
        yield from broken
        inbox_id = _id_of(folder)
        if inbox_id is None:
            yield Finding(
                "inbox-nameless",
                f"{folder} does not tell which inbox it is",
                "a server that starts makes it a new one, and takes in again what is still there: restore a backup",
            )
            continue
        here.add(inbox_id)
        yield from _progress(folder, reached.get(inbox_id, 0), last)
    for inbox in sorted(reached.keys() - here):
        if ":" not in inbox:
            yield note(
                "inbox-elsewhere",
                f"events came from the inbox {inbox[:12]}, which is not here",
                "that is so with several machines, and after a restore; else look for its folder",
            )


def _newest(folder: Path) -> tuple[int, list[Finding]]:
    """The position of the newest batch, and which files cannot be read."""
    last, broken = 0, []
    for path in (*sorted(folder.glob("segment-*.db")), folder / "ids.db"):
        is_segment = path.name != "ids.db"
        if not path.exists():
            continue
        try:
            with _reading(path) as reader:
                told = [row[0] for row in reader.execute("PRAGMA quick_check(5)")]
                if told != ["ok"]:
                    raise sqlite3.DatabaseError("; ".join(told))
                if is_segment:
                    last = max(last, reader.execute("SELECT coalesce(max(position), 0) FROM batches").fetchone()[0])
        except sqlite3.Error as error:
            broken.append(
                Finding(
                    "segment-damaged" if is_segment else "ids-damaged",
                    f"{path} is damaged: {error}",
                    "the server mends what can be read of it when it comes upon it, and keeps the file; check the disk",
                )
            )
    return last, broken


def _progress(folder: Path, reached: int, last: int) -> Iterator[Finding]:
    if reached > last > 0:
        yield Finding(
            "progress-ahead",
            f"the state has taken in {folder} up to {clock.rfc3339(received_at(reached))}, "
            f"and the newest batch there is of {clock.rfc3339(received_at(last))}",
            "the folder is older than the state: put both back from one backup",
        )
    waiting_ms = clock.now_ms() - received_at(reached) if reached else 0
    if last > reached > 0 and waiting_ms > SLOW_MS and clock.now_ms() - received_at(last) > SLOW_MS:
        yield Finding(
            "events-wait",
            f"events in {folder} have waited since {clock.rfc3339(received_at(last))} to be counted",
            "start the server; if it runs, its log says why it cannot compact",
        )


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that leaves nothing behind: where no log waits, SQLite need not make itself files for one."""
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    with contextlib.closing(sqlite3.connect(f"file:{path}?{how}", uri=True, timeout=30)) as reader:
        yield reader


def _id_of(folder: Path) -> str | None:
    with contextlib.suppress(OSError):
        return (folder / "id").read_text()
    with contextlib.suppress(sqlite3.Error, TypeError), _reading(folder / "ids.db") as reader:
        return str(reader.execute("SELECT id FROM inbox").fetchone()[0])
    return None
