"""Which of the processes of one server this is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """The process at a ``place``, from 0 on, ``of`` so many that serve one address and share one data folder."""

    place: int
    of: int

    def own(self, name: str) -> str:
        """The folder in the data folder that only this process uses; that of the first has the plain name."""
        return f"{name}-{self.place}" if self.place else name


ALONE = Worker(0, 1)
"""One process is the whole server."""
