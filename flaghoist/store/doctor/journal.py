"""The numbered changes and what relies on their numbers."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, select

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.store.changes import last_seq
from flaghoist.store.doctor.finding import Finding
from flaghoist.store.tables import change_outlines, changes, documents, followers

AHEAD_MS = 5 * MINUTE_MS


def findings(connection: Connection, *, lasting: Sequence[str]) -> Iterator[Finding]:
    """Gaps, numbers that were never given, outlines without a change, and times to come.

    Changes of ``lasting`` kinds are those that retention may leave behind when it deletes what is around them.
    """
    last = last_seq(connection)
    yield from _gaps(connection, lasting)
    yield from _ahead(connection, last)
    yield from _outlines(connection)
    newest = connection.execute(select(func.max(changes.c.at))).scalar() or 0
    now = clock.now_ms()
    if newest > now + AHEAD_MS:
        yield Finding(
            "clock",
            f"the newest change is from {clock.rfc3339(newest)}, and here it is {clock.rfc3339(now)}",
            "set the clock of this machine, or of the one that wrote it, and let NTP keep it",
        )


def _gaps(connection: Connection, lasting: Sequence[str]) -> Iterator[Finding]:
    """Retention leaves gaps below which only changes of lasting kinds remain; any other gap is a loss."""
    before = changes.alias()
    starts = (
        select(func.max(changes.c.seq))
        .outerjoin(before, before.c.seq == changes.c.seq - 1)
        .where(before.c.seq.is_(None))
    )
    start = connection.execute(starts).scalar() or 0
    below = select(func.max(changes.c.seq)).where(changes.c.seq < start, changes.c.kind.not_in(lasting))
    if (left := connection.execute(below).scalar()) is not None:
        yield Finding(
            "change-gap",
            f"changes are missing somewhere between {left} and {start}",
            "no part of Flaghoist deletes from the middle: if nobody did by hand, check the disk and compare a backup",
        )


def _ahead(connection: Connection, last: int) -> Iterator[Finding]:
    documented = connection.execute(select(func.max(documents.c.seq))).scalar() or 0
    if documented > last:
        yield Finding(
            "document-ahead",
            f"a document was changed by number {documented}, and the newest change is {last}",
            "the journal lost its end: restore a backup, since new changes would be given numbers again",
        )
    for name, seq in connection.execute(select(followers.c.name, followers.c.seq)):
        if seq > last:
            yield Finding(
                "follower-ahead",
                f"the follower '{name}' is at change {seq}, and the newest is {last}: it will miss what comes next",
                "restore a backup in which both belong together",
            )


def _outlines(connection: Connection) -> Iterator[Finding]:
    counted = connection.execute(select(func.count()).select_from(changes)).scalar_one()
    outlined = connection.execute(select(func.count()).select_from(change_outlines)).scalar_one()
    if counted != outlined:
        yield Finding(
            "outlines-differ",
            f"there are {counted} changes and {outlined} outlines of them, so the audit log does not find all",
            "restore a backup, or keep this one and report how it came about",
        )
