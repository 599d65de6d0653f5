"""The two shapes of a belief, on a line along which both are smooth: values for normal ones, log-odds for shares.

Integrals along it are sums over evenly spaced points (the trapezoidal rule), which converge faster than any power of
the distance between them for what is smooth and vanishes at both ends.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

POINTS_PER_SPREAD = 6


class NormalBelief(NamedTuple):
    """A normal belief about a mean."""

    mu: float
    sigma: float

    def mean(self) -> float:
        """Expected value."""
        return self.mu

    def std(self) -> float:
        """Spread."""
        return self.sigma

    def interval(self, credibility: float) -> tuple[float, float]:
        """The narrowest interval that holds so much."""
        lower, upper = stats.norm.interval(credibility, self.mu, self.sigma)
        return float(lower), float(upper)

    def reach(self) -> tuple[float, float, float]:
        """From where to where it is more than nothing on the line, and its spread there."""
        return self.mu - 10 * self.sigma, self.mu + 10 * self.sigma, self.sigma

    def density(self, y: Any) -> Any:
        """Density on the line."""
        return stats.norm.pdf(y, self.mu, self.sigma)

    def below(self, y: Any) -> Any:
        """Belief below a point of the line."""
        return stats.norm.cdf(y, self.mu, self.sigma)

    def above(self, y: Any) -> Any:
        """Belief above it."""
        return stats.norm.sf(y, self.mu, self.sigma)

    def stretch(self, y: Any) -> Any:
        """Change of the value along the line."""
        return np.ones_like(y)


class BetaBelief(NamedTuple):
    """A beta belief about a share."""

    a: float
    b: float

    def mean(self) -> float:
        """Expected value."""
        return self.a / (self.a + self.b)

    def std(self) -> float:
        """Spread."""
        return math.sqrt(self.a * self.b / (self.a + self.b + 1)) / (self.a + self.b)

    def interval(self, credibility: float) -> tuple[float, float]:
        """The narrowest interval that holds so much: where both its ends are equally dense."""
        outside = 1 - credibility
        if self.a <= 1 or self.b <= 1:
            below = outside / 2 if self.a <= 1 and self.b <= 1 else 0.0 if self.a <= 1 else outside
            return self._share(below), 1 - self._rest(outside - below)

        def gap(below: float) -> float:
            return self._log_density(1 - self._rest(outside - below), self._rest(outside - below)) - self._log_density(
                self._share(below), 1 - self._share(below)
            )

        edge = outside * 1e-12
        if gap(edge) <= 0 or gap(outside - edge) >= 0:  # all but piled up at an end
            below = 0.0 if gap(edge) <= 0 else outside
        else:
            below = brentq(gap, edge, outside - edge, xtol=outside * 1e-14)
        return self._share(below), 1 - self._rest(outside - below)

    def reach(self) -> tuple[float, float, float]:
        """From where to where it is more than nothing on the line, and its spread there."""
        centre = float(special.digamma(self.a) - special.digamma(self.b))
        weaker = min(self.a, self.b)
        far = 40 / weaker + 12 / math.sqrt(weaker)
        return centre - far, centre + far, math.sqrt(float(special.polygamma(1, self.a) + special.polygamma(1, self.b)))

    def density(self, y: Any) -> Any:
        """Density of the log-odds."""
        return np.exp(self.a * special.log_expit(y) + self.b * special.log_expit(-y) - special.betaln(self.a, self.b))

    def below(self, y: Any) -> Any:
        """Belief below some log-odds."""
        return np.where(y > 0, 1 - self._tail(self.b, self.a, -y), self._tail(self.a, self.b, y))

    def above(self, y: Any) -> Any:
        """Belief above them."""
        return np.where(y > 0, self._tail(self.b, self.a, -y), 1 - self._tail(self.a, self.b, y))

    def stretch(self, y: Any) -> Any:
        """Change of the share along the log-odds."""
        return special.expit(y) * special.expit(-y)

    @staticmethod
    def _tail(a: float, b: float, y: Any) -> Any:
        """Belief up to a share given by its log-odds; above one half its complement is the more exact."""
        return special.betainc(a, b, special.expit(y))

    def _share(self, below: float) -> float:
        return float(special.betaincinv(self.a, self.b, below))

    def _rest(self, above: float) -> float:
        return float(special.betaincinv(self.b, self.a, above))

    def _log_density(self, share: float, rest: float) -> float:
        tiny = 5e-324
        return (self.a - 1) * math.log(max(share, tiny)) + (self.b - 1) * math.log(max(rest, tiny))


Belief = NormalBelief | BetaBelief


def line(beliefs: list[Belief]) -> tuple[Any, float]:
    """Evenly spaced points that cover all of several beliefs, and the distance between them."""
    reaches = [belief.reach() for belief in beliefs]
    from_, to = min(low for low, _, _ in reaches), max(high for _, high, _ in reaches)
    step = min(spread for *_, spread in reaches) / POINTS_PER_SPREAD
    return from_ + step * np.arange(math.ceil((to - from_) / step) + 1), step
