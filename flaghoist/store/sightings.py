"""What processes show each other of the events they receive, while somebody watches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, insert, or_, select

from flaghoist.store.tables import sightings, watched_environments
from flaghoist.store.upsert import upsert

KEPT = 64
"""So many records of an environment each process leaves for those who begin to watch later."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record that another process left; its numbers rise, with gaps."""

    process: str
    number: int
    record: bytes


def watch(connection: Connection, environment_ids: Collection[str], process: str, *, until: int) -> None:
    """Let the others know, until then, which environments are watched here; replaces what was said before."""
    connection.execute(delete(watched_environments).where(watched_environments.c.process == process))
    rows = [{"environment_id": each, "process": process, "until": until} for each in environment_ids]
    upsert(connection, watched_environments, rows, replace=["until"])


def watched_elsewhere(connection: Connection, process: str, *, now: int) -> frozenset[str]:
    """The environments that other processes watch."""
    at = watched_environments.c
    found = select(at.environment_id).where(at.process != process, at.until > now).distinct()
    return frozenset(connection.execute(found).scalars())


def share(
    connection: Connection, environment_id: str, process: str, records: Sequence[tuple[int, bytes]], *, until: int
) -> None:
    """Leave numbered records for the others, in place of the oldest."""
    at = sightings.c
    rows = [
        {"environment_id": environment_id, "process": process, "number": number, "until": until, "record": record}
        for number, record in records[-KEPT:]
    ]
    connection.execute(insert(sightings), rows)
    oldest = (
        select(at.number)
        .where(at.environment_id == environment_id, at.process == process)
        .order_by(at.number.desc())
        .offset(KEPT)
        .limit(1)
        .scalar_subquery()
    )
    own = and_(at.environment_id == environment_id, at.process == process)
    connection.execute(delete(sightings).where(own, at.number <= oldest))


def seen_elsewhere(
    connection: Connection, environment_id: str, process: str, known: Mapping[str, int], *, now: int
) -> list[Sighting]:
    """What the others left that is not known yet, oldest first of each; ``known`` tells the last number by process."""
    at = sightings.c
    query = (
        select(at.process, at.number, at.record)
        .where(
            at.environment_id == environment_id,
            at.process != process,
            at.until > now,
            or_(
                at.process.not_in(list(known)),
                *[and_(at.process == other, at.number > number) for other, number in known.items()],
            ),
        )
        .order_by(at.process, at.number)
    )
    return [Sighting(*row) for row in connection.execute(query)]


def forget(connection: Connection, *, before: int) -> int:
    """Delete what is of no interest any more, also of processes that have ended; gives how many records that were."""
    connection.execute(delete(watched_environments).where(watched_environments.c.until <= before))
    return connection.execute(delete(sightings).where(sightings.c.until <= before)).rowcount


def leave(connection: Connection, process: str) -> None:
    """Forget all that a process said: it ends."""
    for table in (watched_environments, sightings):
        connection.execute(delete(table).where(table.c.process == process))
