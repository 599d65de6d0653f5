"""Long work on the event loop lets requests have their turn in between."""

import asyncio
import contextlib
from collections.abc import Iterator

# Requests are answered by threads, which can only go on while the event loop does nothing: at each question to the
# store they lose their turn to it, and get it back late.
PAUSE_SECONDS = 0.001


class Turns:
    """Knows whether requests are being answered at the moment; everything belongs to the event loop."""

    def __init__(self) -> None:
        self._at_work = 0

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """While a request is being answered."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def give(self) -> None:
        """Let others go on: for a moment where requests are at work, else just as long as the loop needs."""
        await asyncio.sleep(PAUSE_SECONDS if self._at_work else 0)


turns = Turns()
