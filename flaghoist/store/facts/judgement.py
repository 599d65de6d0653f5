"""Which events count for a metric of an iteration, and why the others do not."""

from typing import Any

from flaghoist.store.facts import scan
from flaghoist.store.facts.answer import LeftOut
from flaghoist.store.facts.engines.port import Session
from flaghoist.store.facts.filters import FilterTables
from flaghoist.store.facts.listing import Files
from flaghoist.store.facts.question import ATTRIBUTION_MS, Iteration, Measure

COUNTED = 0
_VERDICTS = (
    "filtered",
    "late",
    "outside_iteration",
    "before_exposure",
    "before_window",
    "after_window",
    "value_missing",
)
"""Verdict 1 is the first of these, and so on; the first that applies is an event's."""


def judge(session: Session, iteration: Iteration, measure: Measure, files: Files, *, table: str) -> LeftOut:
    """Make a table of unit, value, position, moment and verdict of each event of a unit in ``assigned``."""
    parameters = _parameters(measure)
    rows = _rows(session, files, *scan.received_between(iteration))
    census = scan.Census.of(session, rows, parameters, iteration.unit_kind)
    timed = _timed(session, iteration, measure, rows, vouched=census.vouched)
    session.keep(
        table,
        f"""
        SELECT timed.unit, timed.value, timed.position, timed.moment, {_excluded(iteration)} AS excluded,
          {_verdict(iteration, measure)}::TINYINT AS verdict
        FROM ({timed}) AS timed JOIN assigned ON timed.unit = assigned.unit
        """,
        {**parameters, "unit_kind": iteration.unit_kind},
    )
    return _left_out(session, table, census)


def judge_before(
    session: Session,
    iteration: Iteration,
    measure: Measure,
    files: Files,
    *,
    span_ms: int,
    table: str,
) -> None:
    """Make the same table of the events within a span before each unit's first exposure."""
    since, until = scan.received_between(iteration)
    rows = _rows(session, files, since - span_ms, until)
    timed = _timed(session, iteration, measure, rows, vouched=True)
    usable = "timed.fits AND timed.value IS NOT NULL" if measure.numeric else "timed.fits"
    session.keep(
        table,
        f"""
        SELECT timed.unit, timed.value, timed.position, timed.moment, {COUNTED}::TINYINT AS verdict
        FROM ({timed}) AS timed JOIN assigned ON timed.unit = assigned.unit
        WHERE timed.moment >= assigned.moment - {span_ms} AND ({_BEFORE}) AND {usable}
        """,
        {**_parameters(measure), "unit_kind": iteration.unit_kind},
    )


# In the payload of the exposure, earlier places are earlier; otherwise, what is equal in time came after it.
_BEFORE = """timed.moment < assigned.moment OR (timed.moment = assigned.moment
  AND timed.position < assigned.position AND timed.position >= assigned.payload_start)"""


def _parameters(measure: Measure) -> dict[str, Any]:
    return {"kind": measure.event_kind, "key": measure.event_key}


def _rows(session: Session, files: Files, since: int, until: int | None) -> str:
    """The outcomes of a metric's key, of whatever unit, as a source in SQL."""
    return scan.received(session, files, "outcomes", since, until, "kind = $kind AND key = $key")


def _timed(session: Session, iteration: Iteration, measure: Measure, rows: str, *, vouched: bool) -> str:
    """Those of the experiment's kind of unit, each with the time it counts for and whether it passes the filters."""
    events = f"SELECT * FROM {rows} AS events WHERE unit_kind = $unit_kind"
    parameters = {**_parameters(measure), "unit_kind": iteration.unit_kind}
    fits = FilterTables(session, events, parameters, iteration.unit_kind).condition(measure.filters)
    moment = scan.event_time(iteration, vouched=vouched)
    return f"SELECT unit, position, value, created_at, {moment} AS moment, {fits} AS fits FROM ({events}) AS of_kind"


def _excluded(iteration: Iteration) -> str:
    return "assigned.contaminated_at IS NOT NULL" if iteration.multiple_exposures == "exclude" else "false"


def _verdict(iteration: Iteration, measure: Measure) -> str:
    window_end = ATTRIBUTION_MS if measure.window_end_ms is None else measure.window_end_ms
    started, ended = iteration.started_at, iteration.ended_at
    after_end = "false" if ended is None else f"timed.moment > {ended}"
    created_in_time = "false" if ended is None else f"timed.created_at <= {ended}"
    tests = (
        "NOT timed.fits",
        f"{after_end} AND {created_in_time}",
        f"{after_end} OR timed.moment < {started}",
        _BEFORE,
        f"timed.moment < assigned.moment + {measure.window_start_ms}",
        f"timed.moment > assigned.moment + {window_end}",
        "timed.value IS NULL" if measure.numeric else "false",
    )
    whens = " ".join(f"WHEN {test} THEN {number}" for number, test in enumerate(tests, start=1) if test != "false")
    return f"(CASE {whens} ELSE {COUNTED} END)"


def _left_out(session: Session, table: str, census: scan.Census) -> LeftOut:
    rows = session.rows(f"SELECT excluded, verdict, count(*) FROM {table} GROUP BY excluded, verdict")
    by_verdict = {verdict: count for excluded, verdict, count in rows if not excluded}
    return LeftOut(
        events_without_unit=census.without_unit,
        not_exposed=census.with_unit - sum(count for _, _, count in rows),
        multiple_variations=sum(count for excluded, _, count in rows if excluded),
        **{name: by_verdict.get(number, 0) for number, name in enumerate(_VERDICTS, start=1)},
    )
