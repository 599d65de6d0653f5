"""How often an event came, with what numbers, and about which kinds of unit: counted from the lake, over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flaghoist.store.facts import scan
from flaghoist.store.facts.engines.port import Session, one_row
from flaghoist.store.facts.listing import Files


@dataclass(frozen=True, slots=True)
class Span:
    """Events received from ``since`` (milliseconds) until the next span begins, and how many had a number."""

    since: int
    events: int
    with_value: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """All spans in order, also those without events; values are of the events that had a number."""

    spans: tuple[Span, ...]
    lowest: float | None = None
    median: float | None = None
    highest: float | None = None
    unit_kinds: Mapping[str, int] = field(default_factory=dict)
    """How many of the events named a unit of each kind."""

    @property
    def events(self) -> int:
        """All events counted."""
        return sum(span.events for span in self.spans)

    @property
    def with_value(self) -> int:
        """Those that had a number."""
        return sum(span.with_value for span in self.spans)


def count_events(session: Session, files: Files, kind: str, key: str, bounds: Sequence[int]) -> EventCounts:
    """The events of a key in some files, between each bound (milliseconds, ascending, evenly spaced) and the next."""
    start, end, width = bounds[0], bounds[-1], bounds[1] - bounds[0]
    parameters = {"kind": kind, "key": key}
    rows = scan.received(session, files, "outcomes", start, end - 1, "kind = $kind AND key = $key")
    counted = session.rows(
        f"""
        SELECT ({scan.RECEIVED_AT} - {start}) // {width} AS span, unit_kind, kinds, count(*), count(value)
        FROM {rows} GROUP BY ALL
        """,
        parameters,
    )
    events = [0] * (len(bounds) - 1)
    with_value = [0] * (len(bounds) - 1)
    unit_kinds: dict[str, int] = {}
    for span, unit_kind, kinds, number, numbers in counted:
        unit_kinds[unit_kind] = unit_kinds.get(unit_kind, 0) + number
        if _stands_for_event(unit_kind, kinds):
            events[span] += number
            with_value[span] += numbers
    spans = tuple(Span(*each) for each in zip(bounds, events, with_value, strict=False))
    several = any("," in kinds for _, _, kinds, *_ in counted)
    values = f"{rows} WHERE unit_kind = split_part(kinds, ',', 1)" if several else rows
    lowest, median, highest = _spread(session, values, parameters) if any(with_value) else (None, None, None)
    return EventCounts(spans, lowest, median, highest, dict(sorted(unit_kinds.items())))


def _stands_for_event(unit_kind: str, kinds: str) -> bool:
    """An event has a row for each unit it names; the first of them is counted."""
    return unit_kind == kinds.partition(",")[0]


def _spread(session: Session, values: str, parameters: Mapping[str, str]) -> tuple[float, float, float]:
    query = f"SELECT min(value), median(value), max(value) FROM {values}"
    lowest, median, highest = one_row(session, query, parameters)
    return lowest, median, highest
