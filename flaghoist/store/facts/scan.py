"""How questions read the lake: which files, which times, in what order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import Invalid
from flaghoist.evaluation import references
from flaghoist.store.facts.engines.port import Session, one_row
from flaghoist.store.facts.lake import COLUMNS, Dataset, day_of
from flaghoist.store.facts.listing import Files
from flaghoist.store.facts.question import Iteration
from flaghoist.store.facts.superseded import Mark
from flaghoist.store.position import ALONE, EPOCH_MS, PLACE_SHIFT, TIME_SHIFT, first_at

CLOCK_AHEAD_MS = 5 * MINUTE_MS
"""How far ahead of ours a client's clock may be before the receipt is believed instead."""

RECEIVED_AT = f"((position >> {TIME_SHIFT}) + {EPOCH_MS})"


def payload_start(position: str) -> str:
    """Where the payload of an event begins, in SQL."""
    return f"""(CASE WHEN ({position} & {ALONE}) <> 0
      THEN (({position} >> {TIME_SHIFT}) << {TIME_SHIFT}) | {ALONE}
      ELSE ({position} >> {PLACE_SHIFT}) << {PLACE_SHIFT} END)"""


def received(session: Session, files: Files, dataset: Dataset, since: int, until: int | None, conditions: str) -> str:
    """Rows received within ``[since, until]`` that count and meet some conditions, as a source in SQL."""
    first, last = day_of(since), None if until is None else day_of(until)
    whole: list[str] = []
    cut: list[str] = []
    for path in files.paths:
        day = PurePath(path).parent.name.removeprefix("day=")
        (whole if first < day and (last is None or day < last) else cut).append(path)
    after = f"position >= {first_at(since)}"
    within = after if until is None else f"{after} AND position < {first_at(until + 1)}"
    # Days that lie wholly within are spared the comparison, and often the reading, of every position.
    rows = f"""(
      SELECT * FROM {_source(session, whole, dataset)} AS whole_days WHERE {conditions}
      UNION ALL SELECT * FROM {_source(session, cut, dataset)} AS cut_days WHERE {within} AND {conditions}
    )"""
    return _without(session, files.superseded, rows) if files.superseded else rows


def event_time(iteration: Iteration, *, vouched: bool) -> str:
    """When an event happened, in SQL, as milliseconds; ``vouched`` if any sender vouched for the time of creation."""
    if iteration.attribution == "receipt" or (iteration.attribution == "as_sent" and not vouched):
        return RECEIVED_AT  # without reading another column
    earliest = "" if iteration.max_lateness_ms is None else f"{RECEIVED_AT} - {iteration.max_lateness_ms}"
    created = f"greatest(created_at, {earliest})" if earliest else "created_at"
    clamped = f"coalesce(least({created}, {RECEIVED_AT} + {CLOCK_AHEAD_MS}), {RECEIVED_AT})"
    # greatest() and least() skip nulls, so an event without a time of its own needs saying.
    known = (
        "created_at IS NOT NULL" if iteration.attribution == "creation" else "by_creation AND created_at IS NOT NULL"
    )
    return f"(CASE WHEN {known} THEN {clamped} ELSE {RECEIVED_AT} END)"


def received_between(iteration: Iteration) -> tuple[int, int | None]:
    """When events of an iteration may have arrived, in milliseconds; both included, None for no end."""
    since = iteration.started_at - (0 if iteration.attribution == "receipt" else CLOCK_AHEAD_MS)
    if iteration.ended_at is None or iteration.max_lateness_ms is None:
        return since, None
    return since, iteration.ended_at + iteration.max_lateness_ms


@dataclass(frozen=True, slots=True)
class Census:
    """How many events name a context of the experiment's kind, how many do not, and whether any was vouched for."""

    with_unit: int
    without_unit: int
    vouched: bool

    @classmethod
    def of(cls, session: Session, rows: str, parameters: dict[str, Any], unit_kind: str) -> "Census":
        """Count the events of some rows, of which each event has one for each kind."""
        parameters = {**parameters, "counted_kind": unit_kind}
        with_unit, vouched = one_row(
            session,
            f"""
            SELECT count(*), coalesce(bool_or(by_creation), false) FROM {rows} AS events
            WHERE unit_kind = $counted_kind
            """,
            parameters,
        )
        # Apart from the above, since files are sorted by kind: usually there is nothing to read here.
        others = session.rows(
            f"""
            SELECT kinds, count(*) FROM {rows} AS events
            WHERE unit_kind <> $counted_kind AND unit_kind = split_part(kinds, ',', 1) GROUP BY kinds
            """,
            parameters,
        )
        without_unit = sum(events for kinds, events in others if unit_kind not in kinds.split(","))
        return cls(with_unit, without_unit, vouched)


def pointer(reference: str) -> str:
    """An attribute reference as the JSON pointer (RFC 6901) that it nearly is; raises ``Invalid``."""
    try:
        path = references.parse(reference)
    except references.ReferenceInvalid as error:
        raise Invalid(str(error)) from None
    return pointer_to(path)


def pointer_to(path: references.Path) -> str:
    """The JSON pointer that follows names from object to object."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def text(value: str) -> str:
    """A text as a literal in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _without(session: Session, superseded: Sequence[Mark], rows: str) -> str:
    session.keep_rows("superseded", {"gone_position": "BIGINT", "gone_unit": "VARCHAR"}, superseded)
    return f"""(
      SELECT received.* FROM {rows} AS received LEFT JOIN superseded
        ON received.position = superseded.gone_position AND received.unit::VARCHAR = superseded.gone_unit
      WHERE superseded.gone_position IS NULL
    )"""


def _source(session: Session, paths: Sequence[str], dataset: Dataset) -> str:
    """Files as a table in SQL; no files are an empty one."""
    if paths:
        return session.source(paths, dataset)
    columns = ", ".join(f"NULL::{kind} AS {column}" for column, kind in COLUMNS[dataset].items())
    return f"(SELECT {columns} WHERE false)"
