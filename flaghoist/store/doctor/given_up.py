"""Jobs that were given up: deliveries which nobody received."""

from collections.abc import Iterator

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.store import jobs
from flaghoist.store.doctor.finding import Finding


def findings(connection: Connection) -> Iterator[Finding]:
    """One for each queue, with the newest reason."""
    for state in jobs.states(connection, clock.now_ms()):
        for newest in jobs.dead(connection, state.queue, limit=1):
            yield Finding(
                "jobs-given-up",
                f"{state.dead} jobs of {state.queue} were given up, the last {clock.rfc3339(newest.died_at)} after "
                f"{newest.attempt} attempts: {newest.error}",
                "mend or switch off what they were for; they are forgotten after 14 days",
            )
