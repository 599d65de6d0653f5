"""An explanation answers what evaluation answers, for any flag and any context, and each of its steps holds water."""

from collections.abc import Iterator

import pytest
from flag_worlds import World, in_the_suite, worlds
from hypothesis import given, settings

from flaghoist.evaluation.big_segments import Membership, context_hash
from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.explaining.flags import explain
from flaghoist.evaluation.explaining.trace import ClauseTrace, Explanation, FlagTrace, RolloutTrace, ServedTrace
from flaghoist.evaluation.ruleset import Ruleset


@settings(in_the_suite, max_examples=250)
@given(worlds())
def test_value_variation_and_reason_are_those_of_the_evaluator(world: World) -> None:
    ruleset = Ruleset.build(world["flags"], world["segments"])
    store = {context_hash(key): Membership(known, world["status"]) for key, known in world["memberships"].items()}

    def memberships(key: str) -> Membership:
        return store.get(key, Membership({}, world["status"]))

    for document in world["contexts"]:
        context = parse_context(document)
        for key in world["flags"]:
            explained = explain(
                key, context, flags=world["flags"].get, segments=world["segments"].get, memberships=memberships
            )
            result = ruleset.evaluate(key, context, memberships=memberships)
            assert (explained.value, explained.variation, explained.reason) == (
                result.value,
                result.variation,
                result.reason,
            )
            hold_water(explained)


def hold_water(explained: Explanation) -> None:
    """What is told of each step leads to what was decided there."""
    root = explained.flag
    assert isinstance(root, FlagTrace)
    for flag in (root, *explained.prerequisites.values()):
        matched = [rule for rule in flag.rules if rule.answer == "matched"]
        assert len(matched) == (flag.decided_by == "rule")
        assert bool(flag.fallthrough) == (flag.decided_by == "fallthrough")
        for rule in flag.rules:
            if rule.answer in ("matched", "notMatched"):
                assert (rule.answer == "matched") == all(clause.answer == "matched" for clause in rule.clauses)
        for served in (flag.fallthrough, *(rule.served for rule in matched)):
            if served and not served.malformed:
                assert served.variation == flag.variation
    for clause in clauses_of(explained):
        if clause.because in ("kindMissing", "attributeMissing"):
            assert clause.answer == "notMatched"
        elif clause.answer != "malformed":
            said_yes = clause.because in ("fits", "inSegment")
            assert (clause.answer == "matched") == (said_yes is not clause.negate)
    for segment in explained.segments.values():
        assert segment.member == (
            segment.decided_by in ("included", "rule") or bool(segment.big and segment.big.listed)
        )


def clauses_of(explained: Explanation) -> Iterator[ClauseTrace]:
    assert isinstance(explained.flag, FlagTrace)
    for flag in (explained.flag, *explained.prerequisites.values()):
        for rule in flag.rules:
            yield from rule.clauses
    for segment in explained.segments.values():
        for segment_rule in segment.rules:
            yield from segment_rule.clauses


def test_a_segment_is_explained_clause_by_clause_even_if_it_was_asked_aside() -> None:
    segments = {
        "beta": {
            "key": "beta",
            "salt": "s",
            "excluded": ["bob"],
            "rules": [
                {"clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}]},
                {"clauses": [{"attribute": "plan", "op": "in", "values": ["free"]}], "weight": 0, "bucketBy": "vip"},
            ],
        }
    }
    asking = {"op": "segmentMatch", "attribute": "", "values": ["ghost", "beta"], "negate": True}
    never = {"op": "in", "attribute": "plan", "values": []}
    flag = {
        "key": "checkout",
        "on": True,
        "variations": ["old", "new"],
        "fallthrough": {"variation": 0},
        "rules": [{"variation": 1, "clauses": [never, asking]}, {"variation": 1, "clauses": [asking]}],
    }

    def ask(key: str) -> Explanation:
        context = parse_context({"kind": "user", "key": key, "plan": "free", "vip": True})
        return explain("checkout", context, flags={"checkout": flag}.get, segments=segments.get)

    ann = ask("ann")
    assert isinstance(ann.flag, FlagTrace)
    (_, aside), (asked,) = (rule.clauses for rule in ann.flag.rules)
    assert (aside.asked, aside.answer, aside.because, aside.segments) == (False, "matched", "inNoSegment", [])
    assert (asked.asked, asked.answer, asked.because) == (True, "matched", "inNoSegment")
    assert [(segment.key, segment.member) for segment in asked.segments] == [("ghost", None), ("beta", False)]
    beta = ann.segments["beta"]
    assert (beta.member, beta.decided_by) == (False, "nothing")
    assert [rule.answer for rule in beta.rules] == ["notMatched", "outsideShare"]
    bob = ask("bob").segments["beta"]
    assert (bob.decided_by, bob.listed_kind, [rule.answer for rule in bob.rules]) == (
        "excluded",
        "user",
        ["notReached", "notReached"],
    )


@pytest.mark.parametrize(
    ("change", "malformed"),
    [
        ({"variations": "none"}, "'variations' must be a list"),
        ({"rules": [{"clauses": []}, {"clauses": [{"values": []}]}]}, "rules[1]: 'op' is missing"),
        ({"fallthrough": {}}, "what the fallthrough serves is no variation of this flag"),
        (
            {"rules": [{"clauses": [{"attribute": "/a//b", "contextKind": "user", "op": "in", "values": []}]}]},
            "attribute reference '/a//b' has a double or trailing slash",
        ),
    ],
)
def test_what_is_malformed_is_named(change: World, malformed: str) -> None:
    flag = {"key": "f", "on": True, "variations": [1], "fallthrough": {"variation": 0}, **change}
    explained = explain("f", parse_context({"kind": "user", "key": "ann"}), flags={"f": flag}.get, segments={}.get)
    assert explained.reason == {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
    assert isinstance(explained.flag, FlagTrace)
    assert explained.flag.malformed == malformed


def test_who_cannot_be_hashed_falls_into_the_first_bucket_and_past_empty_shares() -> None:
    shares = [{"variation": 0, "weight": 0}, {"variation": 1, "weight": 100_000}]
    flag = {
        "key": "f",
        "on": True,
        "variations": ["none", "all"],
        "fallthrough": {"rollout": {"variations": shares, "bucketBy": "vip"}},
    }
    context = parse_context({"kind": "user", "key": "ann", "vip": True})
    explained = explain("f", context, flags={"f": flag}.get, segments={}.get)
    assert isinstance(explained.flag, FlagTrace)
    served = explained.flag.fallthrough
    assert isinstance(served, ServedTrace)
    rollout = served.rollout
    assert isinstance(rollout, RolloutTrace)
    assert (rollout.bucket, rollout.hashed, rollout.chosen) == (0.0, False, 1)
    assert (explained.value, served.variation) == ("all", 1)


def test_flags_that_lead_back_to_each_other_say_where() -> None:
    def needing(key: str, other: str) -> World:
        needed = [{"key": other, "variation": 0}]
        return {"key": key, "on": True, "variations": [1], "fallthrough": {"variation": 0}, "prerequisites": needed}

    flags = {"a": needing("a", "b"), "b": needing("b", "a")}
    explained = explain("a", parse_context({"kind": "user", "key": "ann"}), flags=flags.get, segments={}.get)
    assert explained.reason == {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
    assert explained.prerequisites["b"].prerequisites[0].outcome == "circle"
    assert explained.prerequisites["b"].malformed == "flag 'b' depends on itself through prerequisite 'a'"
