"""What is passed around: a metric with its treatments, and numbers that know how near is near enough."""

import math
from typing import Any, NamedTuple

Tree = dict[str, Any]
P_FLOOR = 1e-300


class Near(NamedTuple):
    """A number, and the size on which a difference from it would be seen."""

    value: float
    size: float


class OneOf(NamedTuple):
    """A verdict, and what it would be if the number behind it were rounded down or up."""

    options: tuple[str | None, ...]


class Estimate(NamedTuple):
    """A mean with its variance, or why that is not known."""

    n: int
    mean: float
    variance: float
    reason: str | None = None

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return math.sqrt(self.variance)


class Arm(NamedTuple):
    """A treatment of one metric: its row of sums.csv, and what that row says."""

    id: str
    name: str
    baseline: bool
    row: Tree
    estimate: Estimate


class Metric(NamedTuple):
    """A metric as design.json tells it, with its treatments in order."""

    plan: Tree
    settings: Tree
    arms: list[Arm]

    @property
    def base(self) -> Arm:
        """What the others are compared with."""
        return next(arm for arm in self.arms if arm.baseline)

    @property
    def alpha(self) -> float:
        """Significance level, before any correction."""
        return float(self.settings["significanceThreshold"])

    @property
    def credibility(self) -> float:
        """The Bayesian threshold, and the width of credible intervals."""
        return float(self.settings["bayesianThreshold"])

    @property
    def higher(self) -> bool:
        """Whether more is better."""
        return bool(self.settings["successCriteria"] == "HigherThanBaseline")

    @property
    def side(self) -> str:
        """Which departures from no effect the tests look for."""
        if self.settings["testDirection"] == "two-sided":
            return "two-sided"
        return "greater" if self.higher else "less"

    @property
    def bayesian(self) -> bool:
        """Whether beliefs decide, not tests."""
        return bool(self.settings["methodology"] == "bayesian")


def near(value: float | None, size: float | None = None) -> Near | None:
    """A number that equals another within a hundred-millionth of a size: its own, unless one is given."""
    return None if value is None else Near(float(value), abs(float(size)) if size else abs(float(value)))


def ends(lower: float | None, upper: float | None) -> Tree:
    """An interval, each end near on the size of its width."""
    size = upper - lower if lower is not None and upper is not None else None
    return {"lower": near(lower, size), "upper": near(upper, size)}


def asked(lower: float, upper: float, side: str) -> Tree:
    """The ends of an interval on the side or sides that are asked about."""
    return {**({} if side == "less" else {"lower": lower}), **({} if side == "greater" else {"upper": upper})}


def floored(p: float) -> float:
    """A p-value within what is reported."""
    return min(1.0, max(P_FLOOR, float(p)))


def no_baseline(mean: float, error: float) -> str | None:
    """Why nothing can be divided by this mean, if so."""
    if mean <= 0:
        return "baseline_not_positive"
    return "baseline_near_zero" if mean < 2 * error else None
