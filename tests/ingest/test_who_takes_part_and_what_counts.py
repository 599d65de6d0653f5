"""Stories of single units: which exposure makes them take part, and which of their events count."""

from dataclasses import replace
from typing import Any, Literal

import pytest
from event_road import Road, new_environment

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store.batches import Marks
from flaghoist.store.facts.answer import Answer
from flaghoist.store.facts.question import Filter, Iteration, Measure, Question
from flaghoist.store.position import PLACES

COUNT = Measure(event_key="bought", aggregation="sum")


class Story:
    """One iteration that starts an hour after whatever happened before."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self.start = road.clock.at_ms + HOUR_MS
        self.iteration = Iteration(
            environment_id=new_environment(), flag_key="f", unit_kind="user", started_at=self.start
        )

    def send(self, *events: dict[str, Any], after: int = 0, **batch: Any) -> None:
        self.road.send(self.iteration.environment_id, events, at=self.start + after, **batch)

    def ask(
        self, measure: Measure = COUNT, *, preceded_by: tuple[Measure, ...] = (), in_order: bool = False, **other: Any
    ) -> Answer:
        """The answer for this iteration, with ``other`` settings of it if given."""
        self.road.compactor.flush()
        iteration = replace(self.iteration, **other)
        return self.road.facts.answer(
            Question(iteration=iteration, measure=measure, preceded_by=preceded_by, in_order=in_order)
        )

    def events(self, measure: Measure = COUNT, **iteration: Any) -> int:
        return sum(arm.events for arm in self.ask(measure, **iteration).arms)


@pytest.fixture
def story(shared_road: Road) -> Story:
    return Story(shared_road)


def exposed(unit: str = "ann", variation: int | None = 0, **members: Any) -> dict[str, Any]:
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    exposure = {"kind": "feature", "key": "f", "variation": variation, "reason": reason, "contextKeys": {"user": unit}}
    return {**exposure, **members}


def bought(unit: str = "ann", **members: Any) -> dict[str, Any]:
    return {"kind": "custom", "key": "bought", "contextKeys": {"user": unit}, **members}


def test_inside_one_payload_the_order_of_events_decides(story: Story) -> None:
    story.send(bought(), exposed(), bought(), bought())
    answer = story.ask()
    assert answer.arms[0].events == 2
    assert answer.left_out.before_exposure == 1


def test_what_arrives_in_the_same_millisecond_came_after_the_exposure(story: Story) -> None:
    story.send(bought())
    story.send(exposed())
    story.send(bought())
    assert story.events() == 2


def test_order_holds_inside_payloads_of_more_events_than_usual(story: Story) -> None:
    many = [bought("somebody") for _ in range(PLACES)]
    story.send(bought(), *many, exposed(), bought())
    assert story.events() == 1


@pytest.mark.parametrize(("after", "counted"), [(90 * DAY_MS, 1), (90 * DAY_MS + 1, 0)])
def test_events_count_for_ninety_days(story: Story, after: int, counted: int) -> None:
    story.send(exposed())
    story.send(bought(), after=after)
    assert story.events() == counted
    assert story.ask().left_out.after_window == 1 - counted


def test_windows_open_and_close_with_the_first_exposure(story: Story) -> None:
    measure = replace(COUNT, window_start_ms=HOUR_MS, window_end_ms=2 * HOUR_MS)
    story.send(exposed())
    for after in (HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS + 1):
        story.send(bought(), exposed(), after=after)
    answer = story.ask(measure)
    assert answer.arms[0].events == 2
    assert (answer.left_out.before_window, answer.left_out.after_window) == (1, 1)


def test_both_ends_of_an_iteration_belong_to_it(story: Story) -> None:
    story.send(exposed("early"), after=-1)
    story.send(exposed("first"))
    story.send(exposed("last"), bought("first"), bought("last"), after=HOUR_MS)
    story.send(exposed("late"), bought("first"), after=HOUR_MS + 1)
    answer = story.ask(ended_at=story.start + HOUR_MS)
    assert answer.traffic.units == {0: 2}
    assert answer.arms[0].events == 2
    assert answer.left_out.outside_iteration + answer.left_out.late == 1


def test_imports_that_arrive_after_the_end_are_late(story: Story) -> None:
    story.send(exposed())
    story.send(bought(creationDate=story.start + 1), after=2 * HOUR_MS)
    answer = story.ask(ended_at=story.start + HOUR_MS)
    assert (answer.arms[0].events, answer.left_out.late) == (0, 1)


def test_senders_who_vouch_for_their_time_may_be_late(story: Story) -> None:
    story.send(exposed())
    vouched = {"source": "import", "marks": Marks.BY_CREATION}
    story.send(bought(creationDate=story.start + 1), after=2 * HOUR_MS, **vouched)
    story.send(bought(creationDate=story.start - 1), after=2 * HOUR_MS, **vouched)
    ended = story.start + HOUR_MS
    assert story.events(ended_at=ended) == 1
    assert story.events(ended_at=ended, attribution="receipt") == 0
    assert story.events(ended_at=ended, max_lateness_ms=HOUR_MS - 1) == 0
    assert story.events(ended_at=ended, max_lateness_ms=None) == 1


def test_a_unit_stays_with_the_variation_it_saw_first_or_is_left_out(story: Story) -> None:
    story.send(exposed("ann", 1), exposed("ben", 0))
    story.send(exposed("ann", 0), bought("ann"), bought("ben"), after=1)
    kept = story.ask()
    assert [(arm.variation, arm.traffic, arm.events) for arm in kept.arms] == [(0, 1, 1), (1, 1, 1)]
    assert (kept.traffic.contaminated, kept.traffic.contaminated_share) == (1, 0.5)
    excluded = story.ask(multiple_exposures="exclude")
    assert [(arm.variation, arm.traffic, arm.events) for arm in excluded.arms] == [(0, 1, 1)]
    assert excluded.left_out.multiple_variations == 1
    assert excluded.traffic.contaminated == 1


def test_a_contaminated_unit_counts_until_it_is_one(story: Story) -> None:
    story.send(exposed("ann", 1))
    story.send(exposed("ann", 0), after=10)
    story.road.compactor.flush()
    iteration = replace(story.iteration, multiple_exposures="exclude")
    through = [story.start + 9, story.start + 10]
    series = story.road.facts.series(Question(iteration=iteration, measure=COUNT), through)
    assert [sum(arm.traffic for arm in arms) for arms in series] == [1, 0]


def test_events_without_the_kind_of_unit_are_counted_apart(story: Story) -> None:
    org = {"contextKeys": {"org": "acme"}}
    both = {"contextKeys": {"org": "acme", "user": "ann"}}
    story.send(exposed(), exposed(**org), bought(**org), bought(**both), bought("stranger"))
    answer = story.ask()
    assert answer.arms[0].events == 1
    assert (answer.left_out.events_without_unit, answer.left_out.not_exposed) == (1, 1)
    assert answer.traffic.exposures_without_unit == 1
    assert story.ask(unit_kind="org").traffic.units == {0: 1}


def test_only_the_exposures_volume_is_scaled_by_sampling(story: Story) -> None:
    story.send(exposed(samplingRatio=10), bought(samplingRatio=10))
    answer = story.ask()
    assert (answer.traffic.exposures, answer.arms[0].traffic, answer.arms[0].events) == (10, 1, 1)


def test_exposures_by_other_rules_and_for_other_iterations_stand_aside(story: Story) -> None:
    by_rule = {"reason": {"kind": "RULE_MATCH", "ruleId": "rule-1", "inExperiment": True}}
    story.send(exposed("ann"), exposed("ben", **by_rule))
    story.send(
        exposed("cleo", iterationId="one"), exposed("dan", iterationId="two"), source="import", marks=Marks.EXTENSIONS
    )
    assert story.ask().traffic.units == {0: 4}
    assert story.ask(rule="rule-1").traffic.units == {0: 1}
    assert story.ask(rule="fallthrough").traffic.units == {0: 3}
    assert story.ask(iteration_id="one").traffic.units == {0: 3}


def test_imports_may_name_variations_by_their_ids(story: Story) -> None:
    named = {"source": "import", "marks": Marks.EXTENSIONS}
    story.send(exposed("ann", None, treatmentId="id-b"), exposed("ben", None, treatmentId="id-x"), **named)
    answer = story.ask(treatments=(("id-a", 0), ("id-b", 1)))
    assert answer.traffic.units == {1: 1}
    assert answer.traffic.exposures_without_variation == 1


def test_numeric_metrics_leave_out_events_without_a_number(story: Story) -> None:
    story.send(exposed(), bought(), bought(metricValue=0), bought(metricValue=4))
    answer = story.ask(replace(COUNT, numeric=True, aggregation="average"))
    assert (answer.arms[0].moments.mean, answer.left_out.value_missing) == (2.0, 1)


def test_metrics_of_the_same_key_but_another_kind_are_other_metrics(story: Story) -> None:
    story.send(exposed(), {**bought(), "kind": "click"}, {**bought(), "kind": "pageview"})
    assert story.events() == 0
    assert story.events(replace(COUNT, event_kind="click")) == 1


def test_answers_tell_how_far_they_reach(story: Story) -> None:
    story.send(exposed())
    story.send(bought(), after=5)
    story.send({"kind": "custom", "key": "other", "contextKeys": {"user": "ann"}}, after=9)
    answer = story.ask()
    assert answer.last_event_at == story.start + 5
    assert answer.data_through == story.start + 9


PRO = {"kind": "user", "key": "ann", "plan": "pro", "beta": True, "tags": ["a", "b"], "app": {"version": "2.10.0"}}


@pytest.mark.parametrize(
    ("node", "counted"),
    [
        ({"kind": "eventProperty", "attribute": "country", "op": "in", "values": ("de", "fr")}, 2),
        ({"kind": "eventProperty", "attribute": "country", "op": "in", "values": ("de",), "negate": True}, 1),
        ({"kind": "eventProperty", "attribute": "missing", "op": "in", "values": ("x",), "negate": True}, 0),
        ({"kind": "eventProperty", "attribute": "price", "op": "greaterThan", "values": (10,)}, 1),
        ({"kind": "eventProperty", "attribute": "price", "op": "lessThanOrEqual", "values": (10,)}, 2),
        ({"kind": "eventProperty", "attribute": "gift", "op": "in", "values": (True,)}, 1),
        ({"kind": "eventProperty", "attribute": "country", "op": "startsWith", "values": ("d",)}, 1),
        ({"kind": "eventProperty", "attribute": "country", "op": "matches", "values": ("^[df]",)}, 2),
        ({"kind": "eventProperty", "attribute": "a/b", "op": "in", "values": (1,)}, 1),
        ({"kind": "eventProperty", "attribute": "country", "op": "segmentMatch", "values": ("s",)}, 0),
        ({"kind": "contextAttribute", "attribute": "plan", "op": "in", "values": ("pro",)}, 1),
        ({"kind": "contextAttribute", "attribute": "beta", "op": "in", "values": (True,)}, 1),
        ({"kind": "contextAttribute", "attribute": "tags", "op": "in", "values": ("b",)}, 1),
        ({"kind": "contextAttribute", "attribute": "/app/version", "op": "semVerGreaterThan", "values": ("2.9.0",)}, 1),
        ({"kind": "contextAttribute", "attribute": "plan", "op": "in", "values": ("pro",), "context_kind": "org"}, 0),
        ({"kind": "contextAttribute", "attribute": "key", "op": "in", "values": ("ann",)}, 4),
    ],
)
def test_filters_compare_as_the_clauses_of_flags_do(story: Story, node: dict[str, Any], counted: int) -> None:
    _shop(story)
    measure = replace(COUNT, filters=(Filter(**node),))
    answer = story.ask(measure)
    assert answer.arms[0].events == counted
    assert answer.left_out.filtered == 4 - counted


def test_groups_of_filters_join_and_negate(story: Story) -> None:
    _shop(story)
    german = Filter(kind="eventProperty", attribute="country", values=("de",))
    cheap = Filter(kind="eventProperty", attribute="price", op="lessThan", values=(10,))

    def counted(joined: Literal["and", "or"], *children: Filter, negate: bool = False) -> int:
        return story.events(replace(COUNT, filters=(Filter(kind=joined, filters=children, negate=negate),)))

    assert counted("and", german, cheap) == 0
    assert counted("or", german, cheap) == 2
    assert counted("or", german, cheap, negate=True) == 2
    assert counted("and", Filter(kind="and", filters=(german,), negate=True), cheap) == 1
    assert story.events(replace(COUNT, filters=(german, cheap))) == 0


def test_funnels_count_units_that_came_all_the_way(story: Story) -> None:
    steps = [Measure(event_key=key) for key in ("viewed", "added", "paid")]
    done = {"ann": "viewed added paid", "ben": "paid added viewed", "cleo": "viewed paid", "dan": "added"}
    for unit, keys in done.items():
        story.send(exposed(unit), *({**bought(unit), "key": key} for key in keys.split()))
    story.send(exposed("eve"))

    def got_as_far(*, in_order: bool) -> list[int]:
        found = []
        for number, measure in enumerate(steps):
            asked = {"preceded_by": tuple(steps[:number]), "in_order": in_order}
            (arm,) = story.ask(measure, **asked).arms
            assert arm.proportion is not None
            assert (arm.proportion.n, arm.moments.mean * 5) == (5, arm.proportion.successes)
            found.append(arm.proportion.successes)
        return found

    assert got_as_far(in_order=False) == [3, 2, 2]
    assert got_as_far(in_order=True) == [3, 1, 1]


def _shop(story: Story) -> None:
    story.send(
        exposed(),
        bought(data={"country": "de", "price": 12.5, "gift": True}),
        bought(data={"country": "fr", "price": 8}),
        bought(data={"price": 10, "a/b": 1, "country": None}),
        {"kind": "custom", "key": "bought", "context": PRO, "data": "no object"},
    )
