"""An analysis as results are answered: every number with its method, nothing that is not a number."""

from collections.abc import Iterable, Mapping
from typing import Any

from flaghoist.resources.experimentation.results import sums
from flaghoist.statistics.analysis import Analysis, ArmAnalysis
from flaghoist.statistics.bayesian import Posterior
from flaghoist.statistics.comparison import Comparison
from flaghoist.statistics.effects import Effect
from flaghoist.statistics.estimates import Interval
from flaghoist.statistics.experiment import Sample
from flaghoist.statistics.posteriors import Beta
from flaghoist.statistics.sample_ratio import SampleRatio
from flaghoist.store.facts.answer import Arm

Body = dict[str, Any]


def treatments(
    analysis: Analysis, counted: Mapping[str, Arm | None], samples: Mapping[str, Sample], *, traffic: bool
) -> list[Body]:
    """Every arm of an analysis, in its order.

    By treatment id, ``counted`` has what the facts say of each, and ``samples`` what inference made of that.
    """
    return [
        {**_treatment(arm, analysis, counted.get(arm.id), traffic=traffic), "sample": sums.of(samples[arm.id])}
        for arm in analysis.arms
    ]


def sample_ratio(ratio: SampleRatio, ids: Iterable[str]) -> Body:
    """Observed and expected units by treatment id."""
    names = list(ids)
    return _known(
        {
            "observed": dict(zip(names, ratio.observed, strict=True)),
            "expected": dict(zip(names, ratio.expected, strict=True)),
            "chiSquare": ratio.chi_square,
            "pValue": ratio.p_value,
            "logBayesFactor": ratio.log_bayes_factor,
            "probabilityOfMismatch": ratio.probability_of_mismatch,
            "status": ratio.status,
        }
    )


def _treatment(arm: ArmAnalysis, analysis: Analysis, counted: Arm | None, *, traffic: bool) -> Body:
    against = arm.versus_baseline
    all_seen = all(other.units for other in analysis.arms)
    return _known(
        {
            "treatmentId": arm.id,
            "treatmentName": arm.name,
            "baseline": arm.baseline,
            "units": arm.units,
            "traffic": arm.exposed if traffic else None,
            "events": counted.events if counted else 0,
            "eventValuesSum": counted.total if counted else 0.0,
            # Of an arm without units there is nothing but the prior to tell: better to tell nothing.
            "mean": arm.mean if arm.units else None,
            "dataMean": arm.observed_mean,
            "dataStdDev": arm.standard_deviation,
            "standardError": arm.standard_error,
            "credibleInterval": _interval(arm.credible_interval) if arm.units else None,
            "confidenceInterval": _interval(arm.confidence_interval),
            "pBest": arm.probability_best if all_seen else None,
            "pBeatBaseline": against.probability_better if against and all_seen else None,
            "expectedLoss": against.expected_loss if against and all_seen else None,
            "expectedLossRelative": against.expected_loss_relative if against and all_seen else None,
            "relativeDifferences": [_relative(other, analysis) for other in arm.versus],
            **_belief(arm.posterior if arm.units else None),
            "frequentist": _comparison(against) if against else None,
            "notes": [{"about": note.about, "reason": note.reason} for note in arm.notes],
        }
    )


def _relative(comparison: Comparison, analysis: Analysis) -> Body:
    """The difference by the experiment's own methodology."""
    believed = comparison.posterior_relative if analysis.settings.methodology == "bayesian" else None
    effect = believed or comparison.relative
    error = effect.standard_error
    return _known(
        {
            "fromTreatmentId": comparison.against,
            "value": effect.estimate,
            "lower": effect.interval.lower if effect.interval else None,
            "upper": effect.interval.upper if effect.interval else None,
            "variance": None if error is None else error * error,
        }
    )


def _comparison(comparison: Comparison) -> Body:
    return _known(
        {
            "against": comparison.against,
            "verdict": comparison.verdict,
            "alpha": comparison.alpha,
            "pValue": comparison.p_value,
            "adjustedPValue": comparison.adjusted_p_value,
            "relativeDifference": _effect(comparison.relative),
            "absoluteDifference": _effect(comparison.absolute),
            "logRatio": _effect(comparison.log_ratio),
        }
    )


def _effect(effect: Effect) -> Body:
    return _known(
        {
            "method": effect.method,
            "estimate": effect.estimate,
            "standardError": effect.standard_error,
            "ci": _interval(effect.interval),
            "statistic": effect.statistic,
            "pValue": effect.p_value,
            "degreesOfFreedom": effect.degrees_of_freedom,
            "logEValue": effect.log_e_value,
            "reason": effect.reason,
        }
    )


def _belief(posterior: Posterior | None) -> Body:
    if posterior is None:
        return {}
    belief, prior = posterior.belief, posterior.prior
    if isinstance(belief, Beta):
        model = {"dataWeight": posterior.data_weight}
        if isinstance(prior, Beta):
            model |= {"priorAlpha": prior.alpha, "priorBeta": prior.beta, "priorMean": prior.mean}
        return {
            "model": "bayesianBeta",
            "distribution": {"kind": "beta", "parameters": {"alpha": belief.alpha, "beta": belief.beta}},
            "bayesianBeta": model,
        }
    model = {"dataWeight": posterior.data_weight}
    if prior is not None:
        model |= {"priorMean": prior.mean, "priorStandardDeviation": prior.standard_deviation}
    return {
        "model": "bayesianNormal",
        "distribution": {"kind": "normal", "parameters": {"mu": belief.mean, "sigma": belief.standard_deviation}},
        "bayesianNormal": model,
    }


def _interval(interval: Interval | None) -> Body | None:
    return _known({"lower": interval.lower, "upper": interval.upper}) if interval else None


def _known(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}
