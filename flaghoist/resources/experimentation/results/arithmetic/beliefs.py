"""What is believed of each treatment, and which is best: integrals along the beliefs' own quantiles."""

import math
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from flaghoist.resources.experimentation.results.arithmetic.shapes import (
    Arm,
    Estimate,
    Metric,
    Near,
    Tree,
    near,
    no_baseline,
)

_MASSES = np.array([0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5])
_MASSES = np.concatenate([_MASSES, 1 - _MASSES[::-1]])
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def belief(metric: Metric, arm: Arm) -> Tree | None:
    """What is believed of a treatment's mean, weighed against a prior around the baseline."""
    share = arm.row["kind"] == "share"
    return _beta(metric, arm) if share else _normal(metric, arm)


def chances_best(metric: Metric, dists: list[Any]) -> list[float]:
    """Of each belief: how often it is best, integrated over its own quantiles."""
    return [_chance(metric, dist, [other for other in dists if other is not dist]) for dist in dists]


def odds(metric: Metric, base: Arm, arm: Arm, beliefs: Tree) -> tuple[float | None, float | None, float | None]:
    """Probability to beat the baseline, and the expected loss, absolute and as a share of the baseline's mean."""
    if not beliefs[base.id] or not beliefs[arm.id]:
        return None, None, None
    control, treatment = beliefs[base.id]["dist"], beliefs[arm.id]["dist"]
    ends = np.concatenate([control.ppf(_MASSES), treatment.ppf(_MASSES)])
    x, weights = _panels(ends[np.isfinite(ends)])
    worse = treatment.cdf(x) * control.sf(x) if metric.higher else treatment.sf(x) * control.cdf(x)
    loss = float(np.sum(weights * worse))
    chance = _chance(metric, treatment, [control])
    share = None if no_baseline(control.mean(), control.std()) else loss / control.mean()
    return chance, loss, share


def _beta(metric: Metric, arm: Arm) -> Tree:
    prior = (1.0, 1.0) if arm.baseline else _beta_prior(metric.base.estimate, metric.plan["priorVariance"])
    a, b = prior[0] + arm.row["withEvent"], prior[1] + arm.row["n"] - arm.row["withEvent"]
    told = {
        "model": "bayesianBeta",
        "distribution": {"kind": "beta", "parameters": {"alpha": near(a), "beta": near(b)}},
        "bayesianBeta": {
            "dataWeight": near(arm.row["n"] / (arm.row["n"] + sum(prior))),
            "priorAlpha": near(prior[0]),
            "priorBeta": near(prior[1]),
            "priorMean": near(prior[0] / sum(prior)),
        },
    }
    dist = stats.beta(a, b)
    return {"dist": dist, "told": told, "interval": highest_density(dist, a, b, metric.credibility)}


def _beta_prior(base: Estimate, scatter: float) -> tuple[float, float]:
    """The beta with the baseline's mean, and the variance of its lift and of its own estimate."""
    variance = base.mean**2 * scatter + base.variance
    strength = base.mean * (1 - base.mean) / variance - 1 if variance > 0 else 0.0
    return (strength * base.mean, strength * (1 - base.mean)) if strength > 0 else (1.0, 1.0)


def _normal(metric: Metric, arm: Arm) -> Tree | None:
    mine, base = arm.estimate, metric.base.estimate
    if any(each.reason or each.variance <= 0 for each in (mine, base)[: 1 if arm.baseline else 2]):
        return None
    weight, mean, model = 1.0, mine.mean, {"dataWeight": Near(1.0, 1.0)}
    if not arm.baseline:
        variance = base.mean**2 * metric.plan["priorVariance"] + base.variance
        weight = 1 / mine.variance / (1 / mine.variance + 1 / variance)
        mean = weight * mine.mean + (1 - weight) * base.mean
        model = {
            "dataWeight": Near(weight, 1.0),
            "priorMean": Near(base.mean, base.error),
            "priorStandardDeviation": Near(math.sqrt(variance), math.sqrt(variance)),
        }
    dist = stats.norm(mean, math.sqrt(weight * mine.variance))
    parameters = {"mu": Near(mean, dist.std()), "sigma": near(dist.std())}
    told = {
        "model": "bayesianNormal",
        "distribution": {"kind": "normal", "parameters": parameters},
        "bayesianNormal": model,
    }
    return {"dist": dist, "told": told, "interval": dist.interval(metric.credibility)}


def highest_density(dist: Any, a: float, b: float, credibility: float) -> tuple[float, float]:
    """The narrowest interval holding the belief: where both ends are equally dense."""
    outside = 1 - credibility
    if a <= 1 or b <= 1:
        below = outside / 2 if a <= 1 and b <= 1 else 0.0 if a <= 1 else outside
        return float(dist.ppf(below)), float(dist.isf(outside - below))

    def gap(below: float) -> float:
        return float(dist.logpdf(dist.isf(outside - below)) - dist.logpdf(dist.ppf(below)))

    edge = outside * 1e-12
    below = brentq(gap, edge, outside - edge, xtol=outside * 1e-14)
    return float(dist.ppf(below)), float(dist.isf(outside - below))


def _chance(metric: Metric, dist: Any, others: list[Any]) -> float:
    ends = np.concatenate([_MASSES, *(dist.cdf(other.ppf(_MASSES)) for other in others)])
    u, weights = _panels(ends)
    at = dist.ppf(u)
    behind = [other.cdf(at) if metric.higher else other.sf(at) for other in others]
    return float(np.sum(weights * np.prod(behind, axis=0)))


def _panels(ends: Any) -> tuple[Any, Any]:
    ends = np.unique(ends)
    half = np.diff(ends)[:, None] / 2
    return (ends[:-1, None] + half * (1 + _NODES)).ravel(), (half * _WEIGHTS).ravel()
