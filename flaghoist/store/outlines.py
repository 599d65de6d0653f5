"""Changes without their bodies: a short row for each, which the audit log is searched by."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, tuple_

from flaghoist.base import json
from flaghoist.store.tables import change_outlines as rows

FIRST_SLICE, LARGEST_SLICE = 50, 2000
_Accesses = list[tuple[str, str]]
_INSERT = insert(rows)
_accesses = msgspec.json.Decoder(_Accesses)


class Outline(NamedTuple):
    """When, what, by whom, and what it needed; ``accesses`` as ``packed`` has them."""

    at: int
    seq: int
    id: str
    kind: str
    address: str
    name: str
    member_id: str
    token_id: str
    accesses: str


class Tally(NamedTuple):
    """How many changes of one address that needed the same fell into one stretch of time."""

    address: str
    accesses: str
    stretch: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What the store can tell of changes by itself; it may let through more than is asked for, never less.

    ``since`` and ``until`` are both left out; ``below`` is an (at, seq) pair. ``touching`` are beginnings and ends of
    addresses, of which an access must have one; none means any.
    """

    since: int | None = None
    until: int | None = None
    below: tuple[int, int] | None = None
    text: str = ""
    member_ids: frozenset[str] = frozenset()
    token_ids: frozenset[str] = frozenset()
    touching: tuple[tuple[str, str], ...] = ()


def packed(accesses: Iterable[Mapping[str, str]]) -> str:
    """Accesses as an outline keeps them."""
    return json.encode([(access["action"], access["resource"]) for access in accesses]).decode()


def unpacked(accesses: str) -> _Accesses:
    """(action, address) pairs from an outline."""
    return _accesses.decode(accesses)


def append(connection: Connection, outline: Outline) -> None:
    """Write the outline of a change, in the transaction that writes the change."""
    connection.execute(_INSERT, outline._asdict())


def newest(connection: Connection, sieve: Sieve) -> Iterator[list[Outline]]:
    """What passes a sieve, newest first, in slices that grow."""
    below, size = sieve.below, FIRST_SLICE
    wanted = _conditions(sieve)
    while True:
        query = select(rows).where(*wanted, *_below(below)).order_by(rows.c.at.desc(), rows.c.seq.desc()).limit(size)
        found = [Outline(*row) for row in connection.execute(query)]
        yield found
        if len(found) < size:
            return
        below, size = (found[-1].at, found[-1].seq), min(size * 4, LARGEST_SLICE)


def tallies(connection: Connection, sieve: Sieve, *, start: int, stretch_ms: int) -> list[Tally]:
    """What passes a sieve, counted by address, accesses and stretch of time since ``start``."""
    stretch = ((rows.c.at - start) // stretch_ms).label("stretch")
    query = (
        select(rows.c.address, rows.c.accesses, stretch, func.count())
        .where(*_conditions(sieve), *_below(sieve.below))
        .group_by(rows.c.address, rows.c.accesses, stretch)
    )
    return [Tally(*row) for row in connection.execute(query)]


def firsts_since(connection: Connection, at: int, kinds: Sequence[str]) -> list[int]:
    """Of every address that changed after a time, the number of its first change since then; of some kinds."""
    first = func.min(rows.c.seq)
    query = select(first).where(rows.c.at > at, rows.c.kind.in_(kinds)).group_by(rows.c.address).order_by(first)
    return list(connection.scalars(query))


def _below(below: tuple[int, int] | None) -> list[ColumnElement[bool]]:
    if below is None:
        return []
    # The first condition follows from the second, and is what the primary key is searched by.
    return [rows.c.at <= below[0], tuple_(rows.c.at, rows.c.seq) < below]


def _conditions(sieve: Sieve) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if sieve.since is not None:
        wanted.append(rows.c.at > sieve.since)
    if sieve.until is not None:
        wanted.append(rows.c.at < sieve.until)
    if sieve.member_ids:
        wanted.append(rows.c.member_id.in_(sieve.member_ids))
    if sieve.token_ids:
        wanted.append(rows.c.token_id.in_(sieve.token_ids))
    if sieve.text.isascii() and sieve.text:  # SQLite knows the case of ASCII letters only
        text = sieve.text.lower()
        wanted.append(
            or_(*[func.lower(column).contains(text, autoescape=True) for column in (rows.c.name, rows.c.address)])
        )
    if sieve.touching:
        wanted.append(or_(*[_touches(opening, closing) for opening, closing in sieve.touching]))
    return wanted


def _touches(opening: str, closing: str) -> ColumnElement[bool]:
    """Both ends are somewhere among the accesses, each at one of the quotes around addresses."""
    return and_(
        rows.c.accesses.contains(f'"{opening}', autoescape=True),
        rows.c.accesses.contains(f'{closing}"', autoescape=True),
    )
