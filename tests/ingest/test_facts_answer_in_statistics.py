"""What the facts give to inference, against the plain arithmetic of numpy and against stories with known ends."""

import math
import random
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from event_road import NOON, Road, new_environment

from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import Invalid
from flaghoist.statistics.quantiles import ranks
from flaghoist.store.facts.answer import Arm
from flaghoist.store.facts.question import Iteration, Measure, Question

UNITS = 300


@dataclass
class World:
    """A thousand purchases of three hundred shoppers; ``values`` are those of each shopper, in order."""

    road: Road
    iteration: Iteration
    arm_of: dict[str, int] = field(default_factory=dict)
    plan_of: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    before: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, measure: Measure, **question: Any) -> dict[int, Arm]:
        answer = self.road.facts.answer(Question(iteration=self.iteration, measure=measure, **question))
        return {arm.variation: arm for arm in answer.arms}

    def of_arm(self, arm: int, plan: str | None = None) -> list[str]:
        return [unit for unit, own in self.arm_of.items() if own == arm and plan in (None, self.plan_of[unit])]


@pytest.fixture(scope="module")
def world(shared_road: Road) -> World:
    chance = random.Random(7)
    environment = new_environment()
    started = shared_road.clock.at_ms + 10 * DAY_MS
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=started)
    built = World(shared_road, iteration)
    units = [f"user-{number}" for number in range(UNITS)]
    for unit in units:
        built.arm_of[unit] = chance.randrange(3)
        built.plan_of[unit] = chance.choice(["free", "free", "pro"])
        built.values[unit], built.before[unit] = [], []
    _live(built, chance, built.before, at=started - 2 * DAY_MS)
    shared_road.send(environment, [_exposed(built, unit) for unit in units], at=started)
    _live(built, chance, built.values, at=started + DAY_MS)
    shared_road.compactor.flush()
    return built


def _live(world: World, chance: random.Random, values: dict[str, list[float]], *, at: int) -> None:
    events = []
    for _ in range(1000):
        unit = chance.choice(list(values)[: UNITS * 3 // 4])
        value = round(chance.lognormvariate(3, 1.5), 2)
        values[unit].append(value)
        events.append(_bought(unit, value))
    world.road.send(world.iteration.environment_id, events, at=at)


def _exposed(world: World, unit: str) -> dict[str, Any]:
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    context = {"kind": "user", "key": unit, "plan": world.plan_of[unit], "address": {"city": unit[-1]}}
    return {"kind": "feature", "key": "f", "variation": world.arm_of[unit], "reason": reason, "context": context}


def _bought(unit: str, value: float | None, **data: Any) -> dict[str, Any]:
    return {"kind": "custom", "key": "bought", "metricValue": value, "contextKeys": {"user": unit}, "data": data}


SUM = Measure(event_key="bought", numeric=True, aggregation="sum")
MEAN = Measure(event_key="bought", numeric=True, aggregation="average")
COUNT = Measure(event_key="bought", aggregation="sum")
OCCURRENCE = Measure(event_key="bought")
PER_UNIT = {
    SUM: lambda values: math.fsum(values),
    MEAN: lambda values: math.fsum(values) / len(values),
    COUNT: lambda values: float(len(values)),
    OCCURRENCE: lambda values: 1.0,
}


def _unit_values(world: World, arm: int, measure: Measure, *, default_zero: bool = True) -> list[float]:
    found = []
    for unit in world.of_arm(arm):
        values = world.values[unit]
        if values:
            found.append(PER_UNIT[replace(measure, default_zero=True)](values))
        elif default_zero:
            found.append(0.0)
    return found


@pytest.mark.parametrize("measure", [SUM, MEAN, COUNT, OCCURRENCE])
@pytest.mark.parametrize("default_zero", [True, False])
def test_moments_are_those_of_the_units(world: World, measure: Measure, default_zero: bool) -> None:
    arms = world.ask(replace(measure, default_zero=default_zero))
    assert set(arms) == {0, 1, 2}
    for variation, arm in arms.items():
        values = np.array(_unit_values(world, variation, measure, default_zero=default_zero))
        assert arm.traffic == len(world.of_arm(variation))
        assert arm.eventing == sum(bool(world.values[unit]) for unit in world.of_arm(variation))
        assert arm.events == sum(len(world.values[unit]) for unit in world.of_arm(variation))
        assert arm.moments.n == len(values)
        assert arm.total == pytest.approx(values.sum(), rel=1e-14)
        assert arm.moments.mean == pytest.approx(values.mean(), rel=1e-14)
        assert arm.moments.m2 == pytest.approx(values.var() * len(values), rel=1e-12, abs=1e-12)
        if measure == OCCURRENCE:
            assert arm.proportion is not None
            assert (arm.proportion.n, arm.proportion.successes) == (len(values), arm.eventing)
        else:
            assert arm.proportion is None


def test_averages_over_eventing_units_come_with_the_ratio_they_are(world: World) -> None:
    for variation, arm in world.ask(replace(MEAN, default_zero=False)).items():
        numerator = np.array(_unit_values(world, variation, MEAN))
        denominator = np.array([float(bool(world.values[unit])) for unit in world.of_arm(variation)])
        assert arm.ratio is not None
        covariance = np.cov(numerator, denominator, ddof=0) * len(numerator)
        assert arm.ratio.n == len(numerator)
        assert arm.ratio.mean_n / arm.ratio.mean_d == pytest.approx(arm.moments.mean, rel=1e-12)
        assert [arm.ratio.m2_n, arm.ratio.c_nd, arm.ratio.m2_d] == pytest.approx(
            [covariance[0, 0], covariance[0, 1], covariance[1, 1]], rel=1e-9
        )


def test_ratios_of_two_metrics_keep_how_they_move_together(world: World) -> None:
    for variation, arm in world.ask(SUM, denominator=COUNT).items():
        totals = np.array(_unit_values(world, variation, SUM))
        counts = np.array(_unit_values(world, variation, COUNT))
        assert arm.ratio is not None
        covariance = np.cov(totals, counts, ddof=0) * len(totals)
        assert (arm.ratio.mean_n, arm.ratio.mean_d) == pytest.approx((totals.mean(), counts.mean()), rel=1e-13)
        assert [arm.ratio.m2_n, arm.ratio.c_nd, arm.ratio.m2_d] == pytest.approx(
            [covariance[0, 0], covariance[0, 1], covariance[1, 1]], rel=1e-11
        )


def test_covariates_are_the_same_metric_before_the_exposure(world: World) -> None:
    for variation, arm in world.ask(SUM, covariate_ms=7 * DAY_MS).items():
        after = np.array(_unit_values(world, variation, SUM))
        before = np.array([math.fsum(world.before[unit]) for unit in world.of_arm(variation)])
        covariance = np.cov(after, before, ddof=0) * len(after)
        assert arm.covariate is not None
        assert arm.covariate.n == len(after)
        assert arm.covariate.mean_x == pytest.approx(before.mean(), rel=1e-13)
        assert [arm.covariate.m2, arm.covariate.c_yx, arm.covariate.m2_x] == pytest.approx(
            [covariance[0, 0], covariance[0, 1], covariance[1, 1]], rel=1e-10
        )
    a_day_is_too_short = world.ask(SUM, covariate_ms=DAY_MS)
    assert all(arm.covariate and arm.covariate.mean_x == 0 for arm in a_day_is_too_short.values())


@pytest.mark.parametrize("imputed", [True, False])
def test_winsorization_moves_extremes_of_all_arms_together(world: World, imputed: bool) -> None:
    measure = replace(SUM, winsor_lower=10, winsor_upper=90, winsor_imputed=imputed)
    answer = world.road.facts.answer(Question(iteration=world.iteration, measure=measure))
    everybody = {arm: _unit_values(world, arm, SUM) for arm in range(3)}
    pooled = np.array([value for values in everybody.values() for value in values if imputed or value])
    lower, upper = (np.percentile(pooled, percent, method="inverted_cdf") for percent in (10, 90))
    assert answer.winsorized is not None
    assert (answer.winsorized.lower, answer.winsorized.upper) == pytest.approx((lower, upper), rel=1e-15)
    assert (answer.winsorized.raised, answer.winsorized.lowered) == ((pooled < lower).sum(), (pooled > upper).sum())
    for arm in answer.arms:
        values = np.array(everybody[arm.variation])
        capped = np.where((values == 0) & (not imputed), 0, np.clip(values, lower, upper))
        assert arm.moments.mean == pytest.approx(capped.mean(), rel=1e-13)
        assert arm.moments.m2 == pytest.approx(capped.var() * len(capped), rel=1e-11)


def test_winsorization_finds_the_cap_of_the_published_example(shared_road: Road) -> None:
    # LaunchDarkly, home/experimentation/outliers: of ten values, the cap at the 90th percentile is the ninth.
    environment, at = new_environment(), shared_road.clock.at_ms + 1000
    values = [5, 20, 40, 60, 80, 100, 120, 150, 170, 950]
    exposures = [_exposed_as(0, f"u{number}") for number in range(len(values))]
    purchases = [_bought(f"u{number}", value) for number, value in enumerate(values)]
    shared_road.send(environment, exposures + purchases, at=at)
    shared_road.compactor.flush()
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=at)
    answer = shared_road.facts.answer(Question(iteration=iteration, measure=replace(SUM, winsor_upper=90)))
    assert answer.winsorized is not None
    assert (answer.winsorized.upper, answer.winsorized.lowered) == (170, 1)


@pytest.mark.parametrize("percent", [50, 90, 99])
def test_percentiles_come_with_the_neighbours_that_inference_needs(world: World, percent: float) -> None:
    for variation, arm in world.ask(replace(SUM, default_zero=False, percentile=percent)).items():
        values = sorted(_unit_values(world, variation, SUM, default_zero=False))
        assert arm.quantile is not None
        assert arm.quantile.n == len(values)
        expected = np.percentile(values, percent, method="inverted_cdf")
        assert arm.quantile.value == pytest.approx(expected, rel=1e-15)
        places = ranks(len(values), percent / 100)
        assert arm.quantile.complete == (places is not None)
        if places is not None:
            neighbours = (values[places.lower - 1], values[places.upper - 1])
            assert (arm.quantile.lower, arm.quantile.upper) == pytest.approx(neighbours, rel=1e-15)


def test_slices_are_the_units_of_each_value_and_add_up(world: World) -> None:
    answer = world.road.facts.answer(Question(iteration=world.iteration, measure=SUM, slice_by="plan"))
    assert [part.value for part in answer.slices] == ["free", "pro"]
    for part in answer.slices:
        for arm in part.arms:
            units = world.of_arm(arm.variation, part.value)
            values = np.array([math.fsum(world.values[unit]) for unit in units])
            assert arm.traffic == len(units)
            assert arm.moments.mean == pytest.approx(values.mean(), rel=1e-13)
            assert arm.moments.m2 == pytest.approx(values.var() * len(values), rel=1e-12)
    merged = {arm.variation: arm.moments for arm in answer.slices[0].arms}
    for arm in answer.slices[1].arms:
        merged[arm.variation] = merged[arm.variation].merge(arm.moments)
    for arm in answer.arms:
        assert merged[arm.variation].m2 == pytest.approx(arm.moments.m2, rel=1e-12)


def test_of_too_many_slices_the_largest_are_shown(shared_road: Road) -> None:
    environment, at = new_environment(), shared_road.clock.at_ms + 1000
    exposures = []
    for number in range(150):
        for unit in range(2 if number < 7 else 1):
            context = {"kind": "user", "key": f"u{number}-{unit}", "city": f"city-{number:03d}"}
            exposures.append(_exposed_as(0, "", context=context, contextKeys=None))
    shared_road.send(environment, [*exposures, _exposed_as(0, "nowhere")], at=at)
    shared_road.compactor.flush()
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=at)
    answer = shared_road.facts.answer(Question(iteration=iteration, measure=COUNT, slice_by="city"))
    assert [part.value for part in answer.slices] == [f"city-{number:03d}" for number in range(100)]
    assert [part.arms[0].traffic for part in answer.slices] == [2] * 7 + [1] * 93
    assert answer.slices_omitted == 51


def test_slices_follow_references_and_refuse_what_is_none(world: World) -> None:
    by_city = Question(iteration=world.iteration, measure=COUNT, slice_by="/address/city")
    assert len(world.road.facts.answer(by_city).slices) == 10
    unknown = world.road.facts.answer(replace(by_city, slice_by="shoe size"))
    assert [part.value for part in unknown.slices] == [None]
    with pytest.raises(Invalid):
        world.road.facts.answer(replace(by_city, slice_by="/"))


def test_numbers_far_from_zero_keep_their_digits(shared_road: Road) -> None:
    # NIST StRD, univariate: NumAcc4 has mean 10000000.2 and standard deviation 0.1 exactly.
    environment, at = new_environment(), shared_road.clock.at_ms + 1000
    values = [10_000_000.2] + [10_000_000.1, 10_000_000.3] * 500
    exposures = [_exposed_as(0, f"u{number}") for number in range(len(values))]
    purchases = [_bought(f"u{number}", value) for number, value in enumerate(values)]
    shared_road.send(environment, exposures + purchases, at=at)
    shared_road.compactor.flush()
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=at)
    (arm,) = shared_road.facts.answer(Question(iteration=iteration, measure=SUM)).arms
    assert arm.moments.mean == pytest.approx(10_000_000.2, rel=1e-15)
    assert math.sqrt(arm.moments.variance) == pytest.approx(0.1, rel=1e-8)


@pytest.mark.parametrize("magnitude", [1e-250, 1e-30, 1.0, 1e30, 1e100])
def test_sums_are_exact_at_every_magnitude(shared_road: Road, magnitude: float) -> None:
    chance = random.Random(3)
    environment, at = new_environment(), shared_road.clock.at_ms + 1000
    values = [chance.uniform(-1, 1) * magnitude for _ in range(200)]
    shared_road.send(environment, [_exposed_as(0, "u"), *(_bought("u", value) for value in values)], at=at)
    shared_road.compactor.flush()
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=at)
    (arm,) = shared_road.facts.answer(Question(iteration=iteration, measure=SUM)).arms
    assert arm.total == pytest.approx(math.fsum(values), rel=3e-16)


def test_the_story_over_time_ends_where_the_answer_stands(world: World) -> None:
    started = world.iteration.started_at
    through = [started - 1, started, started + DAY_MS - 1, started + DAY_MS]
    series = world.road.facts.series(Question(iteration=world.iteration, measure=SUM), through)
    assert series[0] == ()
    assert [sum(arm.events for arm in arms) for arms in series] == [0, 0, 0, 1000]
    assert [sum(arm.traffic for arm in arms) for arms in series] == [0, UNITS, UNITS, UNITS]
    assert {arm.variation: arm for arm in series[-1]} == world.ask(SUM)


def test_units_are_counted_when_they_are_first_exposed(world: World) -> None:
    started = world.iteration.started_at
    empty, full = world.road.facts.units_in_time(world.iteration, [started - DAY_MS, started, started + DAY_MS])
    assert empty.units == {}
    assert full.units == {arm: len(world.of_arm(arm)) for arm in range(3)}
    traffic = world.road.facts.traffic(world.iteration)
    assert (traffic.exposures, traffic.first_exposure_at, traffic.last_exposure_at) == (UNITS, started, started)


def test_nothing_received_is_an_answer_too(shared_road: Road) -> None:
    iteration = Iteration(environment_id=new_environment(), flag_key="f", unit_kind="user", started_at=NOON)
    question = Question(iteration=iteration, measure=replace(SUM, percentile=50, winsor_upper=99), slice_by="plan")
    answer = shared_road.facts.answer(question)
    assert (answer.arms, answer.slices, answer.last_event_at) == ((), (), None)
    assert shared_road.facts.series(question, [NOON]) == [()]


def _exposed_as(variation: int, unit: str, **members: Any) -> dict[str, Any]:
    reason = {"kind": "RULE_MATCH", "ruleId": "rule-1", "inExperiment": True}
    exposure = {"kind": "feature", "key": "f", "variation": variation, "reason": reason, "contextKeys": {"user": unit}}
    return {**exposure, **members}
