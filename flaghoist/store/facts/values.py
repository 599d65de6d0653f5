"""One value per unit: whether, how often, how much; and for some metrics a second one beside it."""

from dataclasses import dataclass

from flaghoist.statistics.quantiles import value_rank
from flaghoist.store.facts.answer import Winsorized
from flaghoist.store.facts.engines.port import Session, one_row
from flaghoist.store.facts.exact import Scale, number
from flaghoist.store.facts.judgement import COUNTED
from flaghoist.store.facts.question import Iteration, Measure


@dataclass(frozen=True, slots=True)
class Valued:
    """What was found on the way to a table of values."""

    last_event_position: int | None
    winsorized: Winsorized | None


def value(
    session: Session,
    iteration: Iteration,
    measure: Measure,
    *,
    judged: str,
    table: str,
    through: int | None = None,
) -> Valued:
    """Make a table of unit, variation, slice, events and ``y``, null for units without a value.

    Takes units from ``assigned`` and events from ``judged``; with ``through``, only what happened up to then.
    """
    counted = f"{judged} WHERE verdict = {COUNTED}" + ("" if through is None else f" AND moment <= {through}")
    largest, last_position = one_row(session, f"SELECT max(abs(value)), max(position) FROM {counted}")
    scale = Scale.for_largest(largest)
    total = f", sum({scale.integer('value')}) AS total" if measure.numeric else ""
    otherwise = "0.0" if measure.default_zero else "NULL::DOUBLE"
    session.keep(
        table,
        f"""
        WITH active AS (SELECT unit, count(*) AS happened {total} FROM {counted} GROUP BY unit)
        SELECT assigned.unit, assigned.variation, assigned.slice, coalesce(active.happened, 0) AS events,
          CASE WHEN active.happened IS NULL THEN {otherwise} ELSE {_unit_value(measure, scale)} END AS y
        FROM assigned LEFT JOIN active ON assigned.unit = active.unit WHERE {_takes_part(iteration, through)}
        """,
    )
    return Valued(last_position, _winsorize(session, measure, table))


def _unit_value(measure: Measure, scale: Scale) -> str:
    if not measure.numeric:
        return "1.0::DOUBLE" if measure.aggregation == "average" else "active.happened::DOUBLE"
    total = scale.number("active.total")
    return f"{total} / active.happened" if measure.aggregation == "average" else total


def _takes_part(iteration: Iteration, through: int | None) -> str:
    conditions = ["true"]
    if through is not None:
        conditions.append(f"assigned.moment <= {through}")
    if iteration.multiple_exposures == "exclude":
        until_then = "" if through is None else f" OR assigned.contaminated_at > {through}"
        conditions.append(f"(assigned.contaminated_at IS NULL{until_then})")
    return " AND ".join(conditions)


def _winsorize(session: Session, measure: Measure, table: str) -> Winsorized | None:
    """Move values beyond the percentiles of all arms together to those percentiles (inverted distribution function)."""
    if measure.winsor_lower is None and measure.winsor_upper is None:
        return None
    of_units = "y IS NOT NULL" if measure.winsor_imputed else "y IS NOT NULL AND events > 0"
    (n,) = one_row(session, f"SELECT count(*) FROM {table} WHERE {of_units}")

    def cap(percent: float | None) -> float | None:
        if percent is None or not n:
            return None
        rank = value_rank(n, percent / 100)
        return float(
            one_row(session, f"SELECT y FROM {table} WHERE {of_units} ORDER BY y LIMIT 1 OFFSET {rank - 1}")[0]
        )

    lower, upper = cap(measure.winsor_lower), cap(measure.winsor_upper)
    too_low = "false" if lower is None else f"y < {number(lower)}"
    too_high = "false" if upper is None else f"y > {number(upper)}"
    raised, lowered = one_row(
        session,
        f"SELECT count(*) FILTER (WHERE {too_low}), count(*) FILTER (WHERE {too_high}) FROM {table} WHERE {of_units}",
    )
    capped = "y" if lower is None else f"greatest(y, {number(lower)})"
    capped = capped if upper is None else f"least({capped}, {number(upper)})"
    session.keep(
        table,
        f"SELECT unit, variation, slice, events, CASE WHEN {of_units} THEN {capped} ELSE y END AS y FROM {table}",
    )
    return Winsorized(lower, upper, raised, lowered)
