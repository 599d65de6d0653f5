"""The two kinds of facts, one row per event and context kind: who saw which variation, and who did what."""

import hashlib
from functools import lru_cache

import msgspec


class Exposure(msgspec.Struct, gc=False):
    """A unit saw a variation of a flag under an experiment."""

    flag: str
    unit_kind: str
    unit: int
    unit_key: str
    kinds: str
    """All context kinds of the event, sorted and joined with commas; the event's first row is that of the first."""
    position: int
    created_at: int | None
    """The client's clock, in milliseconds."""
    by_creation: bool
    """The sender asks that ``created_at``, not the receipt, be the time of this event."""
    variation: int | None
    version: int | None
    """Of the flag, as the SDK had it."""
    treatment: str | None
    """A variation's id where an import names that instead of its index."""
    rule: str | None
    """The id of the rule that served it, or ``fallthrough``."""
    iteration: str | None
    """The iteration that an import names."""
    weight: int
    """How many events this one stands for (``samplingRatio``)."""
    attributes: str | None
    """What was known of the unit, as JSON, private attributes left out."""


class Outcome(msgspec.Struct, gc=False):
    """A unit did something."""

    kind: str
    """``custom``, ``click`` or ``pageview``."""
    key: str
    unit_kind: str
    unit: int
    unit_key: str
    kinds: str
    position: int
    created_at: int | None
    by_creation: bool
    value: float | None
    weight: int
    url: str | None
    properties: str | None
    """The event's ``data``, as JSON."""
    context: str | None
    """Attributes by context kind, as JSON, where the event carried more than keys."""


@lru_cache(maxsize=100_000)
def unit_hash(unit_kind: str, unit_key: str) -> int:
    """64 bits that stand for a unit: at a hundred million units, two share one with chance below 1 in 3,000."""
    return int.from_bytes(hashlib.blake2b(f"{unit_kind}\0{unit_key}".encode(), digest_size=8).digest(), "little")
