"""Holds: who copies a folder asks for nothing to be deleted from it meanwhile, whatever process deletes."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

_NAME = "hold"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nothing is deleted from a folder inside; a process that dies lets go. Waits for a deletion under way."""
    with (folder / _NAME).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def deleting(folder: Path) -> Iterator[bool]:
    """Whether something may be deleted from a folder now; nobody begins to hold it inside."""
    with (folder / _NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
