"""Who takes part in an iteration: each unit with its first exposure."""

from typing import Any

from flaghoist.store.facts import scan
from flaghoist.store.facts.answer import Traffic
from flaghoist.store.facts.engines.port import Session, one_row
from flaghoist.store.facts.listing import Files
from flaghoist.store.facts.question import Iteration

_ASSIGNED = f"""
WITH firsts AS (
  SELECT unit, min(place) AS place, min(variation) <> max(variation) AS contaminated
  FROM shown WHERE variation IS NOT NULL GROUP BY unit
),
seconds AS (
  SELECT shown.unit, moment_of(min(shown.place)) AS moment
  FROM shown JOIN firsts ON shown.unit = firsts.unit
  WHERE firsts.contaminated AND shown.variation <> variation_of(firsts.place)
  GROUP BY shown.unit
),
slices AS (
  SELECT unit, arg_min(slice, place) AS slice
  FROM shown WHERE slice IS NOT NULL AND variation IS NOT NULL GROUP BY unit
),
placed AS (
  SELECT unit, variation_of(place) AS variation, moment_of(place) AS moment, position_of(place) AS position FROM firsts
)
SELECT placed.unit, slices.slice, placed.variation, placed.moment, placed.position,
  {scan.payload_start("placed.position")} AS payload_start, seconds.moment AS contaminated_at
FROM placed LEFT JOIN seconds ON placed.unit = seconds.unit LEFT JOIN slices ON placed.unit = slices.unit
"""


def assign(session: Session, iteration: Iteration, files: Files, slice_by: str | None = None) -> Traffic:
    """Make the table ``assigned``: unit, slice, first variation, when and where in its payload it was shown, and when
    another variation came (``contaminated_at``, null if none did).
    """
    parameters: dict[str, Any] = {"flag": iteration.flag_key}
    rows = _rows(session, iteration, files, parameters)
    (vouched,) = one_row(session, f"SELECT coalesce(bool_or(by_creation), false) FROM {rows} AS shown", parameters)
    moment = scan.event_time(iteration, vouched=vouched)
    within = _timed(rows, moment, iteration)
    census = scan.Census.of(session, within, parameters, iteration.unit_kind)
    parameters["unit_kind"] = iteration.unit_kind
    variation, slice_value = _variation(iteration, parameters), _slice(slice_by)
    session.keep(
        "shown",
        f"""
        SELECT unit, {variation}::SMALLINT AS variation, weight, {slice_value} AS slice,
          place_of(moment, position, {variation}) AS place
        FROM {within} AS within_time WHERE unit_kind = $unit_kind
        """,
        parameters,
    )
    session.keep("assigned", _ASSIGNED)
    return _traffic(session, census.without_unit)


def _rows(session: Session, iteration: Iteration, files: Files, parameters: dict[str, Any]) -> str:
    """The exposures to the flag, of whatever unit, as a source with its conditions."""
    conditions = ["flag = $flag"]
    if iteration.rule is not None:
        parameters["rule"] = iteration.rule
        conditions.append("(rule = $rule OR rule IS NULL)")  # an import need not say which rule served it
    if iteration.iteration_id is not None:
        parameters["iteration"] = iteration.iteration_id
        conditions.append("(iteration IS NULL OR iteration = $iteration)")
    return scan.received(session, files, "exposures", *scan.received_between(iteration), " AND ".join(conditions))


def _variation(iteration: Iteration, parameters: dict[str, Any]) -> str:
    if not iteration.treatments:
        return "variation"
    named = ["variation"]
    for place, (treatment, index) in enumerate(iteration.treatments):
        parameters[f"treatment_{place}"] = treatment
        named.append(f"CASE WHEN treatment = $treatment_{place} THEN {int(index)} END")
    return f"coalesce({', '.join(named)})"


def _slice(slice_by: str | None) -> str:
    if slice_by is None:
        return "NULL::VARCHAR"
    return f"text_at(attributes, {scan.text(scan.pointer(slice_by))})"


def _timed(rows: str, moment: str, iteration: Iteration) -> str:
    """Those of the exposures that happened within the iteration, each with its moment."""
    within = f"moment >= {iteration.started_at}"
    if iteration.ended_at is not None:
        within += f" AND moment <= {iteration.ended_at}"
    return f"(SELECT * FROM (SELECT *, {moment} AS moment FROM {rows} AS shown) AS timed WHERE {within})"


def _traffic(session: Session, without_unit: int) -> Traffic:
    per_variation = session.rows(
        "SELECT variation, count(*), count(contaminated_at) FROM assigned GROUP BY variation ORDER BY variation"
    )
    units: dict[int, int] = {}
    contaminated = 0
    for variation, count, several in per_variation:
        units[variation] = count
        contaminated += several
    exposures, without_variation, first, last = one_row(
        session,
        """
        SELECT coalesce(sum(weight) FILTER (WHERE variation IS NOT NULL), 0)::BIGINT,
          count(*) FILTER (WHERE variation IS NULL), moment_of(min(place)), moment_of(max(place))
        FROM shown
        """,
    )
    return Traffic(units, contaminated, exposures, without_unit, without_variation, first, last)
