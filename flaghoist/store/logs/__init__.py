"""Where events go from the doors and come from again: an inbox of the process's own, or a log that all nodes share.

A log has partitions, each of them a sequence of records numbered by offsets that only rise. One record is one batch,
durable before its sender is told so. Nothing is ever deleted from a log here: how long it keeps records is its own.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.inbox import Outcome
from flaghoist.store.known_ids import Remembered
from flaghoist.store.logs.address import Address
from flaghoist.store.logs.terms import Extent, Terms


class Intake(Protocol):
    """What the doors need: batches are kept, durably, or refused."""

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Make a batch durable; the future fails with ``Unavailable`` when that cannot be done now."""
        ...

    @property
    def disk_bytes(self) -> int:
        """What batches that wait take of our disk."""
        ...

    def waiting_since(self) -> int | None:
        """Since when the oldest of them does, in milliseconds; None where none do."""
        ...

    @property
    def objection(self) -> str:
        """Why nothing more can be taken in now; empty if it can."""
        ...

    def close(self) -> None:
        """Finish what is on its way, and let go."""
        ...


class Feed(Protocol):
    """What is moved on into the lake: batches in an order that never changes."""

    @property
    def id(self) -> str:
        """Which feed this is, among all that ever fed the same store."""
        ...

    @property
    def writer(self) -> str:
        """What the names of files have in common that this process writes of it."""
        ...

    @property
    def folder(self) -> Path:
        """Where to put off what cannot be read."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether no other process ever moves it on."""
        ...

    def follow(self, position: int) -> None:
        """Everything up to a position is in the lake already."""
        ...

    def after(self, position: int, *, limit_bytes: int) -> list[StoredBatch]:
        """The batches that follow, in order, until their bodies exceed ``limit_bytes``; may raise ``Unavailable``.

        Fewer bytes mean that nothing more was there, or of an inbox of our own that something has to be mended.
        """
        ...

    def retire(self, position: int) -> None:
        """Everything up to a position is in the lake by now."""
        ...

    def remembered(self, until: int) -> list[Remembered]:
        """Ids of batches up to a position that it has kept by itself."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at one offset: when the log took it (milliseconds), what was said about it, and the body."""

    offset: int
    at_ms: int
    headers: Mapping[str, str]
    body: bytes


class Reader(Protocol):
    """One partition, read in order."""

    @property
    def end(self) -> int:
        """The offset that the next record would have been given, as of the latest reading."""
        ...

    def read(self, offset: int | None, *, limit_bytes: int) -> Sequence[Record]:
        """Records from an offset on (None: the oldest there is), none only at the end; raises ``Unavailable``."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


class EventLog(Intake, Protocol):
    """A log that several nodes write to, and share the reading of."""

    def partitions(self) -> Sequence[str]:
        """What there is to read, by names that mean the same at every node; raises ``Unavailable``."""
        ...

    def reader(self, partition: str) -> Reader:
        """Read one of them; raises ``Unavailable``."""
        ...

    @property
    def title(self) -> str:
        """Which log it is, in words."""
        ...

    def extents(self) -> Mapping[str, Extent]:
        """What each partition holds, none where the log has yet to be made; raises ``Unavailable``."""
        ...

    def terms(self) -> Terms:
        """On what terms it keeps records, once it is made; raises ``Unavailable``."""
        ...


def event_log(url: str) -> EventLog | None:
    """The log at an address, or None where none is given.

    Raises ``ValueError`` for an address that names no log, or one whose package is not installed.
    """
    if not url:
        return None
    address = Address.of(url)
    try:
        if address.scheme == "kafka":
            from flaghoist.store.logs.kafka import Kafka

            return Kafka(address)
        if address.scheme == "nats":
            from flaghoist.store.logs.jetstream import JetStream

            return JetStream(address)
    except ModuleNotFoundError as error:
        raise ValueError(f"the event log at {address.scheme}:// needs the package '{error.name}'") from error
    raise ValueError(f"event_log_url begins with kafka:// or nats://, not with '{address.scheme}'")
