"""What is believed of each treatment, which is best, and what choosing it may cost."""

import math

import numpy as np

from flaghoist.resources.experimentation.results.arithmetic.distributions import Belief, BetaBelief, NormalBelief, line
from flaghoist.resources.experimentation.results.arithmetic.shapes import (
    Arm,
    Estimate,
    Metric,
    Near,
    Tree,
    near,
    no_baseline,
)


def belief(metric: Metric, arm: Arm) -> Tree | None:
    """What is believed of a treatment's mean, weighed against a prior around the baseline."""
    share = arm.row["kind"] == "share"
    return _beta(metric, arm) if share else _normal(metric, arm)


def chances_best(metric: Metric, dists: list[Belief]) -> list[float]:
    """Of each belief: how often it is best."""
    y, step = line(dists)
    ahead = [dist.below(y) if metric.higher else dist.above(y) for dist in dists]
    return [
        float(step * np.sum(dist.density(y) * np.prod([ahead[j] for j in range(len(dists)) if j != i], axis=0)))
        for i, dist in enumerate(dists)
    ]


def odds(metric: Metric, base: Arm, arm: Arm, beliefs: Tree) -> tuple[float | None, float | None, float | None]:
    """Probability to beat the baseline, and the expected loss, absolute and as a share of the baseline's mean."""
    if not beliefs[base.id] or not beliefs[arm.id]:
        return None, None, None
    control, treatment = beliefs[base.id]["dist"], beliefs[arm.id]["dist"]
    y, step = line([control, treatment])
    if metric.higher:
        beaten, worse = control.below(y), treatment.below(y) * control.above(y)
    else:
        beaten, worse = control.above(y), treatment.above(y) * control.below(y)
    loss = float(step * np.sum(worse * control.stretch(y)))
    share = None if no_baseline(control.mean(), control.std()) else loss / control.mean()
    return float(step * np.sum(treatment.density(y) * beaten)), loss, share


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
    dist = BetaBelief(a, b)
    return {"dist": dist, "told": told, "interval": dist.interval(metric.credibility)}


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
    dist = NormalBelief(mean, math.sqrt(weight * mine.variance))
    parameters = {"mu": Near(mean, dist.std()), "sigma": near(dist.std())}
    told = {
        "model": "bayesianNormal",
        "distribution": {"kind": "normal", "parameters": parameters},
        "bayesianNormal": model,
    }
    return {"dist": dist, "told": told, "interval": dist.interval(metric.credibility)}
