"""Did the units arrive in the promised shares? If not, no other number of the experiment can be trusted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special

from flaghoist.statistics.effects import floored

Status = Literal["ok", "warn", "error"]

P_ERROR, P_WARN = 0.001, 0.01
"""Chi-square levels once the experiment has ended."""

MISMATCH_ERROR, MISMATCH_WARN = 0.99, 0.95
"""Posterior levels while it runs: a sound experiment ever passes them with chance at most 1/99 and 1/19 (Ville)."""

EXPECTED_MIN = 5
"""Expected units in every arm before chi-square is asked."""


@dataclass(frozen=True)
class SampleRatio:
    """Observed and expected units per arm, and two verdicts on their mismatch.

    `p_value` is for one look at the end; `log_bayes_factor` and `probability_of_mismatch` hold at every look.
    `p_value` and `chi_square` are `None` while fewer than five units are expected in some arm.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    chi_square: float | None
    p_value: float | None
    log_bayes_factor: float
    probability_of_mismatch: float
    status: Status


def sample_ratio(
    observed: Sequence[int], weights: Sequence[float], *, ended: bool, concentration: float | None = None
) -> SampleRatio:
    """Compare units per arm with the arms' weights, in any unit; arms of weight zero expect nobody.

    Where the allocation changed, weights are expected units: the sum over periods of units times share.
    `concentration` is for `log_bayes_factor`.
    """
    assert len(observed) == len(weights), "one weight per arm"
    total_weight = math.fsum(weights)
    shares = [weight / total_weight if total_weight > 0 else 0.0 for weight in weights]
    units = sum(observed)
    expected = tuple(units * share for share in shares)
    if any(seen and not share for seen, share in zip(observed, shares, strict=True)):
        return _impossible(tuple(observed), expected)
    arms = [(seen, share) for seen, share in zip(observed, shares, strict=True) if share > 0]
    chi_square, p_value = _chi_square(arms, units)
    evidence = log_bayes_factor([seen for seen, _ in arms], [share for _, share in arms], concentration=concentration)
    mismatch = float(special.expit(evidence))
    status = _ended_status(p_value) if ended else _running_status(mismatch)
    return SampleRatio(tuple(observed), expected, chi_square, p_value, evidence, mismatch, status)


def log_bayes_factor(observed: Sequence[int], shares: Sequence[float], *, concentration: float | None = None) -> float:
    """Logarithm of the evidence for other shares than these: Dirichlet-multinomial against multinomial.

    Lindon and Malek, "Anytime-valid inference for multinomial count data" (NeurIPS 2022). Without a
    `concentration` all shares are equally likely beforehand, which finds gross mismatches; with one, say 1000,
    they gather around the promised ones, which finds small mismatches sooner.
    """
    prior = [1.0] * len(shares) if concentration is None else [concentration * share for share in shares]
    units, strength = sum(observed), math.fsum(prior)
    terms = [float(special.gammaln(strength)) - float(special.gammaln(strength + units))]
    for seen, share, a in zip(observed, shares, prior, strict=True):
        terms += [float(special.gammaln(a + seen)), -float(special.gammaln(a)), -seen * math.log(share)]
    return math.fsum(terms)


def _chi_square(arms: list[tuple[int, float]], units: int) -> tuple[float | None, float | None]:
    if len(arms) < 2 or min(units * share for _, share in arms) < EXPECTED_MIN:
        return None, None
    statistic = math.fsum((seen - units * share) ** 2 / (units * share) for seen, share in arms)
    return statistic, floored(float(special.chdtrc(len(arms) - 1, statistic)))


def _ended_status(p_value: float | None) -> Status:
    if p_value is None or p_value >= P_WARN:
        return "ok"
    return "error" if p_value < P_ERROR else "warn"


def _running_status(mismatch: float) -> Status:
    if mismatch < MISMATCH_WARN:
        return "ok"
    return "error" if mismatch >= MISMATCH_ERROR else "warn"


def _impossible(observed: tuple[int, ...], expected: tuple[float, ...]) -> SampleRatio:
    """Units in an arm that should have none: no chance is involved."""
    return SampleRatio(observed, expected, None, floored(0.0), -math.log(floored(0.0)), 1.0, "error")
