"""Segments gather contexts by name, by rule, by weight, or by asking a store too big to send around."""

from typing import Any

import pytest

from flaghoist.evaluation.big_segments import Membership, Memberships, context_hash
from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.flags import compile_flag
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.ruleset import Ruleset
from flaghoist.evaluation.segments import compile_segment

Document = dict[str, Any]
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
ANN: Document = {"kind": "user", "key": "ann", "plan": "pro"}
ANN_AT_ACME: Document = {"kind": "multi", "user": {"key": "ann", "plan": "pro"}, "org": {"key": "acme"}}
PRO = [{"clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}]}]


@pytest.mark.parametrize(
    ("segment", "context", "belongs"),
    [
        ({}, ANN, False),
        ({"included": ["ann"]}, ANN, True),
        ({"included": ["ann"], "excluded": ["ann"]}, ANN, True),
        ({"rules": PRO}, ANN, True),
        ({"rules": PRO, "excluded": ["ann"]}, ANN, False),
        ({"included": ["acme"]}, ANN_AT_ACME, False),
        ({"includedContexts": [{"contextKind": "org", "values": ["acme"]}]}, ANN_AT_ACME, True),
        ({"includedContexts": [{"contextKind": "org", "values": ["acme"]}]}, ANN, False),
        ({"rules": PRO, "excludedContexts": [{"contextKind": "org", "values": ["acme"]}]}, ANN_AT_ACME, False),
        ({"rules": [{**PRO[0], "weight": 100_000}]}, ANN, True),
        ({"rules": [{**PRO[0], "weight": 0}]}, ANN, False),
        ({"rules": [{**PRO[0], "weight": 0, "bucketBy": "nothing"}]}, ANN, False),
        ({"rules": [{**PRO[0], "weight": 1, "bucketBy": "nothing"}]}, ANN, True),
        ({"rules": [{**PRO[0], "weight": 1, "rolloutContextKind": "org"}]}, ANN, True),
        ({"rules": [{"clauses": []}]}, ANN, True),
        ({"deleted": True, "included": ["ann"]}, ANN, False),
    ],
)
def test_who_belongs(segment: Document, context: Document, belongs: bool) -> None:
    assert served({"beta": segment}, context).value is belongs
    assert served({"beta": segment}, context, negate=True).value is not belongs


def test_any_of_several_segments_will_do_and_unknown_ones_do_not() -> None:
    segments = {"beta": {}, "staff": {"included": ["ann"]}}
    assert served(segments, ANN, asked=["beta", "nowhere", "staff"]).value is True
    assert served(segments, ANN, asked=["beta", "nowhere", 3]).value is False
    assert served(segments, ANN, asked=["nowhere"], negate=True).value is True


def test_segments_may_lean_on_segments_but_not_in_a_circle() -> None:
    segments = {"beta": leaning_on("staff"), "staff": {"included": ["ann"], **leaning_on("beta")}}
    assert served(segments, ANN).value is True
    bob = served(segments, {"kind": "user", "key": "bob"})
    assert (bob.value, bob.reason) == (None, MALFORMED)
    twice = {"beta": leaning_on("staff", "other"), "staff": leaning_on("leaf"), "other": leaning_on("leaf"), "leaf": {}}
    assert served(twice, ANN).value is False, "meeting a segment twice is no circle"


@pytest.mark.parametrize(
    "broken",
    [{"included": [1]}, {"rules": [{}]}, {"rules": [{**PRO[0], "weight": "all"}]}, {"unbounded": "yes"}, {"key": 3}],
)
def test_a_malformed_segment_spoils_the_flags_that_ask_for_it(broken: Document) -> None:
    assert served({"beta": broken}, ANN).reason == MALFORMED


def test_a_changed_segment_is_seen_by_flags_compiled_before() -> None:
    compiled = {"flag": compile_flag("flag", asking("beta"))}
    beta = compile_segment({"key": "beta", "version": 1, "included": ["ann"]})
    before, after = Ruleset(compiled, {}), Ruleset(compiled, {"beta": beta})
    ann = parse_context(ANN)
    assert [rules.evaluate("flag", ann).value for rules in (before, after, before)] == [False, True, False]


@pytest.mark.parametrize(
    ("known", "belongs"),
    [({"beta.g2": True}, True), ({"beta.g2": False}, False), ({"beta.g1": True}, True), ({}, True)],
)
def test_a_big_segment_asks_its_store_first_and_its_rules_for_the_rest(known: dict[str, bool], belongs: bool) -> None:
    big = {"unbounded": True, "generation": 2, "rules": PRO, "excluded": ["ann"]}
    result = served({"beta": big}, ANN, memberships=knowing(ann=Membership(known)))
    assert result.value is belongs
    assert result.reason["bigSegmentsStatus"] == "HEALTHY"


def test_a_big_segment_asks_for_its_own_kind_by_the_hash_of_the_key() -> None:
    # echo -n acme | sha256sum | xxd -r -p | base64
    assert context_hash("acme") == "giszrYfBSKCiClunzV68qmjTahjnqtFlVUkD9SyoJ1c="
    big = {"unbounded": True, "unboundedContextKind": "org", "generation": 1}
    store = knowing(acme=Membership({"beta.g1": True}), ann=Membership({}))
    assert served({"beta": big}, ANN_AT_ACME, memberships=store).value is True
    without = served({"beta": big}, ANN, memberships=store)
    assert without.value is False
    assert "bigSegmentsStatus" not in without.reason, "no organisation, no question"


def test_the_worst_status_of_several_look_ups_is_told() -> None:
    segments = {
        "beta": {"unbounded": True, "generation": 1},
        "orgs": {"unbounded": True, "generation": 1, "unboundedContextKind": "org"},
        "unready": {"unbounded": True},
    }
    store = knowing(ann=Membership({}, "STALE"), acme=Membership({}, "HEALTHY"))

    def status(*asked: str, memberships: Memberships | None = store) -> str:
        result = served(segments, ANN_AT_ACME, asked=list(asked), memberships=memberships)
        assert result.value is False
        return str(result.reason["bigSegmentsStatus"])

    assert status("orgs") == "HEALTHY"
    assert status("beta", "orgs") == status("orgs", "beta") == "STALE"
    assert status("unready", "beta") == status("beta", "unready") == "NOT_CONFIGURED"
    assert status("beta", memberships=None) == "NOT_CONFIGURED"


def test_one_context_asks_the_store_once_for_all_flags_and_each_flag_tells_its_status() -> None:
    questions: list[str] = []

    def store(key_hash: str) -> Membership:
        questions.append(key_hash)
        return Membership({"beta.g1": True}, "STALE")

    waiting = {**asking(), "key": "waiting", "prerequisites": [{"key": "flag", "variation": 1}]}
    flags = {"flag": asking("beta"), "again": {**asking("beta"), "key": "again"}, "waiting": waiting}
    beta = {"key": "beta", "version": 1, "unbounded": True, "generation": 1}
    rules = Ruleset.build({**flags, "plain": {**asking(), "key": "plain"}}, {"beta": beta})
    everything = rules.evaluate_all(parse_context(ANN), memberships=store)
    assert questions == [context_hash("ann")]
    told = {key: evaluated.result.reason.get("bigSegmentsStatus") for key, evaluated in everything.items()}
    assert told == {"flag": "STALE", "again": "STALE", "waiting": "STALE", "plain": None}


def served(
    segments: dict[str, Document],
    context: Document,
    *,
    asked: list[Any] | None = None,
    negate: bool = False,
    memberships: Memberships | None = None,
) -> Result:
    """Whether a flag that asks for segments (beta, unless told otherwise) matches."""
    whole = {key: {"key": key, "version": 1, "salt": "s", **segment} for key, segment in segments.items()}
    rules = Ruleset.build({"flag": asking(*(asked or ["beta"]), negate=negate)}, whole)
    return rules.evaluate("flag", parse_context(context), memberships=memberships)


def asking(*segment_keys: Any, negate: bool = False) -> Document:
    clause = {"attribute": "", "op": "segmentMatch", "values": list(segment_keys), "negate": negate}
    return {
        "key": "flag",
        "version": 1,
        "on": True,
        "variations": [False, True],
        "offVariation": 0,
        "fallthrough": {"variation": 0},
        "rules": [{"id": "r", "variation": 1, "clauses": [clause]}],
    }


def leaning_on(*segment_keys: str) -> Document:
    return {"rules": [{"clauses": [{"attribute": "", "op": "segmentMatch", "values": list(segment_keys)}]}]}


def knowing(**memberships: Membership) -> Memberships:
    """A store of big segments that knows these context keys, and no others."""
    by_hash = {context_hash(key): membership for key, membership in memberships.items()}
    return by_hash.__getitem__
