"""What is logged of a log that does not take events: at first, now and then while it lasts, and when it is over."""

import logging
import time

log = logging.getLogger("flaghoist.logs")

REMINDED_SECONDS = 10.0


class Complaints:
    """Keeps one line for each refused batch out of the log."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._since = 0.0
        self._reminded_at = 0.0
        self._last_at = 0.0
        self._last = ""

    @property
    def recent(self) -> str:
        """Why a batch was refused in the last seconds; empty if none was, or one has been accepted since."""
        return self._last if self._since and time.monotonic() - self._last_at < REMINDED_SECONDS else ""

    def about(self, reason: object) -> None:
        """A batch was refused."""
        now = self._last_at = time.monotonic()
        self._last = f"{self._name} does not take events: {reason}"
        if not self._since or now - self._reminded_at >= REMINDED_SECONDS:
            log.error("events are refused log=%s reason=%s", self._name, reason)
            self._since, self._reminded_at = self._since or now, now

    def over(self) -> None:
        """A batch was accepted."""
        if self._since:
            log.warning("events are accepted again log=%s", self._name)
            self._since = self._reminded_at = 0.0
