"""One treatment against another on three scales, for one look at the end or for any number of looks."""

import math

from scipy import stats

from flaghoist.resources.experimentation.results.arithmetic.always_valid import (
    always_valid_effects,
    reach_of,
    ready,
    rho,
)
from flaghoist.resources.experimentation.results.arithmetic.exact import exact, few, wilson
from flaghoist.resources.experimentation.results.arithmetic.fixed import absolute_of, log_ratio_of, relative_of
from flaghoist.resources.experimentation.results.arithmetic.shapes import Arm, Metric, Tree, ends, near, no_baseline


def effects(metric: Metric, base: Arm, arm: Arm, alpha: float) -> tuple[Tree, Tree, Tree]:
    """Absolute difference, relative difference and logarithm of the ratio."""
    a, b, side = base.estimate, arm.estimate, metric.side
    log_ratio = log_ratio_of(a, b, alpha, side)
    if metric.settings["sequentialTestingEnabled"]:
        return always_valid_effects(metric, base, arm, alpha, log_ratio)
    if arm.row["kind"] == "share" and few(base, arm):
        return *exact(base, arm, alpha, side), log_ratio
    by_normal = arm.row["kind"] in ("share", "percentile")
    absolute = absolute_of(a, b, alpha, side, welch=not by_normal)
    return absolute, relative_of(a, b, alpha, side), log_ratio


def relative_difference(metric: Metric, other: Arm, arm: Arm, beliefs: Tree, alpha: float) -> Tree:
    control, treatment = beliefs[other.id], beliefs[arm.id]
    if not (metric.bayesian and control and treatment):
        relative = effects(metric, other, arm, alpha)[1]
        interval, error = relative.get("ci") or {}, relative.get("standardError")
        variance = None if error is None else error**2
        own = (relative.get("estimate"), interval.get("lower"), interval.get("upper"), variance)
        return _difference(other.id, own)
    mean, spread = control["dist"].mean(), control["dist"].std()
    if no_baseline(mean, spread):
        return {"fromTreatmentId": other.id}
    ratio = treatment["dist"].mean() / mean
    deviation = math.sqrt((treatment["dist"].std() / mean) ** 2 + (ratio * spread / mean) ** 2)
    reach = stats.norm.isf((1 - metric.credibility) / 2) * deviation
    return _difference(other.id, (ratio - 1, ratio - 1 - reach, ratio - 1 + reach, deviation**2))


def _difference(other: str, own: tuple[float | None, float | None, float | None, float | None]) -> Tree:
    value, lower, upper, variance = own
    size = math.sqrt(variance) if variance else None
    return {
        "fromTreatmentId": other,
        "value": near(value, size),
        "lower": near(lower, size),
        "upper": near(upper, size),
        "variance": near(variance),
    }


def confidence_interval(metric: Metric, arm: Arm) -> Tree | None:
    """Two-sided interval of one mean."""
    mine, alpha = arm.estimate, metric.alpha
    if metric.settings["sequentialTestingEnabled"]:
        if mine.reason or not ready(arm):
            return None
        information = mine.n * rho(alpha, "two-sided", metric.plan["decisionUnits"] / 2)
        reach = mine.error * reach_of(information, alpha, "two-sided")
        return ends(mine.mean - reach, mine.mean + reach)
    if arm.row["kind"] == "share":
        return ends(*wilson(arm.row["withEvent"], mine.n, 1 - alpha)) if mine.n else None
    if mine.reason:
        return None
    reach = stats.t.isf(alpha / 2, mine.n - 1) * mine.error
    return ends(mine.mean - reach, mine.mean + reach)
