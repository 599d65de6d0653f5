"""Who takes part in an iteration: each unit with its first exposure."""

from collections.abc import Sequence
from typing import Any

import duckdb

from flaghoist.store.facts import scan
from flaghoist.store.facts.answer import Traffic
from flaghoist.store.facts.question import Iteration

AT_SHIFT = 80
POSITION_SHIFT = 16
"""A place in time is one number: milliseconds, then position, then variation, so that no two are equal by chance."""

_ASSIGN = f"""
CREATE OR REPLACE TEMP TABLE firsts AS
SELECT unit, min(place) AS place, min(variation) <> max(variation) AS contaminated
FROM shown WHERE variation IS NOT NULL GROUP BY unit;

CREATE OR REPLACE TEMP TABLE seconds AS
SELECT unit, (min(shown.place) >> {AT_SHIFT})::BIGINT AS moment
FROM shown JOIN firsts USING (unit)
WHERE contaminated AND variation <> (firsts.place & 65535)
GROUP BY unit;

CREATE OR REPLACE TEMP TABLE slices AS
SELECT unit, arg_min(slice, place) AS slice
FROM shown WHERE slice IS NOT NULL AND variation IS NOT NULL GROUP BY unit;

CREATE OR REPLACE TEMP TABLE assigned AS
WITH placed AS (SELECT *, ((place >> {POSITION_SHIFT}) & 18446744073709551615)::BIGINT AS position FROM firsts)
SELECT unit, slice,
  (place & 65535)::SMALLINT AS variation,
  (place >> {AT_SHIFT})::BIGINT AS moment,
  position, {scan.PAYLOAD_START} AS payload_start,
  seconds.moment AS contaminated_at
FROM placed LEFT JOIN seconds USING (unit) LEFT JOIN slices USING (unit);
"""


def assign(
    cursor: duckdb.DuckDBPyConnection, iteration: Iteration, paths: Sequence[str], slice_by: str | None = None
) -> Traffic:
    """Make the table ``assigned``: unit, slice, first variation, when and where in its payload it was shown, and when
    another variation came (``contaminated_at``, null if none did).
    """
    parameters: dict[str, Any] = {"flag": iteration.flag_key}
    rows = _rows(iteration, paths, parameters)
    (vouched,) = scan.one_row(cursor, f"SELECT coalesce(bool_or(by_creation), false) FROM {rows}", parameters)
    moment = scan.event_time(iteration, vouched=vouched)
    within = f"(SELECT *, {moment} AS moment FROM {rows} WHERE {_within(iteration)})"
    census = scan.Census.of(cursor, within, parameters, iteration.unit_kind)
    parameters["unit_kind"] = iteration.unit_kind
    variation, slice_value = _variation(iteration, parameters), _slice(slice_by, parameters)
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE shown AS
        SELECT unit, {variation}::SMALLINT AS variation, weight, {slice_value} AS slice,
          (moment::HUGEINT << {AT_SHIFT}) + (position::HUGEINT << {POSITION_SHIFT}) + coalesce({variation}, 0) AS place
        FROM {within} WHERE unit_kind = $unit_kind
        """,
        parameters,
    )
    cursor.execute(_ASSIGN)
    return _traffic(cursor, census.without_unit)


def _rows(iteration: Iteration, paths: Sequence[str], parameters: dict[str, Any]) -> str:
    """The exposures to the flag, of whatever unit, as a source with its conditions."""
    conditions = ["flag = $flag"]
    if iteration.rule is not None:
        parameters["rule"] = iteration.rule
        conditions.append("(rule = $rule OR rule IS NULL)")  # an import need not say which rule served it
    if iteration.iteration_id is not None:
        parameters["iteration"] = iteration.iteration_id
        conditions.append("(iteration IS NULL OR iteration = $iteration)")
    return scan.received(paths, "exposures", *scan.received_between(iteration), " AND ".join(conditions))


def _variation(iteration: Iteration, parameters: dict[str, Any]) -> str:
    named = ["variation"]
    for place, (treatment, index) in enumerate(iteration.treatments):
        parameters[f"treatment_{place}"] = treatment
        named.append(f"CASE WHEN treatment = $treatment_{place} THEN {int(index)} END")
    return f"coalesce({', '.join(named)})"


def _slice(slice_by: str | None, parameters: dict[str, Any]) -> str:
    if slice_by is None:
        return "NULL::VARCHAR"
    parameters["slice"] = scan.pointer(slice_by)
    return "CASE WHEN json_valid(attributes) THEN json_extract_string(attributes, $slice) END"


def _within(iteration: Iteration) -> str:
    since = f"moment >= {iteration.started_at}"
    return since if iteration.ended_at is None else f"{since} AND moment <= {iteration.ended_at}"


def _traffic(cursor: duckdb.DuckDBPyConnection, without_unit: int) -> Traffic:
    per_variation = cursor.execute(
        "SELECT variation, count(*), count(contaminated_at) FROM assigned GROUP BY 1 ORDER BY 1"
    )
    units: dict[int, int] = {}
    contaminated = 0
    for variation, count, several in per_variation.fetchall():
        units[variation] = count
        contaminated += several
    exposures, without_variation, first, last = scan.one_row(
        cursor,
        f"""
        SELECT coalesce(sum(weight) FILTER (variation IS NOT NULL), 0)::BIGINT, count(*) FILTER (variation IS NULL),
          min(place >> {AT_SHIFT})::BIGINT, max(place >> {AT_SHIFT})::BIGINT
        FROM shown
        """,
    )
    return Traffic(units, contaminated, exposures, without_unit, without_variation, first, last)
