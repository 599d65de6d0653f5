"""A total over a total: revenue per order, or an average over only the units that had an event."""

from collections.abc import Iterable
from dataclasses import dataclass

from flaghoist.statistics.estimates import Estimate, estimate
from flaghoist.statistics.moments import Moments, centred_products, mean_of, merged_cross, merged_mean


@dataclass(frozen=True)
class RatioMoments:
    """Joint moments of a numerator and a denominator per unit; `c_nd` is their sum of co-deviations."""

    n: int
    mean_n: float
    mean_d: float
    m2_n: float
    m2_d: float
    c_nd: float

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[float, float]]) -> "RatioMoments":
        """One (numerator, denominator) per unit."""
        listed = list(pairs)
        top = [float(numerator) for numerator, _ in listed]
        bottom = [float(denominator) for _, denominator in listed]
        mean_n, mean_d = mean_of(top), mean_of(bottom)
        return cls(
            len(listed),
            mean_n,
            mean_d,
            centred_products(top, mean_n, top, mean_n),
            centred_products(bottom, mean_d, bottom, mean_d),
            centred_products(top, mean_n, bottom, mean_d),
        )

    @classmethod
    def over_event_having(cls, exposed: int, events: Moments) -> "RatioMoments":
        """The average over units that had an event, out of all exposed units.

        How many units have an event is itself random, so the average is a ratio of (value, had an event).
        """
        if not exposed:
            return cls(0, 0.0, 0.0, 0.0, 0.0, 0.0)
        share = events.n / exposed
        spread = events.n * (1 - share)  # m2 of the indicator
        mean = events.mean
        return cls(exposed, mean * share, share, events.m2 + mean * mean * spread, spread, mean * spread)

    def merge(self, other: "RatioMoments") -> "RatioMoments":
        """The moments of both samples together."""
        delta_n, delta_d = other.mean_n - self.mean_n, other.mean_d - self.mean_d
        return RatioMoments(
            self.n + other.n,
            merged_mean(self.n, self.mean_n, other.n, other.mean_n),
            merged_mean(self.n, self.mean_d, other.n, other.mean_d),
            self.m2_n + other.m2_n + merged_cross(self.n, other.n, delta_n, delta_n),
            self.m2_d + other.m2_d + merged_cross(self.n, other.n, delta_d, delta_d),
            self.c_nd + other.c_nd + merged_cross(self.n, other.n, delta_n, delta_d),
        )

    def estimate(self) -> Estimate:
        """The ratio of the totals, with the delta method's variance (Deng, Knoblich and Lu, KDD 2018)."""
        if self.mean_d == 0:
            return Estimate(self.n, 0.0, 0.0, "denominator_zero" if self.n else "too_few_units")
        ratio = self.mean_n / self.mean_d
        residual_m2 = self.m2_n - 2 * ratio * self.c_nd + ratio * ratio * self.m2_d
        return estimate(self.n, ratio, residual_m2 / max(1, self.n - 1) / self.mean_d / self.mean_d / self.n)
