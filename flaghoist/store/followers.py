"""How far those have come who follow the changes to do something about each: a position that outlives them."""

from sqlalchemy import Connection, insert, select, update

from flaghoist.base import clock
from flaghoist.store import changes
from flaghoist.store.tables import followers


def begin(connection: Connection, name: str) -> None:
    """Let somebody follow who has not followed so far: from the newest change on."""
    if position(connection, name) is None:
        newest = changes.last_seq(connection)
        connection.execute(insert(followers).values(name=name, seq=newest, updated_at=clock.now_ms()))


def position(connection: Connection, name: str) -> int | None:
    """The number of the last change that a follower has dealt with, or nothing for one who has not begun."""
    return connection.execute(select(followers.c.seq).where(followers.c.name == name)).scalar()


def advance(connection: Connection, name: str, *, since: int, to: int) -> bool:
    """Move a follower on, in the transaction that keeps what it did; false if another has moved it since."""
    here = (followers.c.name == name, followers.c.seq == since)
    moved = connection.execute(update(followers).where(*here).values(seq=to, updated_at=clock.now_ms()))
    return moved.rowcount == 1
