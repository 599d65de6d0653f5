"""Secrets that open doors: only their digests are kept, each with the address it speaks for."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from flaghoist.base import ids
from flaghoist.store.tables import credentials

_FIND = select(credentials).where(credentials.c.digest == bindparam("digest"))


@dataclass(frozen=True, slots=True)
class Credential:
    """What a secret stands for; ``kind`` is token, sdk, mobile, relay, or session for a browser's cookie."""

    kind: str
    address: str
    digest: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None


def find(connection: Connection, secret: str, now: int) -> Credential | None:
    """The credential of a secret that is known and has not expired."""
    row = connection.execute(_FIND, {"digest": ids.digest(secret)}).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Credential(row.kind, row.address, row.digest, row.created_at, row.expires_at, row.last_used_at)


def of_address(connection: Connection, address: str, kind: str) -> list[Credential]:
    """Every credential of a kind that speaks for an address, newest first."""
    rows = connection.execute(
        select(credentials)
        .where(credentials.c.address == address, credentials.c.kind == kind)
        .order_by(credentials.c.created_at.desc())
    )
    return [
        Credential(row.kind, row.address, row.digest, row.created_at, row.expires_at, row.last_used_at) for row in rows
    ]


def add(connection: Connection, secret: str, *, kind: str, address: str, now: int) -> None:
    """Let a secret speak for an address."""
    connection.execute(
        insert(credentials).values(digest=ids.digest(secret), kind=kind, address=address, created_at=now)
    )


def retire(connection: Connection, address: str, kind: str, expires_at: int | None) -> None:
    """End every credential of a kind at an address: at once, or at ``expires_at`` where it lives longer."""
    at = (credentials.c.address == address, credentials.c.kind == kind)
    if expires_at is None:
        connection.execute(delete(credentials).where(*at))
        return
    longer = credentials.c.expires_at.is_(None) | (credentials.c.expires_at > expires_at)
    connection.execute(update(credentials).where(*at, longer).values(expires_at=expires_at))


def drop(connection: Connection, address: str) -> None:
    """End every credential of an address at once."""
    connection.execute(delete(credentials).where(credentials.c.address == address))


def touch(connection: Connection, digest: str, now: int) -> None:
    """Note when a credential was last used."""
    connection.execute(update(credentials).where(credentials.c.digest == digest).values(last_used_at=now))
