"""What a runner is told of a kind of jobs: what to do, how many at once, and how patiently."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flaghoist.store.jobs import Job


class Hopeless(Exception):
    """Trying again would not help; the message says why, and may be kept."""


class Failed(Exception):
    """It did not work this time; the message says why, and may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Jobs of one kind. ``run`` raises ``Failed`` to be asked again later and ``Hopeless`` to be left in peace.

    After attempt n it waits ``first_wait_seconds`` · 4ⁿ⁻¹, at most ``longest_wait_seconds``, less a random part of up
    to a half, so that those who failed together do not come back together.
    """

    name: str
    run: Callable[[Job], Awaitable[None]]
    at_once: int = 20
    at_once_in_lane: int = 20
    attempts_max: int = 9
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 3600.0

    def wait_ms(self, attempt: int) -> int:
        """How long to wait after a failed attempt, the first of which is 1."""
        seconds = min(self.first_wait_seconds * 4.0 ** min(attempt - 1, 30), self.longest_wait_seconds)
        return int(1000 * seconds * random.uniform(0.5, 1.0))


@dataclass(frozen=True, slots=True)
class Every:
    """Something done again and again, once over all nodes; ``run`` may take its time, it has a thread to itself."""

    name: str
    seconds: float
    run: Callable[[], object]
