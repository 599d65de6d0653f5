"""Which metrics can stand together in a group."""

from collections.abc import Mapping, Sequence
from typing import Any

from flaghoist.base.errors import Invalid

METRICS_MIN = 2


def check_members(kind: str, metrics: Sequence[Mapping[str, Any]]) -> None:
    """Refuse metrics (as stored) that cannot form a group of a kind; raises ``Invalid``.

    All share a unit, so that an experiment can analyse them together. A funnel asks of each unit whether it got as far
    as a step, so its steps are occurrences.
    """
    if len(metrics) < METRICS_MIN:
        raise Invalid(f"metrics: a group has at least {METRICS_MIN} metrics, not {len(metrics)}")
    for metric in metrics:
        if metric.get("archived"):
            raise Invalid(f"metrics: '{metric['key']}' is archived; restore it, or leave it out")
        if kind == "funnel" and not is_occurrence(metric):
            raise Invalid(
                f"metrics: '{metric['key']}' cannot be a step of a funnel, whose steps are occurrences: it must have "
                "isNumeric false, unitAggregationType average and analysisType mean"
            )
    if not shared_units(metrics):
        each = "; ".join(f"'{metric['key']}': {', '.join(metric['analysisUnits'])}" for metric in metrics)
        raise Invalid(
            f"metrics: a group's metrics share at least one of their analysisUnits, and these do not ({each})"
        )


def is_occurrence(metric: Mapping[str, Any]) -> bool:
    """Whether a metric asks of each unit if something happened at all."""
    return (
        not metric["isNumeric"]
        and metric["unitAggregationType"] == "average"
        and metric["analysisType"] == "mean"
        and not metric.get("denominator")
    )


def shared_units(metrics: Sequence[Mapping[str, Any]]) -> list[str]:
    """The units that all metrics can be analysed by, in the first one's order."""
    return [unit for unit in metrics[0]["analysisUnits"] if all(unit in each["analysisUnits"] for each in metrics)]
