"""How an experiment's numbers are to be read: its analysis settings in the words of statistics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from flaghoist.statistics.experiment import Settings
from flaghoist.statistics.multiplicity import Method, Scope

BAYESIAN_THRESHOLD = 90.0
SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Correction:
    """How many questions asked at once are made up for."""

    method: Method
    scope: Scope


def settings_of(methodology: str, config: Mapping[str, Any], *, higher_is_better: bool) -> Settings:
    """The settings for one metric, from an iteration's methodology and analysis configuration."""
    direction: Literal["one-sided", "two-sided"] = (
        "one-sided" if str(config.get("testDirection", "")).startswith("one") else "two-sided"
    )
    return Settings(
        methodology="bayesian" if methodology == "bayesian" else "frequentist",
        alpha=_significance(config.get("significanceThreshold")),
        credibility=_credibility(config.get("bayesianThreshold")),
        test_direction=direction,
        success="HigherThanBaseline" if higher_is_better else "LowerThanBaseline",
        sequential=bool(config.get("sequentialTestingEnabled")),
    )


def correction_of(config: Mapping[str, Any]) -> Correction | None:
    """The correction for many comparisons, if an analysis configuration asks for one."""
    method = config.get("multipleComparisonCorrectionMethod")
    if method not in ("bonferroni", "benjamini-hochberg", "holm"):
        return None
    return Correction(method, cast(Scope, config.get("multipleComparisonCorrectionScope") or "variations"))


def described(settings: Settings, correction: Correction | None) -> dict[str, Any]:
    """The settings in force, for whoever checks a number."""
    told: dict[str, Any] = {
        "methodology": settings.methodology,
        "significanceThreshold": settings.alpha,
        "bayesianThreshold": settings.credibility,
        "testDirection": settings.test_direction,
        "successCriteria": settings.success,
        "sequentialTestingEnabled": settings.sequential,
    }
    if settings.sequential:
        told["decisionUnits"] = settings.decision_units
    if correction:
        told["multipleComparisonCorrectionMethod"] = correction.method
        told["multipleComparisonCorrectionScope"] = correction.scope
    return told


def _significance(text: Any) -> float:
    """Clients write 5 percent as "5" or as "0.05": from one on it is a percentage, as no level is a certainty."""
    value = float(text) if text not in (None, "") else SIGNIFICANCE
    share = value / 100 if value >= 1 else value
    return min(max(share, 1e-6), 0.49)


def _credibility(text: Any) -> float:
    value = float(text) if text not in (None, "") else BAYESIAN_THRESHOLD
    share = value / 100 if value > 1 else value
    return min(max(share, 0.5), 1 - 1e-9)
