"""What events tell: where they are kept, what moves them on into the lake, and who answers questions about them."""

from flaghoist.app.analysis import analysis_engine
from flaghoist.app.events_kept import events_kept
from flaghoist.app.ground import Ground
from flaghoist.app.lake_place import lake_place
from flaghoist.base.clock import DAY_MS
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.sharing import Shared
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Lake
from flaghoist.store.logs import Feed


class Evidence:
    """``intake`` takes events in, ``mover`` moves them on, ``facts`` answers; ``log`` is where nodes share one."""

    def __init__(self, ground: Ground) -> None:
        settings, worker, database = ground.settings, ground.worker, ground.database
        self.lake = Lake(lake_place(settings), database, scratch=settings.data_dir / worker.own("scratch"))
        spill = settings.data_dir / worker.own("spill")
        self.facts = Facts(self.lake, database, spill=spill, engine=analysis_engine(settings))

        def compactor_of(some: Feed, sharing: Shared | None) -> Compactor:
            return Compactor(
                some,
                self.lake,
                database,
                max_lateness_ms=ground.max_lateness_ms,
                retention_ms=settings.event_retention_days * DAY_MS,
                sharing=sharing,
            )

        self._kept = events_kept(settings, worker, database, ground.nudges, compactor_of)
        self.intake, self.mover, self.log = self._kept.intake, self._kept.mover, self._kept.log

    def start(self) -> None:
        """Begin to move on."""
        self._kept.start()

    def stop(self) -> None:
        """Move no more on."""
        self._kept.stop()

    def close(self) -> None:
        """Answer no more, and let go of everything."""
        for part in (self.facts, self.lake, self._kept):
            part.close()
