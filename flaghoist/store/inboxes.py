"""The inboxes that feed one lake, where there may be several: which of them are at work, and how far each has come."""

from sqlalchemy import Connection, insert, select, update

from flaghoist.store.tables import inboxes

ALIVE_MS = 15_000
"""How long the others count on an inbox that has not been heard of."""
HEARD_OF_EVERY_MS = 5_000
AHEAD_MS = 3_600_000
"""One that is said to be alive for longer than this was last heard of while its clock was ahead."""


def attest(connection: Connection, inbox: str, *, through: int, now: int) -> None:
    """All that this inbox accepted before ``through`` (milliseconds) is in the lake."""
    values = {"through": through, "alive_until": now + ALIVE_MS}
    if not connection.execute(update(inboxes).where(inboxes.c.inbox == inbox).values(values)).rowcount:
        connection.execute(insert(inboxes).values(inbox=inbox, is_carried_over=0, **values))


def leave(connection: Connection, inbox: str) -> None:
    """Nobody need wait for this inbox."""
    connection.execute(update(inboxes).where(inboxes.c.inbox == inbox).values(alive_until=0))


def through(connection: Connection, now: int, *, but: str = "") -> int | None:
    """Up to when every inbox at work is in the lake, in milliseconds; None where there is none (``but`` this one)."""
    alive = inboxes.c.alive_until.between(now + 1, now + AHEAD_MS)
    at_work = select(inboxes.c.through).where(alive, inboxes.c.inbox != but)
    return min(connection.execute(at_work).scalars(), default=None)


def is_carried_over(connection: Connection, inbox: str) -> bool:
    """Whether the ids that an inbox remembers by itself are among the claims."""
    query = select(inboxes.c.is_carried_over).where(inboxes.c.inbox == inbox)
    return bool(connection.execute(query).scalar())


def set_carried_over(connection: Connection, inbox: str) -> None:
    """They are."""
    connection.execute(update(inboxes).where(inboxes.c.inbox == inbox).values(is_carried_over=1))
