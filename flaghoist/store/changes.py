"""The numbered log of changes: audit entries, webhook bodies and the reason to stream, in one row each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from flaghoist.base import json
from flaghoist.store import outlines
from flaghoist.store.outlines import Outline
from flaghoist.store.tables import changes

# Built once: building one costs more than running it.
_INSERT = insert(changes)
_LAST = select(func.max(changes.c.seq))
_AFTER = select(changes).where(changes.c.seq > bindparam("after")).order_by(changes.c.seq).limit(bindparam("most"))


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
    return connection.execute(_LAST).scalar() or 0


def append(connection: Connection, row: ChangeRow) -> None:
    """Write a change; its number must follow ``last_seq`` within the same writing transaction."""
    connection.execute(
        _INSERT,
        {
            "seq": row.seq,
            "id": row.id,
            "at": row.at,
            "kind": row.kind,
            "address": row.address,
            "name": row.name,
            "body": json.encode(row.body).decode(),
        },
    )
    actor = row.body.get("actor") or {}
    outlines.append(
        connection,
        Outline(
            row.at,
            row.seq,
            row.id,
            row.kind,
            row.address,
            row.name,
            (actor.get("member") or {}).get("_id", ""),
            (actor.get("token") or {}).get("_id", ""),
            outlines.packed(row.body.get("accesses") or ()),
        ),
    )


def after(connection: Connection, seq: int, limit: int = 1000) -> list[ChangeRow]:
    """The changes that follow a number, in order."""
    rows = connection.execute(_AFTER, {"after": seq, "most": limit})
    return [_row(row) for row in rows]


def read(connection: Connection, change_id: str) -> ChangeRow | None:
    """One change by its id."""
    row = connection.execute(select(changes).where(changes.c.id == change_id)).one_or_none()
    return _row(row) if row else None


def of_seqs(connection: Connection, seqs: Sequence[int]) -> list[ChangeRow]:
    """Some changes by their numbers, in the order of the numbers given."""
    found: dict[int, ChangeRow] = {}
    for some in _slices(seqs):
        for row in connection.execute(select(changes).where(changes.c.seq.in_(some))):
            found[row.seq] = _row(row)
    return [found[seq] for seq in seqs if seq in found]


def firsts_since(connection: Connection, at: int, kinds: Sequence[str]) -> list[ChangeRow]:
    """Of every address that changed after a time, its first change since then; of some kinds, oldest first."""
    return of_seqs(connection, outlines.firsts_since(connection, at, kinds))


def of_address(connection: Connection, addresses: Sequence[str], limit: int = 200) -> list[ChangeRow]:
    """The newest changes of some addresses, newest first."""
    wanted = changes.c.address.in_(addresses)
    rows = connection.execute(select(changes).where(wanted).order_by(changes.c.seq.desc()).limit(limit))
    return [_row(row) for row in rows]


def _row(row: Any) -> ChangeRow:
    return ChangeRow(row.seq, row.id, row.at, row.kind, row.address, row.name, json.decode(row.body))


def _slices(seqs: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    return (seqs[start : start + size] for start in range(0, len(seqs), size))
