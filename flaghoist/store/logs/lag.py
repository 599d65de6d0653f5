"""How much of a log is not in the lake yet, partition by partition."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from flaghoist.store.facts.tables import inbox_progress, log_offsets
from flaghoist.store.logs.terms import Extent
from flaghoist.store.position import received_at
from flaghoist.store.tables import inboxes


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one partition; records that are left out for not being batches are counted until they were passed."""

    partition: str
    records: int
    """How many wait."""
    not_before: int
    """The oldest of them arrived at this time (milliseconds) or later; 0 if nothing of it was ever in the lake."""
    let_go: int = 0
    """How many are gone that never were in the lake."""
    missing: int = 0
    """By how many the log ends before what is in the lake."""

    @property
    def place(self) -> str:
        """The partition's number in its log."""
        return self.partition.rpartition(":")[2]

    def seconds(self, now: int) -> float:
        """For how long the oldest has waited at most; 0 where none does."""
        return max(now - self.not_before, 0) / 1000 if self.records else 0.0


def lags(connection: Connection, extents: Mapping[str, Extent]) -> list[Lag]:
    """Each partition, in the order given."""
    offsets = {row.partition: row.offset for row in connection.execute(select(log_offsets))}
    positions = {row.inbox: row.position for row in connection.execute(select(inbox_progress))}
    through = {row.inbox: row.through for row in connection.execute(select(inboxes.c.inbox, inboxes.c.through))}
    return [
        _lag(each, extent, offsets.get(each), positions.get(each), through.get(each, 0))
        for each, extent in extents.items()
    ]


def _lag(partition: str, extent: Extent, offset: int | None, position: int | None, through: int) -> Lag:
    following = extent.oldest if offset is None else offset + 1
    return Lag(
        partition,
        records=max(extent.end - max(following, extent.oldest), 0),
        not_before=max(received_at(position) if position else 0, through),
        let_go=max(extent.oldest - following, 0),
        missing=max(following - extent.end, 0),
    )
