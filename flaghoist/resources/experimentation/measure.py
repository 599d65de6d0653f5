"""What an analysis needs to know of a metric: which events count, and what they make of a unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EventKind = Literal["custom", "click", "pageview", "trace"]
UnitValue = Literal["occurrence", "count", "sum", "average", "distinct"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one attribute with some values: it holds if any fits, or, ``negated``, if none does.

    ``context_kind`` is empty where ``source`` is the event's own properties.
    """

    source: Literal["contextAttribute", "eventProperty"]
    attribute: str
    operator: str
    values: tuple[Any, ...]
    context_kind: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions of which all or one must hold, or, ``negated``, the opposite."""

    joined_by: Literal["and", "or"]
    parts: tuple["Filter", ...]
    negated: bool


Filter = Condition | Group


@dataclass(frozen=True, slots=True)
class Window:
    """Milliseconds after a unit's first exposure within which its events count; without an end, until the last."""

    starts_after: int = 0
    ends_after: int | None = None


@dataclass(frozen=True, slots=True)
class Winsorization:
    """Percentiles of the units' values beyond which values are brought back to them.

    ``counts_absent`` says whether units without events, where they count as zero, take part in the percentiles.
    """

    lower: float | None
    upper: float | None
    counts_absent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric read for analysis.

    Events of ``event_kind`` count if their key is ``event_key``, byte for byte, and ``filter`` holds. ``value`` is what
    they make of a unit: whether there was one, how many, or the sum or mean of their numbers. A unit without events
    has the value ``absent``, or takes no part where that is None. The arms' values are compared by their means, or by
    ``percentile``, or, with a ``denominator``, by the total of this measure over the total of that one.
    """

    key: str
    event_kind: EventKind
    event_key: str
    value: UnitValue
    absent: float | None
    percentile: int | None
    window: Window
    winsorization: Winsorization | None
    filter: Filter | None
    higher_is_better: bool
    analysis_units: tuple[str, ...]
    denominator: "Measure | None" = None
    query: str = ""
    """Which traces count, for a metric of traces."""
    column: str = ""
    """Where the number, or what is counted once, stands in the source, if not in the event's own value."""

    @property
    def is_counted_here(self) -> bool:
        """Whether its events come here; traces and what is counted once are measured outside Flaghoist."""
        below = self.denominator is None or self.denominator.is_counted_here
        return self.event_kind != "trace" and self.value != "distinct" and below

    @property
    def is_numeric(self) -> bool:
        """Whether the events' numbers matter."""
        return self.value in ("sum", "average")

    @property
    def is_proportion(self) -> bool:
        """Whether every unit's value is 0 or 1."""
        return self.value == "occurrence" and self.percentile is None and self.denominator is None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Measure":
        """The measure of a metric as stored."""
        kind: EventKind = body["kind"]
        bottom = body.get("denominator")
        value = _value(body)
        return cls(
            key=body["key"],
            event_kind=kind,
            # Browsers report a click or page view under the key of the metric that waits for it.
            event_key=body["eventKey"] if kind == "custom" else body["key"],
            value=value,
            absent=_absent(body, value),
            percentile=body.get("percentileValue") if body["analysisType"] == "percentile" else None,
            window=_window(body),
            winsorization=_winsorization(body),
            filter=_filter(body),
            higher_is_better=body.get("successCriteria") != "LowerThanBaseline",
            analysis_units=tuple(body["analysisUnits"]),
            denominator=_denominator(body, bottom) if bottom else None,
            query=body.get("traceQuery", ""),
            column=body.get("traceValueLocation") or _column(body),
        )


def _denominator(body: Mapping[str, Any], bottom: Mapping[str, Any]) -> Measure:
    """A denominator counts the same units; a unit without its events adds nothing to the total."""
    return Measure(
        key=body["key"],
        event_kind="custom",
        event_key=bottom["eventName"],
        value=_value(bottom),
        absent=0.0,
        percentile=None,
        window=_window(bottom),
        winsorization=_winsorization(bottom),
        filter=_filter(bottom),
        higher_is_better=True,
        analysis_units=tuple(body["analysisUnits"]),
        column=_column(bottom),
    )


def _value(body: Mapping[str, Any]) -> UnitValue:
    if body["unitAggregationType"] == "count_distinct":
        return "distinct"
    if body["isNumeric"]:
        return "sum" if body["unitAggregationType"] == "sum" else "average"
    return "count" if body["unitAggregationType"] == "sum" else "occurrence"


def _absent(body: Mapping[str, Any], value: UnitValue) -> float | None:
    # An occurrence that left out the units without events would always be 100%.
    if value == "occurrence":
        return 0.0
    return None if body["eventDefault"]["disabled"] else 0.0


def _window(body: Mapping[str, Any]) -> Window:
    return Window(body.get("windowStartOffset", 0), body.get("windowEndOffset"))


def _winsorization(body: Mapping[str, Any]) -> Winsorization | None:
    lower, upper = body.get("winsorLowerPercentile"), body.get("winsorUpperPercentile")
    if lower is None and upper is None:
        return None
    return Winsorization(lower, upper, bool(body.get("winsorIncludeImputed")))


def _filter(body: Mapping[str, Any]) -> Filter | None:
    return _node(body["filters"]) if body.get("filters") else None


def _node(node: Mapping[str, Any]) -> Filter:
    if node["type"] == "group":
        return Group(node["op"], tuple(_node(part) for part in node["values"]), node["negate"])
    return Condition(
        node["type"], node["attribute"], node["op"], tuple(node["values"]), node.get("contextKind", ""), node["negate"]
    )


def _column(body: Mapping[str, Any]) -> str:
    return str(body.get("unitAggregationField") or body.get("valueColumn") or "")
