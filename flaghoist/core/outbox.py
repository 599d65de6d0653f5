"""What follows a change: listeners read the journal from their own position, in order, soon after each commit."""

import logging
import threading
from collections.abc import Callable, Sequence

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Spread
from flaghoist.core import journal
from flaghoist.core.journal import Change
from flaghoist.store import changes
from flaghoist.store.database import Database
from flaghoist.store.nudges import Alone, Nudges

log = logging.getLogger("flaghoist.outbox")
LOOK_EVERY_SECONDS = 1.0
Listener = Callable[[Sequence[Change]], None]


class Outbox:
    """One thread that wakes on a nudge, or each second, and hands new changes to every listener.

    The table is the truth and the nudge only a hint: a lost one costs a second, never a change. Other processes'
    changes are found in the same way. ``lags`` are the seconds from each change to the moment all listeners had it.
    """

    def __init__(self, database: Database, listeners: Sequence[Listener], nudges: Nudges | None = None) -> None:
        """``nudges`` lead to the other processes that follow the same journal."""
        self._database = database
        self._listeners = listeners
        self._nudges = nudges or Alone()
        self._awake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._follow, name="outbox", daemon=True)
        self._seq = 0
        self.lags = Spread()

    @property
    def is_following(self) -> bool:
        """Whether changes are being handed out."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Follow from the newest change on: listeners load what is older by themselves."""
        with self._database.read() as connection:
            self._seq = changes.last_seq(connection)
        self._thread.start()

    def nudge(self) -> None:
        """Say, here and to every other process, that something new has been committed here."""
        self._awake.set()
        self._nudges.send("changes")

    def wake(self) -> None:
        """Look now: another process says that there is something new."""
        self._awake.set()

    def stop(self) -> None:
        """Hand out what is there, and end."""
        self._stopping = True
        self._awake.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stopping:
            self._awake.wait(LOOK_EVERY_SECONDS)
            self._awake.clear()
            try:
                self._deliver()
            except Unavailable as error:
                log.warning("waiting reason=%s", error.message)

    def _deliver(self) -> None:
        while True:
            with self._database.read() as connection:
                found = journal.after(connection, self._seq)
            if not found:
                return
            for listener in self._listeners:
                try:
                    listener(found)
                except Exception:
                    log.exception("failed listener=%s seq=%s", listener, self._seq)
            self._seq = found[-1].seq
            now = clock.now_ms()
            for change in found:
                self.lags.add(max(now - change.at, 0) / 1000)
