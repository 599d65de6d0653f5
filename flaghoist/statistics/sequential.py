"""Inference that stays valid however often the results are looked at."""

import math
from dataclasses import dataclass, replace

from scipy import special

from flaghoist.statistics.effects import Alternative, Effect, around, floored, undefined
from flaghoist.statistics.estimates import Interval

UNITS_MIN = 100
"""Units per arm before the first verdict: the method rests on the central limit theorem."""

EVENTS_MIN = 25
"""Expected events per arm before the first verdict on the logarithmic scale."""

_Z_MAX = 1e100  # its square is still a number


@dataclass(frozen=True)
class Seen:
    """How much of an arm has been seen; `events` is `None` where nobody counts them."""

    units: int
    events: int | None


def tuning(alpha: float, decision_units: float, alternative: Alternative = "two-sided") -> float:
    """The mixture's variance per unit, rho squared, that makes the interval tightest at this many units."""
    level = alpha if alternative == "two-sided" else 2 * alpha
    return (-2 * math.log(level) + math.log(1 - 2 * math.log(level))) / decision_units


def always_valid(
    fixed: Effect, units: int, *, alpha: float, mixture_variance: float, alternative: Alternative = "two-sided"
) -> Effect:
    """A fixed-horizon effect's interval and p-value, widened so that they hold at all looks together.

    Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (Annals of Statistics 2024),
    in the form that GrowthBook publishes. `units` counts both arms; `mixture_variance` is from `tuning`, and stays
    the same from look to look. Two-sided, interval and p-value agree; one-sided, the interval's closed form is a
    little wider than the p-value demands.
    """
    method = f"always-valid-{fixed.scale}"
    if fixed.estimate is None or fixed.standard_error is None:
        return undefined(fixed.scale, method, fixed.reason or "zero_variance", fixed.estimate)
    half_width = fixed.standard_error * reach(
        units, alpha=alpha, mixture_variance=mixture_variance, alternative=alternative
    )
    z = max(-_Z_MAX, min(_Z_MAX, fixed.estimate / fixed.standard_error))
    evidence = log_e_value(z, units * mixture_variance, alternative)
    return replace(
        fixed,
        method=method,
        interval=around(fixed.estimate, half_width, alternative),
        p_value=floored(math.exp(min(0.0, -evidence))),
        degrees_of_freedom=None,
        log_e_value=evidence,
    )


def relative_from_log_ratio(log_ratio: Effect) -> Effect:
    """The same finding as a relative difference; the standard error is by the delta method."""
    if log_ratio.estimate is None or log_ratio.standard_error is None or log_ratio.interval is None:
        return undefined("relative", log_ratio.method, log_ratio.reason or "not_finite")
    value = _grown(log_ratio.estimate)
    if value is None:
        return undefined("relative", log_ratio.method, "not_finite")
    lower, upper = log_ratio.interval.lower, log_ratio.interval.upper
    return replace(
        log_ratio,
        scale="relative",
        estimate=value,
        standard_error=(1 + value) * log_ratio.standard_error,
        interval=Interval(None if lower is None else _grown(lower), None if upper is None else _grown(upper)),
    )


def reach(units: float, *, alpha: float, mixture_variance: float, alternative: Alternative = "two-sided") -> float:
    """How many standard errors the interval reaches at this many units."""
    information = units * mixture_variance
    root = math.sqrt(information + 1)
    bound = math.log(root / alpha) if alternative == "two-sided" else math.log1p(root / (2 * alpha))
    return math.sqrt(2 * (information + 1) / information * bound)


def log_e_value(z: float, information: float, alternative: Alternative) -> float:
    """Natural logarithm of the normal mixture's likelihood ratio against no effect.

    One-sided, the mixture has only the asked half of the normal, and is twice as dense there.
    """
    shrunk = math.sqrt(information / (information + 1)) * z
    cost = 0.5 * math.log1p(information)
    if alternative == "two-sided":
        return shrunk * shrunk / 2 - cost
    asked = shrunk if alternative == "greater" else -shrunk
    if asked < 0:  # 2 exp(a^2 / 2) Phi(a) in one piece: its factors overflow and vanish
        return math.log(float(special.erfcx(-asked / math.sqrt(2)))) - cost
    return asked * asked / 2 + math.log(2) + float(special.log_ndtr(asked)) - cost


def tightened(earlier: Effect, now: Effect) -> Effect:
    """The present result with all that earlier looks already excluded: smallest p-value, intersected intervals.

    Where the intervals no longer overlap the newer one stands: the effect has changed over time.
    """
    if earlier.p_value is None or now.p_value is None or earlier.interval is None or now.interval is None:
        return now
    interval = _intersection(earlier.interval, now.interval) or now.interval
    return replace(now, interval=interval, p_value=min(earlier.p_value, now.p_value))


def ready(*arms: Seen) -> bool:
    """Whether these arms together have seen enough for a verdict; events only count where all arms know them.

    The events are those each arm would have if the arms did not differ: a treatment that breaks everything, and
    so has none, must not silence its own alarm.
    """
    units = min(arm.units for arm in arms)
    counts = [arm.events for arm in arms if arm.events is not None]
    if units < UNITS_MIN or len(counts) < len(arms):
        return units >= UNITS_MIN
    return units * sum(counts) >= EVENTS_MIN * sum(arm.units for arm in arms)


def _grown(logarithm: float) -> float | None:
    """A logarithm of a ratio as a relative difference; None beyond double precision."""
    return math.expm1(logarithm) if logarithm < 700 else None


def _intersection(a: Interval, b: Interval) -> Interval | None:
    lower = max((end for end in (a.lower, b.lower) if end is not None), default=None)
    upper = min((end for end in (a.upper, b.upper) if end is not None), default=None)
    if lower is not None and upper is not None and lower > upper:
        return None
    return Interval(lower, upper)
