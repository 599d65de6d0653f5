"""Effects that hold at any number of looks."""

import math

from scipy import stats

from flaghoist.resources.experimentation.results.arithmetic.fixed import absolute_of, relative_of
from flaghoist.resources.experimentation.results.arithmetic.shapes import Arm, Metric, Tree, asked, floored

UNITS_MIN, EVENTS_MIN = 100, 25  # of each treatment, before a verdict


def always_valid_effects(metric: Metric, base: Arm, arm: Arm, alpha: float, log_ratio: Tree) -> tuple[Tree, Tree, Tree]:
    a, b, side = base.estimate, arm.estimate, metric.side
    absolute = absolute_of(a, b, alpha, side, welch=False)
    if not ready(base, arm):
        told = [
            {"method": "always-valid", "estimate": each.get("estimate"), "reason": each.get("reason") or "collecting"}
            for each in (absolute, log_ratio)
        ]
        relative: Tree = {"method": "always-valid", "reason": told[1]["reason"]}
    else:
        told = [
            _always_valid(metric, each, name, a.n + b.n, alpha)
            for each, name in ((absolute, "always-valid-absolute"), (log_ratio, "always-valid-log-ratio"))
        ]
        relative = _grown(told[1])
    if relative.get("estimate") is None:
        relative = {**relative, "estimate": relative_of(a, b, alpha, "two-sided").get("estimate")}
    return told[0], relative, told[1]


def ready(*arms: Arm) -> bool:
    units = min(arm.estimate.n for arm in arms)
    events = sum(arm.row["events"] for arm in arms)
    return units >= UNITS_MIN and units * events >= EVENTS_MIN * sum(arm.estimate.n for arm in arms)


def rho(alpha: float, side: str, units: float) -> float:
    level = alpha if side == "two-sided" else 2 * alpha
    return (-2 * math.log(level) + math.log(1 - 2 * math.log(level))) / units


def reach_of(information: float, alpha: float, side: str) -> float:
    root = math.sqrt(information + 1)
    bound = math.log(root / alpha) if side == "two-sided" else math.log(1 + root / (2 * alpha))
    return math.sqrt(2 * (information + 1) / information * bound)


def _always_valid(metric: Metric, fixed: Tree, method: str, units: int, alpha: float) -> Tree:
    if fixed.get("standardError") is None:
        return {"method": method, "estimate": fixed.get("estimate"), "reason": fixed["reason"]}
    value, error, side = fixed["estimate"], fixed["standardError"], metric.side
    information = units * rho(metric.alpha, side, metric.plan["decisionUnits"])
    reach = error * reach_of(information, alpha, side)
    shrunk = math.sqrt(information / (information + 1)) * value / error
    evidence = shrunk**2 / 2 - math.log(information + 1) / 2
    if side != "two-sided":
        evidence += math.log(2) + float(stats.norm.logcdf(shrunk if side == "greater" else -shrunk))
    return {
        **fixed,
        "method": method,
        "ci": asked(value - reach, value + reach, side),
        "pValue": floored(math.exp(min(0.0, -evidence))),
        "degreesOfFreedom": None,
        "logEValue": evidence,
    }


def _grown(log_ratio: Tree) -> Tree:
    """A logarithm of a ratio as a relative difference."""
    if log_ratio.get("ci") is None:
        return {"method": log_ratio["method"], "reason": log_ratio["reason"]}
    value = math.expm1(log_ratio["estimate"])
    ends = {name: math.expm1(end) for name, end in log_ratio["ci"].items()}
    return {**log_ratio, "estimate": value, "standardError": (1 + value) * log_ratio["standardError"], "ci": ends}
