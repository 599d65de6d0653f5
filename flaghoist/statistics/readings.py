"""What each arm says for itself, before any two are compared."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flaghoist.statistics import cuped, frequentist, proportions, sequential
from flaghoist.statistics.bayesian import (
    PRIOR_VARIANCE_BINARY,
    PRIOR_VARIANCE_NUMERIC,
    Posterior,
    beta_posterior,
    normal_posterior,
)
from flaghoist.statistics.cuped import Adjustment, CovariateMoments
from flaghoist.statistics.estimates import Estimate, Interval, Reason
from flaghoist.statistics.experiment import Arm, Settings, baseline_of
from flaghoist.statistics.posteriors import Distribution
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.sequential import Seen


@dataclass(frozen=True)
class Reading:
    """One arm with its mean as observed, as adjusted by its covariate where it has one, and as believed."""

    arm: Arm
    observed: Estimate
    estimate: Estimate
    adjustment: Adjustment | None
    unadjusted_because: Reason | None
    posterior: Posterior | None

    @property
    def belief(self) -> Distribution | None:
        """The posterior's distribution, where there is one."""
        return self.posterior.belief if self.posterior else None

    @property
    def seen(self) -> Seen:
        """How much there is to rest an always-valid verdict on."""
        events = self.arm.events
        if events is None and isinstance(self.arm.sample, Proportion):
            events = self.arm.sample.successes
        return Seen(self.estimate.n, events)

    def confidence_interval(self, settings: Settings) -> Interval | None:
        """Two-sided interval of the mean: Wilson's for shares, Student's otherwise, always-valid when asked."""
        if settings.sequential:
            return self._confidence_sequence(settings)
        if isinstance(self.arm.sample, Proportion):
            lower, upper = proportions.wilson(self.arm.sample, alpha=settings.alpha)
            return Interval(lower, upper) if self.estimate.n else None
        return frequentist.interval_of_mean(self.estimate, alpha=settings.alpha)

    def _confidence_sequence(self, settings: Settings) -> Interval | None:
        if self.estimate.reason or not sequential.ready(self.seen):
            return None
        mixture_variance = sequential.tuning(settings.alpha, settings.decision_units / 2)
        half_width = self.estimate.standard_error * sequential.reach(
            self.estimate.n, alpha=settings.alpha, mixture_variance=mixture_variance
        )
        lower, upper = self.estimate.mean - half_width, self.estimate.mean + half_width
        return Interval(lower, upper) if math.isfinite(lower) and math.isfinite(upper) else None


def read(arms: Sequence[Arm], settings: Settings) -> list[Reading]:
    """Each arm's reading, in the order given."""
    observed = [arm.sample.estimate() for arm in arms]
    adjusted = _adjust(arms)
    estimates = observed if isinstance(adjusted, str | None) else [adjustment.estimate for adjustment in adjusted]
    return [
        Reading(
            arm,
            observed[index],
            estimates[index],
            None if isinstance(adjusted, str | None) else adjusted[index],
            adjusted if isinstance(adjusted, str) else None,
            _posterior(index, arms, estimates, settings),
        )
        for index, arm in enumerate(arms)
    ]


def _adjust(arms: Sequence[Arm]) -> list[Adjustment] | Reason | None:
    covariates = [arm.sample for arm in arms if isinstance(arm.sample, CovariateMoments)]
    return cuped.adjust(covariates) if covariates else None


def _posterior(index: int, arms: Sequence[Arm], estimates: Sequence[Estimate], settings: Settings) -> Posterior | None:
    """Belief about one arm; the baseline's, and everyone's under a flat prior, rests on its sample alone."""
    baseline = baseline_of(arms)
    control = None if settings.flat_prior or baseline == index else baseline
    sample = arms[index].sample
    if isinstance(sample, Proportion):
        control_sample = None if control is None else arms[control].sample
        assert control_sample is None or isinstance(control_sample, Proportion)
        return beta_posterior(sample, control_sample, prior_variance=_prior_variance(settings, PRIOR_VARIANCE_BINARY))
    control_estimate = None if control is None else estimates[control]
    variance = _prior_variance(settings, PRIOR_VARIANCE_NUMERIC)
    return normal_posterior(estimates[index], control_estimate, prior_variance=variance)


def _prior_variance(settings: Settings, usual: float) -> float:
    return usual if settings.prior_variance is None else settings.prior_variance
