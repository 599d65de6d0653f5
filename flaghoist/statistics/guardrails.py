"""Has a change made a metric worse than agreed, or surely not: questions that are asked every minute."""

import math
from dataclasses import replace

from flaghoist.statistics import odds
from flaghoist.statistics.effects import Alternative, Effect, effect, undefined
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.frequentist import log_ratio
from flaghoist.statistics.posteriors import Distribution
from flaghoist.statistics.sequential import always_valid, relative_from_log_ratio, tuning


def regression(
    control: Estimate,
    treatment: Estimate,
    *,
    threshold: float,
    higher_is_better: bool,
    alpha: float,
    decision_units: int,
) -> Effect:
    """Evidence that the treatment is worse by more than `threshold`, a relative difference such as 0.05.

    Valid at every look: the p-value falls below alpha, ever, with at most that chance while the treatment keeps
    within the threshold.
    """
    ratio = 1 - threshold if higher_is_better else 1 + threshold
    alternative: Alternative = "less" if higher_is_better else "greater"
    return _against_ratio(control, treatment, ratio, alternative, alpha=alpha, decision_units=decision_units)


def safety(
    control: Estimate, treatment: Estimate, *, margin: float, higher_is_better: bool, alpha: float, decision_units: int
) -> Effect:
    """Evidence that the treatment is worse by less than `margin` (non-inferiority), valid at every look."""
    ratio = 1 - margin if higher_is_better else 1 + margin
    alternative: Alternative = "greater" if higher_is_better else "less"
    return _against_ratio(control, treatment, ratio, alternative, alpha=alpha, decision_units=decision_units)


def regression_probability(
    control: Distribution, treatment: Distribution, *, threshold: float, higher_is_better: bool
) -> float:
    """Belief that the treatment is worse by more than `threshold`: LaunchDarkly regards 0.99 as a regression.

    Looked at every minute this raises more false alarms than one in a hundred; `regression` does not.
    """
    if higher_is_better:
        return odds.probability_ratio_below(control, treatment, 1 - threshold) if threshold < 1 else 0.0
    return 1 - odds.probability_ratio_below(control, treatment, 1 + threshold)


def _against_ratio(
    control: Estimate,
    treatment: Estimate,
    ratio: float,
    alternative: Alternative,
    *,
    alpha: float,
    decision_units: int,
) -> Effect:
    """The logarithm of treatment over control, tested against that of a ratio instead of against zero."""
    measured = log_ratio(control, treatment, alpha=alpha, alternative=alternative)
    if measured.estimate is None or measured.standard_error is None:
        return undefined("relative", "always-valid-log-ratio", measured.reason or "not_finite")
    if ratio <= 0:  # no mean falls by more than all of it
        return undefined("relative", "always-valid-log-ratio", "mean_not_positive")
    distance = measured.estimate - math.log(ratio)
    shifted = effect(
        "log-ratio", "log-ratio-z", distance, measured.standard_error, alpha=alpha, alternative=alternative
    )
    if shifted.reason:
        return undefined("relative", "always-valid-log-ratio", shifted.reason)
    mixture_variance = tuning(alpha, decision_units, alternative)
    tested, shown = (
        always_valid(
            each, control.n + treatment.n, alpha=alpha, mixture_variance=mixture_variance, alternative=alternative
        )
        for each in (shifted, measured)
    )
    return replace(
        relative_from_log_ratio(shown),
        statistic=tested.statistic,
        p_value=tested.p_value,
        log_e_value=tested.log_e_value,
    )
