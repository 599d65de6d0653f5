"""Nudges carried by another server: one thread listens, one sends, and each finds its way back when cut off."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from flaghoist.store.nudges import Hear, Word

log = logging.getLogger("flaghoist.nudges")
AGAIN_SECONDS = 1.0


class Carrier(Protocol):
    """A server that passes words on. What its methods raise means that it is away."""

    name: str

    def listen(self, hear: Hear, stopping: threading.Event) -> None:
        """Connect and listen, and look now and then whether to stop."""
        ...

    def sending(self) -> AbstractContextManager[Callable[[Word], None]]:
        """A connection to send words on."""
        ...


class Carried:
    """Words wait in a set, so that many nudges at once are one."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._stopping = threading.Event()
        self._waiting: set[Word] = set()
        self._has_waiting = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, hear: Hear) -> None:
        """Listen and send in threads of their own."""
        for name, work in (("nudges", lambda: self._listen(hear)), ("nudges-out", self._send)):
            thread = threading.Thread(target=self._persist, args=(work,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def send(self, word: Word) -> None:
        """Have a word sent soon."""
        self._waiting.add(word)
        self._has_waiting.set()

    def close(self) -> None:
        """Stop both threads; a word that waits is lost."""
        self._stopping.set()
        self._has_waiting.set()
        for thread in self._threads:
            thread.join()

    def _persist(self, work: Callable[[], None]) -> None:
        is_away = False
        while not self._stopping.is_set():
            try:
                work()
                is_away = False
            except Exception as error:  # whatever its client raises: nudges are a hint, and we go on without
                if not is_away and not self._stopping.is_set():
                    log.warning("cannot nudge over=%s reason=%s", self._carrier.name, _first_line(error))
                is_away = True
                self._stopping.wait(AGAIN_SECONDS)

    def _listen(self, hear: Hear) -> None:
        self._carrier.listen(hear, self._stopping)

    def _send(self) -> None:
        with self._carrier.sending() as tell:
            while not self._stopping.is_set():
                self._has_waiting.wait()
                self._has_waiting.clear()
                while self._waiting:
                    tell(self._waiting.pop())


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
