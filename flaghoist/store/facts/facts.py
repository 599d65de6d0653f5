"""Answers questions about what was received: per variation, one value per unit, summed up exactly.

The same facts give the same answer to the last bit, however they are spread over files and threads.
"""

import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from flaghoist.base import json
from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database
from flaghoist.store.facts import progress, scan
from flaghoist.store.facts.answer import Answer, Arm, LeftOut, SeenEvent, Traffic, UnitsInTime
from flaghoist.store.facts.arms import arms, slices
from flaghoist.store.facts.assignment import assign
from flaghoist.store.facts.engines.duckdb import DuckdbEngine
from flaghoist.store.facts.engines.port import Engine, EngineFailed, FilesMoved, Session
from flaghoist.store.facts.event_counts import EventCounts, count_events
from flaghoist.store.facts.funnels import keep_reached
from flaghoist.store.facts.judgement import judge, judge_before
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.listing import Files, Listing
from flaghoist.store.facts.question import Iteration, Question
from flaghoist.store.facts.values import Valued, value
from flaghoist.store.position import received_at

log = logging.getLogger("flaghoist.facts")
T = TypeVar("T")
TRIES = 3
LATEST_WITHIN_MS = 2 * HOUR_MS


class Facts:
    """One engine for all questions of experiments; any thread may ask, each with tables of its own."""

    def __init__(
        self,
        lake: Lake,
        database: Database,
        *,
        spill: Path,
        threads: int = 2,
        memory_limit: str = "2GB",
        engine: Engine | None = None,
    ) -> None:
        """``engine`` answers what experiments ask; without one, and for the newest events, DuckDB in this process does.

        ``threads`` and ``memory_limit`` bound that as a whole; beyond memory it uses its own ``spill``.
        """
        self._lake = lake
        self._database = database
        self._own = DuckdbEngine(spill=spill, threads=threads, memory_limit=memory_limit, at_hand=lake.at_hand)
        self._engine = engine or self._own

    def answer(self, question: Question) -> Answer:
        """One question's answer."""
        return self.answers([question])[0]

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """Several answers, in order; questions about the same iteration share the work of finding its units."""
        shared: dict[tuple[Iteration, str | None], list[int]] = {}
        for place, question in enumerate(questions):
            shared.setdefault((question.iteration, question.slice_by), []).append(place)

        def ask(session: Session) -> dict[int, Answer]:
            found: dict[int, Answer] = {}
            for (iteration, slice_by), places in shared.items():
                through = self._data_through()
                listing = self._listing(iteration, [questions[place] for place in places])
                traffic = _assign(session, iteration, listing, slice_by)
                for place in places:
                    found[place] = _answer(session, questions[place], listing, traffic, through)
            return found

        found = self._asking(ask)
        return [found[place] for place in range(len(questions))]

    def series(self, question: Question, through: Sequence[int]) -> list[tuple[Arm, ...]]:
        """The arms as they stood at several times (milliseconds, included), from what is known today."""

        def ask(session: Session) -> list[tuple[Arm, ...]]:
            listing = self._listing(question.iteration, [question])
            _assign(session, question.iteration, listing, question.slice_by)
            _judge(session, question, listing)
            at_times = []
            for at in through:
                _value(session, question, through=at)
                at_times.append(arms(session, question))
            return at_times

        return self._asking(ask)

    def traffic(self, iteration: Iteration) -> Traffic:
        """Who was exposed to what."""
        return self._asking(lambda session: _assign(session, iteration, self._listing(iteration)))

    def units_in_time(self, iteration: Iteration, bounds: Sequence[int]) -> list[UnitsInTime]:
        """Units by the time of their first exposure, between each bound (milliseconds, ascending) and the next."""
        spans = list(itertools.pairwise(bounds))
        if not spans:
            return []
        number = " ".join(f"WHEN moment < {until} THEN {at}" for at, (_, until) in enumerate(spans))
        within = f"moment >= {bounds[0]} AND moment < {bounds[-1]}"

        def ask(session: Session) -> list[UnitsInTime]:
            _assign(session, iteration, self._listing(iteration))
            counted = session.rows(
                f"""
                SELECT span, variation, count(*)
                FROM (SELECT variation, CASE {number} END AS span FROM assigned WHERE {within}) AS placed
                GROUP BY span, variation ORDER BY span, variation
                """
            )
            units: list[dict[int, int]] = [{} for _ in spans]
            for span, variation, count in counted:
                units[span][variation] = count
            return [UnitsInTime(since, until, units[at]) for at, (since, until) in enumerate(spans)]

        return self._asking(ask)

    def latest_events(
        self, environment_id: str, kind: str, key: str, *, since: int, limit: int = 100
    ) -> list[SeenEvent]:
        """The newest events of a key received since a time, newest first."""

        def ask(session: Session) -> list[SeenEvent]:
            files = self._outcomes(environment_id, since=since)
            of_key = scan.received(session, files, "outcomes", since, None, "kind = $kind AND key = $key")
            rows = session.rows(
                f"""
                WITH of_key AS (SELECT * FROM {of_key} AS events),
                newest AS (SELECT DISTINCT position FROM of_key ORDER BY position DESC LIMIT $limit)
                SELECT position, any_value(created_at), any_value(value), any_value(url), any_value(properties),
                  list(unit_kind ORDER BY unit_kind), list(unit_key ORDER BY unit_kind)
                FROM of_key SEMI JOIN newest USING (position) GROUP BY position ORDER BY position DESC
                """,
                {"kind": kind, "key": key, "limit": limit},
            )
            return [
                SeenEvent(
                    kind,
                    key,
                    received_at(position),
                    created_at,
                    dict(zip(kinds, keys, strict=True)),
                    number,
                    url,
                    None if properties is None else json.decode(properties),
                )
                for position, created_at, number, url, properties, kinds, keys in rows
            ]

        return self._asking(ask, self._own)

    def event_counts(self, environment_id: str, kind: str, key: str, bounds: Sequence[int]) -> EventCounts:
        """How often an event came, between each bound (milliseconds, ascending, evenly spaced) and the next."""

        def ask(session: Session) -> EventCounts:
            files = self._outcomes(environment_id, since=bounds[0], until=bounds[-1])
            return count_events(session, files, kind, key, bounds)

        return self._asking(ask, self._own)

    def close(self) -> None:
        """Let go of the engine."""
        self._own.close()
        self._engine.close()

    def _listing(self, iteration: Iteration, questions: Sequence[Question] = ()) -> Listing:
        """All that may be needed, as of one moment: else an event might be seen whose exposure is not."""
        since, _ = scan.received_between(iteration)
        before = max((question.covariate_ms or 0 for question in questions), default=0)
        with self._database.read() as connection:
            return Listing.read(connection, self._lake.place, iteration.environment_id, since=since - before)

    def _outcomes(self, environment_id: str, *, since: int, until: int | None = None) -> Files:
        with self._database.read() as connection:
            listing = Listing.read(connection, self._lake.place, environment_id, since=since)
        return listing.files("outcomes", since=since, until=until)

    def _data_through(self) -> int:
        with self._database.read() as connection:
            return received_at(progress.latest(connection))

    def _asking(self, ask: Callable[[Session], T], engine: Engine | None = None) -> T:
        """Ask in a session of its own; again, if a file was merged away between listing and reading."""
        for tried in range(1, TRIES + 1):
            try:
                with (engine or self._engine).session() as session:
                    return ask(session)
            except FilesMoved as error:
                log.warning("cannot read facts tried=%s error=%s", tried, error)
                self._lake.check_again()
            except EngineFailed as error:
                log.error("cannot compute results error=%s", error)
                break
        raise Unavailable("results cannot be computed at the moment; try again")


def _answer(session: Session, question: Question, listing: Listing, traffic: Traffic, data_through: int) -> Answer:
    left_out = _judge(session, question, listing)
    valued = _value(session, question)
    by_slice, omitted = slices(session, question) if question.slice_by is not None else ((), 0)
    last = valued.last_event_position
    return Answer(
        arms=arms(session, question),
        traffic=traffic,
        left_out=left_out,
        winsorized=valued.winsorized,
        slices=by_slice,
        slices_omitted=omitted,
        last_event_at=None if last is None else received_at(last),
        data_through=data_through,
    )


def _assign(session: Session, iteration: Iteration, listing: Listing, slice_by: str | None = None) -> Traffic:
    since, until = scan.received_between(iteration)
    return assign(session, iteration, listing.files("exposures", since=since, until=until), slice_by)


def _judge(session: Session, question: Question, listing: Listing) -> LeftOut:
    iteration, span = question.iteration, question.covariate_ms
    since, until = scan.received_between(iteration)
    files = listing.files("outcomes", since=since - (span or 0), until=until)
    if question.denominator is not None:
        judge(session, iteration, question.denominator, files, table="judged_denominator")
    elif span is not None:
        judge_before(session, iteration, question.measure, files, span_ms=span, table="judged_before")
    for step, measure in enumerate(question.preceded_by):
        judge(session, iteration, measure, files, table=f"judged_step_{step}")
    return judge(session, iteration, question.measure, files, table="judged")


def _value(session: Session, question: Question, *, through: int | None = None) -> Valued:
    """Make the table ``valued``, with a second value ``z`` where the question asks for one."""
    iteration, measure = question.iteration, question.measure
    if question.preceded_by:
        valued = value(session, iteration, measure, judged="judged", table="valued", through=through)
        steps = [*(f"judged_step_{step}" for step in range(len(question.preceded_by))), "judged"]
        keep_reached(session, steps, in_order=question.in_order, through=through)
        return valued
    if question.denominator is None and question.covariate_ms is None:
        return value(session, iteration, measure, judged="judged", table="valued", through=through)
    valued = value(session, iteration, measure, judged="judged", table="firsthand", through=through)
    if question.denominator is not None:
        second = replace(question.denominator, default_zero=True)
        value(session, iteration, second, judged="judged_denominator", table="secondhand", through=through)
        y = "coalesce(firsthand.y, 0)"
    else:
        second = replace(measure, default_zero=True, winsor_lower=None, winsor_upper=None)
        value(session, iteration, second, judged="judged_before", table="secondhand")
        y = "firsthand.y"
    session.keep(
        "valued",
        f"""
        SELECT firsthand.unit, firsthand.variation, firsthand.slice, firsthand.events, {y} AS y, secondhand.y AS z
        FROM firsthand JOIN secondhand ON firsthand.unit = secondhand.unit
        """,
    )
    return valued
