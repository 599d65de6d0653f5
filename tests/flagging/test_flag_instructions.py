"""Every instruction does its one thing, needs its one action, and says what it cannot do."""

from collections.abc import Callable
from typing import Any

import pytest

from flaghoist.base.errors import Forbidden, Invalid
from flaghoist.resources.flagging.flags.instructions import VERBS

Body = dict[str, Any]

RULES = [
    {
        "_id": "r1",
        "clauses": [{"_id": "c1", "attribute": "country", "op": "in", "values": ["CH", "AT"]}],
        "variation": 0,
    },
    {"_id": "r2", "clauses": [{"_id": "c2", "attribute": "plan", "op": "in", "values": ["pro"]}], "variation": 1},
]


@pytest.fixture
def flag(world: Any) -> Body:
    """Three colours, with something of everything in place in ``test``."""
    world.flag("gate")
    world.flag(
        "colour",
        variations=[{"value": "red"}, {"value": "green"}, {"value": "blue"}],
        tags=["paint", "Beta"],
        customProperties={"jira": {"name": "Jira", "value": ["A-1", "A-2"]}},
    )
    gate = world.whole("gate")["variations"][0]["_id"]
    return world.patch(
        "colour",
        {
            "environments": {
                "test": {
                    "rules": RULES,
                    "targets": [{"variation": 0, "values": ["ann", "bob"]}],
                    "contextTargets": [{"contextKind": "org", "variation": 1, "values": ["acme"]}],
                    "prerequisites": [{"key": "gate", "variationId": gate}],
                }
            }
        },
    )


def red(flag: Body) -> str:
    return str(flag["variations"][0]["_id"])


def green(flag: Body) -> str:
    return str(flag["variations"][1]["_id"])


def blue(flag: Body) -> str:
    return str(flag["variations"][2]["_id"])


def clauses(config: Body, rule: int = 0) -> list[tuple[Any, ...]]:
    return [(each["attribute"], each["op"], each["values"]) for each in config["rules"][rule]["clauses"]]


CLAUSE = {"attribute": "email", "op": "endsWith", "values": ["@example.com"], "contextKind": "user"}
HALVES = {"variations": [{"variation": i, "weight": w} for i, w in enumerate((50000, 50000, 0))], "contextKind": "user"}

# Each: instruction (or what makes one from the flag), what it needs, what is so afterwards.
Make = Callable[[Body], Body]
IN_ONE_ENVIRONMENT: list[tuple[str, Make, str, Callable[[Body], Any], Any]] = [
    ("turnFlagOn", lambda f: {}, "updateOn", lambda c: c["on"], True),
    (
        "addRule",
        lambda f: {"clauses": [CLAUSE], "variationId": blue(f), "beforeRuleId": "r2", "description": "staff"},
        "updateRules",
        lambda c: [(rule["variation"], rule.get("description")) for rule in c["rules"]],
        [(0, None), (2, "staff"), (1, None)],
    ),
    (
        "addRule",
        lambda f: {
            "clauses": [CLAUSE],
            "rolloutWeights": {green(f): 40000, red(f): 60000},
            "rolloutContextKind": "org",
            "rolloutBucketBy": "country",
        },
        "updateRules",
        lambda c: c["rules"][2]["rollout"],
        {
            "variations": [{"variation": i, "weight": w} for i, w in enumerate((60000, 40000, 0))],
            "contextKind": "org",
            "bucketBy": "country",
        },
    ),
    ("removeRule", lambda f: {"ruleId": "r1"}, "updateRules", lambda c: [r["_id"] for r in c["rules"]], ["r2"]),
    (
        "replaceRules",
        lambda f: {"rules": [{"clauses": [CLAUSE], "variationId": red(f), "trackEvents": True}]},
        "updateRules",
        lambda c: [(clauses(c), rule["trackEvents"]) for rule in c["rules"]],
        [([("email", "endsWith", ["@example.com"])], True)],
    ),
    (
        "reorderRules",
        lambda f: {"ruleIds": ["r2", "r1"]},
        "updateRules",
        lambda c: [rule["_id"] for rule in c["rules"]],
        ["r2", "r1"],
    ),
    (
        "updateRuleDescription",
        lambda f: {"ruleId": "r1", "description": "the Alps"},
        "updateFlagRuleDescription",
        lambda c: c["rules"][0]["description"],
        "the Alps",
    ),
    (
        "updateRuleTrackEvents",
        lambda f: {"ruleId": "r1", "trackEvents": True},
        "updateTrackEvents",
        lambda c: [rule["trackEvents"] for rule in c["rules"]],
        [True, False],
    ),
    (
        "updateRuleVariationOrRollout",
        lambda f: {"ruleId": "r1", "rolloutWeights": {red(f): 50000, green(f): 50000}},
        "updateRules",
        lambda c: (c["rules"][0].get("variation"), c["rules"][0]["rollout"]),
        (None, HALVES),
    ),
    (
        "addClauses",
        lambda f: {"ruleId": "r1", "clauses": [CLAUSE]},
        "updateRules",
        clauses,
        [("country", "in", ["CH", "AT"]), ("email", "endsWith", ["@example.com"])],
    ),
    (
        "updateClause",
        lambda f: {"ruleId": "r1", "clauseId": "c1", "clause": CLAUSE},
        "updateRules",
        lambda c: (clauses(c), c["rules"][0]["clauses"][0]["_id"]),
        ([("email", "endsWith", ["@example.com"])], "c1"),
    ),
    (
        "addValuesToClause",
        lambda f: {"ruleId": "r1", "clauseId": "c1", "values": ["DE", "CH"]},
        "updateRules",
        clauses,
        [("country", "in", ["CH", "AT", "DE"])],
    ),
    (
        "removeValuesFromClause",
        lambda f: {"ruleId": "r1", "clauseId": "c1", "values": ["AT", "never there"]},
        "updateRules",
        clauses,
        [("country", "in", ["CH"])],
    ),
    (
        "addTargets",
        lambda f: {"contextKind": "org", "values": ["umbrella"], "variationId": green(f)},
        "updateTargets",
        lambda c: [t for t in c["contextTargets"] if t["contextKind"] == "org"],
        [{"contextKind": "org", "variation": 1, "values": ["acme", "umbrella"]}],
    ),
    (
        "addUserTargets",
        lambda f: {"values": ["ann", "cat"], "variationId": red(f)},
        "updateTargets",
        lambda c: c["targets"],
        [{"contextKind": "user", "variation": 0, "values": ["ann", "bob", "cat"]}],
    ),
    (
        "removeTargets",
        lambda f: {"contextKind": "org", "values": ["acme", "nobody"], "variationId": green(f)},
        "updateTargets",
        lambda c: [t for t in c["contextTargets"] if t["contextKind"] == "org"],
        [],
    ),
    (
        "removeUserTargets",
        lambda f: {"values": ["ann"], "variationId": red(f)},
        "updateTargets",
        lambda c: c["targets"],
        [{"contextKind": "user", "variation": 0, "values": ["bob"]}],
    ),
    (
        "clearTargets",
        lambda f: {"variationId": green(f)},
        "updateTargets",
        lambda c: (len(c["targets"]), [t["contextKind"] for t in c["contextTargets"]]),
        (1, ["user"]),
    ),
    (
        "clearUserTargets",
        lambda f: {"variationId": red(f)},
        "updateTargets",
        lambda c: (c["targets"], [t["contextKind"] for t in c["contextTargets"]]),
        ([], ["org"]),
    ),
    (
        "replaceTargets",
        lambda f: {
            "targets": [
                {"variationId": blue(f), "values": ["dan"]},
                {"contextKind": "device", "variationId": red(f), "values": ["tv"]},
            ]
        },
        "updateTargets",
        lambda c: [*c["targets"], *[t for t in c["contextTargets"] if t["contextKind"] != "user"]],
        [
            {"contextKind": "user", "variation": 2, "values": ["dan"]},
            {"contextKind": "device", "variation": 0, "values": ["tv"]},
        ],
    ),
    (
        "replaceUserTargets",
        lambda f: {
            "targets": [
                {"variationId": red(f), "values": []},
                {"variationId": green(f), "values": ["eve"]},
                {"variationId": blue(f), "values": []},
            ]
        },
        "updateTargets",
        lambda c: c["targets"],
        [{"contextKind": "user", "variation": 1, "values": ["eve"]}],
    ),
    (
        "updateFallthroughVariationOrRollout",
        lambda f: {"variationId": blue(f)},
        "updateFallthrough",
        lambda c: c["fallthrough"],
        {"variation": 2},
    ),
    (
        "updateFallthroughVariationOrRollout",
        lambda f: {"rolloutWeights": {red(f): 50000, green(f): 50000}},
        "updateFallthrough",
        lambda c: c["fallthrough"],
        {"rollout": HALVES},
    ),
    ("updateOffVariation", lambda f: {"variationId": red(f)}, "updateOffVariation", lambda c: c["offVariation"], 0),
    ("updateTrackEvents", lambda f: {"trackEvents": True}, "updateTrackEvents", lambda c: c["trackEvents"], True),
    (
        "updateTrackEventsFallthrough",
        lambda f: {"trackEvents": True},
        "updateFlagFallthroughTrackEvents",
        lambda c: c["trackEventsFallthrough"],
        True,
    ),
    ("removePrerequisite", lambda f: {"key": "gate"}, "updatePrerequisites", lambda c: c["prerequisites"], []),
    ("replacePrerequisites", lambda f: {"prerequisites": []}, "updatePrerequisites", lambda c: c["prerequisites"], []),
]

IN_ALL_ENVIRONMENTS: list[tuple[str, Make, str, Callable[[Body], Any], Any]] = [
    (
        "addVariation",
        lambda f: {"value": "grey", "name": "Grey"},
        "updateFlagVariations",
        lambda f: [(v["value"], v.get("name")) for v in f["variations"]],
        [("red", None), ("green", None), ("blue", None), ("grey", "Grey")],
    ),
    (
        "updateVariation",
        lambda f: {"variationId": red(f), "value": "crimson", "name": "Crimson"},
        "updateFlagVariations",
        lambda f: f["variations"][0] | {"_id": ""},
        {"_id": "", "value": "crimson", "name": "Crimson"},
    ),
    (
        "updateDefaultVariation",
        lambda f: {"OnVariationValue": "green", "offVariationValue": "red"},
        "updateFlagDefaultVariations",
        lambda f: f["defaults"],
        {"onVariation": 1, "offVariation": 0},
    ),
    ("updateName", lambda f: {"value": "Colours"}, "updateName", lambda f: f["name"], "Colours"),
    ("updateDescription", lambda f: {"value": "paint"}, "updateDescription", lambda f: f["description"], "paint"),
    ("addTags", lambda f: {"values": ["new", "beta"]}, "updateTags", lambda f: f["tags"], ["paint", "Beta", "new"]),
    ("removeTags", lambda f: {"values": ["beta", "x"]}, "updateTags", lambda f: f["tags"], ["paint"]),
    ("makeFlagPermanent", lambda f: {}, "updateTemporary", lambda f: f["temporary"], False),
    (
        "turnOnClientSideAvailability",
        lambda f: {"value": "usingEnvironmentId"},
        "updateClientSideFlagAvailability",
        lambda f: (f["clientSideAvailability"], f["includeInSnippet"]),
        ({"usingMobileKey": True, "usingEnvironmentId": True}, True),
    ),
    (
        "turnOffClientSideAvailability",
        lambda f: {"value": "usingMobileKey"},
        "updateClientSideFlagAvailability",
        lambda f: f["clientSideAvailability"],
        {"usingMobileKey": False, "usingEnvironmentId": False},
    ),
    (
        "addCustomProperties",
        lambda f: {"key": "jira", "name": "Jira", "values": ["A-3", "A-1"]},
        "updateFlagCustomProperties",
        lambda f: f["customProperties"],
        {"jira": {"name": "Jira", "value": ["A-1", "A-2", "A-3"]}},
    ),
    (
        "replaceCustomProperties",
        lambda f: {"key": "jira", "name": "Issues", "values": ["B-1"]},
        "updateFlagCustomProperties",
        lambda f: f["customProperties"],
        {"jira": {"name": "Issues", "value": ["B-1"]}},
    ),
    (
        "removeCustomProperties",
        lambda f: {"key": "jira", "values": ["A-1", "A-2"]},
        "updateFlagCustomProperties",
        lambda f: f["customProperties"],
        {},
    ),
    ("archiveFlag", lambda f: {}, "updateGlobalArchived", lambda f: (f["archived"], "archivedDate" in f), (True, True)),
    (
        "deprecateFlag",
        lambda f: {},
        "updateDeprecated",
        lambda f: (f["deprecated"], "deprecatedDate" in f),
        (True, True),
    ),
]


def _names(cases: list[Any]) -> list[str]:
    return [f"{case[0]}-{index}" for index, case in enumerate(cases)]


@pytest.mark.parametrize(
    ("kind", "make", "action", "read", "expected"), IN_ONE_ENVIRONMENT, ids=_names(IN_ONE_ENVIRONMENT)
)
def test_an_instruction_changes_one_environment_and_needs_its_action_there(
    world: Any, flag: Body, kind: str, make: Make, action: str, read: Any, expected: Any
) -> None:
    untouched = world.config("colour", "production")
    body = {"environmentKey": "test", "instructions": [{"kind": kind, **make(flag)}]}
    assert world.accesses("colour", body) == [(action, "test")]
    assert read(world.config("colour")) == expected
    assert world.config("colour", "production") == untouched


@pytest.mark.parametrize(
    ("kind", "make", "action", "read", "expected"), IN_ALL_ENVIRONMENTS, ids=_names(IN_ALL_ENVIRONMENTS)
)
def test_an_instruction_changes_the_flag_itself_and_needs_its_action_everywhere(
    world: Any, flag: Body, kind: str, make: Make, action: str, read: Any, expected: Any
) -> None:
    configs = world.whole("colour")["environments"]
    assert world.accesses("colour", {"instructions": [{"kind": kind, **make(flag)}]}) == [(action, "*")]
    assert read(world.whole("colour")) == expected
    assert world.whole("colour")["environments"] == configs


def test_every_instruction_is_tried_here() -> None:
    tried = {case[0] for case in [*IN_ONE_ENVIRONMENT, *IN_ALL_ENVIRONMENTS]}
    elsewhere = {
        "turnFlagOff", "makeFlagTemporary", "restoreFlag", "restoreDeprecatedFlag", "removeClauses", "removeVariation",
        "addPrerequisite", "updatePrerequisite", "removeMaintainer", "updateMaintainerMember", "updateMaintainerTeam",
        "deleteFlag",
    }  # fmt: skip
    assert tried | elsewhere == set(VERBS.kinds)
    assert len(VERBS.kinds) == 53


def test_what_was_done_can_be_undone(world: Any, flag: Body) -> None:
    before = world.whole("colour")
    there = [{"kind": kind} for kind in ("turnFlagOn", "makeFlagPermanent", "archiveFlag", "deprecateFlag")]
    back = [{"kind": kind} for kind in ("turnFlagOff", "makeFlagTemporary", "restoreFlag", "restoreDeprecatedFlag")]
    assert world.instruct("colour", *there) != before
    assert world.instruct("colour", *back) == before


@pytest.mark.parametrize(("bucket_by", "seed"), [("", 7), ("country", None)])
def test_other_shares_keep_the_seed_and_so_who_is_where(
    world: Any, flag: Body, bucket_by: str, seed: int | None
) -> None:
    """Shared out by another attribute, everybody is given anew."""
    seeded = {"rollout": {**HALVES, "seed": 7}}
    rule = {"_id": "r1", "clauses": RULES[0]["clauses"], **seeded}
    world.patch("colour", {"environments": {"test": {"fallthrough": seeded, "rules": [rule]}}})
    more = {"rolloutWeights": {red(flag): 10_000, green(flag): 90_000}, "rolloutBucketBy": bucket_by}
    world.instruct(
        "colour",
        {"kind": "updateFallthroughVariationOrRollout", **more},
        {"kind": "updateRuleVariationOrRollout", "ruleId": "r1", **more},
    )
    config = world.config("colour")
    for rollout in (config["fallthrough"]["rollout"], config["rules"][0]["rollout"]):
        assert rollout.get("seed") == seed
        assert [share["weight"] for share in rollout["variations"]] == [10_000, 90_000, 0]


def test_a_clause_goes_and_the_last_one_stays(world: Any, flag: Body) -> None:
    changed = world.instruct("colour", {"kind": "addClauses", "ruleId": "r1", "clauses": [CLAUSE]})
    new = changed["environments"]["test"]["rules"][0]["clauses"][1]["_id"]
    world.instruct("colour", {"kind": "removeClauses", "ruleId": "r1", "clauseIds": ["c1"]})
    assert clauses(world.config("colour")) == [("email", "endsWith", ["@example.com"])]
    with pytest.raises(Invalid, match="a rule without clauses would hold for everybody"):
        world.instruct("colour", {"kind": "removeClauses", "ruleId": "r1", "clauseIds": [new]})


def test_prerequisites_are_named_by_variation_id(world: Any, flag: Body) -> None:
    yes, no = (variation["_id"] for variation in world.whole("gate")["variations"])
    assert world.config("colour")["prerequisites"] == [{"key": "gate", "variation": 0}]
    world.instruct("colour", {"kind": "updatePrerequisite", "key": "gate", "variationId": no})
    assert world.config("colour")["prerequisites"] == [{"key": "gate", "variation": 1}]
    with pytest.raises(Invalid, match="is a prerequisite already"):
        world.instruct("colour", {"kind": "addPrerequisite", "key": "gate", "variationId": yes})
    added = {"kind": "addPrerequisite", "key": "gate", "variationId": yes}
    world.instruct("colour", {"kind": "removePrerequisite", "key": "gate"}, added)
    assert world.config("colour")["prerequisites"] == [{"key": "gate", "variation": 0}]
    with pytest.raises(Invalid, match="is no prerequisite"):
        world.instruct("colour", {"kind": "updatePrerequisite", "key": "nope", "variationId": yes})


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ({"kind": "turnFlagOnn"}, "did you mean 'turnFlagOn'"),
        ({"kind": "updateTrackEvents"}, "missing required field `trackEvents`"),
        ({"kind": "updateTrackEvents", "trackEvents": "yes"}, "Expected `bool`"),
        ({"kind": "updateOffVariation", "variationId": "x"}, "no variation has the id 'x'; possible"),
        ({"kind": "updateRuleDescription", "ruleId": "x", "description": ""}, "no rule 'x'; possible: r1, r2"),
        ({"kind": "removeClauses", "ruleId": "r1", "clauseIds": ["x"]}, "no clause 'x'"),
        ({"kind": "reorderRules", "ruleIds": ["r1"]}, "must list every rule once: r1, r2"),
        ({"kind": "updateFallthroughVariationOrRollout"}, "either 'variationId' or 'rolloutWeights'"),
        ({"kind": "updateDefaultVariation", "onVariationValue": "pink"}, "no variation of this flag has the value"),
        ({"kind": "removeCustomProperties", "key": "x", "values": []}, "no custom property 'x'; possible: jira"),
        ({"kind": "turnOnClientSideAvailability", "value": "x"}, "usingMobileKey|Invalid enum value"),
        ({"kind": "replaceUserTargets", "targets": []}, "an entry for each variation"),
    ],
)
def test_an_instruction_that_cannot_be_done_says_which_and_why(
    world: Any, flag: Body, instruction: Body, says: str
) -> None:
    before = world.whole("colour")
    with pytest.raises(Invalid, match=says) as caught:
        world.instruct("colour", {"kind": "turnFlagOn"}, instruction)
    assert "instructions[1]" in caught.value.message
    assert world.whole("colour") == before


def test_an_instruction_for_one_environment_needs_to_know_which(world: Any, flag: Body) -> None:
    with pytest.raises(Invalid, match="'environmentKey' is missing"):
        world.instruct("colour", {"kind": "turnFlagOn"}, environment="")
    with pytest.raises(Invalid, match="no environment 'tset'; possible: production, test"):
        world.instruct("colour", {"kind": "turnFlagOn"}, environment="tset")


def test_somebody_who_may_only_describe_rules_may_not_change_them(world: Any, flag: Body) -> None:
    world.may({"effect": "allow", "resources": [world.address("*", "test")], "actions": ["updateFlagRuleDescription"]})
    assert world.instruct("colour", {"kind": "updateRuleDescription", "ruleId": "r1", "description": "x"})
    with pytest.raises(Forbidden, match="updateRules"):
        world.instruct("colour", {"kind": "removeRule", "ruleId": "r1"})
    with pytest.raises(Forbidden, match="updateOn"):
        world.patch("colour", [{"op": "replace", "path": "/environments/test/on", "value": True}])
    with pytest.raises(Forbidden, match="production"):
        world.patch("colour", [{"op": "replace", "path": "/environments/production/on", "value": True}])
