"""Shares that rest on few conversions: exact and score methods."""

import math

import numpy as np
from scipy import stats

from flaghoist.resources.experimentation.results.arithmetic.shapes import Arm, Tree, asked, floored


def few(base: Arm, arm: Arm) -> bool:
    """Whether some cell of the two-by-two table would expect fewer than five."""
    n, m = base.row["n"], arm.row["n"]
    pooled = (base.row["withEvent"] + arm.row["withEvent"]) / (n + m) if n + m else 0.0
    return bool(min(n, m) * min(pooled, 1 - pooled) < 5)


def exact(base: Arm, arm: Arm, alpha: float, side: str) -> tuple[Tree, Tree]:
    names = ("newcombe-fisher", "score-fisher")
    (k0, n0), (k, n) = ((each.row["withEvent"], each.row["n"]) for each in (base, arm))
    if min(n0, n) < 2:
        return {"method": names[0], "reason": "too_few_units"}, {"method": names[1], "reason": "too_few_units"}
    p0, p1, level = k0 / n0, k / n, 1 - (alpha if side == "two-sided" else 2 * alpha)
    low0, high0 = wilson(k0, n0, level)
    low1, high1 = wilson(k, n, level)
    p = _fisher(k0, n0, k, n, side)
    lower, upper = p1 - p0 - math.hypot(p1 - low1, high0 - p0), p1 - p0 + math.hypot(high1 - p1, p0 - low0)
    absolute: Tree = {"method": names[0], "estimate": p1 - p0, "ci": asked(lower, upper, side), "pValue": p}
    if not k0:
        return absolute, {"method": names[1], "reason": "baseline_not_positive"}
    # Both ends r solve (p1 - r p0)^2 = (p1 - end1)^2 + r^2 (p0 - end0)^2.
    least = _roots(p0**2 - (high0 - p0) ** 2, p1 * p0, p1**2 - (p1 - low1) ** 2)
    most = _roots(p0**2 - (p0 - low0) ** 2, p1 * p0, p1**2 - (high1 - p1) ** 2)
    ends = asked(min(least, default=0.0) - 1 if k else -1.0, max(most) - 1, side)
    return absolute, {"method": names[1], "estimate": p1 / p0 - 1, "ci": ends, "pValue": p}


def wilson(k: int, n: int, level: float) -> tuple[float, float]:
    ends = stats.binomtest(k, n).proportion_ci(confidence_level=level, method="wilson")
    return float(ends.low), float(ends.high)


def _fisher(k0: int, n0: int, k: int, n: int, side: str) -> float:
    table = stats.hypergeom(n0 + n, k0 + k, n)
    if side != "two-sided":
        return floored(table.sf(k - 1) if side == "greater" else table.cdf(k))
    chances = table.pmf(np.arange(max(0, k0 + k - n0), min(k0 + k, n) + 1))
    return floored(float(np.sum(chances[chances <= table.pmf(k) * (1 + 1e-7)])))


def _roots(a: float, b: float, c: float) -> list[float]:
    return [float(root.real) for root in np.roots([a, -2 * b, c]) if root.real >= 0]
