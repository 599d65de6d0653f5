"""A flag asks in order: is it on, are its prerequisites met, who is targeted, which rule matches, and what is left."""

from typing import Any

import pytest

from flaghoist.evaluation.context import Context, parse_context
from flaghoist.evaluation.ruleset import Ruleset

Document = dict[str, Any]
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}


def test_each_step_is_overruled_by_the_one_before_it() -> None:
    steps: Document = {"fallthrough": {"variation": 0}}
    assert answer(ruleset(flag("flag", **steps))) == ("zero", {"kind": "FALLTHROUGH"})

    steps["rules"] = [rule(clause("key", "in", "bob"), variation=2), rule(clause("key", "in", "ann"), variation=1)]
    assert answer(ruleset(flag("flag", **steps))) == ("one", {"kind": "RULE_MATCH", "ruleIndex": 1, "ruleId": "r"})

    steps["targets"] = [{"variation": 2, "values": ["ann"]}]
    assert answer(ruleset(flag("flag", **steps))) == ("two", {"kind": "TARGET_MATCH"})

    steps["prerequisites"] = [{"key": "other", "variation": 1}]
    failed = {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "other"}
    assert answer(ruleset(flag("flag", **steps))) == ("off", failed)

    assert answer(ruleset(flag("flag", on=False, **steps))) == ("off", {"kind": "OFF"})


def test_a_rule_matches_when_all_its_clauses_do() -> None:
    rules = ruleset(
        flag("flag", rules=[rule(*[clause("key", "startsWith", each) for each in ("a", "an", "ann", "x")])])
    )
    assert answer(rules)[1]["kind"] == "FALLTHROUGH"
    assert answer(ruleset(flag("flag", rules=[rule()])))[1]["kind"] == "RULE_MATCH"


def test_a_flag_without_an_off_variation_serves_nothing_when_off() -> None:
    result = ruleset(flag("flag", on=False, offVariation=None)).evaluate("flag", user("ann"))
    assert (result.value, result.variation, result.reason) == (None, None, {"kind": "OFF"})


def test_who_asks_for_nothing_known_is_told_so() -> None:
    rules = ruleset(flag("flag"), {**flag("gone"), "deleted": True})
    for key in ("nowhere", "gone"):
        assert rules.evaluate(key, user("ann")).reason == {"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}
    assert rules.evaluate("flag", None).reason == {"kind": "ERROR", "errorKind": "USER_NOT_SPECIFIED"}


def test_a_prerequisite_that_is_off_is_not_met_even_if_it_serves_what_is_wanted() -> None:
    waiting = flag("flag", prerequisites=[{"key": "first", "variation": 3}])
    assert answer(ruleset(waiting, flag("first", fallthrough={"variation": 3})))[0] == "zero"
    assert answer(ruleset(waiting, flag("first", on=False)))[0] == "off"


def test_flags_that_wait_for_each_other_are_malformed_only_where_someone_would_wait_forever() -> None:
    flags = [
        flag("flag", prerequisites=[{"key": "second", "variation": 0}]),
        flag("second", prerequisites=[{"key": "third", "variation": 0}]),
        flag("third", prerequisites=[{"key": "flag", "variation": 0}]),
    ]
    assert answer(ruleset(*flags)) == (None, MALFORMED)
    broken_open = flag("second", on=False, prerequisites=[{"key": "third", "variation": 0}])
    assert answer(ruleset(flags[0], broken_open, flags[2]))[0] == "off"


def test_waiting_for_the_same_flag_twice_is_no_circle() -> None:
    flags = [
        flag("flag", prerequisites=[{"key": "left", "variation": 0}, {"key": "right", "variation": 0}]),
        flag("left", prerequisites=[{"key": "base", "variation": 0}]),
        flag("right", prerequisites=[{"key": "left", "variation": 0}, {"key": "base", "variation": 0}]),
        flag("base"),
    ]
    assert answer(ruleset(*flags)) == ("zero", {"kind": "FALLTHROUGH"})


def test_a_thousand_prerequisites_in_a_row_do_not_bring_the_server_down() -> None:
    chain = [flag(f"flag-{at}", prerequisites=[{"key": f"flag-{at + 1}", "variation": 0}]) for at in range(1_000)]
    rules = ruleset(*chain, flag("flag-1000"))
    assert rules.evaluate("flag-0", user("ann")).reason == MALFORMED
    assert rules.evaluate("flag-990", user("ann")).value == "zero"


def test_user_targets_keep_to_the_order_of_context_targets_once_there_are_any() -> None:
    targets = [{"variation": 1, "values": ["ann"]}, {"variation": 2, "values": ["ann", "bob"]}]
    org = {"contextKind": "org", "variation": 0, "values": ["acme"]}
    placeholder = {"contextKind": "user", "variation": 2, "values": ["eve"]}
    rules = ruleset(flag("flag", fallthrough={"variation": 3}, targets=targets, contextTargets=[org, placeholder]))
    both = parse_context({"kind": "multi", "user": {"key": "ann"}, "org": {"key": "acme"}})
    assert rules.evaluate("flag", both).value == "zero", "the organisation stands first"
    assert rules.evaluate("flag", user("ann")).value == "two", "variation 1 has no place in the order"
    assert rules.evaluate("flag", user("eve")).value == "off", "a placeholder holds no keys"
    assert ruleset(flag("flag", targets=targets)).evaluate("flag", user("ann")).value == "one"


@pytest.mark.parametrize(
    "broken",
    [
        {"fallthrough": {"variation": 4}},
        {"fallthrough": {"variation": -1}},
        {"fallthrough": {}},
        {"fallthrough": None},
        {"fallthrough": {"rollout": {"variations": []}}},
        {"fallthrough": {"rollout": {"variations": [{"variation": 9, "weight": 100_000}]}}},
        {
            "fallthrough": {
                "rollout": {"contextKind": "user", "bucketBy": "//", "variations": [{"variation": 0, "weight": 1}]}
            }
        },
        {"fallthrough": {"rollout": {}}},
        {"fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 10**400}]}}},
        {"fallthrough": "variation"},
        {"targets": [{"variation": 7, "values": ["ann"]}]},
        {"targets": [{"variation": 0, "values": [1]}]},
        {"rules": [{"id": "r", "variation": 0}]},
        {"rules": ["rule"]},
        {"rules": [{"id": "r", "clauses": []}]},
        {"rules": [{"id": "r", "variation": 0, "clauses": [{"attribute": "", "op": "in", "values": []}]}]},
        {"rules": [{"id": "r", "variation": 0, "clauses": [{"attribute": "a", "values": []}]}]},
        {"rules": [{"id": "r", "variation": 0, "clauses": [{"attribute": "a", "op": "in"}]}]},
        {"on": "yes"},
        {"on": False, "offVariation": 9},
        {"variations": {}},
        {"version": "1"},
        {"debugEventsUntilDate": "tomorrow"},
        {"clientSideAvailability": []},
        {"key": None},
    ],
)
def test_a_malformed_flag_has_an_answer_too(broken: Document) -> None:
    result = ruleset(flag=flag("flag") | broken).evaluate("flag", user("ann"))
    assert (result.value, result.variation, result.reason) == (None, None, MALFORMED)


def test_a_malformed_rule_spoils_the_flag_only_for_those_who_reach_it() -> None:
    about_org = {"contextKind": "org", "attribute": "/a/", "op": "in", "values": []}
    rules = ruleset(flag("flag", rules=[rule(clause("key", "in", "bob")), rule(about_org)]))
    assert rules.evaluate("flag", user("bob")).value == "zero"
    assert rules.evaluate("flag", user("ann")).reason["kind"] == "FALLTHROUGH", "there is no organisation to ask"
    assert rules.evaluate("flag", parse_context({"kind": "org", "key": "acme"})).reason == MALFORMED


def test_flags_that_are_only_remembered_as_deleted_are_not_there() -> None:
    rules = ruleset(flag("flag"), new={"key": "new", "version": 3, "deleted": True})
    assert list(rules.evaluate_all(user("ann"))) == ["flag"]
    assert rules.evaluate("new", user("ann")).reason == {"kind": "ERROR", "errorKind": "FLAG_NOT_FOUND"}


def answer(rules: Ruleset) -> tuple[Any, Document]:
    """What ann gets from the flag named flag, and why."""
    result = rules.evaluate("flag", user("ann"))
    return result.value, result.reason


def user(key: str) -> Context:
    return parse_context({"kind": "user", "key": key})


def ruleset(*flags: Document, **by_key: Document) -> Ruleset:
    return Ruleset.build({flag["key"]: flag for flag in flags} | by_key, {})


def flag(key: str, **fields: Any) -> Document:
    """A flag that is on and serves "zero", unless told otherwise."""
    usual = {
        "key": key,
        "version": 1,
        "on": True,
        "variations": ["zero", "one", "two", "off"],
        "offVariation": 3,
        "fallthrough": {"variation": 0},
    }
    return usual | fields


def rule(*clauses: Document, variation: int = 0) -> Document:
    return {"id": "r", "variation": variation, "clauses": list(clauses)}


def clause(attribute: str, op: str, *values: Any) -> Document:
    return {"contextKind": "user", "attribute": attribute, "op": op, "values": list(values), "negate": False}
