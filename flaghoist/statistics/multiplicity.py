"""Many questions asked at once: the level each must meet so that luck alone seldom answers yes."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Hypothesis = tuple[str, str]
"""(metric key, treatment id)."""

Method = Literal["bonferroni", "holm", "benjamini-hochberg"]
Scope = Literal["variations", "metrics", "variations-and-metrics"]
"""What counts as one family: a metric's treatments, a treatment's metrics, or everything."""


@dataclass(frozen=True)
class Adjusted:
    """One hypothesis after correction: `alpha` replaces the level, also for the interval's width."""

    p_value: float | None
    alpha: float
    rejected: bool


def correct(
    p_values: Mapping[Hypothesis, float | None], *, method: Method, scope: Scope, alpha: float
) -> dict[Hypothesis, Adjusted]:
    """Correct every family on its own; a hypothesis without a p-value counts in its family but is never rejected."""
    families: dict[object, list[Hypothesis]] = defaultdict(list)
    for hypothesis in p_values:
        families[_family(hypothesis, scope)].append(hypothesis)
    corrected: dict[Hypothesis, Adjusted] = {}
    for members in families.values():
        adjusted = _correct_family([p_values[member] for member in members], method, alpha)
        corrected.update(zip(members, adjusted, strict=True))
    return {hypothesis: corrected[hypothesis] for hypothesis in p_values}


def bonferroni(p_values: list[float]) -> list[float]:
    """Adjusted p-values m p (Dunn 1961): the chance of any false yes in the family is kept."""
    return [min(1.0, len(p_values) * p) for p in p_values]


def holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values of Holm's step-down (1979): the same promise as Bonferroni's, never weaker."""
    m = len(p_values)
    adjusted = [0.0] * m
    highest = 0.0
    for place, index in enumerate(_ascending(p_values)):
        highest = max(highest, min(1.0, (m - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p_values: list[float]) -> list[float]:
    """Adjusted p-values of Benjamini and Hochberg (JRSS B 1995): the share of false among all yeses is kept."""
    m = len(p_values)
    adjusted = [0.0] * m
    lowest = 1.0
    for place, index in reversed(list(enumerate(_ascending(p_values), start=1))):
        lowest = min(lowest, m / place * p_values[index])
        adjusted[index] = lowest
    return adjusted


def e_benjamini_hochberg(log_e_values: Mapping[Hypothesis, float], *, alpha: float) -> set[Hypothesis]:
    """The hypotheses rejected by evidence, at any looks and under any dependence (Wang and Ramdas, JRSS B 2022).

    The largest k such that k of the m e-values reach m / (k alpha).
    """
    ranked = sorted(log_e_values, key=lambda hypothesis: -log_e_values[hypothesis])
    m = len(ranked)
    for k in range(m, 0, -1):
        if log_e_values[ranked[k - 1]] >= math.log(m / (k * alpha)):
            return set(ranked[:k])
    return set()


def _family(hypothesis: Hypothesis, scope: Scope) -> object:
    metric, treatment = hypothesis
    return {"variations": metric, "metrics": treatment, "variations-and-metrics": None}[scope]


def _correct_family(p_values: list[float | None], method: Method, alpha: float) -> list[Adjusted]:
    known = [1.0 if p is None else p for p in p_values]
    adjusted = {"bonferroni": bonferroni, "holm": holm, "benjamini-hochberg": benjamini_hochberg}[method](known)
    levels = _levels(known, method, alpha)
    return [
        Adjusted(None, level, rejected=False) if p is None else Adjusted(q, level, rejected=p < level)
        for p, q, level in zip(p_values, adjusted, levels, strict=True)
    ]


def _levels(p_values: list[float], method: Method, alpha: float) -> list[float]:
    m = len(p_values)
    if method == "holm":
        return _holm_levels(p_values, alpha)
    if method == "bonferroni":
        return [alpha / m] * m
    # LaunchDarkly's reading: strictly below, one level for the family, and Bonferroni's when nothing passes.
    ranked = sorted(p_values)
    passing = [place for place in range(1, m + 1) if ranked[place - 1] < alpha / (m / place)]
    return [alpha / (m / max(passing, default=1))] * m


def _holm_levels(p_values: list[float], alpha: float) -> list[float]:
    """The level at which each step stands or falls: alpha / m, alpha / (m - 1), … until one falls."""
    m = len(p_values)
    levels = [0.0] * m
    level, standing = alpha / m, True
    for place, index in enumerate(_ascending(p_values)):
        if standing:
            level = alpha / (m - place)
            standing = p_values[index] < level
        levels[index] = level
    return levels


def _ascending(p_values: list[float]) -> list[int]:
    return sorted(range(len(p_values)), key=lambda index: p_values[index])
