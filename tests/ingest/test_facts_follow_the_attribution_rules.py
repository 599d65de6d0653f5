"""Whatever is sent in whatever order, the facts say what the rules say."""

from collections import Counter
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

import pytest
from attribution_rules import FIVE_MINUTES_MS, Payload, Sent, Told, attribute
from event_road import NOON, Road, new_environment
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.store.batches import Marks
from flaghoist.store.facts.answer import Answer, Arm
from flaghoist.store.facts.question import Filter, Iteration, Measure, Question

STEPS_MS = (1, 3_600_000, 30 * 86_400_000)
"""The times of one world lie a few steps of one of these apart: windows, lateness, ninety days."""

COLOURS = ("red", "blue")
World = tuple[list[Payload], Iteration, list[Measure]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """What was sent, and what is asked about it."""
    step = draw(st.sampled_from(STEPS_MS))

    def moment(low: int = 0, high: int = 6) -> int:
        return NOON + step * draw(st.integers(low, high))

    contexts = st.fixed_dictionaries({}, optional={"user": st.sampled_from("abc"), "org": st.sampled_from("xy")})
    sent = st.builds(
        Sent,
        contexts=contexts.filter(bool),
        variation=st.sampled_from([None, None, 0, 1]),
        value=st.none() | st.integers(-40, 40).map(lambda number: Fraction(number, 8)),
        created_at=st.integers(-2, 8).map(lambda steps: NOON + step * steps),
        colour=st.sampled_from(COLOURS),
    )
    received = sorted(moment() for _ in range(draw(st.integers(1, 6))))
    payloads = [
        _payload(at, draw(st.lists(sent, min_size=1, max_size=6)), by_creation=draw(st.booleans())) for at in received
    ]
    started = moment(0, 2)
    iteration = Iteration(
        environment_id=new_environment(),
        flag_key="checkout",
        unit_kind=draw(st.sampled_from(["user", "user", "org"])),
        started_at=started,
        ended_at=draw(st.none() | st.integers(0, 5).map(lambda steps: started + step * steps)),
        attribution=draw(st.sampled_from(["receipt", "as_sent", "creation"])),
        max_lateness_ms=draw(st.sampled_from([None, step, 3 * step])),
        multiple_exposures=draw(st.sampled_from(["first_seen", "exclude"])),
    )
    measures = draw(st.lists(_measures(step), min_size=3, max_size=3))
    return payloads, iteration, measures


def _payload(at: int, events: list[Sent], *, by_creation: bool) -> Payload:
    """Senders who vouch for their clocks are refused what lies more than five minutes ahead."""
    if by_creation:
        events = [replace(sent, created_at=min(sent.created_at, at + FIVE_MINUTES_MS)) for sent in events]
    return Payload(at, tuple(events), by_creation)


def _measures(step: int) -> st.SearchStrategy[Measure]:
    red_only = Filter(kind="eventProperty", attribute="colour", values=("red",))
    return st.builds(
        Measure,
        event_key=st.just("bought"),
        numeric=st.booleans(),
        aggregation=st.sampled_from(["average", "sum"]),
        default_zero=st.booleans(),
        filters=st.sampled_from([(), (), (red_only,)]),
        window_start_ms=st.sampled_from([0, 0, step]),
        window_end_ms=st.sampled_from([None, None, step, 3 * step]),
    )


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_facts_agree_with_the_rules_written_down_plainly(shared_road: Road, world: World) -> None:
    payloads, iteration, measures = _later(world, by_ms=shared_road.clock.at_ms + 3_600_000 - NOON)
    _send(shared_road, iteration.environment_id, payloads)
    answers = shared_road.facts.answers([Question(iteration=iteration, measure=measure) for measure in measures])
    for measure, answer in zip(measures, answers, strict=True):
        _check(answer, attribute(payloads, iteration, measure))


def _later(world: World, *, by_ms: int) -> World:
    """The same world after the last one: arrival never goes back in time within one inbox."""
    payloads, iteration, measures = world
    moved = [
        Payload(
            payload.received_at + by_ms,
            tuple(replace(sent, created_at=sent.created_at + by_ms) for sent in payload.events),
            payload.by_creation,
        )
        for payload in payloads
    ]
    ended = None if iteration.ended_at is None else iteration.ended_at + by_ms
    return moved, replace(iteration, started_at=iteration.started_at + by_ms, ended_at=ended), measures


def _send(road: Road, environment: str, payloads: list[Payload]) -> None:
    for payload in payloads:
        marks = Marks.BY_CREATION if payload.by_creation else Marks(0)
        events = [_event(sent) for sent in payload.events]
        road.send(environment, events, at=payload.received_at, marks=marks)
    road.compactor.flush()


def _event(sent: Sent) -> dict[str, Any]:
    event = {"creationDate": sent.created_at, "contextKeys": sent.contexts}
    if sent.variation is not None:
        exposed = {"kind": "feature", "key": "checkout", "variation": sent.variation}
        return {**event, **exposed, "reason": {"kind": "RULE_MATCH", "inExperiment": True}}
    value = {} if sent.value is None else {"metricValue": float(sent.value)}
    return {**event, "kind": "custom", "key": "bought", "data": {"colour": sent.colour}, **value}


def _check(answer: Answer, told: Told) -> None:
    assert dict(answer.traffic.units) == told.traffic
    assert answer.traffic.contaminated == told.contaminated
    assert {name: count for name, count in asdict(answer.left_out).items() if count} == dict(+told.left_out)
    assert {arm.variation: arm.events for arm in answer.arms if arm.events} == dict(+told.events)
    assert {arm.variation: arm.eventing for arm in answer.arms if arm.eventing} == dict(+told.eventing)
    for arm in answer.arms:
        _check_arm(arm, [float(value) for value in told.values.get(arm.variation, [])])


def _check_arm(arm: Arm, values: list[float]) -> None:
    assert arm.moments.n == len(values)
    if not values:
        return
    exact = [Fraction(value) for value in values]
    mean = sum(exact, Fraction(0)) / len(exact)
    assert arm.total == float(sum(exact, Fraction(0)))
    assert arm.moments.mean == float(mean)
    m2 = sum(((value - mean) ** 2 for value in exact), Fraction(0))
    assert arm.moments.m2 == pytest.approx(float(m2), rel=1e-13, abs=1e-300)
    if arm.proportion is not None:
        assert Counter(values) == Counter(
            {1.0: arm.proportion.successes, 0.0: arm.moments.n - arm.proportion.successes}
        )
