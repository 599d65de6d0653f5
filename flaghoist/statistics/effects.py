"""What one arm does compared with another: a number, its interval, and how surprising it is."""

import math
from dataclasses import dataclass
from typing import Literal

from scipy import special

from flaghoist.statistics.estimates import Interval, Reason

Scale = Literal["absolute", "relative", "log-ratio"]
Alternative = Literal["two-sided", "greater", "less"]
"""Which departures from no effect count: either, the treatment above, or the treatment below."""

P_FLOOR = 1e-300
"""The smallest p-value reported: beyond it double precision would say zero."""


@dataclass(frozen=True)
class Effect:
    """A comparison on one scale; whatever is unknown is `None`, and `reason` says why.

    A one-sided interval is unbounded on the side that is not asked about. `log_e_value` is the natural logarithm
    of the evidence against no effect, for always-valid methods only.
    """

    scale: Scale
    method: str
    estimate: float | None
    standard_error: float | None
    interval: Interval | None
    statistic: float | None
    p_value: float | None
    degrees_of_freedom: float | None = None
    log_e_value: float | None = None
    reason: Reason | None = None


def effect(
    scale: Scale,
    method: str,
    estimate: float,
    standard_error: float,
    *,
    alpha: float,
    alternative: Alternative,
    degrees_of_freedom: float | None = None,
) -> Effect:
    """An effect judged by the normal distribution, or by Student's t where degrees of freedom are given."""
    if not (math.isfinite(estimate) and math.isfinite(standard_error)):
        return undefined(scale, method, "not_finite")
    if standard_error <= 0:
        return undefined(scale, method, "zero_variance", estimate)
    statistic = estimate / standard_error
    half_width = critical_value(alpha, alternative, degrees_of_freedom) * standard_error
    if not (math.isfinite(statistic) and math.isfinite(half_width)):
        return undefined(scale, method, "not_finite", estimate)
    return Effect(
        scale,
        method,
        estimate,
        standard_error,
        around(estimate, half_width, alternative),
        statistic,
        p_value(statistic, alternative, degrees_of_freedom),
        degrees_of_freedom,
    )


def undefined(scale: Scale, method: str, reason: Reason, estimate: float | None = None) -> Effect:
    """The neutral result: nothing is claimed, and the reason is said."""
    return Effect(scale, method, estimate, None, None, None, None, reason=reason)


def around(centre: float, half_width: float, alternative: Alternative) -> Interval:
    """The interval on the asked side or sides of a centre; an end beyond double precision is unbounded."""
    lower = None if alternative == "less" else _end(centre - half_width)
    upper = None if alternative == "greater" else _end(centre + half_width)
    return Interval(lower, upper)


def critical_value(alpha: float, alternative: Alternative, degrees_of_freedom: float | None = None) -> float:
    """How many standard errors the interval reaches."""
    tail = alpha / 2 if alternative == "two-sided" else alpha
    if degrees_of_freedom is None:
        return float(-special.ndtri(tail))
    return float(-special.stdtrit(degrees_of_freedom, tail))


def p_value(statistic: float, alternative: Alternative, degrees_of_freedom: float | None = None) -> float:
    """Chance of a statistic at least this extreme without an effect, never below `P_FLOOR`."""
    if alternative == "two-sided":
        return floored(2 * _survival(abs(statistic), degrees_of_freedom))
    return floored(_survival(statistic if alternative == "greater" else -statistic, degrees_of_freedom))


def floored(p: float) -> float:
    """A p-value kept within what is reported."""
    return min(1.0, max(P_FLOOR, p))


def _survival(statistic: float, degrees_of_freedom: float | None) -> float:
    if degrees_of_freedom is None:
        return math.exp(float(special.log_ndtr(-statistic)))  # in logarithms: no cancellation far out
    return float(special.stdtr(degrees_of_freedom, -statistic))


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None
