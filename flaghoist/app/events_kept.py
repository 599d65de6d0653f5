"""Where a process keeps the events it takes in, and what moves them on: an inbox of its own, or a log shared by all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from flaghoist.app.worker import Worker
from flaghoist.base.figures import Spread
from flaghoist.base.settings import Settings
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.from_log import FromLog
from flaghoist.ingest.left_behind import LeftBehind, reclaimed
from flaghoist.ingest.put_off import Part
from flaghoist.ingest.sharing import Shared
from flaghoist.store.database import Database
from flaghoist.store.inbox import Inbox
from flaghoist.store.logs import EventLog, Feed, Intake, event_log
from flaghoist.store.logs.feed import PartitionFeed
from flaghoist.store.logs.home import Home
from flaghoist.store.moments import Moments
from flaghoist.store.nudges import Nudges
from flaghoist.store.room import Bounds

CompactorOf = Callable[[Feed, Shared | None], Compactor]


class Mover(Protocol):
    """What moves events on into the lake."""

    steps: Spread

    @property
    def bytes_moved(self) -> int:
        """Bodies moved, as received."""
        ...

    @property
    def put_off(self) -> int:
        """How many batches wait for a version that can read them."""
        ...

    def start(self) -> None:
        """Work in the background until ``stop``."""
        ...

    def stop(self) -> None:
        """Finish the step under way."""
        ...

    def wake(self) -> None:
        """Somebody waits for what has been accepted to count."""
        ...

    def catch_up(self) -> None:
        """Have all that was accepted so far count, as far as that can be done now."""
        ...


@dataclass(frozen=True, slots=True)
class EventsKept:
    """``closing`` is let go of in order, once nothing is taken in and nothing moved on any more.

    ``log`` is what takes events in, if all nodes share it.
    """

    intake: Intake
    mover: Mover
    left_behind: LeftBehind | None
    closing: Sequence[Callable[[], None]] = field(default=())
    log: EventLog | None = None

    def start(self) -> None:
        """Begin to move on."""
        self.mover.start()
        if self.left_behind:
            self.left_behind.start()

    def stop(self) -> None:
        """Move no more on."""
        if self.left_behind:
            self.left_behind.stop()
        self.mover.stop()

    def close(self) -> None:
        """Let go of everything."""
        for close in self.closing:
            close()


def events_kept(
    settings: Settings, worker: Worker, database: Database, nudges: Nudges, compactor_of: CompactorOf
) -> EventsKept:
    """As settings say; raises ``ValueError`` for an address that names no log."""
    shared = partial(_shared, database, nudges, compactor_of)
    log = event_log(settings.event_log_url)
    if log is not None:
        return _in_log(log, settings, worker, database, nudges, shared)
    folder = settings.data_dir / worker.own("inbox")
    bounds = Bounds(settings.inbox_limit, settings.disk_reserve)
    moments = Moments(settings.data_dir / "run" / "moments")
    is_alone = worker.of == 1
    inbox = Inbox(folder, bounds=bounds, moments=moments) if is_alone else reclaimed(folder, bounds, moments)
    if is_alone and database.is_sqlite and not any(settings.data_dir.glob("inbox-*")):
        return EventsKept(inbox, compactor_of(inbox, None), None, [inbox.close])
    return EventsKept(inbox, shared(inbox), LeftBehind(settings.data_dir, folder, shared), [inbox.close])


def _in_log(
    log: EventLog,
    settings: Settings,
    worker: Worker,
    database: Database,
    nudges: Nudges,
    shared: Callable[[Feed], Compactor],
) -> EventsKept:
    home = Home(settings.data_dir / worker.own("log"))

    def open_part(partition: str, place: int) -> Part:
        feed = PartitionFeed(partition, log.reader(partition), database, place=place, node=home.node, home=home.folder)
        return feed, shared(feed)

    mover = FromLog(log, database, nudges, node=home.node, home=home.folder, open_part=open_part)
    # What was accepted before there was a log lies in inboxes that nobody has any more.
    left_behind = LeftBehind(settings.data_dir, home.folder, shared)
    return EventsKept(log, mover, left_behind, [log.close, home.close], log)


def _shared(database: Database, nudges: Nudges, compactor_of: CompactorOf, feed: Feed) -> Compactor:
    return compactor_of(feed, Shared(feed, database, nudges))
