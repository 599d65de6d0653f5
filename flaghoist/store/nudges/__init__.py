"""Nudges: how processes tell one another that there is something new.

A nudge is one word and only a hint. What is new stands in the state store, and everybody looks there each second in
any case: a nudge that is lost costs a second, a nudge too many one look.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

Word = Literal["changes", "events"]
"""``changes``: the journal has grown. ``events``: somebody waits for what has been accepted to be counted."""

WORDS: tuple[Word, ...] = ("changes", "events")
Hear = Callable[[Word], None]


class Nudges(Protocol):
    """A way to the other processes. None of these ever raises or waits for anybody."""

    def start(self, hear: Hear) -> None:
        """Begin to listen: ``hear`` is called in a thread of our own with each word that others send."""
        ...

    def send(self, word: Word) -> None:
        """Say a word to everybody else; from any thread."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


class Alone:
    """One process that keeps its state to itself has nobody to nudge."""

    def start(self, hear: Hear) -> None:
        """There is nobody to hear."""

    def send(self, word: Word) -> None:
        """There is nobody to tell."""

    def close(self) -> None:
        """There is nothing to let go of."""


def nudges(url: str, *, database_url: str, folder: Path, several: bool) -> Nudges:
    """The way that fits: the one named, else that of the state store.

    ``database_url`` is empty with SQLite, ``folder`` is where the sockets of the processes of one machine are, and
    ``several`` says whether there are several. Raises ``ValueError`` for an address that names no way, or one whose
    package is not installed.
    """
    scheme = url.partition("://")[0]
    try:
        if scheme in ("nats", "tls"):
            from flaghoist.store.nudges.over_nats import OverNats

            return OverNats(url)
        if scheme in ("redis", "rediss"):
            from flaghoist.store.nudges.carried import Carried
            from flaghoist.store.nudges.over_redis import OverRedis

            return Carried(OverRedis(url))
        if url:
            raise ValueError(f"nudge_url begins with nats:// or redis://, not with '{scheme}'")
        if database_url:
            from flaghoist.store.nudges.carried import Carried
            from flaghoist.store.nudges.over_postgresql import OverPostgreSQL

            return Carried(OverPostgreSQL(database_url))
    except ModuleNotFoundError as error:
        raise ValueError(f"nudges over {scheme or 'PostgreSQL'} need the package '{error.name}'") from error
    if several:
        from flaghoist.store.nudges.datagrams import Datagrams

        return Datagrams(folder)
    return Alone()
