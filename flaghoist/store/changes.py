"""The numbered log of changes: audit entries, webhook bodies and the reason to stream, in one row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from flaghoist.base import json
from flaghoist.store.tables import changes


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as stored; ``body`` holds who, which accesses, before, after and the comment."""

    seq: int
    id: str
    at: int
    kind: str
    address: str
    name: str
    body: dict[str, Any]


def last_seq(connection: Connection) -> int:
    """The newest change number, 0 before the first."""
    return connection.execute(select(func.max(changes.c.seq))).scalar() or 0


def append(connection: Connection, row: ChangeRow) -> None:
    """Write a change; its number must follow ``last_seq`` within the same writing transaction."""
    connection.execute(
        insert(changes).values(
            seq=row.seq,
            id=row.id,
            at=row.at,
            kind=row.kind,
            address=row.address,
            name=row.name,
            body=json.encode(row.body).decode(),
        )
    )


def after(connection: Connection, seq: int, limit: int = 1000) -> list[ChangeRow]:
    """The changes that follow a number, in order."""
    rows = connection.execute(select(changes).where(changes.c.seq > seq).order_by(changes.c.seq).limit(limit))
    return [_row(row) for row in rows]


def read(connection: Connection, change_id: str) -> ChangeRow | None:
    """One change by its id."""
    row = connection.execute(select(changes).where(changes.c.id == change_id)).one_or_none()
    return _row(row) if row else None


def newest(
    connection: Connection,
    *,
    before: int | None = None,
    since: int | None = None,
    below_seq: int | None = None,
    limit: int = 200,
) -> list[ChangeRow]:
    """Changes newest first, within ``[since, before]`` in milliseconds and below a change number."""
    query = select(changes).order_by(changes.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(changes.c.at <= before)
    if since is not None:
        query = query.where(changes.c.at >= since)
    if below_seq is not None:
        query = query.where(changes.c.seq < below_seq)
    return [_row(row) for row in connection.execute(query)]


def of_address(connection: Connection, addresses: Sequence[str], limit: int = 200) -> list[ChangeRow]:
    """The newest changes of some addresses, newest first."""
    wanted = changes.c.address.in_(addresses)
    rows = connection.execute(select(changes).where(wanted).order_by(changes.c.seq.desc()).limit(limit))
    return [_row(row) for row in rows]


def _row(row: Any) -> ChangeRow:
    return ChangeRow(row.seq, row.id, row.at, row.kind, row.address, row.name, json.decode(row.body))
