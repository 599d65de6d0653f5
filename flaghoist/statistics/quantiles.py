"""A percentile over units, with the interval that its neighbours in rank give."""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy import special

from flaghoist.statistics.estimates import Estimate, estimate

RANK_CONFIDENCE = 0.95
"""Confidence of the rank interval from which the standard error is read."""


@dataclass(frozen=True)
class Ranks:
    """Places in ascending order, the smallest value being 1."""

    lower: int
    value: int
    upper: int


@dataclass(frozen=True)
class Quantile:
    """The values found at `ranks(n, level)`; not `complete` when those ranks do not exist."""

    n: int
    level: float
    value: float
    lower: float
    upper: float
    complete: bool = True

    def estimate(self) -> Estimate:
        """The quantile, with the standard error (upper - lower) / 2z of Deng, Knoblich and Lu (KDD 2018)."""
        if not self.complete:
            return Estimate(self.n, self.value, 0.0, "ranks_out_of_range" if self.n else "too_few_units")
        standard_error = (self.upper - self.lower) / (2 * _critical())
        return estimate(self.n, self.value, standard_error * standard_error)


@dataclass(frozen=True)
class QuantileSample:
    """One value per unit in ascending order, for stores that cannot pick ranks themselves."""

    level: float
    values: tuple[float, ...]

    @classmethod
    def from_values(cls, level: float, values: Iterable[float]) -> "QuantileSample":
        """One value per unit, in any order."""
        return cls(level, tuple(sorted(float(value) for value in values)))

    def merge(self, other: "QuantileSample") -> "QuantileSample":
        """Both samples together; they must ask for the same quantile."""
        assert self.level == other.level, f"cannot merge the quantiles {self.level} and {other.level}"
        return QuantileSample(self.level, tuple(heapq.merge(self.values, other.values)))

    def quantile(self) -> Quantile:
        """The order statistics that inference needs."""
        n = len(self.values)
        places = ranks(n, self.level)
        if places is None:
            value = self.values[value_rank(n, self.level) - 1] if n else 0.0
            return Quantile(n, self.level, value, value, value, complete=False)
        lower, value, upper = (self.values[rank - 1] for rank in (places.lower, places.value, places.upper))
        return Quantile(n, self.level, value, lower, upper)


def ranks(n: int, level: float) -> Ranks | None:
    """Which order statistics to read for this quantile of n units; None when they would fall outside the sample."""
    spread = _critical() * math.sqrt(n * level * (1 - level))
    lower, upper = math.floor(n * level - spread), math.ceil(n * level + spread)
    return Ranks(lower, value_rank(n, level), upper) if lower >= 1 and upper <= n else None


def value_rank(n: int, level: float) -> int:
    """Rank of the quantile itself: nearest rank, that is the inverted distribution function."""
    return max(1, math.ceil(n * level - 1e-9))  # 100 * 0.07 is 7.000000000000001 in binary, yet means rank 7


def _critical() -> float:
    return float(special.ndtri((1 + RANK_CONFIDENCE) / 2))
