"""How jobs ended, kept until a transaction says so."""

import functools
import logging
from collections.abc import Callable

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.jobs.queue import Every, Queue
from flaghoist.store import jobs
from flaghoist.store.jobs import Job

log = logging.getLogger("flaghoist.jobs")
Settlement = Callable[[Connection], None]


class Endings:
    """What is to be written of jobs that ended since the last transaction. To write it twice does no harm."""

    def __init__(self) -> None:
        self._done: list[Job] = []
        self._others: list[Settlement] = []

    def __bool__(self) -> bool:
        return bool(self._done or self._others)

    def __call__(self, connection: Connection) -> None:
        """Write it all, in the caller's transaction."""
        jobs.finish(connection, self._done)
        for settle in self._others:
            settle(connection)

    def add(self, others: "Endings") -> None:
        """These are to be written too."""
        self._done += others._done
        self._others += others._others

    def succeeded(self, job: Job) -> None:
        """A job is done."""
        self._done.append(job)

    def failed(self, queue: Queue, job: Job, reason: str, *, is_hopeless: bool = False) -> None:
        """A job did not work: it is tried again later, or given up."""
        now = clock.now_ms()
        if is_hopeless or job.attempt >= queue.attempts_max:
            log.warning("gave up job queue=%s id=%s attempts=%s reason=%s", queue.name, job.id, job.attempt, reason)
            self._others.append(functools.partial(jobs.give_up, job=job, now=now, error=reason))
            return
        log.info("failed job queue=%s id=%s attempt=%s reason=%s", queue.name, job.id, job.attempt, reason)
        due_at = now + queue.wait_ms(job.attempt)
        self._others.append(functools.partial(jobs.postpone, job=job, due_at=due_at, error=reason))

    def again(self, timer: Every, job: Job, reason: str = "") -> None:
        """A timer went off, well or badly: it will again."""
        due_at = clock.now_ms() + int(timer.seconds * 1000)
        self._others.append(functools.partial(jobs.rearm, job=job, due_at=due_at, error=reason))

    def handed_back(self, job: Job) -> None:
        """A job was not finished here: somebody else may take it at once."""
        self._others.append(functools.partial(jobs.postpone, job=job, due_at=clock.now_ms(), error="stopped"))
