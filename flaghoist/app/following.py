"""Who follows changes: SDKs with their streams, people who look at the console, and receivers of webhooks."""

import asyncio

from flaghoist.app.environments import Environments
from flaghoist.app.ground import Ground
from flaghoist.app.news import News
from flaghoist.core.outbox import Outbox
from flaghoist.delivery.hub import Hub
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.live import LiveChanges
from flaghoist.rest.news import Newsroom


class Following:
    """The outbox hands each change to all of them."""

    def __init__(self, ground: Ground, limits: RateLimits) -> None:
        database, documents, catalogue = ground.database, ground.documents, ground.catalogue
        settings = ground.settings
        self.environments = Environments(database, documents, catalogue)
        self.hub = Hub(
            self.environments,
            heartbeat_seconds=settings.heartbeat_seconds,
            idle_seconds=60 * settings.idle_minutes,
        )
        newsroom = Newsroom(database=database, documents=documents, catalogue=catalogue)
        self.live = LiveChanges(newsroom, limits=limits, heartbeat_seconds=settings.heartbeat_seconds)
        self.news = News(database, documents, catalogue, ground.guard)
        listeners = [self.environments.listener(self.hub), self.live.listen, self.news.nudge]
        self.outbox = Outbox(database, listeners, ground.nudges)

    async def start(self) -> None:
        """Serve streams, then hand out what changes from now on."""
        await self.hub.start()
        await self.live.start()
        self.outbox.start()
        self.news.start()

    async def close_streams(self) -> None:
        """End every stream, so that clients look for another server."""
        await asyncio.gather(self.hub.close(), self.live.close())

    def stop(self) -> None:
        """Hand out what is there, and finish what is on its way."""
        self.outbox.stop()
        self.news.stop()
