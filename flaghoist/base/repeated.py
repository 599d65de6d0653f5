"""Work done again and again beside everything else: one thread that rests between turns, until it is to stop."""

import logging
import threading
from collections.abc import Callable

from flaghoist.base.errors import Refusal


class Repeated:
    """A turn that fails is told of in the log, and the next one comes all the same."""

    def __init__(
        self,
        name: str,
        turn: Callable[[], float | None],
        *,
        every_seconds: float,
        first_after_seconds: float = 0.0,
        log: logging.Logger,
        trouble: str,
    ) -> None:
        """A turn may give the seconds to rest after it, in place of ``every_seconds``.

        ``trouble`` says what cannot be done when one fails: "cannot forget".
        """
        self._turn = turn
        self._every_seconds = every_seconds
        self._first_after_seconds = first_after_seconds
        self._log = log
        self._trouble = trouble
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_stopping(self) -> bool:
        """Whether a long turn is to come to its end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def wake(self) -> None:
        """Rest no longer; from any thread."""
        self._awake.set()

    def stop(self) -> None:
        """Finish the turn under way, and end."""
        self._stopping.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause: float | None = self._first_after_seconds
        while not self._is_over_after(self._every_seconds if pause is None else pause):
            pause = None
            try:
                pause = self._turn()
            except Refusal as error:
                self._log.warning("%s error=%s", self._trouble, error)
            except Exception:
                self._log.exception(self._trouble)

    def _is_over_after(self, pause: float) -> bool:
        self._awake.wait(pause)
        self._awake.clear()
        return self._stopping.is_set()
