"""How many units an experiment needs, and what it can see with the units it gets."""

import math
from dataclasses import dataclass

from scipy import optimize

from flaghoist.statistics.effects import Alternative, critical_value
from flaghoist.statistics.sequential import reach, tuning

LIFT_MAX = 100.0
"""The largest relative difference looked for: a hundred times the baseline."""

_LIFT_MIN = 1e-9


@dataclass(frozen=True)
class Design:
    """What is known of a metric before the start, and what is asked of two arms.

    Without a `standard_deviation` per unit the metric is a share, whose spread follows from its mean.
    `comparisons` divides alpha (Bonferroni); `correlation` is that of the CUPED covariate; `treatment_share` is of
    the units of both arms; `decision_units` asks for always-valid inference tightest at that many units.
    """

    mean: float
    standard_deviation: float | None = None
    alpha: float = 0.05
    power: float = 0.8
    alternative: Alternative = "two-sided"
    comparisons: int = 1
    correlation: float = 0.0
    treatment_share: float = 0.5
    decision_units: int | None = None


def units_needed(design: Design, lift: float, *, margin: float = 0.0) -> float | None:
    """Units of both arms together that show this relative difference with the design's power.

    With a `margin`, those that show non-inferiority if the lift is true. None when no number of units will.
    """
    distance = abs(lift) + margin
    variance = _variance_of_lift(design, lift)
    if not (distance > 0 and variance is not None and variance > 0):
        return None
    fixed = units_for(distance, variance, design)
    if design.decision_units is None:
        return fixed
    return float(
        optimize.brentq(
            lambda units: (_reach(design, units) + _power_quantile(design)) * math.sqrt(variance / units) - distance,
            fixed / 4,
            fixed * 1000,
            rtol=1e-12,
        )
    )


def units_for(distance: float, variance: float, design: Design) -> float:
    """Units at which an effect this far from the hypothesis, with `variance` / units, is found: (z + z')^2 v / d^2."""
    z = critical_value(design.alpha / design.comparisons, design.alternative) + _power_quantile(design)
    return z * z * variance / (distance * distance)


def detectable_lift(design: Design, units: float) -> float | None:
    """The smallest relative increase that this many units of both arms show with the design's power."""
    if design.mean <= 0:
        return None
    highest = LIFT_MAX if design.standard_deviation is not None else min(LIFT_MAX, 1 / design.mean - 1)

    def shortage(lift: float) -> float:
        needed = units_needed(design, lift)
        return math.inf if needed is None else needed - units

    if highest <= _LIFT_MIN or shortage(highest) > 0:
        return None
    return float(optimize.bisect(shortage, _LIFT_MIN, highest, xtol=1e-12))


def _variance_of_lift(design: Design, lift: float) -> float | None:
    """Variance of the relative difference times the units of both arms, if the lift is true (delta method)."""
    treated = design.mean * (1 + lift)
    control_v, treatment_v = _variance(design, design.mean), _variance(design, treated)
    if design.mean <= 0 or control_v is None or treatment_v is None:
        return None
    share, m2 = design.treatment_share, design.mean * design.mean
    relative = treatment_v / share / m2 + control_v * treated * treated / (1 - share) / (m2 * m2)
    return (1 - design.correlation * design.correlation) * relative


def _variance(design: Design, mean: float) -> float | None:
    if design.standard_deviation is not None:
        return design.standard_deviation * design.standard_deviation
    return mean * (1 - mean) if 0 <= mean <= 1 else None


def _reach(design: Design, units: float) -> float:
    assert design.decision_units is not None
    mixture_variance = tuning(design.alpha, design.decision_units, design.alternative)
    alpha = design.alpha / design.comparisons
    return reach(units, alpha=alpha, mixture_variance=mixture_variance, alternative=design.alternative)


def _power_quantile(design: Design) -> float:
    return critical_value(1 - design.power, "greater")
