"""An iteration as its analysis sees it: who was assigned to what, how, and from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FALLTHROUGH = "fallthrough"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentPlan:
    """A treatment: its variation's index as exposures report it, and its part of the experiment (all sum to 1)."""

    id: str
    name: str
    variation: int
    baseline: bool
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPlan:
    """A metric in the version it is analysed by; ``group`` is the key of the group it came in, if it did.

    ``primary`` marks the metric, or every step of the funnel, that decides. ``analysis_unit`` is the iteration's own
    unit unless another was asked for.
    """

    key: str
    version_id: str
    analysis_unit: str
    primary: bool
    group: str = ""
    name_in_group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationPlan:
    """A started iteration.

    An exposure belongs to it if it is of ``flag_key``, by the rule ``rule_id`` (``fallthrough`` for the default one),
    of a context of kind ``unit``, and from ``started_at_ms`` to ``ended_at_ms``, which a running iteration has not.
    """

    id: str
    experiment_key: str
    kind: str
    flag_key: str
    rule_id: str
    unit: str
    started_at_ms: int
    ended_at_ms: int | None
    seed: int
    treatments: tuple[TreatmentPlan, ...]
    metrics: tuple[MetricPlan, ...]
    attributes: tuple[str, ...]
    methodology: str
    analysis_config: Mapping[str, Any]
    holdout_id: str = ""

    @property
    def baseline(self) -> TreatmentPlan:
        """The treatment that the others are compared with."""
        return next(treatment for treatment in self.treatments if treatment.baseline)

    def treatment_of(self, variation: int) -> TreatmentPlan | None:
        """The treatment that serves a variation, or nothing."""
        return next((treatment for treatment in self.treatments if treatment.variation == variation), None)

    @classmethod
    def of(cls, body: Mapping[str, Any], iteration: Mapping[str, Any]) -> "IterationPlan":
        """The plan of one of an experiment's iterations, both as stored; the iteration has been started."""
        ((flag_key, flag),) = iteration["flags"].items()
        return cls(
            id=iteration["_id"],
            experiment_key=body["key"],
            kind=body["type"],
            flag_key=flag_key,
            rule_id=flag["ruleId"],
            unit=iteration["randomizationUnit"],
            started_at_ms=iteration["startedAt"],
            ended_at_ms=iteration.get("endedAt"),
            seed=iteration["seed"],
            treatments=_treatments(iteration),
            metrics=tuple(_metrics(iteration)),
            attributes=tuple(iteration["attributes"]),
            methodology=iteration["methodology"],
            analysis_config=iteration.get("analysisConfig") or {},
            holdout_id=body.get("holdoutId", ""),
        )


def _treatments(iteration: Mapping[str, Any]) -> tuple[TreatmentPlan, ...]:
    percents = [Decimal(treatment["allocationPercent"]) for treatment in iteration["treatments"]]
    return tuple(
        TreatmentPlan(
            id=treatment["_id"],
            name=treatment["name"],
            variation=treatment["variation"],
            baseline=treatment["baseline"],
            share=float(percent / sum(percents)),
        )
        for treatment, percent in zip(iteration["treatments"], percents, strict=True)
    )


def _metrics(iteration: Mapping[str, Any]) -> list[MetricPlan]:
    unit = iteration["randomizationUnit"]
    found = []
    for metric in iteration["metrics"]:
        name = "primaryFunnelKey" if metric["isGroup"] else "primarySingleMetricKey"
        primary = iteration.get(name) == metric["key"]
        group = metric["key"] if metric["isGroup"] else ""
        found += [
            MetricPlan(
                key=each["key"],
                version_id=each["_versionId"],
                analysis_unit=metric.get("analysisUnit") or unit,
                primary=primary,
                group=group,
                name_in_group=each.get("nameInGroup", ""),
            )
            for each in (metric["metrics"] if metric["isGroup"] else [metric])
        ]
    return found
