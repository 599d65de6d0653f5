"""What to believe about each arm once its sample is weighed against a sceptical prior."""

import math
from dataclasses import dataclass

from flaghoist.statistics.effects import Effect, around, critical_value, undefined
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.frequentist import no_baseline
from flaghoist.statistics.posteriors import Beta, Distribution, Normal
from flaghoist.statistics.proportions import Proportion

PRIOR_VARIANCE_BINARY = 0.04
PRIOR_VARIANCE_NUMERIC = 0.16
"""Variance of the relative differences that experiments show: LaunchDarkly publishes 0.04, and 0.13 to 0.19."""


@dataclass(frozen=True)
class Posterior:
    """Belief about one arm's mean; without a `prior` the sample alone speaks.

    `data_weight` is the share of the belief that comes from the arm's own sample, between 0 and 1.
    """

    belief: Distribution
    prior: Distribution | None
    data_weight: float


def normal_posterior(
    sample: Estimate, control: Estimate | None = None, *, prior_variance: float = 0.0
) -> Posterior | None:
    """Belief from a mean; given the control, its prior is that relative differences scatter by `prior_variance`.

    The prior N(m0, m0^2 prior_variance + v0), the sample N(m1, v1): precisions add. None when a spread is unknown.
    """
    if not _measured(sample):
        return None
    if control is None:
        return Posterior(Normal(sample.mean, sample.standard_error), None, 1.0)
    if not _measured(control):
        return None
    prior_v = control.mean * control.mean * prior_variance + control.variance_of_mean
    data_weight = prior_v / (prior_v + sample.variance_of_mean)
    mean = control.mean + data_weight * (sample.mean - control.mean)
    belief = Normal(mean, math.sqrt(data_weight) * sample.standard_error)
    return Posterior(belief, Normal(control.mean, math.sqrt(prior_v)), data_weight) if _finite(belief) else None


def beta_posterior(sample: Proportion, control: Proportion | None = None, *, prior_variance: float = 0.0) -> Posterior:
    """Belief about a share from Beta(1, 1), or given the control from a beta with its mean and the lift's scatter."""
    prior = Beta(1.0, 1.0) if control is None else _beta_prior(control, prior_variance)
    belief = Beta(prior.alpha + sample.successes, prior.beta + sample.n - sample.successes)
    return Posterior(belief, prior, sample.n / (sample.n + prior.alpha + prior.beta))


def relative_difference(control: Distribution, treatment: Distribution, *, credibility: float) -> Effect:
    """Treatment over control minus one: mean and interval of its belief by the delta method."""
    centre = Estimate(2, control.mean, control.standard_deviation * control.standard_deviation)
    if reason := no_baseline(centre):
        return undefined("relative", "posterior-delta", reason)
    ratio = treatment.mean / control.mean
    deviation = math.hypot(
        treatment.standard_deviation / control.mean, ratio * (control.standard_deviation / control.mean)
    )
    if not (math.isfinite(ratio) and math.isfinite(deviation)):
        return undefined("relative", "posterior-delta", "not_finite")
    interval = around(ratio - 1, critical_value(1 - credibility, "two-sided") * deviation, "two-sided")
    return Effect("relative", "posterior-delta", ratio - 1, deviation, interval, None, None)


def _measured(sample: Estimate) -> bool:
    return sample.reason is None and sample.variance_of_mean > 0


def _beta_prior(control: Proportion, prior_variance: float) -> Beta:
    mean = control.share
    variance = mean * mean * prior_variance + control.estimate().variance_of_mean
    strength = mean * (1 - mean) / variance - 1 if variance > 0 else 0.0
    # A control without successes, or lifts scattered more widely than shares can be, match no beta.
    return Beta(strength * mean, strength * (1 - mean)) if strength > 0 else Beta(1.0, 1.0)


def _finite(belief: Normal) -> bool:
    return math.isfinite(belief.mu) and math.isfinite(belief.sigma) and belief.sigma > 0
