"""When the state store could not be reached: how often that was met, and how long it lasted in all."""

import threading
import time

from flaghoist.base.figures import Tally


class Outages:
    """An outage begins with the first question that fails and ends with the next that succeeds; from any thread."""

    def __init__(self) -> None:
        self.failures = Tally("operation", known=("read", "write"))
        self._since: float | None = None
        self._seconds = 0.0
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """How long the store has been away since the process began, up to now."""
        with self._lock:
            return self._seconds + (0.0 if self._since is None else time.monotonic() - self._since)

    def met(self, operation: str) -> None:
        """A question failed, to ``read`` or to ``write``."""
        self.failures.add(operation)
        with self._lock:
            self._since = time.monotonic() if self._since is None else self._since

    def ended(self) -> None:
        """A question was answered."""
        if self._since is None:  # nearly always: nobody waits for anybody
            return
        with self._lock:
            if self._since is not None:
                self._seconds += time.monotonic() - self._since
                self._since = None
