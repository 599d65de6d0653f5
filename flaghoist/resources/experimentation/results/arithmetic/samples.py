"""What each treatment's sums say of its mean."""

from typing import Any

from scipy import stats

from flaghoist.resources.experimentation.results.arithmetic.shapes import Arm, Estimate, Metric, Tree

_COUNTS = ("exposed", "events", "n", "withEvent")


def metric_of(plan: Tree, design: Tree, rows: list[Tree]) -> Metric:
    here = {row["treatmentId"]: row for row in rows if (row["metric"], row["group"]) == (plan["key"], plan["group"])}
    treatments = [(each, here[each["id"]]) for each in design["treatments"]]
    arms = [Arm(each["id"], each["name"], each["baseline"], row, estimate(row)) for each, row in treatments]
    return Metric(plan, plan["settings"], arms)


def number(name: str, text: str) -> Any:
    if name in _COUNTS:
        return int(text) if text else None
    if name in ("metric", "group", "treatmentId", "treatment", "kind"):
        return text
    return text == "True" if text in ("True", "False") else float(text) if text else None


def estimate(row: Tree) -> Estimate:
    """The mean of a row of sums.csv, with the variance of that mean."""
    n = row["n"]
    match row["kind"]:
        case "share":
            mean = row["withEvent"] / n if n else 0.0
            variance = mean * (1 - mean) / n if n else 0.0
        case "mean":
            mean, variance = row["mean"], row["squaredDeviations"] / (n - 1) / n if n > 1 else 0.0
        case "ratio":
            if row["denominatorMean"] == 0:
                return Estimate(n, 0.0, 0.0, "denominator_zero" if n else "too_few_units")
            mean = row["mean"] / row["denominatorMean"]
            residual = row["squaredDeviations"] - 2 * mean * row["coDeviations"]
            residual += mean * mean * row["denominatorSquaredDeviations"]
            variance = residual / max(1, n - 1) / row["denominatorMean"] ** 2 / n
        case _:
            if not row["complete"]:
                return Estimate(n, row["value"], 0.0, "ranks_out_of_range" if n else "too_few_units")
            mean, variance = row["value"], ((row["upper"] - row["lower"]) / (2 * stats.norm.isf(0.025))) ** 2
    if n < 2:
        return Estimate(n, mean, 0.0, "too_few_units")
    return Estimate(n, mean, variance if variance > (1e-13 * mean) ** 2 else 0.0)
