"""Counts that several processes keep together: how often something happened in a window of time."""

import contextlib
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, delete, select, tuple_

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database
from flaghoist.store.tables import counters
from flaghoist.store.upsert import upsert

log = logging.getLogger("flaghoist.store")

EXCHANGE_EVERY_SECONDS = 0.2
"""How long one process may not know what others have counted."""

ASKED_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted, and from when to when (milliseconds)."""

    name: str
    starts_at: int
    ends_at: int


class Counts(Protocol):
    """Counts by name and window, to be asked from any thread."""

    def add(self, window: Window) -> int:
        """Count one more; gives how many there are now, as far as is known here."""
        ...

    def others(self, window: Window) -> int:
        """How many of them other processes have counted, as far as is known here."""
        ...


class CountsHere:
    """Counts of one process alone."""

    def __init__(self) -> None:
        self._counts: dict[Window, int] = {}
        self._forget_at = 0
        self._lock = threading.Lock()

    def add(self, window: Window) -> int:
        """Count one more."""
        with self._lock:
            now = clock.now_ms()
            if not now < self._forget_at <= window.ends_at:  # the latter if the clock was set back
                self._counts = {each: count for each, count in self._counts.items() if each.ends_at > now}
                self._forget_at = window.ends_at
            self._counts[window] = self._counts.get(window, 0) + 1
            return self._counts[window]

    def others(self, window: Window) -> int:
        """There are none."""
        return 0


@dataclass(slots=True)
class _Count:
    ours: int = 0
    unsent: int = 0
    stored: int = 0


class CountsOfAll:
    """Counts of all processes that share a state store.

    What is counted here is sent to the store a few times a second, in one write, and what others have counted comes
    back: so a limit holds over all of them, but for what happens between two exchanges.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: dict[Window, _Count] = {}
        self._lock = threading.Lock()
        self._has_unsent = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)

    def start(self) -> None:
        """Exchange in the background until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, and end."""
        self._stopping.set()
        self._has_unsent.set()
        if self._thread.is_alive():
            self._thread.join()

    def add(self, window: Window) -> int:
        """Count one more, now here and soon for everybody."""
        with self._lock:
            count = self._counts.setdefault(window, _Count())
            count.ours += 1
            count.unsent += 1
            known = count.stored + count.unsent
        self._has_unsent.set()
        return known

    def others(self, window: Window) -> int:
        """As of the last exchange; whatever is asked for is exchanged from now on."""
        with self._lock:
            count = self._counts.setdefault(window, _Count())
            return max(0, count.stored + count.unsent - count.ours)

    def exchange(self) -> None:
        """Send what was counted here, and learn what was counted by all."""
        now = clock.now_ms()
        with self._lock:
            self._counts = {window: count for window, count in self._counts.items() if window.ends_at > now}
            sent = {window: count.unsent for window, count in self._counts.items()}
        stored = self._database.write(lambda connection: _exchanged(connection, sent, now))
        with self._lock:
            for window, count in self._counts.items():
                if window in sent:
                    count.unsent -= sent[window]
                    count.stored = stored.get(window, 0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._has_unsent.wait()
            self._has_unsent.clear()
            with contextlib.suppress(Unavailable):  # said in the log; what was not sent is sent next time
                self.exchange()
            self._stopping.wait(EXCHANGE_EVERY_SECONDS)


def within(connection: Connection, names: Sequence[str], now: int) -> dict[str, tuple[int, int]]:
    """(count, end in milliseconds) of windows that began with their first count and have not ended, by name."""
    wanted = (counters.c.name.in_(names), counters.c.window_start == 0, counters.c.ends_at > now)
    found = connection.execute(select(counters).where(*wanted)).mappings()
    return {row["name"]: (row["count"], row["ends_at"]) for row in found}


def put(connection: Connection, name: str, count: int, ends_at: int) -> None:
    """Set the count of such a window."""
    row = {"name": name, "window_start": 0, "count": count, "ends_at": ends_at}
    upsert(connection, counters, [row], replace=["count", "ends_at"])


def forget(connection: Connection, *, before: int, name: str | None = None) -> None:
    """Drop windows that have ended, or one by its name."""
    connection.execute(delete(counters).where(counters.c.ends_at <= before))
    if name is not None:
        connection.execute(delete(counters).where(counters.c.name == name))


def _exchanged(connection: Connection, sent: dict[Window, int], now: int) -> dict[Window, int]:
    forget(connection, before=now)
    rows = [
        {"name": window.name, "window_start": window.starts_at, "count": count, "ends_at": window.ends_at}
        for window, count in sent.items()
        if count
    ]
    upsert(connection, counters, rows, add=["count"])
    return dict(_stored(connection, list(sent)))


def _stored(connection: Connection, windows: Sequence[Window]) -> Iterable[tuple[Window, int]]:
    key = tuple_(counters.c.name, counters.c.window_start)
    for start in range(0, len(windows), ASKED_AT_ONCE):
        some = {(each.name, each.starts_at): each for each in windows[start : start + ASKED_AT_ONCE]}
        for row in connection.execute(select(counters).where(key.in_(list(some)))).mappings():
            yield some[row["name"], row["window_start"]], row["count"]
