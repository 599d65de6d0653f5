"""Variations are known by their ids: whatever happens to the list, everybody goes on getting what they got."""

from typing import Any

import pytest

from flaghoist.base.errors import Invalid

Body = dict[str, Any]
LETTERS = [{"value": letter} for letter in "abcd"]


@pytest.fixture
def flag(world: Any) -> Body:
    """Serves ``c`` and ``d`` in many ways in ``test``, and is untouched in ``production``; ``b`` is used nowhere."""
    world.flag("letter", variations=LETTERS, defaults={"onVariation": 2, "offVariation": 3})
    shares = [{"variation": i, "weight": w} for i, w in enumerate((0, 0, 70000, 30000))]
    clause = {"attribute": "country", "op": "in", "values": ["CH"]}
    change = {
        "rules": [{"_id": "r1", "clauses": [clause], "variation": 3}],
        "fallthrough": {"variation": None, "rollout": {"variations": shares}},
        "targets": [{"variation": 2, "values": ["ann"]}],
        "contextTargets": [{"contextKind": "org", "variation": 3, "values": ["acme"]}],
    }
    changed: Body = world.patch("letter", {"environments": {"test": change}})
    return changed


def meaning(flag: Body, environment: str = "test") -> Any:
    """What is served, by value."""
    values = [variation["value"] for variation in flag["variations"]]
    config = flag["environments"][environment]
    fallthrough = config["fallthrough"]
    shares = fallthrough.get("rollout", {}).get("variations", [])
    return {
        "off": values[config["offVariation"]],
        "rules": [values[rule["variation"]] for rule in config["rules"]],
        "fallthrough": {values[s["variation"]]: s["weight"] for s in shares if s["weight"]}
        or values[fallthrough["variation"]],
        "targets": {key: values[t["variation"]] for t in config["targets"] for key in t["values"]},
        "others": {key: values[t["variation"]] for t in config["contextTargets"] for key in t["values"]},
        "defaults": {name: values[index] for name, index in flag["defaults"].items()},
    }


def remove_by_instruction(flag: Body) -> Body:
    return {"instructions": [{"kind": "removeVariation", "variationId": flag["variations"][1]["_id"]}]}


def remove_by_json_patch(_flag: Body) -> list[Body]:
    return [{"op": "remove", "path": "/variations/1"}]


def move_by_json_patch(_flag: Body) -> list[Body]:
    return [{"op": "move", "from": "/variations/3", "path": "/variations/0"}]


@pytest.mark.parametrize("change", [remove_by_instruction, remove_by_json_patch, move_by_json_patch])
def test_what_others_are_served_stays_the_same_and_needs_no_other_right(world: Any, flag: Body, change: Any) -> None:
    before = {environment: meaning(flag, environment) for environment in ("test", "production")}
    assert world.accesses("letter", change(flag)) == [("updateFlagVariations", "*")]
    after = world.whole("letter")
    assert {environment: meaning(after, environment) for environment in before} == before


def test_either_dialect_removes_alike(world: Any, flag: Body) -> None:
    one = world.patch("letter", remove_by_instruction(flag))
    world.instruct("letter", {"kind": "addVariation", "value": "b"})
    again = world.patch("letter", remove_by_json_patch(flag) and [{"op": "remove", "path": "/variations/3"}])
    assert again == one


def test_what_a_patch_says_itself_is_meant_as_said(world: Any, flag: Body) -> None:
    change = [
        {"op": "remove", "path": "/variations/1"},
        {"op": "replace", "path": "/environments/test/offVariation", "value": 0},
    ]
    assert ("updateOffVariation", "test") in world.accesses("letter", change)
    after = world.whole("letter")
    assert meaning(after) == {**meaning(flag), "off": "a"}


@pytest.mark.parametrize("index", [2, 3])
def test_a_variation_in_use_stays(world: Any, flag: Body, index: int) -> None:
    variation_id = flag["variations"][index]["_id"]
    with pytest.raises(Invalid, match="in use and cannot be removed: defaults"):
        world.patch("letter", {"instructions": [{"kind": "removeVariation", "variationId": variation_id}]})
    with pytest.raises(Invalid, match="this change removes"):
        world.patch("letter", [{"op": "remove", "path": f"/variations/{index}"}])
    assert world.whole("letter") == flag


def test_a_variation_without_a_share_of_any_rollout_is_not_in_use(world: Any, flag: Body) -> None:
    after = world.patch("letter", [{"op": "remove", "path": "/variations/0"}])
    assert meaning(after) == meaning(flag)
    shares = after["environments"]["test"]["fallthrough"]["rollout"]["variations"]
    assert [(share["variation"], share["weight"]) for share in shares] == [(0, 0), (1, 70000), (2, 30000)]


def test_ids_survive_a_client_that_does_not_know_them(world: Any, flag: Body) -> None:
    ids = [variation["_id"] for variation in flag["variations"]]
    renamed = world.patch("letter", [{"op": "replace", "path": "/variations", "value": [{"value": v} for v in "wxyz"]}])
    assert [variation["_id"] for variation in renamed["variations"]] == ids
    grown = world.patch("letter", [{"op": "add", "path": "/variations/-", "value": {"value": "more", "name": None}}])
    assert [variation["_id"] for variation in grown["variations"]][:4] == ids
    assert len({variation["_id"] for variation in grown["variations"]}) == 5


def test_rules_that_come_back_without_ids_keep_them(world: Any, flag: Body) -> None:
    rule = flag["environments"]["test"]["rules"][0]
    bare = {"clauses": [{k: v for k, v in c.items() if k != "_id"} for c in rule["clauses"]], "variation": 3}
    new = {"clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}], "variation": 0, "description": ""}
    world.patch("letter", [{"op": "replace", "path": "/environments/test/rules", "value": [new, bare]}])
    first, second = world.config("letter")["rules"]
    assert second == rule
    assert first["_id"] not in ("r1", "") and first["clauses"][0]["_id"]


def test_new_defaults_are_for_new_environments(world: Any, flag: Body) -> None:
    before = meaning(flag, "production")["fallthrough"]
    versions = world.versions("letter")
    world.patch("letter", {"instructions": [{"kind": "updateDefaultVariation", "onVariationValue": "a"}]})
    world.environment("staging")
    after = world.whole("letter")
    assert meaning(after, "production")["fallthrough"] == before == "c"
    assert meaning(after, "staging")["fallthrough"] == "a"
    assert world.versions("letter")["production"] > versions["production"]


def test_a_new_environment_may_begin_as_a_copy(world: Any, flag: Body) -> None:
    world.environment("staging", source={"key": "test"})
    world.do(lambda work: work.copy_facets(f"proj/{world.project}", "test", "staging"))
    assert meaning(world.whole("letter"), "staging") == meaning(flag, "test")
