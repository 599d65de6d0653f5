"""What is set by instructions is what the official server SDK serves, over the wire and to the letter."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import ldclient
import pytest
import python_sdk
from ldclient import Context
from servers import Server

Body = dict[str, Any]
COLOURS = [{"value": "red"}, {"value": "green"}, {"value": "blue"}]


def test_the_wire_form_says_everything(world: Any) -> None:
    world.flag("gate")
    flag = world.flag("colour", variations=COLOURS)
    red, green, blue = (variation["_id"] for variation in flag["variations"])
    gate = world.whole("gate")["variations"][1]["_id"]
    world.instruct(
        "colour",
        {"kind": "turnFlagOn"},
        {"kind": "addPrerequisite", "key": "gate", "variationId": gate},
        {"kind": "addUserTargets", "values": ["ann"], "variationId": green},
        {"kind": "addTargets", "contextKind": "org", "values": ["acme"], "variationId": blue},
        {
            "kind": "addRule",
            "clauses": [{"attribute": "country", "op": "in", "values": ["CH"]}],
            "rolloutWeights": {red: 20000, green: 80000},
            "rolloutBucketBy": "country",
        },
        {"kind": "addRule", "clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}], "variationId": blue},
        {"kind": "updateTrackEvents", "trackEvents": True},
    )
    hide = [{"op": "add", "path": "/environments/test/rules/1/disabled", "value": True}]
    config = world.patch("colour", hide)["environments"]["test"]
    experiment = {
        "variations": [{"variation": 0, "weight": 10000}, {"variation": 1, "weight": 90000, "_untracked": True}],
        "seed": 7,
        "contextKind": "org",
        "experimentAllocation": {"defaultVariation": 1, "canReshuffle": False},
    }
    world.patch("colour", {"environments": {"test": {"fallthrough": {"variation": None, "rollout": experiment}}}})
    assert world.wire()["colour"] == {
        "key": "colour",
        "version": world.versions("colour")["test"],
        "on": True,
        "variations": ["red", "green", "blue"],
        "offVariation": 2,
        "salt": config["salt"],
        "trackEvents": True,
        "trackEventsFallthrough": False,
        "debugEventsUntilDate": None,
        "clientSide": False,
        "clientSideAvailability": {"usingMobileKey": True, "usingEnvironmentId": False},
        "prerequisites": [{"key": "gate", "variation": 1}],
        # Without the empty entry for users, SDKs would not look at the user targets.
        "targets": [{"contextKind": "user", "variation": 1, "values": ["ann"]}],
        "contextTargets": [
            {"contextKind": "org", "variation": 2, "values": ["acme"]},
            {"contextKind": "user", "variation": 1, "values": []},
        ],
        "rules": [
            {
                "id": config["rules"][0]["_id"],
                "clauses": [
                    {"contextKind": "user", "attribute": "country", "op": "in", "values": ["CH"], "negate": False}
                ],
                "trackEvents": False,
                "rollout": {
                    "kind": "rollout",
                    "contextKind": "user",
                    "bucketBy": "country",
                    "variations": [
                        {"variation": 0, "weight": 20000, "untracked": False},
                        {"variation": 1, "weight": 80000, "untracked": False},
                        {"variation": 2, "weight": 0, "untracked": False},
                    ],
                },
            }
        ],
        "fallthrough": {
            "rollout": {
                "kind": "experiment",
                "contextKind": "org",
                "seed": 7,
                "variations": [
                    {"variation": 0, "weight": 10000, "untracked": False},
                    {"variation": 1, "weight": 90000, "untracked": True},
                ],
            }
        },
    }


def test_an_archived_flag_is_not_delivered_and_comes_back_newer(world: Any) -> None:
    world.flag("old")
    before = world.wire()["old"]["version"]
    world.instruct("old", {"kind": "archiveFlag"})
    assert "old" not in world.wire()
    world.instruct("old", {"kind": "restoreFlag"})
    assert world.wire()["old"]["version"] > before


def test_environments_differ_in_salt_so_that_rollouts_do_not_line_up(world: Any) -> None:
    world.flag("a")
    world.flag("b")
    salts = {world.wire(environment)[key]["salt"] for key in ("a", "b") for environment in ("test", "production")}
    assert len(salts) == 4
    assert world.wire()["a"]["salt"] == world.wire()["a"]["salt"]


@pytest.fixture
def sdk(server: Server, project: str) -> Iterator[ldclient.LDClient]:
    """The official SDK, connected to the environment ``test`` of a new project."""
    environment = server.ok("GET", f"/projects/{project}/environments/test")
    with python_sdk.following(server.url, environment["apiKey"]) as client:
        assert client.is_initialized()
        yield client


def until(holds: Callable[[], bool]) -> None:
    """Wait for a change to come down the stream."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "the change did not arrive"
        time.sleep(0.02)


def test_what_instructions_say_is_what_the_sdk_serves(server: Server, project: str, sdk: ldclient.LDClient) -> None:
    def person(key: str, **attributes: Any) -> Context:
        return Context.from_dict({"kind": "user", "key": key, **attributes})

    gate = server.ok("POST", f"/flags/{project}", json={"key": "gate", "name": "Gate"})
    flag = server.ok("POST", f"/flags/{project}", json={"key": "colour", "name": "Colour", "variations": COLOURS})
    red, green, blue = (variation["_id"] for variation in flag["variations"])
    both = Context.create_multi(Context.create("dan"), Context.create("acme", "org"))
    server.ok(
        "PATCH",
        f"/flags/{project}/colour",
        json={
            "environmentKey": "test",
            "instructions": [
                {"kind": "turnFlagOn"},
                {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {red: 50000, green: 50000}},
                {"kind": "updateOffVariation", "variationId": blue},
                {"kind": "addUserTargets", "values": ["ann"], "variationId": blue},
                {"kind": "addTargets", "contextKind": "org", "values": ["acme"], "variationId": red},
                {
                    "kind": "addRule",
                    "description": "staff, but not guests",
                    "clauses": [
                        {"attribute": "email", "op": "endsWith", "values": ["@example.com"]},
                        {"attribute": "guest", "op": "in", "values": [True], "negate": True},
                    ],
                    "variationId": green,
                },
            ],
        },
    )
    until(lambda: sdk.variation_detail("colour", person("ann"), "none").reason == {"kind": "TARGET_MATCH"})
    assert sdk.variation("colour", person("ann"), "none") == "blue"
    assert sdk.variation("colour", both, "none") == "red"
    assert sdk.variation("colour", person("eve", email="eve@example.com", guest=False), "none") == "green"
    assert (
        sdk.variation_detail("colour", person("eve", email="e@example.com", guest=False), "none").reason["kind"]
        == "RULE_MATCH"
    )
    guests = {sdk.variation("colour", person(f"g{i}", email="g@example.com", guest=True), "none") for i in range(40)}
    assert guests == {"red", "green"}, "who meets no rule gets a share of the rollout"

    must = {"kind": "addPrerequisite", "key": "gate", "variationId": gate["variations"][0]["_id"]}
    server.ok("PATCH", f"/flags/{project}/colour", json={"environmentKey": "test", "instructions": [must]})
    until(lambda: sdk.variation("colour", person("ann"), "none") == "blue")
    until(lambda: sdk.variation_detail("colour", person("ann"), "none").reason["kind"] == "PREREQUISITE_FAILED")
    server.ok(
        "PATCH", f"/flags/{project}/gate", json=[{"op": "replace", "path": "/environments/test/on", "value": True}]
    )
    until(lambda: sdk.variation("colour", both, "none") == "red")

    server.ok("PATCH", f"/flags/{project}/colour", json={"instructions": [{"kind": "archiveFlag"}]})
    until(lambda: sdk.variation("colour", person("ann"), "none") == "none")
    server.ok("PATCH", f"/flags/{project}/colour", json={"instructions": [{"kind": "restoreFlag"}]})
    until(lambda: sdk.variation("colour", person("ann"), "none") == "blue")
    server.ok("DELETE", f"/flags/{project}/colour")
    until(lambda: sdk.variation("colour", person("ann"), "none") == "none")
