"""News for others, put together: changes are followed, deliveries promised, and kept promises forgotten."""

from functools import partial

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.core.catalogue import Catalogue
from flaghoist.jobs.follow import Follower
from flaghoist.jobs.queue import Every
from flaghoist.jobs.runner import Runner
from flaghoist.outbound.guard import Guard
from flaghoist.outbound.send import Sender
from flaghoist.outbound.webhooks import Webhooks
from flaghoist.store import ages, jobs
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

GIVEN_UP_KEPT_DAYS = 14
GIVEN_UP_KEPT_MAX = 10_000
BURY_EVERY_SECONDS = 3600.0


class News:
    """What runs in every process that serves; they share the work."""

    def __init__(self, database: Database, documents: Documents, catalogue: Catalogue, guard: Guard) -> None:
        sender = Sender(guard)
        webhooks = Webhooks(database, documents, catalogue, sender)

        def bury() -> None:
            database.write(partial(_bury, now=clock.now_ms()), in_turn=False)

        burials = Every("bury jobs", BURY_EVERY_SECONDS, bury)
        self.runner = Runner(database, [webhooks.queue], [burials], on_stop=sender.close)
        self._follower = Follower(database, "webhooks", webhooks.entails, self.runner.nudge)

    def start(self) -> None:
        """Begin to follow and to tell."""
        self.runner.start()
        self._follower.start()

    def nudge(self, _changes: object = None) -> None:
        """Something has changed; from any thread."""
        self._follower.nudge()

    def stop(self) -> None:
        """Promise no more, and finish what is on its way."""
        self._follower.stop()
        self.runner.stop()


def _bury(connection: Connection, now: int) -> None:
    before = ages.present(connection, now) - GIVEN_UP_KEPT_DAYS * DAY_MS
    jobs.bury(connection, before=before, keep=GIVEN_UP_KEPT_MAX)
