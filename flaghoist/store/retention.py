"""Forgets what is older than it is to be kept: entries of the audit log, and credentials that have run out."""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection, delete, func, select, tuple_

from flaghoist.store import changes as journal
from flaghoist.store import sightings
from flaghoist.store.database import Database
from flaghoist.store.tables import change_outlines, changes, credentials, documents, followers, sessions, sign_in_links

BATCH = 500
"""Changes forgotten in one transaction: few enough that nobody who writes has to wait for it."""

_Place = tuple[int, int]  # when, and which number


def forget_changes(
    database: Database, *, before: int, lasting: Sequence[str], go_on: Callable[[], bool] = lambda: True
) -> int:
    """Delete changes from before a time, a few at once, as long as ``go_on`` says so; gives how many.

    Kept are the newest of all, since numbers follow it; what a follower has yet to read; and of ``lasting`` kinds
    whatever is of a document that still lives, since its old versions are read.
    """
    forgotten, after = 0, (0, 0)
    while go_on():
        some, reached = database.write(partial(_forget_some, before=before, lasting=lasting, after=after))
        forgotten += some
        if reached is None:
            break
        after = reached
    return forgotten


def forget_expired(database: Database, *, now: int) -> int:
    """Delete sessions, sign-in links, credentials and sightings that have run out; gives how many."""

    def forget(connection: Connection) -> int:
        tables = (sessions, sign_in_links, credentials)
        expired = [connection.execute(delete(table).where(table.c.expires_at <= now)).rowcount for table in tables]
        return sum(expired) + sightings.forget(connection, before=now)

    return database.write(forget)


def _forget_some(
    connection: Connection, *, before: int, lasting: Sequence[str], after: _Place
) -> tuple[int, _Place | None]:
    """One batch in the order of time, and where it ended; nothing there at the end of all."""
    outline = change_outlines.c
    query = (
        select(outline.at, outline.seq, outline.kind, outline.address)
        .where(outline.at < before, outline.at >= after[0], tuple_(outline.at, outline.seq) > after)
        .order_by(outline.at, outline.seq)
        .limit(BATCH)
    )
    found = connection.execute(query).all()
    if not found:
        return 0, None
    needed = _needed_from(connection)
    asked = {row.address for row in found if row.kind in lasting}
    alive = set(
        connection.scalars(select(documents.c.address).where(documents.c.address.in_(asked), documents.c.deleted == 0))
    )
    gone = [row for row in found if row.seq < needed and not (row.kind in lasting and row.address in alive)]
    if gone:
        numbers = [row.seq for row in gone]
        connection.execute(delete(changes).where(changes.c.seq.in_(numbers)))
        between = outline.at.between(gone[0].at, gone[-1].at)
        connection.execute(delete(change_outlines).where(between, outline.seq.in_(numbers)))
    return len(gone), (found[-1].at, found[-1].seq)


def _needed_from(connection: Connection) -> int:
    """The lowest number of those that have to stay."""
    newest = journal.last_seq(connection)
    behind = connection.execute(select(func.min(followers.c.seq))).scalar()
    return newest if behind is None else min(newest, behind + 1)
