"""Sharper means by what was known of each unit before the experiment (CUPED)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flaghoist.statistics.estimates import Estimate, Reason, estimate
from flaghoist.statistics.moments import Moments, centred_products, mean_of, merged_cross, merged_mean

UNITS_MIN = 100
"""Below this many units per arm a slope is too uncertain to adjust with."""


@dataclass(frozen=True)
class CovariateMoments:
    """Joint moments of a value and its pre-experiment covariate per unit; `c_yx` is their sum of co-deviations."""

    n: int
    mean: float
    m2: float
    mean_x: float
    m2_x: float
    c_yx: float

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[float, float]]) -> "CovariateMoments":
        """One (value, covariate) per unit."""
        listed = list(pairs)
        y = [float(value) for value, _ in listed]
        x = [float(covariate) for _, covariate in listed]
        mean_y, mean_x = mean_of(y), mean_of(x)
        return cls(
            len(listed),
            mean_y,
            centred_products(y, mean_y, y, mean_y),
            mean_x,
            centred_products(x, mean_x, x, mean_x),
            centred_products(y, mean_y, x, mean_x),
        )

    def merge(self, other: "CovariateMoments") -> "CovariateMoments":
        """The moments of both samples together."""
        delta_y, delta_x = other.mean - self.mean, other.mean_x - self.mean_x
        return CovariateMoments(
            self.n + other.n,
            merged_mean(self.n, self.mean, other.n, other.mean),
            self.m2 + other.m2 + merged_cross(self.n, other.n, delta_y, delta_y),
            merged_mean(self.n, self.mean_x, other.n, other.mean_x),
            self.m2_x + other.m2_x + merged_cross(self.n, other.n, delta_x, delta_x),
            self.c_yx + other.c_yx + merged_cross(self.n, other.n, delta_y, delta_x),
        )

    def estimate(self) -> Estimate:
        """The mean as observed, not adjusted."""
        return Moments(self.n, self.mean, self.m2).estimate()


@dataclass(frozen=True)
class Adjustment:
    """How an arm's mean was adjusted: adjusted = observed - correlation * deviation_ratio * imbalance."""

    estimate: Estimate
    correlation: float
    deviation_ratio: float
    imbalance: float
    variance_reduction: float
    """Share of the observed mean's variance that the covariate explains away."""


def adjust(arms: Sequence[CovariateMoments]) -> list[Adjustment] | Reason:
    """Every arm's mean moved to the covariate mean of all arms, each along its own slope; or why none is.

    One regression per arm (Lin, Annals of Applied Statistics 2013), as LaunchDarkly documents it: mean and
    standard error equal those of the intercept in a regression of the value on (covariate - its mean over all
    arms). The arms stand or fall together, so that an effect never mixes adjusted and observed means.
    """
    if any(arm.n < UNITS_MIN or not _spread(arm) for arm in arms):
        return "covariate_unusable"
    units = sum(arm.n for arm in arms)
    mean_x = math.fsum(arm.mean_x * (arm.n / units) for arm in arms)
    adjusted = [_adjust_arm(arm, mean_x) for arm in arms]
    if any(arm.estimate.reason or not arm.variance_reduction >= 0 for arm in adjusted):
        return "covariate_unusable"
    return adjusted


def _spread(arm: CovariateMoments) -> bool:
    """Whether both value and covariate vary, by more than rounding makes them seem to."""
    rounding = 1e-24 * arm.n * arm.mean_x * arm.mean_x
    return arm.m2 > 0 and rounding < arm.m2_x < math.inf and math.isfinite(arm.m2) and math.isfinite(arm.c_yx)


def _adjust_arm(arm: CovariateMoments, mean_x: float) -> Adjustment:
    slope = arm.c_yx / arm.m2_x
    imbalance = arm.mean_x - mean_x
    residual_variance = (arm.m2 - slope * arm.c_yx) / (arm.n - 2)
    variance_of_mean = residual_variance * (1 / arm.n + imbalance * imbalance / arm.m2_x)
    return Adjustment(
        estimate(arm.n, arm.mean - slope * imbalance, variance_of_mean),
        correlation=arm.c_yx / math.sqrt(arm.m2) / math.sqrt(arm.m2_x),
        deviation_ratio=math.sqrt(arm.m2) / math.sqrt(arm.m2_x),
        imbalance=imbalance,
        variance_reduction=1 - variance_of_mean / (arm.m2 / (arm.n - 1) / arm.n),
    )
