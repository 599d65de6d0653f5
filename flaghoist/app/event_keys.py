"""Event keys as of now: everything accepted is counted before a question is answered."""

from collections.abc import Sequence

from flaghoist.app.events_kept import Mover
from flaghoist.store.database import Database
from flaghoist.store.facts import activity
from flaghoist.store.facts.activity import EventActivity
from flaghoist.store.facts.event_counts import EventCounts
from flaghoist.store.facts.facts import Facts


class EventKeys:
    """Which events came, and how often."""

    def __init__(self, database: Database, facts: Facts, compactor: Mover) -> None:
        self._database = database
        self._facts = facts
        self._compactor = compactor

    def page(
        self, environment_id: str, *, text: str, kind: str, order: str, descending: bool, limit: int, offset: int
    ) -> tuple[list[EventActivity], int]:
        """Some of the events seen, and how many there are in all."""
        self._compactor.catch_up()
        with self._database.read() as connection:
            return activity.events_page(
                connection,
                environment_id,
                text=text,
                kind=kind,
                order=order,
                descending=descending,
                limit=limit,
                offset=offset,
            )

    def seen(self, environment_id: str, kind: str, key: str) -> EventActivity | None:
        """What is known of one event."""
        with self._database.read() as connection:
            return activity.event(connection, environment_id, kind, key)

    def counts(self, environment_id: str, kind: str, key: str, bounds: Sequence[int]) -> EventCounts:
        """How often it came, between each bound (milliseconds) and the next."""
        self._compactor.catch_up()
        return self._facts.event_counts(environment_id, kind, key, bounds)
