"""What can be asked of the facts: one metric of one iteration of an experiment."""

from dataclasses import dataclass
from typing import Any, Literal

from flaghoist.base.clock import DAY_MS, HOUR_MS

MAX_LATENESS_MS = 72 * HOUR_MS
ATTRIBUTION_MS = 90 * DAY_MS
"""How long after a unit's first exposure its events count, unless the metric has a window of its own."""

Attribution = Literal["receipt", "as_sent", "creation"]
"""Which time is an event's: that of receipt, as on LaunchDarkly; that of creation for events whose sender vouched for
it, and of receipt for all others; or that of creation for all, within the bounds of lateness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """Who takes part: the units exposed to a flag between two times, both in milliseconds and both included."""

    environment_id: str
    flag_key: str
    unit_kind: str
    started_at: int
    ended_at: int | None = None
    rule: str | None = None
    """Only exposures served by the rule with this id (or ``fallthrough``), and imported ones that name no rule."""
    iteration_id: str | None = None
    """Imported exposures that name another iteration are ignored."""
    treatments: tuple[tuple[str, int], ...] = ()
    """(variation id, index) for imported exposures that name a variation by its id."""
    attribution: Attribution = "as_sent"
    max_lateness_ms: int | None = MAX_LATENESS_MS
    """How long before its receipt an event may have happened; None for any time."""
    multiple_exposures: Literal["first_seen", "exclude"] = "first_seen"
    """What becomes of a unit that saw several variations: it stays with its first, or is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on an event: a leaf compares one value as a flag's clause does, a group joins others.

    Leaves name a top-level member of the event's ``data``, or an attribute of one of its contexts. A leaf on what the
    event does not say is false, negated or not.
    """

    kind: Literal["eventProperty", "contextAttribute", "and", "or"]
    attribute: str = ""
    context_kind: str = "user"
    op: str = "in"
    values: tuple[Any, ...] = ()
    negate: bool = False
    filters: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric: which events of a unit count, and what value they give it.

    Without ``numeric``, ``average`` is whether any event happened (0 or 1) and ``sum`` how many did; with it, they are
    the mean and the sum of ``metricValue``.
    """

    event_kind: Literal["custom", "click", "pageview"] = "custom"
    event_key: str
    numeric: bool = False
    aggregation: Literal["average", "sum"] = "average"
    default_zero: bool = True
    """Units without an event have the value 0; otherwise they have none and are left out."""
    filters: tuple[Filter, ...] = ()
    window_start_ms: int = 0
    window_end_ms: int | None = None
    """Both from the unit's first exposure."""
    winsor_lower: float | None = None
    winsor_upper: float | None = None
    """Percentiles (0 to 100) of the units of all arms together; values beyond are moved to them."""
    winsor_imputed: bool = False
    """Whether zeros of units without events take part in, and are subject to, winsorization."""
    percentile: float | None = None
    """Also give this percentile (0 to 100) over units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A metric of an iteration, as a whole and perhaps by an attribute of the units."""

    iteration: Iteration
    measure: Measure
    preceded_by: tuple[Measure, ...] = ()
    """The earlier steps of a funnel: an event counts only for units that have an event of each of these as well."""
    in_order: bool = False
    """Whether the steps of a funnel must follow one another."""
    denominator: Measure | None = None
    """For a ratio of two sums over the same units."""
    covariate_ms: int | None = None
    """Also give each unit's value of the same metric over this time before its first exposure."""
    slice_by: str | None = None
    """An attribute of the unit, as known at its exposures: a reference such as ``plan`` or ``/address/country``."""
