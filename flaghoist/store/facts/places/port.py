"""What the lake asks of the place where its files are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database

Near = Callable[[Sequence[str]], list[str]]
"""Names of files to paths on this machine, in the same order; raises ``Unavailable``, or ``Damaged``.

A file that is not there any more has a path nonetheless, at which there is nothing.
"""


class Damaged(Unavailable):
    """Files are no longer what was written; ``paths`` are relative to the lake."""

    def __init__(self, place: str, paths: Sequence[str]) -> None:
        super().__init__(f"facts in {place} are damaged and cannot be counted: {', '.join(paths)}")
        self.paths = tuple(paths)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there; ``path`` is relative to the lake."""

    path: str
    bytes: int
    written_at: int
    """In milliseconds, by the clock of the place."""


class Place(Protocol):
    """Keeps files whole under paths relative to the lake; safe from any thread, and for several processes."""

    @property
    def name(self) -> str:
        """Where it is, as people write it."""

    @property
    def folder(self) -> Path:
        """Where its files are on this machine while they are read."""

    def named(self, path: str) -> str:
        """A file as engines and people find it."""

    def write(self, stem: str, fill: Callable[[Path], None]) -> str:
        """Keep what ``fill`` writes to a file, durably or not at all; gives its path, which begins with ``stem``.

        Raises ``OSError`` or ``Unavailable`` where that cannot be done.
        """

    def adopt(self, path: str, source: Path) -> None:
        """Keep a file durably under the path that it had in another place; ``source`` may be gone after.

        Raises ``OSError`` or ``Unavailable`` where that cannot be done.
        """

    def at_hand(self) -> AbstractContextManager[Near]:
        """Files by their names, which stay where they are inside."""

    def doubtful(self, paths: Sequence[str]) -> list[str]:
        """Those that are known to be damaged before anybody reads them."""

    def look_again(self) -> None:
        """Take no file to be whole that is not looked at anew."""

    def damaged(self, paths: Sequence[str]) -> list[str]:
        """Those that are there and no longer what was written; reads every one of them."""

    def found(self) -> Iterator[Found]:
        """All files, also those that nobody lists; raises ``Unavailable``."""

    def bytes_of(self, paths: Sequence[str]) -> int:
        """How many bytes some files have together, as of not long ago; raises ``Unavailable``."""

    def delete(self, paths: Sequence[str], *, days_are_over: bool = False) -> None:
        """Delete files, if they are there; and the folders of their days, if no more will come."""

    def deleting(self) -> AbstractContextManager[bool]:
        """Whether files may be deleted now; nobody on this machine begins to hold them inside."""

    def may_unlist(self, connection: Connection) -> bool:
        """Whether files may be deleted, asked within the write that takes them off the list."""

    def held(self, database: Database) -> AbstractContextManager[None]:
        """No file is deleted inside."""

    def close(self) -> None:
        """Fetch nothing more."""
