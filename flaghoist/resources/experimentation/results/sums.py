"""What was counted of each treatment, reduced to the sums that inference needs, each kind by its name."""

from typing import Any

from flaghoist.resources.experimentation.iteration import IterationPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.results import questions
from flaghoist.statistics.experiment import Sample
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.ratios import RatioMoments

Body = dict[str, Any]


def kind_of(plan: IterationPlan, measure: Measure) -> str:
    """Whether units are counted, averaged, divided or ranked: ``share``, ``mean``, ``ratio`` or ``percentile``."""
    return str(of(questions.arms(plan, measure, ())[0].sample)["kind"])


def of(sample: Sample) -> Body:
    """A sample as counted; deviations are from the means, whose squares would swallow them."""
    match sample:
        case Proportion():
            return {"kind": "share", "n": sample.n, "withEvent": sample.successes}
        case Moments():
            return {"kind": "mean", "n": sample.n, "mean": sample.mean, "squaredDeviations": sample.m2}
        case RatioMoments():
            return {
                "kind": "ratio",
                "n": sample.n,
                "mean": sample.mean_n,
                "squaredDeviations": sample.m2_n,
                "denominatorMean": sample.mean_d,
                "denominatorSquaredDeviations": sample.m2_d,
                "coDeviations": sample.c_nd,
            }
        case Quantile():
            return {
                "kind": "percentile",
                "n": sample.n,
                "level": sample.level,
                "value": sample.value,
                "lower": sample.lower,
                "upper": sample.upper,
                "complete": sample.complete,
            }
    raise AssertionError("no metric is read with a covariate here")
