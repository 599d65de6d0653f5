"""What members sign in with: the hashes of their passwords, and the digests of links that let them set one, once."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from flaghoist.base import ids
from flaghoist.store.tables import passwords, sign_in_links
from flaghoist.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class SignInLink:
    """Whose password a link sets, and until when, in milliseconds."""

    member: str
    expires_at: int


def hash_of(connection: Connection, member: str) -> str | None:
    """The hash of a member's password; ``member`` is an address."""
    return connection.execute(select(passwords.c.hash).where(passwords.c.member == member)).scalar_one_or_none()


def last_used(connection: Connection, member: str) -> int | None:
    """When a member was last signed in with their password, true to the minute."""
    return connection.execute(select(passwords.c.last_used_at).where(passwords.c.member == member)).scalar_one_or_none()


def put(connection: Connection, member: str, hashed: str, *, now: int) -> None:
    """Give a member a password, in place of the one they had."""
    row = {"member": member, "hash": hashed, "set_at": now}
    upsert(connection, passwords, [row], replace=("hash", "set_at"))


def put_link(connection: Connection, member: str, secret: str, *, now: int, expires_at: int) -> None:
    """Give a member a new link; the one they had ends."""
    row = {"member": member, "digest": ids.digest(secret), "created_at": now, "expires_at": expires_at}
    upsert(connection, sign_in_links, [row], replace=("digest", "created_at", "expires_at"))


def find_link(connection: Connection, secret: str, now: int) -> SignInLink | None:
    """The link of a secret, if it is known and has neither been used nor ended."""
    query = select(sign_in_links).where(sign_in_links.c.digest == ids.digest(secret), sign_in_links.c.expires_at > now)
    row = connection.execute(query).one_or_none()
    return SignInLink(row.member, row.expires_at) if row else None


def drop_link(connection: Connection, member: str) -> None:
    """End a member's link."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.member == member))
