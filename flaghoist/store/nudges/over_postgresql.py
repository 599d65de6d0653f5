"""Nudges over the PostgreSQL that keeps the state: NOTIFY and LISTEN."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from flaghoist.store.nudges import WORDS, Hear, Word
from flaghoist.store.postgresql import Connection, Patience, arguments, watched

CHANNEL = "flaghoist_nudges"
LOOK_EVERY_SECONDS = 0.25
ANSWER_WITHIN_SECONDS = 10.0


class OverPostgreSQL:
    """Two connections of its own for each process."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def listen(self, hear: Hear, stopping: threading.Event) -> None:
        """Hear what is notified; something may have been said before, so both words are heard at once."""
        with self._connected() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            for word in WORDS:
                hear(word)
            while not stopping.is_set():
                for notification in connection.notifies(timeout=LOOK_EVERY_SECONDS):
                    for word in WORDS:
                        if notification.payload == word:
                            hear(word)
                    if stopping.is_set():
                        return

    @contextlib.contextmanager
    def sending(self) -> Iterator[Callable[[Word], None]]:
        """Notify without waiting for the disk: a nudge need not outlive a power cut."""
        with self._connected() as connection:
            connection.execute("SET synchronous_commit = off")
            yield lambda word: _notify(connection, word)

    def _connected(self) -> Connection:
        return watched(
            Connection.connect(self._url, autocommit=True, **arguments(self._url)), Patience(ANSWER_WITHIN_SECONDS)
        )


def _notify(connection: Connection, word: Word) -> None:
    connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, word))
