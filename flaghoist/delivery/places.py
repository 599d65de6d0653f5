"""How many streams may be open at once: each takes a file descriptor, and other work needs some too."""

import resource

from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Spread

# For REST, polls, events, files and databases.
KEPT_BACK = 1_000


class Places:
    """The streams of one process, counted; every method belongs to the event loop.

    ``fan_outs`` are the seconds it took to hand something to all who listened, ``slow`` those dropped for not reading.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0
        self.slow = 0
        self.fan_outs = Spread()

    def check(self) -> None:
        """Raises ``Unavailable`` where there is no place left: clients then try again, here or at another process."""
        if self.taken >= self.most:
            raise Unavailable(f"{self.taken} streams are open, as many as this process may have; try again")


def places() -> int:
    """How many streams the system lets this process have, once it has asked for as many as it may."""
    asked, possible = resource.getrlimit(resource.RLIMIT_NOFILE)
    if asked != possible:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, possible))
    return max(possible - KEPT_BACK, possible // 2) if possible != resource.RLIM_INFINITY else 1_000_000
