"""The numbered log of changes: audit entries, webhook bodies and the reason to stream, in one row each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select, tuple_

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


class Outline(NamedTuple):
    """A change without its body: enough to tell who may see it and whether its name is searched for."""

    seq: int
    id: str
    at: int
    kind: str
    address: str
    name: str


class Gist(NamedTuple):
    """Who made a change and what it needed, as (action, address) pairs."""

    member_id: str
    token_id: str
    accesses: tuple[tuple[str, str], ...]


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


def outlines(
    connection: Connection,
    *,
    since: int | None = None,
    until: int | None = None,
    below: tuple[int, int] | None = None,
    slice_size: int = 2000,
) -> Iterator[list[Outline]]:
    """Changes newest first, between two times (both left out) or below an (at, seq) pair, in slices that grow."""
    size = 50
    while True:
        found = _outlines(connection, since, until, below, size)
        yield found
        if len(found) < size:
            return
        below = (found[-1].at, found[-1].seq)
        size = min(size * 4, slice_size)


def _outlines(
    connection: Connection, since: int | None, until: int | None, below: tuple[int, int] | None, limit: int
) -> list[Outline]:
    query = select(*_OUTLINE).order_by(changes.c.at.desc(), changes.c.seq.desc()).limit(limit)
    if since is not None:
        query = query.where(changes.c.at > since)
    if until is not None:
        query = query.where(changes.c.at < until)
    if below is not None:
        # The first condition is implied by the second, and is what an index is searched by.
        query = query.where(changes.c.at <= below[0], tuple_(changes.c.at, changes.c.seq) < below)
    return [Outline(*row) for row in connection.execute(query)]


def gists(connection: Connection, seqs: Sequence[int]) -> dict[int, Gist]:
    """Who made some changes and what they needed, without reading the rest of their bodies."""
    found: dict[int, Gist] = {}
    for some in _slices(seqs):
        for seq, body in connection.execute(select(changes.c.seq, changes.c.body).where(changes.c.seq.in_(some))):
            found[seq] = _gist(_gists.decode(body))
    return found


def of_seqs(connection: Connection, seqs: Sequence[int]) -> list[ChangeRow]:
    """Some changes by their numbers, in the order of the numbers given."""
    found: dict[int, ChangeRow] = {}
    for some in _slices(seqs):
        for row in connection.execute(select(changes).where(changes.c.seq.in_(some))):
            found[row.seq] = _row(row)
    return [found[seq] for seq in seqs if seq in found]


def firsts_since(connection: Connection, at: int, kinds: Sequence[str]) -> list[ChangeRow]:
    """Of every address that changed after a time, its first change since then; of some kinds, oldest first."""
    later = (
        select(func.min(changes.c.seq))
        .where(changes.c.at > at, changes.c.kind.in_(kinds))
        .group_by(changes.c.address)
        .scalar_subquery()
    )
    return [_row(row) for row in connection.execute(select(changes).where(changes.c.seq.in_(later)).order_by("seq"))]


def of_address(connection: Connection, addresses: Sequence[str], limit: int = 200) -> list[ChangeRow]:
    """The newest changes of some addresses, newest first."""
    wanted = changes.c.address.in_(addresses)
    rows = connection.execute(select(changes).where(wanted).order_by(changes.c.seq.desc()).limit(limit))
    return [_row(row) for row in rows]


def _row(row: Any) -> ChangeRow:
    return ChangeRow(row.seq, row.id, row.at, row.kind, row.address, row.name, json.decode(row.body))


_OUTLINE = (changes.c.seq, changes.c.id, changes.c.at, changes.c.kind, changes.c.address, changes.c.name)


class _Access(msgspec.Struct):
    action: str
    resource: str


class _Known(msgspec.Struct):
    id: str = msgspec.field(name="_id")


class _Actor(msgspec.Struct):
    member: _Known | None
    token: _Known | None


class _Body(msgspec.Struct):
    actor: _Actor
    accesses: list[_Access]


_gists = msgspec.json.Decoder(_Body)


def _gist(body: _Body) -> Gist:
    member, token = body.actor.member, body.actor.token
    return Gist(
        member.id if member else "",
        token.id if token else "",
        tuple([(access.action, access.resource) for access in body.accesses]),
    )


def _slices(seqs: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    return (seqs[start : start + size] for start in range(0, len(seqs), size))
