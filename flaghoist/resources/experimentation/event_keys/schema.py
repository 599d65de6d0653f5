"""What is told of event keys."""

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links


class SeenUnitKind(msgspec.Struct, rename="camel"):
    """A kind of context that an event named, and when it last did, in milliseconds."""

    kind: str
    last_seen: int


class EventKeyRep(msgspec.Struct, rename="camel"):
    """An event as received so far; times in milliseconds. ``lastValueAt`` is when one last carried a number."""

    key: str
    kind: str
    first_seen: int
    last_seen: int
    events: int
    unit_kinds: list[SeenUnitKind]
    metrics: list[str]
    last_value_at: int | UnsetType = UNSET


class EventKeysRep(msgspec.Struct, rename="camel"):
    """A page of event keys."""

    links: Links = msgspec.field(name="_links")
    items: list[EventKeyRep]
    total_count: int


class ActivitySpan(msgspec.Struct, rename="camel"):
    """Events received from ``since`` (milliseconds) until the next span begins."""

    since: int
    events: int
    with_value: int


class ValueSpread(msgspec.Struct):
    """The numbers that events carried."""

    min: float
    median: float
    max: float


class UnitKindCount(msgspec.Struct):
    """How many of the events named a context of a kind."""

    kind: str
    events: int


class EventActivityRep(msgspec.Struct, rename="camel"):
    """An event over time. ``spanMs`` is how long each span is; ``values`` is there if any event carried a number."""

    key: str
    kind: str
    span_ms: int
    spans: list[ActivitySpan]
    events: int
    with_value: int
    unit_kinds: list[UnitKindCount]
    last_seen: int | UnsetType = UNSET
    values: ValueSpread | UnsetType = UNSET
