"""A few planned looks: how far the statistic must stand out at each so that all looks together keep the level."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
Spending = Callable[[float], float]

_POINTS = 2001  # odd, for Simpson's rule
_FAR = 8.0  # standard deviations beyond which no path is followed


def obrien_fleming_spending(alpha: float) -> Spending:
    """Two-sided level spent by information fraction t, little of it early: 4(1 - Phi(z[1 - alpha/4] / sqrt t))."""
    z = float(-special.ndtri(alpha / 4))
    return lambda t: 4 * float(special.ndtr(-z / math.sqrt(t)))


def pocock_spending(alpha: float) -> Spending:
    """Two-sided level spent by information fraction t, evenly: alpha ln(1 + (e - 1) t)."""
    return lambda t: alpha * math.log1p((math.e - 1) * t)


def bounds(fractions: Sequence[float], spending: Spending) -> list[float]:
    """Critical |z| at each look, by Lan and DeMets (Biometrika 1983).

    `fractions` are the ascending shares of the planned information at the looks; a look beyond the plan (above 1)
    spends what is left.
    """
    path = _Path()
    found: list[float] = []
    spent = 0.0
    for fraction in fractions:
        allowance = spending(min(fraction, 1.0)) - spent
        bound = _bound(path, fraction, allowance)
        spent += path.crossing(fraction, bound)
        path = path.after(fraction, bound)
        found.append(bound)
    return found


def crossing_probability(fractions: Sequence[float], critical: Sequence[float]) -> float:
    """Chance that |z| passes its critical value at any look although there is no effect."""
    path = _Path()
    total = 0.0
    for fraction, bound in zip(fractions, critical, strict=True):
        total += path.crossing(fraction, bound)
        path = path.after(fraction, bound)
    return total


class _Path:
    """Brownian motion that has not crossed so far: its density, by Armitage, McPherson and Rowe (JRSS A 1969)."""

    def __init__(self, fraction: float = 0.0, places: Floats | None = None, masses: Floats | None = None) -> None:
        self._fraction = fraction
        self._places = np.zeros(1) if places is None else places
        self._masses = np.ones(1) if masses is None else masses

    def crossing(self, fraction: float, bound: float) -> float:
        """Chance of crossing at this look, not before."""
        spread, limit = math.sqrt(fraction - self._fraction), bound * math.sqrt(fraction)
        beyond = special.ndtr((self._places - limit) / spread) + special.ndtr((-self._places - limit) / spread)
        return math.fsum(self._masses * beyond)

    def after(self, fraction: float, bound: float) -> "_Path":
        """The motion that has not crossed at this look either."""
        spread, limit = math.sqrt(fraction - self._fraction), min(bound, _FAR) * math.sqrt(fraction)
        places = np.linspace(-limit, limit, _POINTS)
        step = places[1] - places[0]
        simpson = np.full(_POINTS, 2.0)
        simpson[1::2] = 4.0
        simpson[[0, -1]] = 1.0
        z = (places[:, None] - self._places[None, :]) / spread
        density = np.exp(-0.5 * z * z) @ self._masses / (spread * math.sqrt(2 * math.pi))
        return _Path(fraction, places, density * simpson * step / 3)


def _bound(path: _Path, fraction: float, allowance: float) -> float:
    """The critical value that spends the allowance; beyond `_FAR` when there is next to nothing to spend."""
    if path.crossing(fraction, _FAR) >= allowance:
        return _FAR
    return float(optimize.brentq(lambda c: path.crossing(fraction, c) - allowance, 0.0, _FAR, xtol=1e-12))
