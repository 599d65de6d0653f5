"""One arm against another: how much better, how surely, and may it be said yet."""

from dataclasses import dataclass, replace
from typing import Literal

from flaghoist.statistics import bayesian, frequentist, guardrails, odds, proportions, sequential
from flaghoist.statistics.effects import Effect, undefined
from flaghoist.statistics.experiment import Settings
from flaghoist.statistics.multiplicity import Adjusted
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.readings import Reading

Verdict = Literal["better", "worse", "undecided", "collecting", "undefined"]


@dataclass(frozen=True)
class Comparison:
    """One arm against another; `p_value` and `verdict` are what the experiment goes by.

    Losses are what choosing this arm costs on average: in the metric's unit, and as a share of the other arm's mean.
    `alpha` is the level in force, after correction for many comparisons if there was one.
    """

    against: str
    absolute: Effect
    relative: Effect
    log_ratio: Effect
    non_inferiority: Effect | None
    posterior_relative: Effect | None
    probability_better: float | None
    expected_loss: float | None
    expected_loss_relative: float | None
    p_value: float | None
    adjusted_p_value: float | None
    alpha: float
    verdict: Verdict


def compare(control: Reading, treatment: Reading, settings: Settings, correction: Adjusted | None = None) -> Comparison:
    """The treatment against the control, whichever arms these are."""
    alpha = correction.alpha if correction else settings.alpha
    scales = _sequential_effects if settings.sequential else _fixed_effects
    absolute, relative, log_ratio = scales(control, treatment, settings, alpha)
    deciding = absolute if relative.p_value is None else relative
    believed = _posterior_relative(control, treatment, settings)
    probability, loss = _odds(control, treatment, settings)
    return Comparison(
        against=control.arm.id,
        absolute=absolute,
        relative=relative,
        log_ratio=log_ratio,
        non_inferiority=_non_inferiority(control, treatment, settings, alpha),
        posterior_relative=believed,
        probability_better=probability,
        expected_loss=loss,
        expected_loss_relative=_relative_loss(control, loss, believed),
        p_value=deciding.p_value,
        adjusted_p_value=correction.p_value if correction else None,
        alpha=alpha,
        verdict=_verdict(deciding, probability, alpha, settings),
    )


def _fixed_effects(
    control: Reading, treatment: Reading, settings: Settings, alpha: float
) -> tuple[Effect, Effect, Effect]:
    """Absolute, relative and logarithmic effect for one look at the end."""
    alternative = settings.alternative
    a, b = control.estimate, treatment.estimate
    log_ratio = frequentist.log_ratio(a, b, alpha=alpha, alternative=alternative)
    few = _few_counts(control, treatment)
    if few:
        return (
            proportions.exact_absolute(*few, alpha=alpha, alternative=alternative),
            proportions.exact_relative(*few, alpha=alpha, alternative=alternative),
            log_ratio,
        )
    # Shares and percentiles have no degrees of freedom to estimate.
    by_normal = isinstance(control.arm.sample, Proportion | Quantile)
    difference = frequentist.absolute_z if by_normal else frequentist.absolute
    return (
        difference(a, b, alpha=alpha, alternative=alternative),
        frequentist.relative(a, b, alpha=alpha, alternative=alternative),
        log_ratio,
    )


def _sequential_effects(
    control: Reading, treatment: Reading, settings: Settings, alpha: float
) -> tuple[Effect, Effect, Effect]:
    """The same for any number of looks; the relative difference is read off the logarithmic scale.

    On the relative scale itself, looks at few events raise false alarms: its statistic leans downwards.
    """
    alternative = settings.alternative
    a, b = control.estimate, treatment.estimate
    fixed = (
        frequentist.absolute_z(a, b, alpha=alpha, alternative=alternative),
        frequentist.log_ratio(a, b, alpha=alpha, alternative=alternative),
    )
    if not sequential.ready(control.seen, treatment.seen):
        absolute, log_ratio = (
            undefined(effect.scale, "always-valid", effect.reason or "collecting", effect.estimate) for effect in fixed
        )
    else:
        mixture_variance = sequential.tuning(settings.alpha, settings.decision_units, alternative)
        absolute, log_ratio = (
            sequential.always_valid(
                effect, a.n + b.n, alpha=alpha, mixture_variance=mixture_variance, alternative=alternative
            )
            for effect in fixed
        )
    relative = sequential.relative_from_log_ratio(log_ratio)
    if relative.estimate is None:  # known as a number even where its logarithm is not
        relative = replace(relative, estimate=frequentist.relative(a, b, alpha=alpha).estimate)
    return absolute, relative, log_ratio


def _few_counts(control: Reading, treatment: Reading) -> tuple[Proportion, Proportion] | None:
    """Both shares, when they rest on too few conversions for the normal approximation."""
    a, b = control.arm.sample, treatment.arm.sample
    if isinstance(a, Proportion) and isinstance(b, Proportion) and proportions.needs_exact_test(a, b):
        return a, b
    return None


def _non_inferiority(control: Reading, treatment: Reading, settings: Settings, alpha: float) -> Effect | None:
    if settings.margin is None:
        return None
    a, b, margin = control.estimate, treatment.estimate, settings.margin
    higher = settings.higher_is_better
    if not settings.sequential:
        return frequentist.non_inferiority(a, b, margin=margin, alpha=alpha, higher_is_better=higher)
    if not sequential.ready(control.seen, treatment.seen):
        return undefined("relative", "always-valid", "collecting")
    return guardrails.safety(
        a, b, margin=margin, higher_is_better=higher, alpha=alpha, decision_units=settings.decision_units
    )


def _posterior_relative(control: Reading, treatment: Reading, settings: Settings) -> Effect | None:
    if control.belief is None or treatment.belief is None:
        return None
    return bayesian.relative_difference(control.belief, treatment.belief, credibility=settings.credibility)


def _odds(control: Reading, treatment: Reading, settings: Settings) -> tuple[float | None, float | None]:
    """Probability that the treatment is better, and what choosing it costs on average if it is not."""
    a, b = control.belief, treatment.belief
    if a is None or b is None:
        return None, None
    if not settings.higher_is_better:
        a, b = a.mirrored(), b.mirrored()
    return odds.probability_higher(a, b), odds.expected_shortfall(a, b)


def _relative_loss(control: Reading, loss: float | None, relative: Effect | None) -> float | None:
    """The loss as a share of the control's mean, wherever that mean carries a relative difference."""
    if loss is None or control.belief is None or relative is None or relative.reason:
        return None
    return loss / control.belief.mean


def _verdict(deciding: Effect, probability: float | None, alpha: float, settings: Settings) -> Verdict:
    if settings.methodology == "bayesian":
        return _bayesian_verdict(probability, settings.credibility)
    if deciding.p_value is None or deciding.estimate is None:
        return "collecting" if deciding.reason == "collecting" else "undefined"
    if deciding.p_value >= alpha:
        return "undecided"
    return "better" if (deciding.estimate > 0) == settings.higher_is_better else "worse"


def _bayesian_verdict(probability: float | None, credibility: float) -> Verdict:
    if probability is None:
        return "undefined"
    if probability >= credibility:
        return "better"
    return "worse" if probability <= 1 - credibility else "undecided"
