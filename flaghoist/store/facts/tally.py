"""Counts made while events are read, to be added to the tallies in the state store."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from flaghoist.base.clock import DAY_MS, HOUR_MS

K = TypeVar("K", bound=Hashable)

NO_VARIATION = -1
"""Stands for the caller's default, which belongs to no variation."""

Drop = Literal[
    "bad_event",  # not an object, or a member of a type that no SDK sends
    "unknown_kind",
    "bad_key",
    "bad_time",
    "bad_value",
    "unknown_unit",  # names no context
    "unknown_variation",  # an exposure without a variation
    "too_old",
    "future",
    "duplicate",
    "unreadable",  # a body damaged on its way
]
"""Why an event was left out before it became a fact."""


@dataclass(slots=True)
class Span:
    """First and last time of something, in milliseconds, and how often it came up."""

    first: int
    last: int
    count: int = 0


@dataclass(slots=True)
class Sdk:
    """What the instances of one SDK have told of themselves."""

    first: int
    last: int
    starts: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Tally:
    """Everything counted in some batches; every key begins with the environment."""

    flags: dict[tuple[str, str], Span] = field(default_factory=dict)
    defaults: dict[tuple[str, str], str] = field(default_factory=dict)
    evaluations: Counter[tuple[str, str, int, int]] = field(default_factory=Counter)
    """By environment, flag, hour and variation."""
    events: dict[tuple[str, str, str], Span] = field(default_factory=dict)
    """By environment, kind and key."""
    values: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """When an event last carried a number."""
    event_units: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """When an event last named a kind of context."""
    kinds: dict[tuple[str, str], Span] = field(default_factory=dict)
    dropped: Counter[tuple[str, int, Drop]] = field(default_factory=Counter)
    """By environment, day and reason."""
    sdks: dict[tuple[str, str, str, str], Sdk] = field(default_factory=dict)
    """By environment, name, version and wrapper."""

    def evaluated(self, environment: str, flag: str, variation: int | None, count: int, at: int) -> None:
        """A flag was evaluated some number of times."""
        _seen(self.flags, (environment, flag), at)
        shown = NO_VARIATION if variation is None else variation
        self.evaluations[environment, flag, at - at % HOUR_MS, shown] += count

    def defaulted(self, environment: str, flag: str, value: str) -> None:
        """A caller named this JSON as its default for a flag."""
        self.defaults[environment, flag] = value

    def happened(self, environment: str, kind: str, key: str, events: int, at: int) -> None:
        """Events that metrics may use were received."""
        _seen(self.events, (environment, kind, key), at, events)

    def named_unit(self, environment: str, kind: str, key: str, unit_kinds: Iterable[str], at: int) -> None:
        """The event that happened named contexts of these kinds."""
        for unit_kind in unit_kinds:
            self.event_units[environment, kind, key, unit_kind] = at

    def carried_number(self, environment: str, kind: str, key: str, at: int) -> None:
        """The event that happened had a value."""
        self.values[environment, kind, key] = at

    def named_kind(self, environment: str, kind: str, at: int) -> None:
        """A context of this kind was seen."""
        _seen(self.kinds, (environment, kind), at)

    def left_out(self, environment: str, reason: Drop, at: int, events: int = 1) -> None:
        """Events were dropped."""
        self.dropped[environment, at - at % DAY_MS, reason] += events

    def told(self, environment: str, sdk: tuple[str, str, str], at: int, *, starts: int, dropped: int) -> None:
        """An SDK (name, version, wrapper) sent diagnostics."""
        known = self.sdks.setdefault((environment, *sdk), Sdk(at, at))
        known.last = at
        known.starts += starts
        known.dropped += dropped


def _seen(spans: dict[K, Span], key: K, at: int, count: int = 1) -> None:
    span = spans.get(key)
    if span is None:
        spans[key] = Span(at, at, count)
    else:
        span.last = at
        span.count += count
