"""Batches that the server cannot read without failing: kept whole, with what went wrong, to be tried again."""

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flaghoist.base.json import decode, encode
from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.folders import sync, write_whole
from flaghoist.store.holds import deleting

log = logging.getLogger("flaghoist.quarantine")


class Quarantine:
    """A folder with one file for each batch: a line of JSON that tells of it, then the body as it was received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, stored: StoredBatch, reason: BaseException) -> None:
        """Write a batch down, durably; again and again is as good as once."""
        self.folder.mkdir(exist_ok=True)
        batch = stored.batch
        told = {
            "reason": f"{type(reason).__name__}: {reason}"[:2000],
            "position": stored.position,
            "is_noted": True,
            "repeats": sorted(stored.repeats),
            "environment": batch.environment_id,
            "source": batch.source,
            "events": batch.events,
            "schema": batch.schema,
            "marks": int(batch.marks),
            "agent": batch.agent,
            "wrapper": batch.wrapper,
        }
        write_whole(self._path(stored.position), encode(told) + b"\n" + batch.body)
        sync(self.folder.parent)

    def batches(self) -> Iterator[tuple[StoredBatch, bool]]:
        """All that are kept, in order of arrival, and whether the state notes those that were left out at that time.

        One that cannot even be taken up is named in the log and stays.
        """
        for path in self._paths():
            line, _, body = path.read_bytes().partition(b"\n")
            try:
                told = decode(line)
                batch = Batch(
                    told["environment"],
                    told["source"],
                    body,
                    told["events"],
                    schema=told["schema"],
                    marks=Marks(told["marks"]),
                    agent=told["agent"],
                    wrapper=told["wrapper"],
                )
                stored = StoredBatch(told["position"], batch, frozenset(told["repeats"]))
                yield stored, told.get("is_noted", False)
            except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
                log.error("unreadable quarantine file=%s error=%s", path, error)

    def release(self, stored: StoredBatch) -> None:
        """Let go of a batch whose events count by now, unless somebody holds the folder: then a later call does."""
        with deleting(self.folder) as may_delete:
            if may_delete:
                self._path(stored.position).unlink(missing_ok=True)
                sync(self.folder)

    def __len__(self) -> int:
        return len(self._paths())

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.batch"))

    def _path(self, position: int) -> Path:
        return self.folder / f"{position:016x}.batch"
