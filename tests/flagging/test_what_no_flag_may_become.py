"""Flags that SDKs could not serve, or that would break a promise to somebody else, are refused with the reason."""

from typing import Any

import pytest

from flaghoist.base.errors import Conflict, Forbidden, Invalid, MethodNotAllowed
from flaghoist.core import patches

Body = dict[str, Any]
COLOURS = [{"value": "red"}, {"value": "green"}, {"value": "blue"}]
EVERYBODY = {"effect": "allow", "resources": ["proj/*", "proj/*:env/*", "proj/*:env/*:flag/*"], "actions": ["*"]}


def set_in_test(field: str, value: Any) -> list[Body]:
    return [{"op": "replace", "path": f"/environments/test/{field}", "value": value}]


@pytest.mark.parametrize(
    ("post", "says"),
    [
        ({"variations": [{"value": True}]}, "at least two"),
        ({"variations": [{"value": "a"}, {"value": "a"}]}, r"variations\[1\]: has the same value as variations\[0\]"),
        ({"variations": [{"value": 1}, {"value": 1.0}]}, "must be unique"),
        ({"variations": [{"value": {"a": 1, "b": 2}}, {"value": {"b": 2, "a": 1}}]}, "must be unique"),
        ({"variations": [{"value": 1}, {"value": "1"}]}, "of one type"),
        ({"variations": [{"value": True}, {"value": 0}]}, "of one type"),
        ({"variations": [{"value": True}, {}]}, "missing required field `value`"),
        ({"defaults": {"onVariation": 0, "offVariation": 2}}, "defaults.offVariation: there is no variation 2"),
        ({"key": "no spaces please"}, "key 'no spaces please' is not valid"),
        ({"key": ""}, "is not valid"),
        ({"tags": ["not a tag"]}, "matching regex"),
        ({"maintainerId": "nobody"}, "there is no member 'nobody'"),
        ({"maintainerTeamKey": "nobody"}, "there is no team 'nobody'"),
        ({"maintainerId": "a", "maintainerTeamKey": "b"}, "exclude one another"),
        ({"initialPrerequisites": [{"key": "nope", "variationId": "x"}]}, "there is no flag 'nope'"),
        ({"purpose": "migration"}, "how many stages"),
        ({"purpose": "migration", "migrationSettings": {"stageCount": 6}}, "needed for a migration of six stages"),
        ({"purpose": "migration", "migrationSettings": {"stageCount": 3}}, "stageCount"),
        ({"migrationSettings": {"stageCount": 2}}, "only for flags with the purpose 'migration'"),
    ],
)
def test_a_flag_that_cannot_be_created_says_why(world: Any, post: Body, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        world.flag(**{"key": "x", **post})


RULE = {"clauses": [{"attribute": "country", "op": "in", "values": ["CH"]}], "variation": 0}
SHARES = [{"variation": 0, "weight": 60000}, {"variation": 1, "weight": 40000}]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("offVariation", 3, "environments.test.offVariation: there is no variation 3; the last one is 2"),
        ("fallthrough", {"variation": -2}, "no variation -2"),
        ("fallthrough", {}, "give a 'variation' or a 'rollout'"),
        ("fallthrough", {"variation": 1, "rollout": {"variations": SHARES}}, "exclude one another"),
        ("fallthrough", {"rollout": {"variations": SHARES[:1]}}, "add up to 60000; they must add up to 100000"),
        ("fallthrough", {"rollout": {"variations": [{"variation": 7, "weight": 100000}]}}, "no variation 7"),
        ("fallthrough", {"rollout": {"variations": SHARES, "seed": 0}}, "seed: must not be 0"),
        ("rules", [{**RULE, "clauses": []}], "would hold for everybody"),
        ("rules", [{**RULE, "clauses": [{"attribute": "a", "op": "equals", "values": []}]}], "unknown operator"),
        ("rules", [{**RULE, "clauses": [{"attribute": "", "op": "in", "values": []}]}], "name the attribute"),
        ("rules", [{**RULE, "clauses": [{"attribute": "a", "op": "matches", "values": ["("]}]}], "cannot be compiled"),
        ("rules", [{**RULE, "clauses": [{"attribute": "", "op": "segmentMatch", "values": [1]}]}], "by their keys"),
        ("targets", [{"variation": 0, "values": ["a"]}, {"variation": 1, "values": ["a"]}], "is a target of two"),
        ("targets", [{"variation": 5, "values": ["a"]}], "no variation 5"),
        ("prerequisites", [{"key": "nope", "variation": -1}], "flag 'nope' has no variation -1"),
        ("prerequisites", [{"key": "gate", "variation": 2}], "flag 'gate' has no variation 2"),
        ("prerequisites", [{"key": "gate"}], "flag 'gate' has no variation None"),
        ("prerequisites", [{"key": "gate", "variation": 0}, {"key": "gate", "variation": 1}], "prerequisite already"),
        ("prerequisites", [{"key": "colour", "variation": 0}], "a circle would form: colour → colour"),
        ("salt", None, "Expected `str`"),
        ("on", "yes", "Expected `bool`"),
    ],
)  # fmt: skip
def test_a_change_that_sdks_could_not_serve_says_where_and_why(world: Any, field: str, value: Any, says: str) -> None:
    world.flag("gate")
    before = world.flag("colour", variations=COLOURS)
    with pytest.raises(Invalid, match=says):
        world.patch("colour", set_in_test(field, value))
    assert world.whole("colour") == before


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ([{"op": "replace", "path": "/variations/0/value", "value": 7}], "of one type"),
        ([{"op": "replace", "path": "/variations", "value": [{"value": 1}, {"value": 2}]}], "of type string for good"),
        ([{"op": "remove", "path": "/environments/test"}], "it cannot be removed"),
        ([{"op": "add", "path": "/environments/tset", "value": {}}], "missing required field|no environment 'tset'"),
        ([{"op": "replace", "path": "/key", "value": "other"}], "'key' of a flag cannot be changed"),
        ([{"op": "add", "path": "/purpose", "value": "migration"}], "'purpose' of a flag cannot be changed"),
        ([{"op": "remove", "path": "/maintainerId"}], "nothing at '/maintainerId'"),
        ([{"op": "replace", "path": "/name", "value": ""}], "length >= 1"),
    ],
)
def test_what_a_flag_is_stays_so(world: Any, patch: list[Body], says: str) -> None:
    before = world.flag("colour", variations=COLOURS)
    with pytest.raises(Invalid, match=says):
        world.patch("colour", patch)
    assert world.whole("colour") == before


def test_the_project_says_how_keys_are_written(world: Any) -> None:
    world.settings(namingConvention={"case": "kebabCase", "prefix": "shop."})
    with pytest.raises(Invalid, match=r"begin with 'shop\.'"):
        world.flag("new-checkout")
    with pytest.raises(Invalid, match="written in kebabCase"):
        world.flag("shop.newCheckout")
    world.flag("shop.new-checkout")


def test_the_project_says_what_new_flags_begin_with(world: Any) -> None:
    world.settings(
        flagDefaults={
            "tags": ["team-a"],
            "temporary": False,
            "booleanDefaults": {"trueDisplayName": "Yes", "onVariation": 1, "offVariation": 1},
        },
        defaultClientSideAvailability={"usingMobileKey": False, "usingEnvironmentId": True},
    )
    flag = world.flag("x")
    assert (flag["tags"], flag["temporary"]) == (["team-a"], False)
    assert flag["clientSideAvailability"] == {"usingMobileKey": False, "usingEnvironmentId": True}
    assert [(v["value"], v.get("name")) for v in flag["variations"]] == [(True, "Yes"), (False, None)]
    assert flag["environments"]["test"]["fallthrough"] == {"variation": 1}
    said = world.flag("y", tags=[], temporary=True, includeInSnippet=False)
    assert (said["tags"], said["temporary"], said["includeInSnippet"]) == ([], True, False)


def test_a_circle_of_prerequisites_is_found_however_long_and_only_in_its_environment(world: Any) -> None:
    for key in ("a", "b", "c"):
        world.flag(key)
    world.patch("a", set_in_test("prerequisites", [{"key": "b", "variation": 0}]))
    world.patch("b", set_in_test("prerequisites", [{"key": "c", "variation": 0}]))
    with pytest.raises(Invalid, match="a circle would form: c → a → b → c"):
        world.patch("c", set_in_test("prerequisites", [{"key": "a", "variation": 0}]))
    elsewhere = [
        {"op": "add", "path": "/environments/production/prerequisites/-", "value": {"key": "a", "variation": 0}}
    ]
    world.patch("c", elsewhere)


def test_a_flag_that_others_need_stays(world: Any) -> None:
    world.flag("base", variations=COLOURS)
    world.flag("needy")
    world.patch("needy", set_in_test("prerequisites", [{"key": "base", "variation": 1}]))
    for attempt in (
        lambda: world.delete("base"),
        lambda: world.instruct("base", {"kind": "deleteFlag"}),
        lambda: world.instruct("base", {"kind": "archiveFlag"}),
        lambda: world.patch("base", [{"op": "replace", "path": "/archived", "value": True}]),
    ):
        with pytest.raises(Conflict, match="Flag is still in use as a prerequisite: needy in test"):
            attempt()
    with pytest.raises(Conflict, match="flag 'needy' in test has variation 1"):
        world.patch("base", [{"op": "remove", "path": "/variations/0"}, *_serve_nothing_but(0)])
    world.patch("needy", set_in_test("prerequisites", []))
    world.instruct("base", {"kind": "archiveFlag"})
    with pytest.raises(Invalid, match="flag 'base' is archived"):
        world.patch("needy", set_in_test("prerequisites", [{"key": "base", "variation": 1}]))
    world.do(lambda work: work.patch(world.address("base"), patches.read({"instructions": [{"kind": "deleteFlag"}]})))
    assert world.do(lambda work: work.find(world.address("base"))) is None


def _serve_nothing_but(index: int) -> list[Body]:
    changes = [{"op": "replace", "path": "/defaults", "value": {"onVariation": index, "offVariation": index}}]
    for environment in ("production", "test"):
        base = f"/environments/{environment}"
        changes.append({"op": "replace", "path": f"{base}/fallthrough", "value": {"variation": index}})
        changes.append({"op": "replace", "path": f"{base}/offVariation", "value": index})
    return changes


def test_a_key_is_taken_once_and_free_again_after_deletion(world: Any) -> None:
    world.flag("x")
    world.instruct("x", {"kind": "turnFlagOn"})
    before = world.versions("x")["test"]
    with pytest.raises(Conflict, match="a flag with the key 'x' already exists"):
        world.flag("x")
    world.delete("x")
    assert world.flag("x")["environments"]["test"]["on"] is False
    assert world.versions("x")["test"] > before, "SDKs must take the new flag for newer than the deleted one"


def test_a_migration_has_the_variations_of_its_stages(world: Any) -> None:
    settings = {"stageCount": 6, "contextKind": "account"}
    flag = world.flag("move", purpose="migration", migrationSettings=settings)
    stages = ["off", "dualwrite", "shadow", "live", "rampdown", "complete"]
    assert [variation["value"] for variation in flag["variations"]] == stages
    rollout = flag["environments"]["test"]["fallthrough"]["rollout"]
    assert rollout["contextKind"] == "account"
    assert [share["weight"] for share in rollout["variations"]] == [100000, 0, 0, 0, 0, 0]
    with pytest.raises(Invalid, match="are served a 'rollout', not a 'variation'"):
        world.patch("move", set_in_test("fallthrough", {"variation": 1}))
    with pytest.raises(Invalid, match="stages of a migration flag cannot be changed"):
        world.instruct("move", {"kind": "addVariation", "value": "done"})


# Approvals


def test_an_environment_may_want_approvals(world: Any) -> None:
    world.flag("x", tags=["plain"])
    world.require_approval("production", required=True)
    without_bypass = {"effect": "deny", "resources": ["proj/*:env/*:flag/*"], "actions": ["bypassRequiredApproval"]}
    turn_on = [{"op": "replace", "path": "/environments/production/on", "value": True}]
    world.may(EVERYBODY, without_bypass)
    with pytest.raises(MethodNotAllowed) as caught:
        world.patch("x", turn_on)
    assert caught.value.message.startswith("Flag configuration updates require approval: action 'updateOn' not allowed")
    with pytest.raises(MethodNotAllowed, match="updateTargets"):
        world.instruct(
            "x",
            {"kind": "addUserTargets", "values": ["a"], "variationId": world.whole("x")["variations"][0]["_id"]},
            environment="production",
        )
    world.instruct("x", {"kind": "turnFlagOn"}, environment="test")
    world.instruct("x", {"kind": "updateName", "value": "not gated"})
    assert world.config("x", "production")["on"] is False

    world.approved = {world.address("x", "production")}
    assert world.patch("x", turn_on)["environments"]["production"]["on"] is True
    world.approved = set()
    world.may(EVERYBODY)
    assert world.instruct("x", {"kind": "turnFlagOff"}, environment="production")


def test_approvals_may_be_wanted_for_some_tags_only(world: Any) -> None:
    world.flag("plain")
    world.flag("payment", tags=["Money"])
    world.require_approval("test", required=False, requiredApprovalTags=["money"])
    world.may(
        EVERYBODY, {"effect": "deny", "resources": ["proj/*:env/*:flag/*"], "actions": ["bypassRequiredApproval"]}
    )
    world.instruct("plain", {"kind": "turnFlagOn"})
    with pytest.raises(MethodNotAllowed):
        world.instruct("payment", {"kind": "turnFlagOn"})
    with pytest.raises(MethodNotAllowed):
        world.instruct("payment", {"kind": "removeTags", "values": ["Money"]}, {"kind": "turnFlagOn"})


def test_who_may_not_is_told_that_first(world: Any) -> None:
    world.flag("x")
    world.require_approval("test", required=True)
    world.may({"effect": "allow", "resources": [world.address("*")], "actions": ["updateName"]})
    with pytest.raises(Forbidden):
        world.instruct("x", {"kind": "turnFlagOn"})


# Running experiments

MEASURED = {
    "variations": [
        {"variation": 0, "weight": 30000},
        {"variation": 1, "weight": 30000},
        {"variation": 0, "weight": 40000, "_untracked": True},
    ],
    "contextKind": "user",
    "seed": 1234,
    "experimentAllocation": {"defaultVariation": 0, "canReshuffle": True},
}


@pytest.fixture
def measured(world: Any) -> Body:
    """A flag with an experiment running on its only rule in ``test``."""
    world.flag("price", variations=COLOURS)
    world.patch("price", set_in_test("rules", [{**RULE, "_id": "r1"}]))
    change = [{"op": "replace", "path": "/environments/test/rules/0/rollout", "value": MEASURED}]
    flag = world.patch("price", change)
    world.experiment("cheaper", "price", "r1", status="running")
    found: Body = flag
    return found


def test_a_rollout_of_an_experiment_is_kept_to_the_letter(world: Any, measured: Body) -> None:
    rule = measured["environments"]["test"]["rules"][0]
    assert rule["rollout"] == MEASURED
    assert "variation" not in rule, "what was just written counts"


@pytest.mark.parametrize(
    "change",
    [
        set_in_test("rules", []),
        set_in_test("rules/0/rollout/variations/0/variation", 2),
        set_in_test("rules/0/clauses/0/values", ["CH", "AT"]),
        set_in_test("rules/0/rollout/seed", 99),
        set_in_test("rules/0/disabled", True),
        [{"op": "replace", "path": "/variations/1/value", "value": "pink"}],
        [{"op": "replace", "path": "/archived", "value": True}],
    ],
)  # fmt: skip
def test_a_running_experiment_is_not_disturbed(world: Any, measured: Body, change: list[Body]) -> None:
    with pytest.raises(Conflict, match="experiment 'cheaper' is running on"):
        world.patch("price", change)
    assert world.whole("price") == measured


def test_a_flag_with_a_running_experiment_is_not_deleted(world: Any, measured: Body) -> None:
    with pytest.raises(Conflict, match="cannot be deleted: experiment 'cheaper' is running on it in 'test'"):
        world.delete("price")


@pytest.mark.parametrize(
    "change",
    [
        set_in_test("on", True),
        set_in_test("rules/0/description", "who is measured"),
        set_in_test("targets", [{"variation": 2, "values": ["ann"]}]),
        [{"op": "add", "path": "/environments/test/rules/0", "value": RULE}],
        [{"op": "replace", "path": "/environments/production/rules", "value": [RULE]}],
        [{"op": "replace", "path": "/variations/2/value", "value": "pink"}],
    ],
)
def test_what_an_experiment_does_not_rest_on_stays_free(world: Any, measured: Body, change: list[Body]) -> None:
    assert world.patch("price", change) != measured


def test_an_experiment_that_has_stopped_lets_go(world: Any, measured: Body) -> None:
    world.experiment("cheaper", "price", "r1", status="stopped")
    world.patch("price", set_in_test("rules", []))
    world.delete("price")


def test_an_experiment_on_the_default_rule_holds_on_to_that(world: Any) -> None:
    world.flag("price", variations=COLOURS)
    world.patch("price", set_in_test("fallthrough", {"rollout": MEASURED}))
    world.experiment("cheaper", "price", "fallthrough", status="running")
    with pytest.raises(Conflict, match="running on the default rule in 'test'"):
        world.patch("price", set_in_test("fallthrough", {"variation": 0}))
