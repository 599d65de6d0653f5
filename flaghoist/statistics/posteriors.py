"""The two shapes that belief about an arm's mean takes: normal for numbers, beta for shares."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from flaghoist.statistics.estimates import Interval

Floats = NDArray[np.float64]

_TINY = 5e-324  # the smallest number above zero


@dataclass(frozen=True)
class Normal:
    """Belief with mean `mu` and standard deviation `sigma`."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.mu

    @property
    def standard_deviation(self) -> float:
        """Spread of the belief."""
        return self.sigma

    def highest_density(self, credibility: float) -> Interval:
        """The narrowest interval holding this much belief."""
        half_width = float(special.ndtri((1 + credibility) / 2)) * self.sigma
        return Interval(self.mu - half_width, self.mu + half_width)

    def mirrored(self) -> "Normal":
        """The same belief with better and worse exchanged."""
        return Normal(-self.mu, self.sigma)

    # The line: the coordinate along which `odds` integrates.

    @property
    def centre_on_line(self) -> float:
        """Where the belief sits."""
        return self.mu

    @property
    def spread_on_line(self) -> float:
        """Its standard deviation there."""
        return self.sigma

    @property
    def reach_on_line(self) -> float:
        """Distance from the centre beyond which the belief is below 1e-16."""
        return 9 * self.sigma

    def value(self, y: Floats) -> Floats:
        """The mean that a coordinate stands for."""
        return y

    def stretch(self, y: Floats) -> Floats:
        """Change of the mean per change of the coordinate."""
        return np.ones_like(y)

    def cumulative(self, y: Floats) -> Floats:
        """Belief that the mean lies below the coordinate."""
        return np.asarray(special.ndtr(self._standardized(y)), dtype=np.float64)

    def shape(self, y: Floats) -> Floats:
        """Belief at the coordinate as a share of the belief at its peak."""
        z = self._standardized(y)
        return np.asarray(np.exp(-0.5 * z * z), dtype=np.float64)

    def _standardized(self, y: Floats) -> Floats:
        """Distance in standard deviations, no farther than 40: double precision holds nothing beyond."""
        with np.errstate(over="ignore"):
            return np.clip((y - self.mu) / self.sigma, -40.0, 40.0)


@dataclass(frozen=True)
class Beta:
    """Belief about a share, as if from `alpha` successes and `beta` failures."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def standard_deviation(self) -> float:
        """Spread of the belief."""
        mean = self.mean
        return math.sqrt(mean * (1 - mean) / (self.alpha + self.beta + 1))

    def highest_density(self, credibility: float) -> Interval:
        """The narrowest interval holding this much belief; equal tails where the belief is flat or U-shaped."""
        start = self._lower_tail(1 - credibility)
        lower, upper = special.betaincinv(self.alpha, self.beta, [start, start + credibility])
        return Interval(float(lower), float(upper))

    def mirrored(self) -> "Beta":
        """The same belief with success and failure exchanged."""
        return Beta(self.beta, self.alpha)

    # The line: here the log-odds, on which the belief is smooth and single-peaked whatever its parameters.

    @property
    def centre_on_line(self) -> float:
        """Mean log-odds."""
        return float(special.digamma(self.alpha) - special.digamma(self.beta))

    @property
    def spread_on_line(self) -> float:
        """Standard deviation of the log-odds."""
        return math.sqrt(float(special.zeta(2, self.alpha) + special.zeta(2, self.beta)))  # trigamma

    @property
    def reach_on_line(self) -> float:
        """Distance from the centre beyond which the belief is below 1e-16: its tails fall like exp(-alpha |y|)."""
        weaker = min(self.alpha, self.beta)
        return 40 / weaker + 11 / math.sqrt(weaker)

    def value(self, y: Floats) -> Floats:
        """The share that a coordinate stands for."""
        return np.asarray(special.expit(y), dtype=np.float64)

    def stretch(self, y: Floats) -> Floats:
        """Change of the share per change of the log-odds."""
        return np.asarray(special.expit(y) * special.expit(-y), dtype=np.float64)

    def cumulative(self, y: Floats) -> Floats:
        """Belief that the share lies below the coordinate."""
        return self.cumulative_at(np.asarray(special.expit(y)), np.asarray(special.expit(-y)))

    def cumulative_at(self, share: Floats, rest: Floats) -> Floats:
        """Belief that the share lies below `share`, which is 1 - `rest`.

        Both are needed: a share within 1e-16 of one cannot be told from one.
        """
        upper = rest < share
        a, b = np.where(upper, self.beta, self.alpha), np.where(upper, self.alpha, self.beta)
        outside = special.betainc(a, b, np.where(upper, rest, share))
        return np.asarray(np.where(upper, 1 - outside, outside), dtype=np.float64)

    def shape(self, y: Floats) -> Floats:
        """Belief at the log-odds as a share of the belief at its peak.

        t^alpha (1 - t)^beta over its peak, written in the distance d from the peak so that a thousand million
        units cost no digits, and on the side of d where nothing overflows.
        """
        total = self.alpha + self.beta
        d = y - (math.log(self.alpha) - math.log(self.beta))
        near, far = np.minimum(d, 0.0), np.minimum(-d, 0.0)
        below = self.alpha * near - total * np.log1p(self.alpha / total * np.expm1(near))
        above = self.beta * far - total * np.log1p(self.beta / total * np.expm1(far))
        return np.asarray(np.exp(below + above), dtype=np.float64)

    def _lower_tail(self, outside: float) -> float:
        """How much of the belief left outside the narrowest interval lies below it."""
        if self.alpha <= 1 and self.beta <= 1:
            return outside / 2
        if self.alpha <= 1:
            return 0.0
        if self.beta <= 1:
            return outside
        return float(optimize.brentq(self._density_gap, 0.0, outside, args=(outside,), xtol=1e-15 * outside))

    def _density_gap(self, tail: float, outside: float) -> float:
        """Log density at the upper end minus at the lower: zero where the interval is narrowest."""
        if tail <= 0:
            return math.inf
        if tail >= outside:
            return -math.inf
        return self._log_density(1 - outside + tail, outside - tail) - self._log_density(tail, 1 - tail)

    def _log_density(self, below: float, above: float) -> float:
        """Logarithm of the density, less a constant, where this much belief lies below and above."""
        share = float(special.betaincinv(self.alpha, self.beta, below))
        rest = float(special.betaincinv(self.beta, self.alpha, above))
        return (self.alpha - 1) * math.log(max(share, _TINY)) + (self.beta - 1) * math.log(max(rest, _TINY))


Distribution = Normal | Beta
