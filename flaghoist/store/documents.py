"""Versioned JSON documents at addresses, each with one facet per environment where it has any."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, literal, select, update

from flaghoist.base import json
from flaghoist.store.sealing import Seal
from flaghoist.store.tables import documents, facets

KEPT_MAX = 1024

_COLUMNS = [
    documents.c.address,
    documents.c.kind,
    documents.c.parent,
    documents.c.version,
    documents.c.body_version,
    documents.c.created_at,
    documents.c.updated_at,
    documents.c.body,
]

_WRITTEN = ("kind", "parent", "version", "body_version", "seq", "created_at", "updated_at", "deleted", "body")

# Statements of the hot paths are built once: building one costs more than running it.
_OF_COLLECTION = (
    documents.c.kind == bindparam("kind"),
    documents.c.parent == bindparam("parent"),
    documents.c.deleted == 0,
)
_READ = select(*_COLUMNS).where(documents.c.address == bindparam("address"), documents.c.deleted == 0)
_STAMP = select(func.max(documents.c.seq), func.count()).where(*_OF_COLLECTION)
_COLLECTION = select(*_COLUMNS).where(*_OF_COLLECTION).order_by(documents.c.created_seq, documents.c.address)
_FACETS = select(facets).where(facets.c.address.in_(bindparam("addresses", expanding=True)))
_NAMED_FACETS = _FACETS.where(facets.c.name.in_(bindparam("names", expanding=True)))
_ALIVE_SINCE = case((documents.c.deleted == 1, bindparam("new_seq")), else_=documents.c.created_seq)
_UPDATE = (
    update(documents)
    .where(documents.c.address == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN} | {"created_seq": _ALIVE_SINCE})
)
_INSERT = insert(documents)
_UPDATE_FACET = (
    update(facets)
    .where(facets.c.address == bindparam("at"), facets.c.name == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("version", "updated_at", "body")})
)
_INSERT_FACET = insert(facets)


@dataclass(frozen=True, slots=True)
class Document:
    """A body at an address. ``version`` counts every change, ``body_version`` those of the body itself.

    Bodies are shared: treat them as immutable, and copy before editing.
    """

    address: str
    kind: str
    parent: str
    version: int
    body_version: int
    created_at: int
    updated_at: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facet:
    """The part of a document that belongs to one environment; ``version`` is the document's when it last changed."""

    version: int
    updated_at: int
    body: dict[str, Any]


class Documents:
    """Reads and writes documents; keeps whole collections in memory while their stamp still holds.

    A collection's stamp is its newest change number and its size: equal stamps mean equal collections, since a
    change number is never used twice. Nothing read inside a writing transaction is kept, as it may be undone, and of
    more than ``KEPT_MAX`` collections those read anew the longest ago are let go.
    What is secret is sealed with ``seal`` on its way in and opened on its way out.
    """

    def __init__(self, seal: Seal | None = None) -> None:
        self._seal = seal
        self._kept: dict[tuple[str, str], tuple[tuple[int, int], list[Document]]] = {}
        self._keeping = threading.Lock()

    def read(self, connection: Connection, address: str) -> Document | None:
        """The document at an address, or nothing."""
        row = connection.execute(_READ, {"address": address}).one_or_none()
        return self._document(row) if row else None

    def collection(self, connection: Connection, kind: str, parent: str, *, keep: bool) -> list[Document]:
        """All documents of a kind under a parent, oldest first."""
        of = {"kind": kind, "parent": parent}
        found = connection.execute(_STAMP, of).one()
        stamp = (found[0] or 0, found[1])
        kept = self._kept.get((kind, parent))
        if kept and kept[0] == stamp:
            return kept[1]
        collection = [self._document(row) for row in connection.execute(_COLLECTION, of)]
        if keep:
            self._keep((kind, parent), (stamp, collection))
        return collection

    def _keep(self, name: tuple[str, str], kept: tuple[tuple[int, int], list[Document]]) -> None:
        with self._keeping:
            self._kept.pop(name, None)
            self._kept[name] = kept
            while len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]

    def created(self, connection: Connection, kind: str) -> dict[str, int]:
        """By which change each document of a kind was created, in the order of which no clock has a say."""
        within = (documents.c.kind == kind, documents.c.deleted == 0)
        rows = connection.execute(select(documents.c.address, documents.c.created_seq).where(*within))
        return {row.address: row.created_seq for row in rows}

    def count(self, connection: Connection, kind: str) -> int:
        """How many documents of a kind there are anywhere."""
        within = (documents.c.kind == kind, documents.c.deleted == 0)
        return connection.execute(select(func.count()).where(*within)).scalar_one()

    def everywhere(self, connection: Connection, kind: str) -> list[Document]:
        """All documents of a kind under every parent, oldest first."""
        rows = connection.execute(
            select(*_COLUMNS)
            .where(documents.c.kind == kind, documents.c.deleted == 0)
            .order_by(documents.c.created_seq, documents.c.address)
        )
        return [self._document(row) for row in rows]

    def facets(
        self, connection: Connection, addresses: Sequence[str], names: Sequence[str] | None = None
    ) -> dict[str, dict[str, Facet]]:
        """The facets of several documents: address → name → facet; of all names unless some are given."""
        found: dict[str, dict[str, Facet]] = {address: {} for address in addresses}
        for some in _slices(addresses):
            asked = {"addresses": some} if names is None else {"addresses": some, "names": names}
            for row in connection.execute(_FACETS if names is None else _NAMED_FACETS, asked):
                found[row.address][row.name] = Facet(row.version, row.updated_at, json.decode(row.body))
        return found

    def facets_holding(self, connection: Connection, kind: str, parent: str, text: str) -> dict[str, dict[str, Facet]]:
        """The written facets of a collection whose JSON has a text in it: address → name → facet."""
        rows = connection.execute(
            select(facets)
            .join(documents, documents.c.address == facets.c.address)
            .where(documents.c.kind == kind, documents.c.parent == parent, documents.c.deleted == 0)
            .where(facets.c.body.contains(text, autoescape=True))
        )
        found: dict[str, dict[str, Facet]] = {}
        for row in rows:
            found.setdefault(row.address, {})[row.name] = Facet(row.version, row.updated_at, json.decode(row.body))
        return found

    def version_ever(self, connection: Connection, address: str) -> int:
        """The last version an address has had, also if its document was deleted; 0 if it never had one."""
        found = connection.execute(select(documents.c.version).where(documents.c.address == address)).scalar()
        return found or 0

    def put(self, connection: Connection, document: Document, seq: int) -> None:
        """Write a document as of a change; a deleted one of the same address comes back to life."""
        values = {
            "kind": document.kind,
            "parent": document.parent,
            "version": document.version,
            "body_version": document.body_version,
            "seq": seq,
            "created_at": document.created_at,
            "updated_at": document.updated_at,
            "deleted": 0,
            "body": self._closed(connection, document),
        }
        if connection.execute(_UPDATE, {"at": document.address, **_new(values)}).rowcount == 0:
            connection.execute(_INSERT, {"address": document.address, "created_seq": seq, **values})

    def put_facet(self, connection: Connection, address: str, name: str, facet: Facet) -> None:
        """Write one facet."""
        values = {
            "version": facet.version,
            "updated_at": facet.updated_at,
            "body": json.encode(facet.body).decode(),
        }
        if connection.execute(_UPDATE_FACET, {"at": address, "of": name, **_new(values)}).rowcount == 0:
            connection.execute(_INSERT_FACET, {"address": address, "name": name, **values})

    def drop_facet(self, connection: Connection, address: str, name: str) -> None:
        """Remove one facet."""
        connection.execute(delete(facets).where(facets.c.address == address, facets.c.name == name))

    def drop_facets(self, connection: Connection, under: str, name: str) -> None:
        """Remove the facets of one name from every document below an address."""
        below = facets.c.address.startswith(f"{under}:", autoescape=True)
        exact = func.substr(facets.c.address, 1, len(under) + 1) == f"{under}:"  # LIKE may ignore case
        connection.execute(delete(facets).where(facets.c.name == name, below, exact))

    def copy_facets(self, connection: Connection, under: str, source: str, target: str) -> None:
        """Copy the facets of one name to another for every document below an address."""
        below = facets.c.address.startswith(f"{under}:", autoescape=True)
        exact = func.substr(facets.c.address, 1, len(under) + 1) == f"{under}:"
        chosen = select(facets.c.address, literal(target), facets.c.version, facets.c.updated_at, facets.c.body).where(
            facets.c.name == source, below, exact
        )
        connection.execute(insert(facets).from_select(["address", "name", "version", "updated_at", "body"], chosen))

    def delete(self, connection: Connection, address: str, *, version: int, seq: int) -> None:
        """Remove a document and its facets; the address remembers its version."""
        connection.execute(
            update(documents)
            .where(documents.c.address == address)
            .values(deleted=1, version=version, seq=seq, body="{}")
        )
        connection.execute(delete(facets).where(facets.c.address == address))

    def below(self, connection: Connection, address: str) -> list[Document]:
        """Every document whose address lies under another's, deepest first."""
        under = f"{address}:"
        rows = connection.execute(
            select(*_COLUMNS).where(documents.c.address.startswith(under, autoescape=True), documents.c.deleted == 0)
        )
        # SQLite's LIKE ignores case, addresses do not.
        found = [self._document(row) for row in rows if row.address.startswith(under)]
        return sorted(found, key=lambda document: -document.address.count(":"))

    def _document(self, row: Any) -> Document:
        body = json.decode(row.body)
        if self._seal is not None:
            body = self._seal.opened(row.kind, row.address, body)
        return Document(
            row.address, row.kind, row.parent, row.version, row.body_version, row.created_at, row.updated_at, body
        )

    def _closed(self, connection: Connection, document: Document) -> str:
        body = document.body
        if self._seal is not None:
            body = self._seal.closed(connection, document.kind, document.address, body)
        return json.encode(body).decode()


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values under the names of an update's parameters: a column's own name stands for what it has now."""
    return {f"new_{name}": value for name, value in values.items()}


def _slices(addresses: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (addresses[start : start + size] for start in range(0, len(addresses), size))
