"""Who gets what in an experiment: shares add up, and whoever is in a treatment stays in it when shares grow."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldclient import Context
from ldclient.impl.evaluator import Evaluator
from ldclient.impl.events.types import EventFactory
from ldclient.impl.model import FeatureFlag

from flaghoist.resources.experimentation.allocation import WHOLE, Slice, in_bands, regrown, side_by_side, weights
from flaghoist.resources.experimentation.experiments.subject import rollout_of

in_the_suite = settings(max_examples=200, derandomize=True, deadline=None)


@st.composite
def percents(draw: st.DrawFn, size: int = 0) -> list[Decimal]:
    """Parts of an audience that sum to at most 100, with up to five decimals, as people type them."""
    left = Decimal(100)
    found = []
    for _ in range(size or draw(st.integers(1, 6))):
        part = draw(st.decimals(0, left, places=draw(st.integers(0, 5))))
        found.append(min(part, left))
        left -= found[-1]
    return found


@st.composite
def shares(draw: st.DrawFn, size: int) -> dict[int, int]:
    """Weights of some variations; one of them is nobody's in the experiment."""
    return dict(enumerate(weights(draw(percents(size)))[:-1]))


def owner_at(line: Sequence[Slice], point: int) -> int | None:
    """Whose a point of the line is, by the rule of every SDK: the first slice whose end lies beyond it."""
    ends = list(accumulate(each.weight for each in line))
    return next(each.variation for each, end in zip(line, ends, strict=True) if point < end)


def widths(line: Sequence[Slice]) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for variation, weight in line:
        found[variation] = found.get(variation, 0) + weight
    return found


@in_the_suite
@given(percents())
def test_weights_sum_to_everybody_and_are_next_to_what_was_asked(asked: list[Decimal]) -> None:
    *treatments, outside = weights(asked)
    assert sum(treatments) + outside == WHOLE
    assert outside >= 0
    for part, weight in zip(asked, treatments, strict=True):
        assert abs(part * 1000 - weight) < 1


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["50", "50"], [50_000, 50_000, 0]),
        (["7", "7", "7"], [7_000, 7_000, 7_000, 79_000]),
        (["33.3333", "33.3333", "33.3333"], [33_334, 33_333, 33_333, 0]),
        (["33.3333", "33.3333", "33.3334"], [33_333, 33_333, 33_334, 0]),
        (["0.0004", "0"], [0, 0, 100_000]),
        (["0", "12.5"], [0, 12_500, 87_500]),
        (["100"], [100_000, 0]),
    ],
)
def test_weights_by_largest_remainder(asked: list[str], expected: list[int]) -> None:
    assert weights([Decimal(part) for part in asked]) == expected


@in_the_suite
@given(st.integers(1, 6).flatmap(shares))
def test_every_layout_gives_each_treatment_its_share_and_everybody_a_place(asked: dict[int, int]) -> None:
    for line in (side_by_side(asked), in_bands(asked), regrown(in_bands({0: 40_000, 1: 40_000}), asked)):
        found = widths(line)
        assert sum(found.values()) == WHOLE
        assert all(weight > 0 for weight in found.values())
        assert {variation: weight for variation, weight in asked.items() if weight} == {
            variation: weight for variation, weight in found.items() if variation is not None
        }


@in_the_suite
@given(st.integers(1, 5).flatmap(lambda size: st.tuples(*[shares(size)] * 3)), st.data())
def test_a_treatment_that_does_not_shrink_loses_nobody(steps: tuple[dict[int, int], ...], data: st.DataObject) -> None:
    line = in_bands(steps[0])
    points = data.draw(st.lists(st.integers(0, WHOLE - 1), min_size=30, max_size=30))
    for before, after in pairwise(steps):
        grown = regrown(line, after)
        for point in points:
            owner = owner_at(line, point)
            if owner is not None and after[owner] >= before[owner]:
                assert owner_at(grown, point) == owner
        line = grown


@in_the_suite
@given(st.integers(1, 5).flatmap(lambda size: st.tuples(shares(size), shares(size))), st.data())
def test_nobody_changes_from_one_treatment_to_another_unless_one_had_to_give_up(
    steps: tuple[dict[int, int], ...], data: st.DataObject
) -> None:
    """When all shares grow, or all shrink, units only join or leave."""
    small = {variation: min(steps[0][variation], steps[1][variation]) for variation in steps[0]}
    large = steps[0]
    line = in_bands(small)
    grown = regrown(line, large)
    shrunk = regrown(grown, small)
    for point in data.draw(st.lists(st.integers(0, WHOLE - 1), min_size=30, max_size=30)):
        first, second, third = (owner_at(each, point) for each in (line, grown, shrunk))
        assert first is None or second == first
        assert third is None or third == second


def test_growth_in_even_steps_stays_in_one_piece() -> None:
    line = in_bands({0: 5_000, 1: 5_000})
    for weight in (10_000, 25_000, 50_000):
        line = regrown(line, {0: weight, 1: weight})
    assert line == [Slice(0, 50_000), Slice(1, 50_000)]


KEYS = [f"user-{number}" for number in range(5_000)]


def as_sdks_read_it(rollout: dict[str, Any]) -> dict[str, Any]:
    """A stored rollout on the wire: an experiment, whose untracked slices are outside of it."""
    variations = [{**each, "untracked": each.get("_untracked", False)} for each in rollout["variations"]]
    return {**rollout, "kind": "experiment", "variations": variations}


def official(line: Sequence[Slice], *, seed: int, unit: str = "user") -> dict[str, tuple[int, bool]]:
    """What the official SDK's evaluator serves to thousands of users: variation, and whether in the experiment."""
    rollout = rollout_of(line, outside=2, unit=unit, seed=seed, can_reshuffle=False)
    flag = FeatureFlag(
        {
            "key": "checkout", "version": 1, "on": True, "salt": "salt", "variations": ["a", "b", "outside"],
            "fallthrough": {"rollout": as_sdks_read_it(rollout)}, "offVariation": 2,
        }
    )  # fmt: skip
    evaluator = Evaluator(lambda _key: None, lambda _key: None, lambda _key: (None, ""))
    served = {}
    for key in KEYS:
        detail = evaluator.evaluate(flag, Context.create(key, unit), EventFactory(False)).detail
        assert detail.variation_index is not None
        served[key] = (detail.variation_index, bool(detail.reason.get("inExperiment")))
    return served


def test_growing_an_experiment_moves_nobody_by_the_official_evaluator() -> None:
    line = in_bands({0: 10_000, 1: 10_000})
    before = official(line, seed=61)
    after = official(regrown(line, {0: 60_000, 1: 25_000}), seed=61)
    inside = [key for key, (_, counted) in before.items() if counted]
    assert 0.18 < len(inside) / len(KEYS) < 0.22
    assert all(after[key] == before[key] for key in inside)
    counted = [variation for variation, inside in after.values() if inside]
    assert 0.58 < counted.count(0) / len(KEYS) < 0.62
    assert 0.23 < counted.count(1) / len(KEYS) < 0.27
    assert all(variation == 2 for variation, inside in after.values() if not inside)


def test_another_seed_reshuffles_everybody() -> None:
    line = side_by_side({0: 50_000, 1: 50_000})
    before, after = official(line, seed=61), official(line, seed=62)
    moved = sum(before[key] != after[key] for key in KEYS)
    assert 0.45 < moved / len(KEYS) < 0.55, "independent halves agree in half of all cases"
