"""The facts' answer as the arms that statistics compares."""

from collections.abc import Sequence

from flaghoist.resources.experimentation.iteration import IterationPlan, TreatmentPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.statistics import experiment
from flaghoist.statistics.experiment import Sample
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.store.facts import answer


def arms(plan: IterationPlan, measure: Measure, found: Sequence[answer.Arm]) -> tuple[experiment.Arm, ...]:
    """One arm to each treatment, in their order, with or without units."""
    by_variation = {arm.variation: arm for arm in found}
    return tuple(_arm(treatment, measure, by_variation.get(treatment.variation)) for treatment in plan.treatments)


def _arm(treatment: TreatmentPlan, measure: Measure, found: answer.Arm | None) -> experiment.Arm:
    return experiment.Arm(
        id=treatment.id,
        name=treatment.name,
        baseline=treatment.baseline,
        sample=_sample(measure, found),
        exposed=found.traffic if found else 0,
        events=found.events if found else 0,
    )


def _sample(measure: Measure, found: answer.Arm | None) -> Sample:
    """The statistics that fit the metric; those of nobody where there are no units."""
    if measure.denominator is not None:
        return (found and found.ratio) or RatioMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if measure.percentile is not None:
        return (found and found.quantile) or Quantile(0, measure.percentile / 100, 0.0, 0.0, 0.0, complete=False)
    if measure.is_proportion:
        return (found and found.proportion) or Proportion(0, 0)
    if measure.absent is None:
        # How many units have a value is chance too: a mean over them is a ratio of two sums.
        return (found and found.ratio) or RatioMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return found.moments if found else Moments(0, 0.0, 0.0)
