"""Jobs: work promised in the transaction that made it necessary, done at least once by whoever claims it.

A job that waits is due at a time. Whoever claims it moves that time to the end of a lease: a job whose holder died is
simply due again. Each claim counts an attempt, and only the newest attempt may say how the job went. A job that was
given up is never due, and is kept for a while to be looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from flaghoist.base import json
from flaghoist.store.tables import jobs

ERROR_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Errand:
    """A job to be: of one ``uniq`` in a queue, one is kept at most. ``lane`` keeps those apart that share a fate."""

    queue: str
    uniq: str
    body: dict[str, Any]
    due_at: int
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as claimed: ``attempt`` counts from 1."""

    id: int
    queue: str
    lane: str
    uniq: str
    body: dict[str, Any]
    attempt: int
    created_at: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up, when and why."""

    uniq: str
    body: dict[str, Any]
    attempt: int
    died_at: int
    error: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many jobs of a queue wait or were given up, and for how many milliseconds one has been due already."""

    queue: str
    waiting: int
    dead: int
    overdue_ms: int


_DUE = (jobs.c.queue == bindparam("of_queue"), jobs.c.due_at <= bindparam("until"))
_LANES = select(jobs.c.lane).where(*_DUE).group_by(jobs.c.lane).order_by(func.min(jobs.c.due_at))
_NEXT = select(func.min(jobs.c.due_at)).where(jobs.c.queue == bindparam("of_queue"), jobs.c.due_at > bindparam("since"))
_BEYOND = (jobs.c.queue == bindparam("of_queue"), jobs.c.due_at > bindparam("beyond"))
_IS_BEYOND = select(jobs.c.id).where(*_BEYOND).limit(1)
_RECALL = update(jobs).where(*_BEYOND).values(due_at=bindparam("until"), holder="")
# What another holder has in hand is passed over, not waited for (PostgreSQL; SQLite has one writer at a time).
_PICKED = (
    select(jobs.c.id)
    .where(*_DUE, jobs.c.lane == bindparam("of_lane"))
    .order_by(jobs.c.due_at, jobs.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_CLAIM = (
    update(jobs)
    .where(jobs.c.id.in_(select(_PICKED.c.id)))
    .values(due_at=bindparam("lease_until"), holder=bindparam("by"), attempt=jobs.c.attempt + 1)
    .returning(jobs)
)
_MINE = (jobs.c.id == bindparam("job"), jobs.c.attempt == bindparam("nth"))
# By id, so that the index is used; by attempt too, so that only the newest has a say.
_OURS = (
    jobs.c.id.in_(bindparam("some", expanding=True)),
    tuple_(jobs.c.id, jobs.c.attempt).in_(bindparam("attempts", expanding=True)),
)
_FINISH = delete(jobs).where(*_OURS)
_RENEW = update(jobs).where(*_OURS).values(due_at=bindparam("until"))
_POSTPONE = update(jobs).where(*_MINE).values(due_at=bindparam("until"), error=bindparam("why"), holder="")
_REARM = update(jobs).where(*_MINE).values(due_at=bindparam("until"), error=bindparam("why"), holder="", attempt=0)
_GIVE_UP = update(jobs).where(*_MINE).values(due_at=None, died_at=bindparam("at"), error=bindparam("why"), holder="")


def enqueue(connection: Connection, errands: Sequence[Errand], now: int) -> None:
    """Promise some jobs, in the caller's transaction; those that are promised already stay as they are."""
    if not errands:
        return
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(jobs).on_conflict_do_nothing(index_elements=["queue", "uniq"])
    rows = [
        {
            "queue": errand.queue,
            "lane": errand.lane,
            "uniq": errand.uniq,
            "body": json.encode(errand.body).decode(),
            "due_at": errand.due_at,
            "holder": "",
            "attempt": 0,
            "created_at": now,
            "error": "",
        }
        for errand in errands
    ]
    connection.execute(statement, rows)


def states(connection: Connection, now: int) -> list[QueueState]:
    """How each queue stands in which there is anything."""
    columns = (jobs.c.queue, func.count(jobs.c.due_at), func.count(jobs.c.died_at), func.min(jobs.c.due_at))
    rows = connection.execute(select(*columns).group_by(jobs.c.queue).order_by(jobs.c.queue)).all()
    return [QueueState(queue, waiting, dead, max(now - (due or now), 0)) for queue, waiting, dead, due in rows]


def next_due(connection: Connection, queue: str, after: int) -> int | None:
    """When, after a time, the next job of a queue becomes due; nothing if none does."""
    return connection.execute(_NEXT, {"of_queue": queue, "since": after}).scalar()


def is_any_due_beyond(connection: Connection, queue: str, at: int) -> bool:
    """Whether a job of a queue is due only after a time."""
    return connection.execute(_IS_BEYOND, {"of_queue": queue, "beyond": at}).first() is not None


def recall(connection: Connection, queue: str, *, beyond: int, now: int) -> None:
    """Make jobs due now that are due only after a time: so far ahead nobody puts them but by a clock that was wrong."""
    connection.execute(_RECALL, {"of_queue": queue, "beyond": beyond, "until": now})


def lanes_due(connection: Connection, queue: str, now: int) -> list[str]:
    """The lanes in which jobs are due, that of the longest waiting first."""
    return list(connection.execute(_LANES, {"of_queue": queue, "until": now}).scalars())


def claim(
    connection: Connection, queue: str, lane: str, *, now: int, lease_until: int, holder: str, limit: int
) -> list[Job]:
    """Take the jobs of a lane that have been due the longest; they are the holder's until the lease ends."""
    rows = connection.execute(
        _CLAIM,
        {
            "of_queue": queue,
            "of_lane": lane,
            "until": now,
            "at_most": limit,
            "lease_until": lease_until,
            "by": holder,
        },
    ).all()
    return [_job(row) for row in sorted(rows, key=lambda row: row.id)]


def finish(connection: Connection, done: Sequence[Job]) -> None:
    """These are done: nothing of them is kept."""
    if done:
        connection.execute(_FINISH, _namings(done))


def renew(connection: Connection, held: Sequence[Job], lease_until: int) -> None:
    """Hold on to these for longer."""
    if held:
        connection.execute(_RENEW, {**_namings(held), "until": lease_until})


def postpone(connection: Connection, job: Job, due_at: int, error: str) -> None:
    """Let a job be tried again at a time, for a reason."""
    connection.execute(_POSTPONE, {**_naming(job), "until": due_at, "why": error[:ERROR_SHOWN]})


def rearm(connection: Connection, job: Job, due_at: int, error: str = "") -> None:
    """Let a job that comes again and again come again at a time, its attempts counted anew."""
    connection.execute(_REARM, {**_naming(job), "until": due_at, "why": error[:ERROR_SHOWN]})


def give_up(connection: Connection, job: Job, now: int, error: str) -> None:
    """Try a job no more, and keep it to be looked at."""
    connection.execute(_GIVE_UP, {**_naming(job), "at": now, "why": error[:ERROR_SHOWN]})


def dead(connection: Connection, queue: str, limit: int = 100) -> list[DeadJob]:
    """The jobs of a queue that were given up, newest first."""
    given_up = (jobs.c.queue == queue, jobs.c.died_at.is_not(None))
    rows = connection.execute(
        select(jobs).where(*given_up).order_by(jobs.c.died_at.desc(), jobs.c.id.desc()).limit(limit)
    )
    return [DeadJob(row.uniq, json.decode(row.body), row.attempt, row.died_at, row.error) for row in rows]


def bury(connection: Connection, *, before: int, keep: int) -> int:
    """Forget jobs given up before a time, and all but the newest ``keep`` of them; gives how many were forgotten."""
    rest = (
        select(jobs.c.died_at).where(jobs.c.died_at.is_not(None)).order_by(jobs.c.died_at.desc()).offset(keep).limit(1)
    )
    until = max(before, connection.execute(rest).scalar() or 0)
    return connection.execute(delete(jobs).where(jobs.c.died_at <= until)).rowcount


def _naming(job: Job) -> dict[str, Any]:
    return {"job": job.id, "nth": job.attempt}


def _namings(some: Sequence[Job]) -> dict[str, Any]:
    return {"some": [job.id for job in some], "attempts": [(job.id, job.attempt) for job in some]}


def _job(row: Any) -> Job:
    return Job(row.id, row.queue, row.lane, row.uniq, json.decode(row.body), row.attempt, row.created_at)
