"""Whether this machine's clock agrees with that of the database, by which all nodes can tell."""

from sqlalchemy import Connection, text

from flaghoist.base import clock

_THEIRS = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")


def ahead_ms(connection: Connection) -> int:
    """How far ours is ahead at least, or behind if negative; 0 where both are on one machine, or it cannot be told."""
    if connection.dialect.name != "postgresql":
        return 0
    asked_at = clock.now_ms()
    theirs = int(connection.execute(_THEIRS).scalar_one())
    answered_at = clock.now_ms()
    if asked_at > theirs:
        return asked_at - theirs
    return min(answered_at - theirs, 0)
