"""An iteration and a metric as a question to the facts: who takes part, and which of their events count."""

from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import Invalid
from flaghoist.resources.experimentation.iteration import IterationPlan
from flaghoist.resources.experimentation.measure import Condition, Filter, Group, Measure
from flaghoist.store.facts import question


def ask(
    plan: IterationPlan, measure: Measure, *, environment_id: str, max_lateness_hours: int, slice_by: str | None = None
) -> question.Question:
    """What to ask of the facts; raises ``Invalid`` for a metric whose events do not come here."""
    units = iteration(plan, environment_id=environment_id, max_lateness_hours=max_lateness_hours)
    return of(units, measure, slice_by=slice_by)


def iteration(plan: IterationPlan, *, environment_id: str, max_lateness_hours: int) -> question.Iteration:
    """Who takes part in an iteration that has been started."""
    return question.Iteration(
        environment_id=environment_id,
        flag_key=plan.flag_key,
        unit_kind=plan.unit,
        started_at=plan.started_at_ms,
        ended_at=plan.ended_at_ms,
        rule=plan.rule_id,
        iteration_id=plan.id,
        treatments=tuple((treatment.id, treatment.variation) for treatment in plan.treatments),
        max_lateness_ms=max_lateness_hours * HOUR_MS,
    )


def everybody(
    *, environment_id: str, flag_key: str, unit: str, since_ms: int, max_lateness_hours: int
) -> question.Iteration:
    """All units exposed to a flag since a time, by whatever rule."""
    return question.Iteration(
        environment_id=environment_id,
        flag_key=flag_key,
        unit_kind=unit,
        started_at=since_ms,
        max_lateness_ms=max_lateness_hours * HOUR_MS,
    )


def of(units: question.Iteration, measure: Measure, *, slice_by: str | None = None) -> question.Question:
    """What a metric is among some units; raises ``Invalid`` as ``ask`` does."""
    denominator = _measure(measure.denominator) if measure.denominator else None
    return question.Question(iteration=units, measure=_measure(measure), denominator=denominator, slice_by=slice_by)


def _measure(measure: Measure) -> question.Measure:
    if not measure.is_counted_here:
        raise Invalid(f"the metric '{measure.key}' is measured outside Flaghoist and has no results here")
    event_kind, winsorization = measure.event_kind, measure.winsorization
    assert event_kind != "trace", "traces are not counted here"
    return question.Measure(
        event_kind=event_kind,
        event_key=measure.event_key,
        numeric=measure.is_numeric,
        aggregation="sum" if measure.value in ("sum", "count") else "average",
        default_zero=measure.absent is not None,
        filters=(_filter(measure.filter),) if measure.filter else (),
        window_start_ms=measure.window.starts_after,
        window_end_ms=measure.window.ends_after,
        winsor_lower=winsorization.lower if winsorization else None,
        winsor_upper=winsorization.upper if winsorization else None,
        winsor_imputed=winsorization.counts_absent if winsorization else False,
        percentile=measure.percentile,
    )


def _filter(node: Filter) -> question.Filter:
    if isinstance(node, Group):
        return question.Filter(kind=node.joined_by, negate=node.negated, filters=tuple(map(_filter, node.parts)))
    assert isinstance(node, Condition)
    return question.Filter(
        kind=node.source,
        attribute=node.attribute,
        context_kind=node.context_kind or "user",
        op=node.operator,
        values=node.values,
        negate=node.negated,
    )
