"""How far each inbox has been moved into the lake."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from flaghoist.base import clock
from flaghoist.base.errors import Conflict
from flaghoist.store import inboxes
from flaghoist.store.facts.tables import inbox_progress, log_offsets
from flaghoist.store.position import first_at
from flaghoist.store.upsert import upsert


def reached(connection: Connection, inbox: str) -> int:
    """Up to which position everything is in the lake; 0 at first."""
    query = select(inbox_progress.c.position).where(inbox_progress.c.inbox == inbox)
    return connection.execute(query).scalar() or 0


def offset(connection: Connection, partition: str) -> int | None:
    """The same of a partition of a log, as the offset of the last record; None at first."""
    return connection.execute(select(log_offsets.c.offset).where(log_offsets.c.partition == partition)).scalar()


def advance(connection: Connection, inbox: str, *, since: int, to: int, offset: int | None = None) -> None:
    """Move on from one position to the next, at an ``offset`` if what is moved comes from a log.

    Raises ``Conflict`` if somebody else did so in the meantime.
    """
    if reached(connection, inbox) != since:
        raise Conflict(f"inbox {inbox} is no longer at position {since}")
    row = {"inbox": inbox, "position": to, "updated_at": clock.now_ms()}
    upsert(connection, inbox_progress, [row], replace=["position", "updated_at"])
    if offset is not None:
        upsert(connection, log_offsets, [{"partition": inbox, "offset": offset}], replace=["offset"])


def replayed(inbox: str, position: int) -> str:
    """The name under which a batch of an inbox is moved on by itself that was put off: at 0 until it counts."""
    return f"{inbox}:{position:016x}"


def put_off(connection: Connection, inbox: str, positions: Collection[int]) -> None:
    """Note of batches that what moves past them leaves them out."""
    now = clock.now_ms()
    rows = [{"inbox": replayed(inbox, position), "position": 0, "updated_at": now} for position in positions]
    upsert(connection, inbox_progress, rows, replace=["updated_at"])


def is_left_out(connection: Connection, mark: str) -> bool | None:
    """Whether a batch that was put off does not count yet; None where nobody has noted that it was left out."""
    position = connection.execute(select(inbox_progress.c.position).where(inbox_progress.c.inbox == mark)).scalar()
    return None if position is None else position == 0


def forget_replayed(connection: Connection, inbox: str, *, but: Collection[int]) -> None:
    """Drop the marks of batches that were moved on by themselves and are gone; ``but`` are still kept somewhere."""
    marks = connection.execute(select(inbox_progress.c.inbox).where(inbox_progress.c.inbox.startswith(f"{inbox}:")))
    kept = {replayed(inbox, position) for position in but}
    gone = [mark for mark in marks.scalars() if mark not in kept]
    connection.execute(delete(inbox_progress).where(inbox_progress.c.inbox.in_(gone)))


def latest(connection: Connection) -> int:
    """The newest position in the lake, as far as every inbox at work has come: what was received before it counts."""
    newest = max(connection.execute(select(inbox_progress.c.position)).scalars(), default=0)
    through = inboxes.through(connection, clock.now_ms())
    return newest if through is None else min(newest, first_at(through))
