"""The figures of one process and those of the store that all share, asked of the parts that know them."""

from dataclasses import dataclass

from flaghoist import __version__
from flaghoist.app.events_kept import Mover
from flaghoist.app.observing.doors import Doors
from flaghoist.app.observing.machine import Machine
from flaghoist.base import clock
from flaghoist.base.figures import Figure, Kind, Sample
from flaghoist.base.kept import made
from flaghoist.core.outbox import Outbox
from flaghoist.delivery.hub import Hub
from flaghoist.ingest.recent import Recent
from flaghoist.jobs.runner import Runner
from flaghoist.store import changes, jobs
from flaghoist.store.database import Database
from flaghoist.store.facts.lake import Lake
from flaghoist.store.logs import Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What this process knows of itself."""

    doors: Doors
    hub: Hub
    outbox: Outbox
    recent: Recent
    inbox: Intake
    compactor: Mover
    runner: Runner
    database: Database
    machine: Machine

    def figures(self) -> list[Figure]:
        """As they are now; reads files of the inbox."""
        return [
            Figure("flaghoist_info", "gauge", "Always 1; tells the version.", [Sample(1, {"version": __version__})]),
            *self.doors.figures(),
            *self._streams(),
            *self._events(),
            *self._background(),
            *self.machine.figures(),
        ]

    def _streams(self) -> list[Figure]:
        places = self.hub.places
        return [
            _one("flaghoist_streams_open", "gauge", "Streams of SDKs that are open.", places.taken),
            _one("flaghoist_streams_possible", "gauge", "Streams that may be open at once.", places.most),
            _one("flaghoist_streams_slow_total", "counter", "Streams dropped for not being read.", places.slow),
            _one("flaghoist_environments_loaded", "gauge", "Environments in memory.", self.hub.environments),
            Figure(
                "flaghoist_payloads_made_total",
                "counter",
                "Payloads put together or compressed for all who ask: one of each for a change.",
                made.samples(),
            ),
            Figure(
                "flaghoist_fan_out_seconds",
                "histogram",
                "Seconds to hand something to all streams of a channel.",
                places.fan_outs.samples(),
            ),
            Figure(
                "flaghoist_change_lag_seconds",
                "histogram",
                "Seconds from a change to the moment this process handed it to its streams.",
                self.outbox.lags.samples(),
            ),
        ]

    def _events(self) -> list[Figure]:
        since = self.inbox.waiting_since()
        waiting_seconds = 0.0 if since is None else max(clock.now_ms() - since, 0) / 1000
        return [
            Figure(
                "flaghoist_event_batches_total", "counter", "Bodies of events, by fate.", self.recent.batches.samples()
            ),
            Figure("flaghoist_events_total", "counter", "Events in them, by fate.", self.recent.events.samples()),
            _one("flaghoist_inbox_bytes", "gauge", "Disk taken by events that wait.", self.inbox.disk_bytes),
            _one("flaghoist_inbox_oldest_seconds", "gauge", "How long the oldest of them has waited.", waiting_seconds),
            _one(
                "flaghoist_inbox_refusing",
                "gauge",
                "1 while no events can be taken in.",
                float(bool(self.inbox.objection)),
            ),
            _one(
                "flaghoist_quarantined_batches",
                "gauge",
                "Bodies put off since they could not be read.",
                self.compactor.put_off,
            ),
            Figure(
                "flaghoist_compaction_seconds",
                "histogram",
                "Seconds that steps of compaction took.",
                self.compactor.steps.samples(),
            ),
            _one(
                "flaghoist_compaction_bytes_total",
                "counter",
                "Bytes moved into the lake, as received.",
                self.compactor.bytes_moved,
            ),
        ]

    def _background(self) -> list[Figure]:
        outages = self.database.outages
        return [
            Figure("flaghoist_jobs_total", "counter", "Attempts at jobs, by outcome.", self.runner.ended.samples()),
            Figure(
                "flaghoist_job_seconds", "histogram", "Seconds that attempts took.", self.runner.durations.samples()
            ),
            Figure(
                "flaghoist_store_write_seconds",
                "histogram",
                "Seconds until a write was durable.",
                self.database.writes.samples(),
            ),
            Figure(
                "flaghoist_store_failures_total",
                "counter",
                "Reads and writes that failed since the store was away.",
                outages.failures.samples(),
            ),
            _one("flaghoist_store_away_seconds_total", "counter", "How long the store has been away.", outages.seconds),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedState:
    """What all processes of one store share; the same whoever tells it."""

    database: Database
    lake: Lake

    def figures(self) -> list[Figure]:
        """As they are now; raises ``Unavailable`` while the store is away."""
        now = clock.now_ms()
        with self.database.read() as connection:
            queues = jobs.states(connection, now)
            newest = changes.last_seq(connection)
        size = self.lake.size(now)
        return [
            _one("flaghoist_changes", "gauge", "Number of the newest change.", newest),
            Figure(
                "flaghoist_jobs_waiting",
                "gauge",
                "Jobs that are due or will be, by queue.",
                [Sample(each.waiting, {"queue": each.queue}) for each in queues],
            ),
            Figure(
                "flaghoist_jobs_dead",
                "gauge",
                "Jobs that were given up, by queue.",
                [Sample(each.dead, {"queue": each.queue}) for each in queues],
            ),
            Figure(
                "flaghoist_jobs_overdue_seconds",
                "gauge",
                "How long the longest waiting job has been due, by queue.",
                [Sample(each.overdue_ms / 1000, {"queue": each.queue}) for each in queues],
            ),
            _one("flaghoist_lake_files", "gauge", "Files of facts.", size.files),
            _one("flaghoist_lake_bytes", "gauge", "Bytes in them, measured once a minute.", size.bytes),
            _one("flaghoist_lake_rows", "gauge", "Facts in them.", size.rows),
        ]


def _one(name: str, kind: Kind, text: str, value: float) -> Figure:
    return Figure(name, kind, text, [Sample(value)])
