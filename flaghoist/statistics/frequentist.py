"""Fixed-horizon inference: one look, at the end, on the absolute, the relative or the logarithmic scale."""

import math
from dataclasses import replace

from flaghoist.statistics.effects import (
    Alternative,
    Effect,
    Scale,
    critical_value,
    effect,
    undefined,
)
from flaghoist.statistics.estimates import Estimate, Interval, Reason

BASELINE_STANDARD_ERRORS_MIN = 2
"""A baseline nearer to zero than this, in standard errors, supports no relative difference."""


def absolute(control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided") -> Effect:
    """Treatment minus control by Welch's unequal-variances t (Biometrika 1947)."""
    if reason := control.reason or treatment.reason:
        return undefined("absolute", "welch-t", reason)
    variance = control.variance_of_mean + treatment.variance_of_mean
    return effect(
        "absolute",
        "welch-t",
        treatment.mean - control.mean,
        math.sqrt(variance),
        alpha=alpha,
        alternative=alternative,
        degrees_of_freedom=_welch_satterthwaite(control, treatment) if variance > 0 else None,
    )


def absolute_z(
    control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided"
) -> Effect:
    """Treatment minus control by the normal distribution: for proportions, and for large samples of ratios."""
    if reason := control.reason or treatment.reason:
        return undefined("absolute", "z", reason)
    standard_error = math.sqrt(control.variance_of_mean + treatment.variance_of_mean)
    return effect("absolute", "z", treatment.mean - control.mean, standard_error, alpha=alpha, alternative=alternative)


def relative(control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided") -> Effect:
    """Treatment over control minus one by the delta method and the normal distribution, as LaunchDarkly documents.

    Variance s1^2 / (n1 m0^2) + s0^2 m1^2 / (n0 m0^4); undefined unless the baseline is clearly above zero.
    """
    return _relative(control, treatment, "delta-z", alpha=alpha, alternative=alternative, degrees_of_freedom=None)


def relative_t(
    control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided"
) -> Effect:
    """The same by Student's t with Welch's degrees of freedom, as GrowthBook reports it: for small samples."""
    degrees_of_freedom = _welch_satterthwaite(control, treatment)
    return _relative(
        control, treatment, "delta-t", alpha=alpha, alternative=alternative, degrees_of_freedom=degrees_of_freedom
    )


def log_ratio(
    control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided"
) -> Effect:
    """ln(treatment / control): symmetric in the arms, and the safe scale for repeated looks at small counts."""
    if reason := control.reason or treatment.reason:
        return undefined("log-ratio", "log-ratio-z", reason)
    if control.mean <= 0 or treatment.mean <= 0:
        return undefined("log-ratio", "log-ratio-z", "mean_not_positive")
    if control.mean < control.standard_error or treatment.mean < treatment.standard_error:
        return undefined("log-ratio", "log-ratio-z", "mean_near_zero")
    standard_error = math.hypot(control.standard_error / control.mean, treatment.standard_error / treatment.mean)
    logarithm = math.log(treatment.mean) - math.log(control.mean)
    return effect("log-ratio", "log-ratio-z", logarithm, standard_error, alpha=alpha, alternative=alternative)


def fieller(control: Estimate, treatment: Estimate, *, alpha: float, alternative: Alternative = "two-sided") -> Effect:
    """Treatment over control minus one, with Fieller's interval (Biometrika 1940) and the p-value it implies.

    The interval stays right where the delta method's does not, at small samples; it may have no end.
    """
    if reason := control.reason or treatment.reason or no_baseline(control):
        return undefined("relative", "fieller", reason)
    value = treatment.mean / control.mean - 1
    difference = absolute_z(control, treatment, alpha=alpha, alternative=alternative)
    z = critical_value(alpha, alternative)
    g = (z * control.standard_error / control.mean) ** 2
    if difference.reason or not math.isfinite(value):
        return undefined("relative", "fieller", difference.reason or "not_finite")
    if g >= 1:
        return undefined("relative", "fieller", "unbounded", value)
    ratio = 1 + value
    half_width = (
        z / control.mean * math.sqrt(ratio * ratio * control.variance_of_mean + (1 - g) * treatment.variance_of_mean)
    )
    lower, upper = (ratio - half_width) / (1 - g) - 1, (ratio + half_width) / (1 - g) - 1
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return undefined("relative", "fieller", "not_finite", value)
    interval = Interval(None if alternative == "less" else lower, None if alternative == "greater" else upper)
    return Effect("relative", "fieller", value, None, interval, difference.statistic, difference.p_value)


def non_inferiority(
    control: Estimate, treatment: Estimate, *, margin: float, alpha: float, higher_is_better: bool
) -> Effect:
    """Evidence that the treatment is worse by less than `margin`, a relative difference such as 0.02.

    The p-value is small, and the one-sided interval excludes the margin, when a guardrail may be called safe.
    """
    alternative: Alternative = "greater" if higher_is_better else "less"
    measured = relative(control, treatment, alpha=alpha, alternative=alternative)
    if measured.estimate is None or measured.standard_error is None:
        return undefined("relative", "non-inferiority-z", measured.reason or "not_finite", measured.estimate)
    distance = measured.estimate + (margin if higher_is_better else -margin)
    tested = effect(
        "relative",
        "non-inferiority-z",
        distance,
        measured.standard_error,
        alpha=alpha,
        alternative=alternative,
    )
    return replace(tested, estimate=measured.estimate, interval=measured.interval if tested.interval else None)


def interval_of_mean(sample: Estimate, *, alpha: float) -> Interval | None:
    """Two-sided Student interval of one mean; None when its spread is unknown."""
    if sample.reason:
        return None
    half_width = critical_value(alpha, "two-sided", sample.n - 1) * sample.standard_error
    return Interval(sample.mean - half_width, sample.mean + half_width) if math.isfinite(half_width) else None


def _relative(
    control: Estimate,
    treatment: Estimate,
    method: str,
    *,
    alpha: float,
    alternative: Alternative,
    degrees_of_freedom: float | None,
) -> Effect:
    scale: Scale = "relative"
    if reason := control.reason or treatment.reason or no_baseline(control):
        return undefined(scale, method, reason)
    ratio = treatment.mean / control.mean
    # Divided before squaring: a baseline of 1e-200 must not underflow to zero.
    standard_error = math.hypot(
        treatment.standard_error / control.mean, ratio * (control.standard_error / control.mean)
    )
    return effect(
        scale,
        method,
        ratio - 1,
        standard_error,
        alpha=alpha,
        alternative=alternative,
        degrees_of_freedom=degrees_of_freedom,
    )


def no_baseline(control: Estimate) -> Reason | None:
    """Why no ratio can be formed over this baseline, if none can."""
    if control.mean <= 0:
        return "baseline_not_positive"
    if control.mean < BASELINE_STANDARD_ERRORS_MIN * control.standard_error:
        return "baseline_near_zero"
    return None


def _welch_satterthwaite(control: Estimate, treatment: Estimate) -> float | None:
    """Degrees of freedom (Satterthwaite 1946); None when neither arm varies."""
    total = control.variance_of_mean + treatment.variance_of_mean
    if total <= 0 or control.n < 2 or treatment.n < 2:
        return None
    share = control.variance_of_mean / total  # shares, so that squares neither overflow nor vanish
    return 1 / (share * share / (control.n - 1) + (1 - share) * (1 - share) / (treatment.n - 1))
