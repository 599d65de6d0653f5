"""What the inbox holds: bodies of events as they were received, and how to read them."""

from dataclasses import dataclass, replace
from enum import IntFlag
from typing import Literal

from flaghoist.store.position import received_at

Source = Literal["server", "mobile", "client", "import", "pixel"]


class Marks(IntFlag):
    """How a body is to be read."""

    GZIP = 1
    UNSUMMARIZED = 2  # every evaluation is in it, and no summary
    EXTENSIONS = 4  # an import that may hold exposures and attributes
    BY_CREATION = 8  # the sender vouches for creationDate as the time of each event
    LINES = 16  # one JSON object a line


@dataclass(frozen=True, slots=True)
class Batch:
    """One body, still as the sender compressed it; ``events`` is how many array elements it holds."""

    environment_id: str
    source: Source
    body: bytes
    events: int
    payload_id: str = ""
    schema: int = 4
    marks: Marks = Marks(0)
    agent: str = ""
    """``name/version`` of the SDK or importer."""
    wrapper: str = ""
    """Likewise of what wraps it."""
    event_ids: tuple[tuple[int, str], ...] = ()
    """(place in the body, ``eventId``) of the events that carry one."""


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch in the inbox: the position of its first event, and the places of events that were accepted before."""

    position: int
    batch: Batch
    repeats: frozenset[int] = frozenset()
    payload: bytes | None = None
    """The digest of its payload id, if it has one."""
    event_digests: tuple[tuple[int, bytes], ...] = ()
    """(place in the body, digest of the ``eventId``) of the events that were not accepted before."""
    supersedes: tuple[tuple[int, int], ...] = ()
    """(place in the body, position) of events whose copy, received later elsewhere, was moved on before them."""
    offset: int | None = None
    """Where it stands in the log it came from, if it did."""

    @property
    def without_superseding(self) -> "StoredBatch":
        """As if those events had been left out."""
        superseding = {place for place, _ in self.supersedes}
        return replace(self, repeats=self.repeats | superseding, supersedes=()) if superseding else self

    @property
    def received_at(self) -> int:
        """When it arrived, in milliseconds."""
        return received_at(self.position)
