"""All that a server tells of itself, put together."""

from flaghoist.app.event_doors import EventDoors
from flaghoist.app.evidence import Evidence
from flaghoist.app.following import Following
from flaghoist.app.ground import Ground
from flaghoist.app.observing.doors import Doors
from flaghoist.app.observing.figures import Own, SharedState
from flaghoist.app.observing.health import Health
from flaghoist.app.observing.machine import Machine
from flaghoist.app.observing.metrics import Metrics
from flaghoist.app.observing.siblings import Siblings
from flaghoist.app.observing.waiting import InLog
from flaghoist.base.http import Route


class Observation:
    """``doors`` watch over the routes of others, ``health`` says whether to send requests here."""

    def __init__(self, ground: Ground, following: Following, evidence: Evidence, events: EventDoors) -> None:
        settings, database = ground.settings, ground.database
        self.doors = Doors(access_log=settings.access_log == "yes")
        self.health = Health(database, following.outbox, evidence.intake)
        self._machine = Machine()
        own = Own(
            doors=self.doors,
            hub=following.hub,
            outbox=following.outbox,
            recent=events.recent,
            inbox=evidence.intake,
            compactor=evidence.mover,
            runner=following.news.runner,
            database=database,
            machine=self._machine,
        )
        self._siblings = Siblings(settings.data_dir / "run", ground.worker, own.figures)
        shared = (SharedState(database=database, lake=evidence.lake), InLog(log=evidence.log, database=database))
        self._metrics = Metrics(self._siblings, shared, settings.metrics_token)

    def routes(self) -> list[Route]:
        """Where it is told."""
        return [*self.health.routes(), *self._metrics.routes()]

    async def start(self) -> None:
        """Begin to look, and to answer the processes beside this one."""
        self._machine.start()
        await self._siblings.start()

    async def stop(self) -> None:
        """Answer them no more."""
        await self._siblings.stop()
        self._machine.stop()

    def close(self) -> None:
        """Ask the store no more."""
        self._metrics.close()
        self.health.close()
