"""A line of batches that wait to be made durable: all that have come meanwhile are, together, by one thread."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.batches import Batch

log = logging.getLogger("flaghoist.inbox")

GROUP_MAX = 256
WAITING_BYTES_MAX = 64 * MEBIBYTE
REMINDED_SECONDS = 10.0

Outcome = TypeVar("Outcome")


class Line(Generic[Outcome]):
    """Whoever joins it is told what became of their batch once that is certain."""

    def __init__(self, folder: Path, commit: Callable[[list[Batch]], list[Outcome]]) -> None:
        """``commit`` makes all batches given durable, or none of them; ``folder`` is told in the log."""
        self._folder = folder
        self._commit = commit
        self._refusing_since = 0.0
        self._reminded_at = 0.0
        self._waiting: queue.SimpleQueue[tuple[Batch, Future[Outcome]] | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="inbox-writer", daemon=True)
        self._thread.start()

    @property
    def is_refusing(self) -> bool:
        """Whether the last batches could not be made durable."""
        return bool(self._refusing_since)

    def join(self, batch: Batch) -> "Future[Outcome]":
        """Wait in line; the future fails with ``Unavailable`` when the batch cannot be made durable now."""
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()  # what is on its way to the disk can no longer be called back
        if self._is_closed or self._waiting_bytes > WAITING_BYTES_MAX:
            why = "is closed" if self._is_closed else "is busy"
            future.set_exception(Unavailable(f"the event inbox {why}; try again"))
        else:
            self._waiting_bytes += len(batch.body)
            self._waiting.put((batch, future))
        return future

    def close(self) -> None:
        """Finish what is on its way."""
        self._is_closed = True
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        for group in self._groups():
            try:
                outcomes = self._commit([batch for batch, _ in group])
            except Exception as error:
                self._fail([future for _, future in group], error)
            else:
                for (_, future), outcome in zip(group, outcomes, strict=True):
                    future.set_result(outcome)
                if group and self._refusing_since:
                    log.warning("events are accepted again inbox=%s", self._folder)
                    self._refusing_since = self._reminded_at = 0.0
            # Door threads add without a lock, so a lost update is possible; an empty queue sets the count right.
            waiting = self._waiting_bytes - sum(len(batch.body) for batch, _ in group)
            self._waiting_bytes = 0 if self._waiting.empty() else waiting

    def _groups(self) -> "Iterator[list[tuple[Batch, Future[Outcome]]]]":
        """All that waits, again and again, until the closing ``None``."""
        while True:
            group = [self._waiting.get()]
            while len(group) < GROUP_MAX and not self._waiting.empty():
                group.append(self._waiting.get())
            yield [each for each in group if each is not None]
            if None in group:
                return

    def _fail(self, futures: "list[Future[Outcome]]", error: Exception) -> None:
        """Tell the senders, each, and those who read the log now and then."""
        now = time.monotonic()
        if not self._refusing_since or now - self._reminded_at >= REMINDED_SECONDS:
            expected = isinstance(error, sqlite3.Error | OSError | Unavailable)
            log.error("events are refused inbox=%s reason=%s", self._folder, error, exc_info=not expected)
            self._refusing_since, self._reminded_at = self._refusing_since or now, now
        if isinstance(error, sqlite3.Error | OSError):
            error = Unavailable("events cannot be written at the moment; try again")
        for future in futures:
            future.set_exception(error)
