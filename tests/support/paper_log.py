"""A log of events written on paper: everything a Kafka promises, in the memory of one process."""

from collections.abc import Sequence
from concurrent.futures import Future

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Accepted, Outcome
from flaghoist.store.logs import Record, letters
from flaghoist.store.logs.elsewhere import Elsewhere
from flaghoist.store.logs.terms import Extent, Terms

TERMS = Terms(
    copies=3,
    safe_copies=2,
    kept_ms=None,
    is_bounded=False,
    record_bytes=2**24,
    has_clock=True,
    settings=dict.fromkeys(
        ("losing", "kept_ms", "is_bounded", "record_bytes", "safe_copies", "copies", "has_clock"), "the quill"
    ),
)


class PaperLog(Elsewhere):
    """Partitions are lists; a batch goes where its environment's last digit points."""

    def __init__(self, partitions: int) -> None:
        super().__init__("paper")
        self.sheets: list[list[Record]] = [[] for _ in range(partitions)]
        self.is_away = False
        self.ahead_ms = 0  # its clock, of ours
        self.at_once = 1_000_000
        self.torn_off = 0  # so many records are gone from each sheet
        self.kept_on = TERMS

    def accept(self, batch: Batch) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        sheet = self.sheets[int(batch.environment_id[-1], 16) % len(self.sheets)]
        sheet.append(Record(len(sheet), clock.now_ms() + self.ahead_ms, letters.headers(batch), batch.body))
        future.set_result(Accepted(1, frozenset()))
        return future

    def partitions(self) -> Sequence[str]:
        if self.is_away:
            raise Unavailable("the paper is not at hand")
        return [f"paper:{place}" for place in range(len(self.sheets))]

    def reader(self, partition: str) -> "PaperReader":
        return PaperReader(self, int(partition.rpartition(":")[2]))

    title = "the paper"

    def extents(self) -> dict[str, Extent]:
        found = self.partitions()
        return {name: Extent(self.torn_off, len(sheet)) for name, sheet in zip(found, self.sheets, strict=True)}

    def terms(self) -> Terms:
        return self.kept_on

    def close(self) -> None:
        """Paper stays."""


class PaperReader:
    """Reads one sheet."""

    def __init__(self, log: PaperLog, place: int) -> None:
        self._log, self._place = log, place
        self.end = 0

    def read(self, offset: int | None, *, limit_bytes: int) -> Sequence[Record]:
        if self._log.is_away:
            raise Unavailable("the paper is not at hand")
        sheet = self._log.sheets[self._place]
        found, self.end = [], len(sheet)
        for record in sheet[offset or 0 :][: self._log.at_once]:
            found.append(record)
            limit_bytes -= len(record.body)
            if limit_bytes <= 0:
                break
        return found

    def close(self) -> None:
        """Nothing is held."""
