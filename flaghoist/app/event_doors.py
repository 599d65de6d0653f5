"""The doors of events: SDKs and importers bring them, people watch them arrive."""

from flaghoist.app.events import Importers, Senders
from flaghoist.app.evidence import Evidence
from flaghoist.app.following import Following
from flaghoist.app.ground import Ground
from flaghoist.app.watching import EventStreams
from flaghoist.base.http import Route
from flaghoist.ingest.elsewhere import Elsewhere
from flaghoist.ingest.imports import Importer
from flaghoist.ingest.pace import ImportPace
from flaghoist.ingest.receive import Receiver
from flaghoist.ingest.recent import Recent


class EventDoors:
    """``recent`` holds what came last, for those who watch."""

    def __init__(self, ground: Ground, following: Following, evidence: Evidence) -> None:
        database, documents, catalogue = ground.database, ground.documents, ground.catalogue
        settings, environments = ground.settings, following.environments
        self.recent = Recent()
        self._elsewhere = None if ground.is_alone else Elsewhere(self.recent, database)
        self._receiver = Receiver(evidence.intake, Senders(following.hub), self.recent)
        importers = Importers(database, documents, catalogue, environments, ground.executor)
        self._importer = Importer(
            evidence.intake,
            importers.authorize,
            max_lateness_ms=ground.max_lateness_ms,
            pace=ImportPace(settings.import_rate_limit, ground.counts),
            recent=self.recent,
        )
        self._streams = EventStreams(
            database=database,
            documents=documents,
            catalogue=catalogue,
            environments=environments,
            executor=ground.executor,
            recent=self.recent,
            heartbeat_seconds=settings.heartbeat_seconds,
            max_lateness_ms=ground.max_lateness_ms,
        )

    def arriving(self) -> list[Route]:
        """Where events are brought."""
        return [*self._receiver.routes(), *self._importer.routes()]

    def watching(self) -> list[Route]:
        """Where they are watched."""
        return self._streams.routes()

    def start(self) -> None:
        """Hear of what other processes receive."""
        if self._elsewhere is not None:
            self._elsewhere.start()

    def close_streams(self) -> None:
        """Let nobody watch any more."""
        self.recent.close()

    def stop(self) -> None:
        """Hear of it no more."""
        if self._elsewhere is not None:
            self._elsewhere.stop()
