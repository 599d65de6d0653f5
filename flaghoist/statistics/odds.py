"""Which arm is better, how surely, and what a wrong choice would cost: exact integrals, never random draws."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from flaghoist.statistics.posteriors import Beta, Distribution, Floats, Normal

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_STEPS = np.array([0, 0.75, 1.5, 2.25, 3, 4, 5, 6, 7, 8, 9.5, 12, 16, 24, 32, 48, 64, 96])
"""Panel ends in standard deviations from each belief's centre."""


def probability_best(arms: Sequence[Distribution]) -> list[float]:
    """Probability that each arm has the highest mean; they add up to one.

    Arm i is best at t with density f_i(t) times the probability that all others lie below t.
    """
    y, weights = _grid(arms)
    below = [arm.cumulative(y) for arm in arms]
    chances = []
    for i, arm in enumerate(arms):
        others_below = np.prod([below[j] for j in range(len(arms)) if j != i], axis=0)
        chances.append(_sum(_belief(arm, y, weights) * others_below))
    total = math.fsum(chances)
    return [chance / total for chance in chances]


def probability_higher(control: Distribution, treatment: Distribution) -> float:
    """Probability that the treatment's mean is the higher one."""
    if isinstance(control, Normal) and isinstance(treatment, Normal):
        spread = math.hypot(control.sigma, treatment.sigma)
        return float(special.ndtr((treatment.mu - control.mu) / spread))
    y, weights = _grid([control, treatment])
    chance = _sum(_belief(treatment, y, weights) * control.cumulative(y))
    return min(1.0, max(0.0, chance))


def expected_shortfall(control: Distribution, treatment: Distribution) -> float:
    """E[max(control - treatment, 0)]: what choosing the treatment costs on average, in the metric's unit."""
    if isinstance(control, Normal) and isinstance(treatment, Normal):
        return _normal_shortfall(treatment.mu - control.mu, math.hypot(control.sigma, treatment.sigma))
    y, weights = _grid([control, treatment, Beta(1.0, 1.0)])  # the last for the stretch, wherever the arms are
    control_above = control.mirrored().cumulative(-y)
    return _sum(weights * treatment.cumulative(y) * control_above * control.stretch(y))


def probability_ratio_below(control: Distribution, treatment: Distribution, ratio: float) -> float:
    """Probability that treatment over control is below a positive ratio: 0.95 asks for a loss beyond five percent.

    For normal beliefs, exact as long as the control is surely positive.
    """
    if isinstance(control, Normal) and isinstance(treatment, Normal):
        spread = math.hypot(ratio * control.sigma, treatment.sigma)
        return float(special.ndtr((ratio * control.mu - treatment.mu) / spread))
    assert isinstance(control, Beta) and isinstance(treatment, Beta), "beliefs of two kinds cannot be compared"
    # Along the control's log-odds; the treatment's reach is carried over to where the control would equal it.
    shares = special.expit(_reach(treatment)) / ratio
    y, weights = _panels(np.concatenate([_reach(control), special.logit(shares[(shares > 0) & (shares < 1)])]))
    share = np.minimum(ratio * control.value(y), 1.0)
    rest = np.maximum(1 - ratio + ratio * control.mirrored().value(-y), 0.0)
    below = treatment.cumulative_at(share, rest)
    return min(1.0, max(0.0, _sum(_belief(control, y, weights) * below)))


def _normal_shortfall(mean: float, spread: float) -> float:
    """E[max(-D, 0)] for D normal: spread phi(z) - mean Phi(-z)."""
    z = mean / spread
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return max(0.0, spread * density - mean * float(special.ndtr(-z)))


def _belief(arm: Distribution, y: Floats, weights: Floats) -> Floats:
    """How much of the belief each node stands for; adds up to one."""
    masses = weights * arm.shape(y)
    return np.asarray(masses / _sum(masses), dtype=np.float64)


def _grid(arms: Sequence[Distribution]) -> tuple[Floats, Floats]:
    """Coordinates and weights that integrate every product of these beliefs, narrow or wide."""
    assert len({type(arm) for arm in arms}) == 1, "beliefs of two kinds cannot be compared"
    return _panels(np.concatenate([_reach(arm) for arm in arms]))


def _reach(arm: Distribution) -> Floats:
    offsets = np.append(arm.spread_on_line * _STEPS, arm.reach_on_line)
    offsets = offsets[offsets <= arm.reach_on_line]
    return np.concatenate([arm.centre_on_line - offsets, arm.centre_on_line + offsets])


def _panels(ends: Floats) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on each panel between neighbouring ends."""
    ends = np.unique(ends)
    left, half = ends[:-1, None], np.diff(ends)[:, None] / 2
    return (left + half * (1 + _NODES)).ravel(), (half * _WEIGHTS).ravel()


def _sum(values: Floats) -> float:
    return float(np.sum(values))
