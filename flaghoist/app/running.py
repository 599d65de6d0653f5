"""The life of a server: what begins and ends with it, and in which order."""

import asyncio
import gc

from flaghoist.app.event_doors import EventDoors
from flaghoist.app.evidence import Evidence
from flaghoist.app.following import Following
from flaghoist.app.ground import Ground
from flaghoist.app.observing.observation import Observation
from flaghoist.app.upkeep import upkeep
from flaghoist.store.nudges import Word


class Running:
    """Parts begin before those that depend on them, and end after."""

    def __init__(
        self, ground: Ground, following: Following, evidence: Evidence, events: EventDoors, observation: Observation
    ) -> None:
        self._ground = ground
        self._following = following
        self._evidence = evidence
        self._events = events
        self._observation = observation
        self._forgetting = upkeep(ground.database, ground.settings)

    async def start(self) -> None:
        """Begin to serve."""
        await self._following.start()
        if self._ground.counts is not None:
            self._ground.counts.start()
        self._events.start()
        self._ground.nudges.start(self._hear)
        self._evidence.start()
        self._forgetting.start()
        await self._observation.start()
        gc.collect()
        gc.freeze()  # what is loaded now lives as long as the process: leave it out of collections

    async def close_streams(self) -> None:
        """End what would never end by itself."""
        self._events.close_streams()
        await self._following.close_streams()

    async def stop(self) -> None:
        """Finish what is under way, and let go of everything."""
        self._observation.health.drain()
        self._ground.database.hasten()
        await self.close_streams()
        await self._observation.stop()
        await asyncio.to_thread(self._end)
        gc.unfreeze()

    def _end(self) -> None:
        self._ground.executor.shutdown()
        self._ground.nudges.close()
        self._following.stop()
        if self._ground.counts is not None:
            self._ground.counts.stop()
        self._events.stop()
        self._evidence.stop()
        self._forgetting.stop()
        self._evidence.close()
        self._ground.database.close()
        self._observation.close()

    def _hear(self, word: Word) -> None:
        (self._evidence.mover if word == "events" else self._following.outbox).wake()
