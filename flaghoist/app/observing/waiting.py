"""How much of a log that all nodes share is not in the lake yet; the same whoever tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flaghoist.base import clock
from flaghoist.base.figures import Figure, Sample
from flaghoist.store.database import Database
from flaghoist.store.logs import EventLog
from flaghoist.store.logs.lag import Lag, lags


@dataclass(frozen=True, slots=True, kw_only=True)
class InLog:
    """``log`` is None where events wait in inboxes, of which each process tells by itself."""

    log: EventLog | None
    database: Database
    _seen_since: dict[str, int] = field(default_factory=dict)

    def figures(self) -> list[Figure]:
        """As they are now, by partition; raises ``Unavailable`` while the log or the store is away."""
        now = clock.now_ms()
        found = self._lags()
        return [
            Figure(
                "flaghoist_log_waiting_records",
                "gauge",
                "Bodies of events in the event log that are not moved on, by partition.",
                [Sample(each.records, {"partition": each.place}) for each in found],
            ),
            Figure(
                "flaghoist_log_waiting_seconds",
                "gauge",
                "How long the oldest of them may have waited, by partition.",
                [Sample(self._seconds(each, now), {"partition": each.place}) for each in found],
            ),
        ]

    def _lags(self) -> Sequence[Lag]:
        if self.log is None:
            return ()
        extents = self.log.extents()
        with self.database.read() as connection:
            return lags(connection, extents)

    def _seconds(self, lag: Lag, now: int) -> float:
        """Of a partition that nobody has ever moved on, since we have seen something in it."""
        if not lag.records:
            self._seen_since.pop(lag.partition, None)
        elif not lag.not_before:
            return (now - self._seen_since.setdefault(lag.partition, now)) / 1000
        return lag.seconds(now)
