"""What a log holds at the moment, and on what terms it keeps what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Extent:
    """Of one partition: the offset of the oldest record there is, and the one that the next will be given."""

    oldest: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As the log itself tells them; ``settings`` names what to set for each, as its operators know it."""

    copies: int
    safe_copies: int
    """How many have a record before its sender is told."""
    kept_ms: int | None
    """None for ever."""
    is_bounded: bool
    """It lets go of records that are not old yet, where there are many."""
    record_bytes: int
    """The largest it takes."""
    has_clock: bool
    """The time of a record is its own, not that of whoever sent it."""
    losing: str = ""
    """What makes it lose records that nobody has read; empty if nothing does."""
    settings: Mapping[str, str] = field(default_factory=dict)
