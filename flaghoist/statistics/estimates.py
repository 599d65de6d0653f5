"""What one arm's sample says about its mean, and why a number may be missing."""

import math
from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "too_few_units",  # a variance needs two units
    "denominator_zero",  # nobody has anything in the denominator
    "zero_variance",  # every unit gave the same value: nothing to measure uncertainty with
    "baseline_not_positive",  # a relative difference needs a baseline above zero
    "baseline_near_zero",  # the baseline lies within two standard errors of zero
    "mean_not_positive",  # a logarithm needs both means above zero
    "mean_near_zero",  # a logarithm needs both means at least a standard error above zero
    "unbounded",  # the interval of the ratio has no end at this confidence
    "ranks_out_of_range",  # too few units for this percentile's interval
    "covariate_unusable",  # constant covariate, fewer than 100 units, or nothing gained
    "collecting",  # too early for an always-valid verdict
    "not_finite",  # the values overflow double precision
    "no_baseline",  # there is no single arm to compare with
]
"""Why a number is missing. A missing number is a result, never NaN or infinity."""


_RESOLUTION = 1e-13
"""A standard error smaller than this share of its mean is rounding, not spread."""


@dataclass(frozen=True)
class Interval:
    """A range of plausible values; `None` is an end that lies at infinity."""

    lower: float | None
    upper: float | None

    def contains(self, value: float) -> bool:
        """Whether the value lies inside, ends included."""
        return (self.lower is None or self.lower <= value) and (self.upper is None or value <= self.upper)


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` units with the variance of that mean; both are zero when `reason` leaves them unknown."""

    n: int
    mean: float
    variance_of_mean: float
    reason: Reason | None = None

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return math.sqrt(self.variance_of_mean)

    @property
    def standard_deviation(self) -> float:
        """Standard deviation per unit: for ratios and quantiles, the one that would give this standard error."""
        return math.sqrt(self.n * self.variance_of_mean)


def estimate(n: int, mean: float, variance_of_mean: float) -> Estimate:
    """An `Estimate`, with its reason when two units or double precision do not suffice."""
    if n < 2:
        return Estimate(n, mean if math.isfinite(mean) else 0.0, 0.0, "too_few_units")
    if not (math.isfinite(mean) and math.isfinite(n * variance_of_mean)):
        return Estimate(n, 0.0, 0.0, "not_finite")
    # Rounding may leave -1e-20, or a spread that the mean's own digits cannot show, where zero is meant.
    resolution = _RESOLUTION * mean
    return Estimate(n, mean, variance_of_mean if variance_of_mean > resolution * resolution else 0.0)
