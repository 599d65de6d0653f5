"""Client-side SDKs receive the answers for one context: of flags meant for them, with what their events need."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.ruleset import Ruleset

Document = dict[str, Any]
ANN = parse_context({"kind": "user", "key": "ann"})


@pytest.mark.parametrize(
    ("availability", "browser", "mobile"),
    [
        ({}, False, True),
        ({"clientSide": True}, True, True),
        ({"clientSide": False, "clientSideAvailability": None}, False, True),
        ({"clientSideAvailability": {}}, False, False),
        ({"clientSide": True, "clientSideAvailability": {"usingMobileKey": True}}, False, True),
        ({"clientSideAvailability": {"usingEnvironmentId": True, "usingMobileKey": False}}, True, False),
        ({"clientSideAvailability": {"usingEnvironmentId": "yes"}}, False, False),
    ],
)
def test_flags_are_shown_to_the_kinds_of_client_they_are_meant_for(
    availability: Document, browser: bool, mobile: bool
) -> None:
    rules = ruleset(flag("flag", **availability))
    assert ("flag" in rules.evaluate_all(ANN, for_client="environment_id")) is browser
    assert ("flag" in rules.evaluate_all(ANN, for_client="mobile")) is mobile
    assert "flag" in rules.evaluate_all(ANN)


def test_an_evaluated_flag_says_no_more_than_is_needed() -> None:
    assert shown(flag("flag", version=17)) == {"value": "zero", "variation": 0, "version": 120, "flagVersion": 17}
    assert shown(flag("flag", on=False)) == {"value": None, "version": 120, "flagVersion": 1}
    assert shown(flag("flag"), with_reason=True)["reason"] == {"kind": "FALLTHROUGH"}


def test_an_evaluated_flag_tells_events_what_to_record() -> None:
    assert shown(flag("flag", trackEvents=True, debugEventsUntilDate=1_700_000_000_000)) == {
        "value": "zero",
        "variation": 0,
        "version": 120,
        "flagVersion": 1,
        "trackEvents": True,
        "debugEventsUntilDate": 1_700_000_000_000,
    }


def test_who_is_in_an_experiment_gets_full_events_and_the_reason_unasked() -> None:
    rollout = {"kind": "experiment", "variations": [{"variation": 0, "weight": 100_000}]}
    in_experiment = shown(flag("flag", fallthrough={"rollout": rollout}))
    assert in_experiment["reason"] == {"kind": "FALLTHROUGH", "inExperiment": True}
    assert in_experiment["trackEvents"] is in_experiment["trackReason"] is True
    tracked_rule = {"id": "r", "variation": 1, "trackEvents": True, "clauses": []}
    assert shown(flag("flag", rules=[tracked_rule]))["trackReason"] is True
    assert "trackReason" not in shown(flag("flag", rules=[{**tracked_rule, "trackEvents": False}]))
    assert shown(flag("flag", trackEventsFallthrough=True))["trackReason"] is True


def test_prerequisites_are_told_in_order_up_to_the_first_that_fails() -> None:
    wanted = [{"key": key, "variation": 0} for key in ("met", "failing", "never-asked")]
    flags = [flag("met", prerequisites=[{"key": "never-asked", "variation": 0}]), flag("never-asked")]
    rules = ruleset(flag("flag", prerequisites=wanted), flag("failing", fallthrough={"variation": 1}), *flags)
    everything = rules.evaluate_all(ANN, for_client="mobile")
    assert everything["flag"].prerequisites == ("met", "failing")
    assert everything["met"].document(version=1)["prerequisites"] == ["never-asked"]
    assert "prerequisites" not in everything["failing"].document(version=1)
    off = ruleset(flag("flag", on=False, prerequisites=wanted), *flags)
    assert off.evaluate_all(ANN)["flag"].prerequisites == ()


def test_a_flag_in_a_circle_spoils_none_of_the_others() -> None:
    circle = flag("a", prerequisites=[{"key": "a", "variation": 0}])
    everything = ruleset(circle, flag("b", prerequisites=[{"key": "c", "variation": 0}]), flag("c")).evaluate_all(ANN)
    assert everything["a"].result.reason == {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
    assert everything["b"].result.value == "zero"
    assert everything["b"].prerequisites == ("c",)


def test_prerequisites_hidden_from_a_client_still_count() -> None:
    hidden = flag("hidden", fallthrough={"variation": 1}, clientSideAvailability={})
    rules = ruleset(flag("flag", prerequisites=[{"key": "hidden", "variation": 1}]), hidden)
    everything = rules.evaluate_all(ANN, for_client="mobile")
    assert list(everything) == ["flag"]
    assert everything["flag"].result.value == "zero"
    assert everything["flag"].prerequisites == ("hidden",)


def test_equal_flags_are_shown_in_the_same_order_however_they_came_there() -> None:
    one, other = ruleset(flag("b"), flag("a")), ruleset(flag("a"), flag("b"))
    assert list(one.evaluate_all(ANN)) == list(other.evaluate_all(ANN)) == ["a", "b"]


def test_what_depends_on_nobody_is_known_before_anybody_asks() -> None:
    rules = ruleset(
        flag("off", on=False, offVariation=1, targets=[{"variation": 0, "values": ["ann"]}]),
        flag("for-all"),
        flag("split", fallthrough={"rollout": {"variations": [{"variation": 1, "weight": 100_000}]}}),
        flag("targeted", targets=[{"variation": 1, "values": ["bob"]}]),
        flag("ruled", rules=[{"id": "r", "variation": 1, "clauses": [{"attribute": "x", "op": "in", "values": [1]}]}]),
        flag("met", prerequisites=[{"key": "for-all", "variation": 0}]),
        flag("unmet", prerequisites=[{"key": "for-all", "variation": 1}, {"key": "split", "variation": 0}]),
        flag("unsure", prerequisites=[{"key": "split", "variation": 0}]),
    )
    known = {shown.key: rules.answer_to_all(shown) for shown in rules.shown(None)}
    assert {key for key, answer in known.items() if answer is None} == {"split", "targeted", "ruled", "unsure"}
    assert {key: (answer[0].value, answer[1]) for key, answer in known.items() if answer is not None} == {
        "off": ("one", ()),
        "for-all": ("zero", ()),
        "met": ("zero", ("for-all",)),
        "unmet": (None, ("for-all",)),
    }


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    *("key", "on", "variations", "offVariation", "fallthrough", "rules", "targets", "contextTargets", "prerequisites"),
    *("salt", "version", "trackEvents", "clientSideAvailability", "included", "unbounded", "generation"),
)
RULE_FIELDS = ("id", "clauses", "variation", "rollout", "trackEvents", "weight", "bucketBy", "rolloutContextKind")
CLAUSE_FIELDS = ("attribute", "op", "values", "negate", "contextKind")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), wild, max_size=2),
    st.dictionaries(st.sampled_from(RULE_FIELDS), wild, max_size=2),
    st.dictionaries(st.sampled_from(CLAUSE_FIELDS), wild, max_size=2),
    wild,
)
def test_whatever_is_stored_there_is_an_answer(
    fields: Document, in_rule: Document, in_clause: Document, value: Any
) -> None:
    clause = {"attribute": "x", "op": "in", "values": [], "negate": True} | in_clause
    rule = {"id": "r", "variation": 0, "clauses": [clause]} | in_rule
    item = flag("flag", rules=[rule]) | fields
    asking = {"attribute": "", "op": "segmentMatch", "values": ["flag"]}
    rules = Ruleset.build(
        {"flag": item, "asking": flag("asking", rules=[{"id": "r", "variation": 1, "clauses": [asking]}])},
        {"flag": item},
    )
    context = parse_context({"kind": "user", "key": "ann", "x": value})
    for key, evaluated in rules.evaluate_all(context).items():
        assert evaluated.result == rules.evaluate(key, context)
        assert evaluated.result.reason["kind"] in {"OFF", "FALLTHROUGH", "RULE_MATCH", "PREREQUISITE_FAILED", "ERROR"}


def shown(item: Document, *, with_reason: bool = False) -> Document:
    return ruleset(item).evaluate_all(ANN)["flag"].document(version=120, with_reason=with_reason)


def ruleset(*flags: Document) -> Ruleset:
    return Ruleset.build({flag["key"]: flag for flag in flags}, {})


def flag(key: str, **fields: Any) -> Document:
    """A flag that is on and serves "zero", unless told otherwise."""
    usual = {"key": key, "version": 1, "on": True, "variations": ["zero", "one"], "fallthrough": {"variation": 0}}
    return usual | fields
