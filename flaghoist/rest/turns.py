"""How many requests may be at work at once, and how long one may take: beyond, an honest refusal instead of a queue."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from flaghoist.base.errors import Unavailable
from flaghoist.base.tracing import carried

T = TypeVar("T")
AT_ONCE_MAX = 256
_LATER = (("retry-after", "1"),)


class Turn:
    """One request at work. Either it is given up, or what it does takes effect; never both."""

    def __init__(self) -> None:
        self._deciding = threading.Lock()
        self._decided = ""

    def take_effect(self) -> None:
        """Say, before a change becomes durable, that it will; raises ``Unavailable`` where nobody waits any more."""
        if not self._decide("takes effect"):
            raise Unavailable("the request was given up")

    def give_up(self) -> bool:
        """Wait no longer; false if what is done is about to take effect."""
        return self._decide("given up")

    def _decide(self, how: str) -> bool:
        with self._deciding:
            self._decided = self._decided or how
            return self._decided == how


class Turns:
    """The requests at work."""

    def __init__(self, executor: Executor, *, seconds: float) -> None:
        self._executor = executor
        self._seconds = seconds
        self._at_work = 0

    async def run(self, act: Callable[[Turn], T]) -> T:
        """Do something in a thread.

        Raises ``Unavailable`` where too many are at work, or where it takes too long: then it has no effect.
        """
        if self._at_work >= AT_ONCE_MAX:
            raise _busy(f"{AT_ONCE_MAX} requests are at work already; try again in a second")
        self._at_work += 1
        try:
            return await self._in_time(act)
        finally:
            self._at_work -= 1

    async def _in_time(self, act: Callable[[Turn], T]) -> T:
        turn = Turn()
        working = asyncio.get_running_loop().run_in_executor(self._executor, carried(act), turn)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(working)
        except TimeoutError:
            if not turn.give_up():
                return await working
        working.add_done_callback(_forget)
        working.cancel()
        raise _busy(f"this took longer than {self._seconds:g} seconds and was given up; nothing was changed")


def _busy(message: str) -> Unavailable:
    refusal = Unavailable(message)
    refusal.headers = _LATER
    return refusal


def _forget(working: "asyncio.Future[T]") -> None:
    """Nobody waits for this: neither for its value nor for why it failed."""
    if not working.cancelled():
        working.exception()
