"""One value per unit: whether, how often, how much; and for some metrics a second one beside it."""

from dataclasses import dataclass

import duckdb

from flaghoist.statistics.quantiles import value_rank
from flaghoist.store.facts.answer import Winsorized
from flaghoist.store.facts.exact import Scale
from flaghoist.store.facts.judgement import COUNTED
from flaghoist.store.facts.question import Iteration, Measure
from flaghoist.store.facts.scan import one_row


@dataclass(frozen=True, slots=True)
class Valued:
    """What was found on the way to a table of values."""

    last_event_position: int | None
    winsorized: Winsorized | None


def value(
    cursor: duckdb.DuckDBPyConnection,
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
    largest, last_position = one_row(cursor, f"SELECT max(abs(value)), max(position) FROM {counted}")
    scale = Scale.for_largest(largest)
    total = f", sum({scale.integer('value')}) AS total" if measure.numeric else ""
    otherwise = "0.0" if measure.default_zero else "NULL::DOUBLE"
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        WITH active AS (SELECT unit, count(*) AS events {total} FROM {counted} GROUP BY unit)
        SELECT unit, variation, slice, coalesce(events, 0) AS events,
          CASE WHEN events IS NULL THEN {otherwise} ELSE {_unit_value(measure, scale)} END AS y
        FROM assigned LEFT JOIN active USING (unit) WHERE {_takes_part(iteration, through)}
        """
    )
    return Valued(last_position, _winsorize(cursor, measure, table))


def _unit_value(measure: Measure, scale: Scale) -> str:
    if not measure.numeric:
        return "1.0::DOUBLE" if measure.aggregation == "average" else "events::DOUBLE"
    total = scale.number("total")
    return f"{total} / events" if measure.aggregation == "average" else total


def _takes_part(iteration: Iteration, through: int | None) -> str:
    conditions = ["true"]
    if through is not None:
        conditions.append(f"assigned.moment <= {through}")
    if iteration.multiple_exposures == "exclude":
        until_then = "" if through is None else f" OR contaminated_at > {through}"
        conditions.append(f"(contaminated_at IS NULL{until_then})")
    return " AND ".join(conditions)


def _winsorize(cursor: duckdb.DuckDBPyConnection, measure: Measure, table: str) -> Winsorized | None:
    """Move values beyond the percentiles of all arms together to those percentiles (inverted distribution function)."""
    if measure.winsor_lower is None and measure.winsor_upper is None:
        return None
    of_units = "y IS NOT NULL" if measure.winsor_imputed else "y IS NOT NULL AND events > 0"
    (n,) = one_row(cursor, f"SELECT count(*) FROM {table} WHERE {of_units}")

    def cap(percent: float | None) -> float | None:
        if percent is None or not n:
            return None
        rank = value_rank(n, percent / 100)
        return float(one_row(cursor, f"SELECT y FROM {table} WHERE {of_units} ORDER BY y LIMIT 1 OFFSET {rank - 1}")[0])

    lower, upper = cap(measure.winsor_lower), cap(measure.winsor_upper)
    raised, lowered = one_row(
        cursor,
        f"SELECT count(*) FILTER (y < $lower), count(*) FILTER (y > $upper) FROM {table} WHERE {of_units}",
        {"lower": lower, "upper": upper},
    )
    cursor.execute(
        f"UPDATE {table} SET y = least(greatest(y, $lower), $upper) WHERE {of_units}", {"lower": lower, "upper": upper}
    )
    return Winsorized(lower, upper, raised, lowered)
