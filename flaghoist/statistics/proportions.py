"""Shares of units that did something, including the comparisons that a handful of conversions still allow."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flaghoist.statistics.effects import Alternative, Effect, critical_value, floored, undefined
from flaghoist.statistics.estimates import Estimate, Interval, estimate
from flaghoist.statistics.moments import Moments

EXPECTED_COUNT_MIN = 5
"""Below this expected count in any cell the normal approximation gives way to exact and score methods (Cochran)."""


@dataclass(frozen=True)
class Proportion:
    """Units and how many of them succeeded."""

    n: int
    successes: int

    def merge(self, other: "Proportion") -> "Proportion":
        """Both samples together."""
        return Proportion(self.n + other.n, self.successes + other.successes)

    @property
    def share(self) -> float:
        """Successes per unit; zero without units."""
        return self.successes / self.n if self.n else 0.0

    def moments(self) -> Moments:
        """The same sample as ones and zeros."""
        return Moments(self.n, self.share, self.n * self.share * (1 - self.share))

    def estimate(self) -> Estimate:
        """The share, with variance p(1 - p)/n."""
        return estimate(self.n, self.share, self.share * (1 - self.share) / self.n if self.n else 0.0)


def wilson(sample: Proportion, *, alpha: float) -> tuple[float, float]:
    """Two-sided score limits of one share (Wilson 1927), within 0 and 1 also when nobody or everybody succeeded."""
    if not sample.n:
        return 0.0, 1.0
    n, p = sample.n, sample.share
    z = critical_value(alpha, "two-sided")
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half_width = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    lower = 0.0 if sample.successes == 0 else max(0.0, centre - half_width)
    upper = 1.0 if sample.successes == n else min(1.0, centre + half_width)
    return lower, upper


def needs_exact_test(control: Proportion, treatment: Proportion) -> bool:
    """Whether any cell of the two-by-two table would hold fewer than five units if the arms did not differ."""
    n = control.n + treatment.n
    pooled = (control.successes + treatment.successes) / n if n else 0.0
    return min(control.n, treatment.n) * min(pooled, 1 - pooled) < EXPECTED_COUNT_MIN


def exact_absolute(control: Proportion, treatment: Proportion, *, alpha: float, alternative: Alternative) -> Effect:
    """Difference of shares: Newcombe's hybrid score interval (Statistics in Medicine 1998), Fisher's exact p-value."""
    if min(control.n, treatment.n) < 2:
        return undefined("absolute", "newcombe-fisher", "too_few_units")
    difference = treatment.share - control.share
    low_c, high_c = wilson(control, alpha=_two_sided(alpha, alternative))
    low_t, high_t = wilson(treatment, alpha=_two_sided(alpha, alternative))
    lower = difference - math.hypot(treatment.share - low_t, high_c - control.share)
    upper = difference + math.hypot(high_t - treatment.share, control.share - low_c)
    interval = _asked(lower, upper, alternative)
    p = fisher(control, treatment, alternative)
    return Effect("absolute", "newcombe-fisher", difference, None, interval, None, p)


def exact_relative(control: Proportion, treatment: Proportion, *, alpha: float, alternative: Alternative) -> Effect:
    """Ratio of shares minus one: Donner and Zou's interval from score limits (2012), Fisher's exact p-value."""
    if min(control.n, treatment.n) < 2:
        return undefined("relative", "score-fisher", "too_few_units")
    if not control.successes:
        return undefined("relative", "score-fisher", "baseline_not_positive")
    low_c, high_c = wilson(control, alpha=_two_sided(alpha, alternative))
    low_t, high_t = wilson(treatment, alpha=_two_sided(alpha, alternative))
    lower = _ratio_lower(control.share, high_c, treatment.share, low_t) - 1
    upper = _ratio_upper(control.share, low_c, treatment.share, high_t) - 1
    interval = _asked(lower, upper, alternative)
    p = fisher(control, treatment, alternative)
    return Effect("relative", "score-fisher", treatment.share / control.share - 1, None, interval, None, p)


def fisher(control: Proportion, treatment: Proportion, alternative: Alternative = "two-sided") -> float:
    """Exact p-value of the two-by-two table (Fisher 1935); two-sided: all tables at most as likely as this one.

    Meant for rare outcomes or small arms: the work grows with the smallest margin of the table.
    """
    successes = control.successes + treatment.successes
    lowest = max(0, successes - control.n)
    likelihood = _likelihood_of_tables(control.n, treatment.n, successes)
    seen = treatment.successes - lowest
    if alternative == "greater":
        return floored(float(np.sum(likelihood[seen:])))
    if alternative == "less":
        return floored(float(np.sum(likelihood[: seen + 1])))
    tie = 1 + 1e-7  # equally likely tables differ by rounding
    return floored(float(np.sum(likelihood[likelihood <= likelihood[seen] * tie])))


def _likelihood_of_tables(n_c: int, n_t: int, successes: int) -> NDArray[np.float64]:
    """Hypergeometric probability of each possible number of successes in the treatment, ascending.

    Built from the ratios of neighbours, because log-gamma loses seven digits at a thousand million units.
    """
    k = np.arange(max(0, successes - n_c), min(successes, n_t), dtype=np.float64)
    steps = np.log(successes - k) + np.log(n_t - k) - np.log(k + 1) - np.log(n_c - successes + k + 1)
    logarithms = np.concatenate([[0.0], np.cumsum(steps)])
    likelihood = np.exp(logarithms - np.max(logarithms))
    return np.asarray(likelihood / np.sum(likelihood), dtype=np.float64)


def _two_sided(alpha: float, alternative: Alternative) -> float:
    """The two-sided level that leaves the asked tail at its own level."""
    return alpha if alternative == "two-sided" else 2 * alpha


def _asked(lower: float, upper: float, alternative: Alternative) -> Interval:
    return Interval(None if alternative == "less" else lower, None if alternative == "greater" else upper)


# A limit r of the ratio lies as far from the estimate as both shares are from their own limits taken together:
# (share_t - r share_c)^2 = (share_t - end_t)^2 + r^2 (end_c - share_c)^2, that is a r^2 - 2 b r + c = 0.
# Each root is written in the form that subtracts nothing.


def _ratio_lower(share_c: float, high_c: float, share_t: float, low_t: float) -> float:
    a, b, c = high_c * (2 * share_c - high_c), share_t * share_c, low_t * (2 * share_t - low_t)
    return c / (b + math.sqrt(max(0.0, b * b - a * c))) if c > 0 else 0.0


def _ratio_upper(share_c: float, low_c: float, share_t: float, high_t: float) -> float:
    a, b, c = low_c * (2 * share_c - low_c), share_t * share_c, high_t * (2 * share_t - high_t)
    return (b + math.sqrt(max(0.0, b * b - a * c))) / a
