"""Inboxes that nobody has any more: of workers that are not started again, or of a time when there were more."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from flaghoist.base.errors import Refusal, Unavailable
from flaghoist.base.repeated import Repeated
from flaghoist.ingest.compact import Compactor
from flaghoist.store.inbox import Inbox
from flaghoist.store.moments import Moments
from flaghoist.store.room import Bounds

log = logging.getLogger("flaghoist.compact")

LOOK_EVERY_SECONDS = 30.0


def reclaimed(folder: Path, bounds: Bounds, moments: Moments, *, within_seconds: float = 30.0) -> Inbox:
    """An inbox of our own, once whoever has been emptying it lets go; raises ``Unavailable`` if they do not."""
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            return Inbox(folder, bounds=bounds, moments=moments)
        except Unavailable:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


class LeftBehind:
    """One thread that moves on what lies in such inboxes: whoever gets the lock of one does."""

    def __init__(
        self, folder: Path, own: Path, compactor_of: Callable[[Inbox], Compactor], *, after_seconds: float = 5.0
    ) -> None:
        """``folder`` holds all inboxes, ``own`` is ours; others have ``after_seconds`` to take theirs."""
        self._folder = folder
        self._own = own
        self._compactor_of = compactor_of
        self._done: set[Path] = set()
        self._looking = Repeated(
            "left-behind",
            self.look,
            every_seconds=LOOK_EVERY_SECONDS,
            first_after_seconds=after_seconds,
            log=log,
            trouble="cannot look after the inboxes that were left behind",
        )

    def start(self) -> None:
        """Look in the background until ``stop``."""
        self._looking.start()

    def stop(self) -> None:
        """Finish the one under way."""
        self._looking.stop()

    def look(self) -> None:
        """Move on whatever is in inboxes that are in nobody's hands, except in those that were seen empty."""
        for folder in sorted(self._folder.glob("inbox*")):
            if folder == self._own or folder in self._done or not any(folder.glob("segment-*.db")):
                continue
            try:
                inbox = Inbox(folder)
            except Refusal:
                continue  # somebody has it, and looks after it
            self._done.add(folder)
            self._empty(inbox)

    def _empty(self, inbox: Inbox) -> None:
        try:
            compactor = self._compactor_of(inbox)
            compactor.take_over()
            log.info("moved on what was left behind inbox=%s", inbox.folder)
        except Refusal as error:
            self._done.discard(inbox.folder)
            log.warning("cannot move on what was left behind inbox=%s reason=%s", inbox.folder, error)
        finally:
            inbox.close()
