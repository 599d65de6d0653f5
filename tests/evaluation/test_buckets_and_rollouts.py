"""Rollouts share contexts out evenly, lastingly, and exactly as every SDK does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.evaluation.bucketing import bucketer, seed_of
from flaghoist.evaluation.context import Context, parse_context
from flaghoist.evaluation.ruleset import Ruleset

quick = settings(max_examples=60, derandomize=True, deadline=None)
three_weights = st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)).map(
    lambda cuts: (min(cuts), max(cuts) - min(cuts), 100_000 - max(cuts))
)


@pytest.mark.parametrize(
    ("value", "seed", "bucket"),
    [
        # Computed with official SDKs.
        ("userKeyA", None, 0.42157587434),
        ("userKeyB", None, 0.67084849657),
        ("userKeyC", None, 0.10343106173),
        ("33333", None, 0.54771423459),
        (33333, None, 0.54771423459),
        ("userKeyA", 61, 0.09801206525),
        ("userKeyB", 61, 0.14483777377),
        ("userKeyC", 61, 0.9242640945),
    ],
)
def test_buckets_are_those_of_official_sdks(value: Any, seed: int | None, bucket: float) -> None:
    bucket_of = bucketer(seed_of("hashKey", "saltyA", seed=seed))
    assert bucket_of(value) == pytest.approx(bucket, abs=1e-10)


@pytest.mark.parametrize("value", [None, True, False, 1.5, 33333.0, [], {}, ["a"], pytest.param(10**5000, id="huge")])
def test_what_has_no_bucket_of_its_own_falls_into_the_first(value: Any) -> None:
    assert bucketer("hashKey.saltyA")(value) == 0.0


def test_half_a_character_has_a_bucket_too() -> None:
    assert 0 < bucketer("hashKey.saltyA")("\ud800") < 1


def test_a_rollout_shares_out_as_its_weights_say() -> None:
    shares = counted(rollout(30_000, 60_000, 10_000), number=20_000)
    # Five standard deviations of a binomial count are at most 346 here.
    assert shares == [pytest.approx(6_000, abs=330), pytest.approx(12_000, abs=346), pytest.approx(2_000, abs=212)]


def test_weights_that_fall_short_leave_the_rest_to_the_last_variation() -> None:
    zero, one, two = counted(rollout(10_000, 0, 10_000), number=2_000)
    assert one == 0
    assert zero == pytest.approx(200, abs=70)
    assert two == 2_000 - zero


@quick
@given(st.text(min_size=1), three_weights)
def test_the_same_context_always_gets_the_same_answer(key: str, weights: tuple[int, int, int]) -> None:
    first, again = (ruleset(rollout(*weights)) for _ in range(2))
    other = Ruleset.build({key: flag(key, rollout(*weights)) for key in ("flag", "other")}, {})
    answers = {str(rules.evaluate("flag", user(key))) for rules in (first, again, other)}
    assert len(answers) == 1


@quick
@given(st.text(min_size=1), st.integers(0, 100_000), st.integers(0, 100_000))
def test_growing_the_first_share_takes_nobody_out_of_it(key: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    served_before = ruleset(rollout(small, 100_000 - small)).evaluate("flag", user(key)).variation
    served_after = ruleset(rollout(large, 100_000 - large)).evaluate("flag", user(key)).variation
    assert served_after == 0 or served_before == 1


@quick
@given(st.text(min_size=1), three_weights)
def test_making_a_share_untracked_changes_who_counts_but_not_what_is_served(
    key: str, weights: tuple[int, int, int]
) -> None:
    tracked = ruleset(experiment(*weights, untracked=())).evaluate("flag", user(key))
    partly = ruleset(experiment(*weights, untracked=(1, 2))).evaluate("flag", user(key))
    assert partly.value == tracked.value
    assert tracked.reason == {"kind": "FALLTHROUGH", "inExperiment": True}
    assert ("inExperiment" in partly.reason) == (partly.variation == 0) == partly.is_experiment


def test_rollouts_with_the_same_seed_line_up_and_others_do_not() -> None:
    halves = rollout(50_000, 50_000)
    rules = Ruleset.build(
        {
            "a": flag("a", {**halves, "seed": 61}, salt="x"),
            "b": flag("b", {**halves, "seed": 61}, salt="y"),
            "c": flag("c", halves, salt="x"),
            "d": flag("d", halves, salt="y"),
        },
        {},
    )
    served = {key: [rules.evaluate(key, user(f"u{number}")).variation for number in range(200)] for key in "abcd"}
    assert served["a"] == served["b"]
    assert len({tuple(each) for each in served.values()}) == 3


def test_an_experiment_goes_by_key_whatever_it_is_told_to_bucket_by() -> None:
    plain = rollout(50_000, 50_000)
    by_team, in_experiment = {**plain, "bucketBy": "team"}, {**plain, "bucketBy": "team", "kind": "experiment"}
    people = [parse_context({"kind": "user", "key": f"u{number}", "team": "red"}) for number in range(200)]
    assert len({ruleset(by_team).evaluate("flag", person).variation for person in people}) == 1
    assert [ruleset(in_experiment).evaluate("flag", person).variation for person in people] == [
        ruleset(plain).evaluate("flag", person).variation for person in people
    ]


@pytest.mark.parametrize("first_weight", [0, 50_000])
def test_without_the_kind_asked_for_the_first_share_is_served_and_nobody_is_in_the_experiment(
    first_weight: int,
) -> None:
    by_org = {**experiment(first_weight, 100_000 - first_weight, untracked=()), "contextKind": "org"}
    result = ruleset(by_org).evaluate("flag", user("u1"))
    assert (result.variation, result.reason) == (0, {"kind": "FALLTHROUGH"})
    assert not result.is_experiment


def rollout(*weights: int) -> dict[str, Any]:
    return {"variations": [{"variation": index, "weight": weight} for index, weight in enumerate(weights)]}


def experiment(*weights: int, untracked: tuple[int, ...]) -> dict[str, Any]:
    shares = [{**share, "untracked": share["variation"] in untracked} for share in rollout(*weights)["variations"]]
    return {"kind": "experiment", "contextKind": "user", "seed": 61, "variations": shares}


def flag(key: str, served: dict[str, Any], *, salt: str = "saltyA") -> dict[str, Any]:
    variations = ["zero", "one", "two"]
    return {
        "key": key,
        "version": 1,
        "on": True,
        "salt": salt,
        "variations": variations,
        "fallthrough": {"rollout": served},
    }


def ruleset(served: dict[str, Any]) -> Ruleset:
    return Ruleset.build({"flag": flag("flag", served)}, {})


def user(key: str) -> Context:
    return parse_context({"kind": "user", "key": key})


def counted(served: dict[str, Any], *, number: int) -> list[int]:
    """How many of so many users get each of three variations."""
    rules = ruleset(served)
    results = [rules.evaluate("flag", user(f"user-{each}")).variation for each in range(number)]
    return [results.count(index) for index in range(3)]
