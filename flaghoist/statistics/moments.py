"""Mean and spread of one value per unit, kept so that two samples merge without losing digits."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from flaghoist.statistics.estimates import Estimate, estimate


@dataclass(frozen=True)
class Moments:
    """Units, their mean, and `m2`, the sum of squared deviations from that mean.

    Raw sums of squares are never kept: on NIST's NumAcc4 they give a standard deviation of 0 where 0.1 is true.
    """

    n: int
    mean: float
    m2: float

    @classmethod
    def from_values(cls, values: Iterable[float]) -> "Moments":
        """One value per unit; the result does not depend on their order, to the last bit."""
        listed = [float(value) for value in values]
        mean = mean_of(listed)
        return cls(len(listed), mean, centred_products(listed, mean, listed, mean))

    def merge(self, other: "Moments") -> "Moments":
        """The moments of both samples together."""
        n = self.n + other.n
        return Moments(
            n,
            merged_mean(self.n, self.mean, other.n, other.mean),
            self.m2 + other.m2 + merged_cross(self.n, other.n, other.mean - self.mean, other.mean - self.mean),
        )

    @property
    def variance(self) -> float:
        """Sample variance per unit, with n - 1; zero below two units."""
        return self.m2 / (self.n - 1) if self.n > 1 else 0.0

    @property
    def variance_of_mean(self) -> float:
        """Variance of the mean; zero below two units."""
        return self.variance / self.n if self.n > 1 else 0.0

    def estimate(self) -> Estimate:
        """The mean per unit."""
        return estimate(self.n, self.mean, self.variance_of_mean)


def mean_of(values: list[float]) -> float:
    """The mean, rounded once; zero for no values."""
    return _exact_sum(values) / len(values) if values else 0.0


def centred_products(x: list[float], mean_x: float, y: list[float], mean_y: float) -> float:
    """Sum of (x - mean_x)(y - mean_y), corrected for the rounding of the means.

    Corrected two-pass algorithm of Chan, Golub and LeVeque, The American Statistician 37 (1983).
    """
    if not x:
        return 0.0
    products = _exact_sum([(a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)])
    return products - _exact_sum([a - mean_x for a in x]) * _exact_sum([b - mean_y for b in y]) / len(x)


def merged_mean(n_a: int, mean_a: float, n_b: int, mean_b: float) -> float:
    """The mean of two samples together."""
    n = n_a + n_b
    return mean_a + (mean_b - mean_a) * (n_b / n) if n else 0.0


def merged_cross(n_a: int, n_b: int, delta_x: float, delta_y: float) -> float:
    """What the distance between two samples' means adds to their sums of (co)squared deviations.

    Pairwise update of Chan, Golub and LeVeque (1979), Stanford report STAN-CS-79-773.
    """
    n = n_a + n_b
    return delta_x * delta_y * (n_a * n_b / n) if n else 0.0


def _exact_sum(values: list[float]) -> float:
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # beyond 1e308, or infinities of both signs
        return math.nan  # never shown: `estimate` turns it into the reason "not_finite"
