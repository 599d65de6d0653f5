"""Secrets at rest: the secret members of documents are sealed before they are written, and opened when they are read.

The state store says which key is in force, with a proof that a key is the right one, never the key itself.
"""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from flaghoist.base import clock, json
from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database
from flaghoist.store.keyring import Keyring, SecretKey, WrongKey, key_id_of, new_key
from flaghoist.store.tables import documents, secret_keys

log = logging.getLogger("flaghoist.sealing")
BATCH = 200
REMEMBERED_MAX = 10_000
_IN_FORCE = select(secret_keys.c.id).order_by(secret_keys.c.since.desc(), secret_keys.c.id).limit(1)


class Seal:
    """Seals and opens the ``secret`` members of the kinds of documents that have such; remembers what it has opened."""

    def __init__(self, ring: Keyring, secret: Mapping[str, frozenset[str]]) -> None:
        self.ring = ring
        self.secret = {kind: tuple(sorted(members)) for kind, members in sorted(secret.items()) if members}
        self.covers = " ".join([f"{kind}.{name}" for kind, members in self.secret.items() for name in members])
        self._opened: dict[tuple[str, str], tuple[str, Any]] = {}

    def closed(self, connection: Connection, kind: str, address: str, body: dict[str, Any]) -> dict[str, Any]:
        """A body as it may be written: its secrets sealed with the key in force; what is empty tells nothing."""
        hidden = [name for name in self.secret.get(kind, ()) if body.get(name)]
        if not hidden:
            return body
        key = self._key(connection.execute(_IN_FORCE).scalar_one())
        return {**body, **{name: key.sealed(json.encode(body[name]), f"{address} {name}") for name in hidden}}

    def opened(self, kind: str, address: str, body: dict[str, Any]) -> dict[str, Any]:
        """A body as it was before it was sealed; the one given is used up."""
        for name in self.secret.get(kind, ()):
            held = body.get(name)
            known = self._opened.get((address, name))
            if known is not None and known[0] == held:
                body[name] = known[1]
            elif key_id_of(held):
                body[name] = self._open(address, name, held)
        return body

    def _open(self, address: str, name: str, sealed: Any) -> Any:
        secret = json.decode(self._key(key_id_of(sealed)).opened(sealed, f"{address} {name}"))
        if len(self._opened) >= REMEMBERED_MAX:
            self._opened.clear()
        self._opened[address, name] = sealed, secret
        return secret

    def _key(self, key_id: str) -> SecretKey:
        key = self.ring.find(key_id)
        if key is None:
            raise Unavailable(f"secrets are sealed with the key {key_id}, which is not in {self.ring.where}")
        return key


def open_seal(database: Database, ring: Keyring, secret: Mapping[str, frozenset[str]]) -> Seal:
    """The seal of a state store; what is not sealed yet, or was being sealed anew when somebody stopped, is now.

    Raises ``WrongKey`` where the keys at hand do not open what is there.
    """
    with database.read() as connection:
        is_new = _in_force(connection) == ""
    if is_new:
        key = ring.first()
        database.write(lambda connection: _begin(connection, key, only_first=True))
    with database.read() as connection:
        _prove(connection, ring)
        covered = connection.execute(select(secret_keys.c.covers)).scalars().all()
    seal = Seal(ring, secret)
    if covered != [seal.covers]:
        _seal_anew(database, seal)
    return seal


def rotate(database: Database, ring: Keyring, secret: Mapping[str, frozenset[str]]) -> int:
    """Seal everything with a new key, while servers go on; gives how many documents that were.

    The new key is made here, or is the first of those given. Raises ``WrongKey`` if there is none.
    """
    open_seal(database, ring, secret)
    with database.read() as connection:
        in_force = _in_force(connection)
    key = ring.first()
    if key.id == in_force:
        if ring.is_given:
            raise WrongKey("FLAGHOIST_SECRET_KEY begins with the key in force: put the new one before it, as 'new,old'")
        key = new_key()
        ring.put_first(key)  # first: a server that meets the new key finds it in the file
    database.write(lambda connection: _begin(connection, key, only_first=False))
    sealed = _seal_anew(database, Seal(ring, secret))
    ring.forget_all_but(key)
    return sealed


def _in_force(connection: Connection) -> str:
    return connection.execute(_IN_FORCE).scalar() or ""


def _begin(connection: Connection, key: SecretKey, *, only_first: bool) -> None:
    """Put a key in force, unless another process has been quicker with the first one."""
    in_force = _in_force(connection)
    if in_force == key.id or (only_first and in_force):
        return
    newest = connection.execute(select(func.max(secret_keys.c.since))).scalar() or 0
    since = max(clock.now_ms(), newest + 1)
    connection.execute(delete(secret_keys).where(secret_keys.c.id == key.id))
    connection.execute(insert(secret_keys).values(id=key.id, proof=key.sealed(b"{}", key.id), since=since, covers=""))


def _prove(connection: Connection, ring: Keyring) -> None:
    for row in connection.execute(select(secret_keys)):
        key = ring.find(row.id)
        if key is None:
            raise WrongKey(
                f"the secrets of this state are sealed with the key {row.id}, and {ring.where} has "
                f"{'only ' + ', '.join(ring.ids) if ring.ids else 'none'}: bring back the secret.key that was beside "
                "the state, or give that key as FLAGHOIST_SECRET_KEY (the same on every node)"
            )
        key.opened(row.proof, row.id)


def _seal_anew(database: Database, seal: Seal) -> int:
    """Seal with the key in force what is not, a batch at a time; then no other key is needed any more."""
    sealed, was_plain, last = 0, False, ""
    while True:
        batch = database.write(lambda connection, last=last: _seal_batch(connection, seal, last))  # type: ignore[misc]
        if batch is None:
            break
        last, changed, plain = batch
        sealed += changed
        was_plain = was_plain or plain
        log.info("sealing documents=%s through=%s", sealed, last)
    database.write(lambda connection: _covered(connection, seal))
    if was_plain:
        database.wipe_free_space()
    return sealed


def _seal_batch(connection: Connection, seal: Seal, last: str) -> tuple[str, int, bool] | None:
    """The last address looked at, how many documents were sealed, and whether any had been plain."""
    in_force = _in_force(connection)
    rows = connection.execute(
        select(documents.c.address, documents.c.kind, documents.c.body)
        .where(documents.c.kind.in_(list(seal.secret)), documents.c.address > last, documents.c.deleted == 0)
        .order_by(documents.c.address)
        .limit(BATCH)
    ).all()
    if not rows:
        return None
    sealed, was_plain = 0, False
    for row in rows:
        body = json.decode(row.body)
        held_by = {key_id_of(body[name]) for name in seal.secret[row.kind] if body.get(name)}
        if held_by <= {in_force}:
            continue
        closed = seal.closed(connection, row.kind, row.address, seal.opened(row.kind, row.address, body))
        at = documents.c.address == row.address
        connection.execute(update(documents).where(at).values(body=json.encode(closed).decode()))
        sealed, was_plain = sealed + 1, was_plain or "" in held_by
    return rows[-1].address, sealed, was_plain


def _covered(connection: Connection, seal: Seal) -> None:
    """Note that everything is sealed with the key in force, and that no other is needed."""
    connection.execute(delete(secret_keys).where(secret_keys.c.id != _in_force(connection)))
    connection.execute(update(secret_keys).values(covers=seal.covers))
