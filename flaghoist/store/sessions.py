"""Sessions: browsers in which somebody is signed in. Only the digest of a session's secret is kept."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from flaghoist.base import ids
from flaghoist.base.clock import DAY_MS
from flaghoist.store.tables import passwords, sessions

IDLE_MS = 14 * DAY_MS
"""How long a session lasts without being used."""
LIFE_MS = 90 * DAY_MS
"""How long a session lasts however much it is used."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of a member (an address); ``client`` is the network address it signed in from."""

    digest: str
    id: str
    member: str
    created_at: int
    last_used_at: int
    expires_at: int
    user_agent: str
    client: str


def find(connection: Connection, secret: str, now: int) -> Session | None:
    """The session of a secret that is known and has not ended."""
    query = select(sessions).where(sessions.c.digest == ids.digest(secret), sessions.c.expires_at > now)
    row = connection.execute(query).one_or_none()
    return Session(**row._mapping) if row else None


def of_member(connection: Connection, member: str, now: int) -> list[Session]:
    """A member's sessions that have not ended, the one last used first."""
    query = (
        select(sessions)
        .where(sessions.c.member == member, sessions.c.expires_at > now)
        .order_by(sessions.c.last_used_at.desc(), sessions.c.created_at.desc())
    )
    return [Session(**row._mapping) for row in connection.execute(query)]


def add(connection: Connection, secret: str, member: str, *, now: int, user_agent: str, client: str) -> Session:
    """Begin a session; sessions that have run out, whosever they were, are forgotten on the way."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    digest = ids.digest(secret)
    begun = Session(digest, ids.object_id(), member, now, now, now + IDLE_MS, user_agent, client)
    connection.execute(insert(sessions).values({name: getattr(begun, name) for name in Session.__slots__}))
    _note(connection, digest, now)
    return begun


def touch(connection: Connection, digest: str, *, created_at: int, now: int) -> None:
    """Note that a session is used: it lasts on from now, though not beyond its whole life."""
    expires_at = min(now + IDLE_MS, created_at + LIFE_MS)
    connection.execute(
        update(sessions).where(sessions.c.digest == digest).values(last_used_at=now, expires_at=expires_at)
    )
    _note(connection, digest, now)


def end_here(connection: Connection, digest: str) -> None:
    """End the session of a digest."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


def end(connection: Connection, member: str, session_id: str) -> bool:
    """End one session of a member; false if there is none of that id."""
    ended = connection.execute(delete(sessions).where(sessions.c.member == member, sessions.c.id == session_id))
    return ended.rowcount > 0


def end_all(connection: Connection, member: str, *, except_digest: str = "") -> None:
    """End every session of a member, or all but one."""
    connection.execute(delete(sessions).where(sessions.c.member == member, sessions.c.digest != except_digest))


def _note(connection: Connection, digest: str, now: int) -> None:
    """Keep when the session's member was last here: that outlives the session."""
    member = select(sessions.c.member).where(sessions.c.digest == digest).scalar_subquery()
    connection.execute(update(passwords).where(passwords.c.member == member).values(last_used_at=now))
