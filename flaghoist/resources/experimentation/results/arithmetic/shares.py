"""Did the units arrive in the promised shares?"""

import math

import numpy as np
from scipy import special, stats

from flaghoist.resources.experimentation.results.arithmetic.shapes import P_FLOOR, Metric, Near, Tree, floored, near


def sample_ratio(metric: Metric, design: Tree) -> Tree:
    """Both tests of the shares, and the status by the one that applies."""
    observed = [arm.row["exposed"] for arm in metric.arms]
    shares = [
        each["share"] / math.fsum(each["share"] for each in design["treatments"]) for each in design["treatments"]
    ]
    units = sum(observed)
    ids = [arm.id for arm in metric.arms]
    told: Tree = {
        "observed": dict(zip(ids, observed, strict=True)),
        "expected": {name: near(units * share) for name, share in zip(ids, shares, strict=True)},
    }
    if any(seen and not share for seen, share in zip(observed, shares, strict=True)):
        told |= {"pValue": near(P_FLOOR), "logBayesFactor": near(-math.log(P_FLOOR))}
        return {**told, "probabilityOfMismatch": Near(1.0, 1.0), "status": "error"}
    here = [(seen, share) for seen, share in zip(observed, shares, strict=True) if share]
    seen, expected = np.array([each for each, _ in here]), np.array([share for _, share in here])
    p = None
    if len(here) > 1 and units * expected.min() >= 5:
        statistic, p = stats.chisquare(seen, units * expected)
        told |= {"chiSquare": near(float(statistic), 1.0), "pValue": near(floored(p))}
    other = stats.dirichlet_multinomial(np.ones(len(here)), units).logpmf(seen)
    evidence = float(other - stats.multinomial(units, expected / expected.sum()).logpmf(seen))
    mismatch = float(special.expit(evidence))
    told |= {"logBayesFactor": near(evidence, 1.0), "probabilityOfMismatch": Near(mismatch, 1.0)}
    if design["ended"]:
        p = 1.0 if p is None else p
        return {**told, "status": "error" if p < 0.001 else "warn" if p < 0.01 else "ok"}
    return {**told, "status": "error" if mismatch >= 0.99 else "warn" if mismatch >= 0.95 else "ok"}
