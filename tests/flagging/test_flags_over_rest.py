"""Flags as clients meet them: creating, listing, cloning, copying, and being told what is wrong."""

import time
from typing import Any

import launchdarkly_api
import pytest
from laboratory import Laboratory
from servers import Server

Body = dict[str, Any]
COLOURS = [{"value": "red"}, {"value": "green"}, {"value": "blue"}]
OLDER = {"LD-API-Version": "20220603"}


@pytest.fixture
def flags(server: Server, project: str) -> Any:
    """Makes flags in a project of their own, and lists their keys."""
    return Flags(server, project)


class Flags:
    def __init__(self, server: Server, project: str) -> None:
        self.server, self.project = server, project

    def make(self, key: str, *, query: str = "", **more: Any) -> Body:
        body = {"key": key, "name": key.title(), **more}
        made: Body = self.server.ok("POST", f"/flags/{self.project}{query}", json=body)
        return made

    def get(self, key: str, query: str = "") -> Body:
        found: Body = self.server.ok("GET", f"/flags/{self.project}/{key}{query}")
        return found

    def page(self, headers: dict[str, str] | None = None, **query: Any) -> Body:
        found: Body = self.server.ok("GET", f"/flags/{self.project}", params=query, headers=headers or {})
        return found

    def keys(self, **query: Any) -> list[str]:
        return [flag["key"] for flag in self.page(**query)["items"]]

    def instruct(self, key: str, *instructions: Body, environment: str = "test") -> Body:
        body = {"environmentKey": environment, "instructions": list(instructions)}
        changed: Body = self.server.ok("PATCH", f"/flags/{self.project}/{key}", json=body)
        return changed


def test_a_flag_without_variations_is_boolean_and_maintained_by_its_maker(server: Server, flags: Flags) -> None:
    flag = flags.make("simple")
    me = server.ok("GET", "/members/me")
    assert (flag["kind"], [variation["value"] for variation in flag["variations"]]) == ("boolean", [True, False])
    assert (flag["maintainerId"], flag["_maintainer"]["email"]) == (me["_id"], me["email"])
    assert (flag["temporary"], flag["tags"], flag["archived"], flag["_version"]) == (True, [], False, 1)
    config = flag["environments"]["production"]
    assert (config["on"], config["fallthrough"], config["offVariation"]) == (False, {"variation": 0}, 1)
    assert config["_summary"]["variations"] == {
        "0": {"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0, "isFallthrough": True},
        "1": {"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0, "isOff": True},
    }
    assert config["_environmentName"] == "Production"
    assert config["_site"]["href"] == f"/projects/{flags.project}/production/flags/simple"
    assert flags.get("simple") == flag


def test_the_first_switch_in_the_older_client(flags: Flags, api: Any) -> None:
    official = launchdarkly_api.FeatureFlagsApi(api)
    body = launchdarkly_api.FeatureFlagBody(key="official", name="Official", is_flag_on=True)
    made = official.post_feature_flag(flags.project, body)
    assert made.environments["test"].on is True
    patch = launchdarkly_api.PatchWithComment(
        comment="off again",
        patch=[launchdarkly_api.PatchOperation(op="replace", path="/environments/test/on", value=False)],
    )
    changed = official.patch_feature_flag(flags.project, "official", patch)
    assert changed.environments["test"].on is False
    assert changed.environments["test"].version > made.environments["test"].version
    assert changed.environments["production"].version == made.environments["production"].version
    assert official.get_feature_flags(flags.project).total_count == 1
    status = official.get_feature_flag_status(flags.project, "test", "official")
    assert (status.name, status.last_requested) == ("new", None)
    assert [item.name for item in official.get_feature_flag_statuses(flags.project, "test").items] == ["new"]
    across = official.get_feature_flag_status_across_environments(flags.project, "official")
    assert {key: each.name for key, each in across.environments.items()} == {"production": "new", "test": "new"}
    official.delete_feature_flag(flags.project, "official")
    assert official.get_feature_flags(flags.project).items == []


def test_terraform_puts_an_environment_back_with_its_misspelt_path(server: Server, flags: Flags) -> None:
    """The paths are those that Terraform's provider sends on destroy, ``fallthough`` included."""
    flags.make("tf", variations=COLOURS)
    values = {
        "on": False, "rules": [], "trackEvents": False, "prerequisites": [], "offVariation": 2, "targets": [],
        "contextTargets": [], "fallthough": {"variation": 0},
    }  # fmt: skip
    patch = [{"op": "replace", "path": f"/environments/test/{name}", "value": value} for name, value in values.items()]
    body = {"comment": "Terraform", "patch": patch}
    flag = server.ok("PATCH", f"/flags/{flags.project}/tf", json=body)
    assert "fallthough" not in flag["environments"]["test"]
    without = [{"op": "remove", "path": "/environments/test/offVariation"}]
    flag = server.ok("PATCH", f"/flags/{flags.project}/tf", json=without)
    assert "offVariation" not in flag["environments"]["test"]
    again = server.call("PATCH", f"/flags/{flags.project}/tf", json=without)
    assert (again.status_code, again.json()["code"]) == (400, "invalid_request")


def test_environments_are_shown_where_they_are_asked_for(flags: Flags) -> None:
    flags.make("x")
    assert "environments" not in flags.page()["items"][0]
    shown = flags.page(env="test")["items"][0]["environments"]
    assert list(shown) == ["test"]
    assert "rules" not in shown["test"]
    full = flags.page(env=["test", "production"], summary="0")["items"][0]["environments"]
    assert list(full) == ["production", "test"] and full["test"]["rules"] == []
    assert list(flags.page(filter="filterEnv:production")["items"][0]["environments"]) == ["production"]
    assert list(flags.page(headers=OLDER)["items"][0]["environments"]) == ["production", "test"]
    assert list(flags.get("x", "?env=test")["environments"]) == ["test"]
    assert flags.server.call("GET", f"/flags/{flags.project}?env=tset").status_code == 404
    assert flags.server.call("GET", f"/flags/{flags.project}/x?env=tset").status_code == 404


def test_older_clients_get_everything_on_one_page(flags: Flags) -> None:
    for number in range(23):
        flags.make(f"f{number}")
    assert (len(flags.page()["items"]), flags.page()["totalCount"]) == (20, 23)
    older = flags.page(headers=OLDER)
    assert (len(older["items"]), older["totalCount"], list(older["_links"])) == (23, 23, ["self"])
    last = flags.page(limit=10, offset=20)
    assert len(last["items"]) == 3 and {"first", "prev"} <= set(last["_links"]) and "next" not in last["_links"]


def test_filters_and_orders(server: Server, flags: Flags) -> None:
    created = flags.make("alpha", tags=["beta", "test"], temporary=False)["creationDate"]
    flags.make("bravo", tags=["Beta"], clientSideAvailability={"usingMobileKey": False, "usingEnvironmentId": True})
    flags.make("charlie", clientSideAvailability={"usingMobileKey": False, "usingEnvironmentId": False})
    flags.make("delta", purpose="holdout")
    flags.instruct("charlie", {"kind": "archiveFlag"})
    flags.instruct("bravo", {"kind": "deprecateFlag"})
    me = server.ok("GET", "/members/me")["_id"]
    for text, expected in {
        "query:LPH": ["alpha"],
        "tags:beta+test": ["alpha"],
        "tags:beta": ["alpha", "bravo"],
        "type:permanent": ["alpha"],
        "state:archived": ["charlie"],
        "state:deprecated": ["bravo"],
        "state:live": ["alpha", "delta"],
        "archived:true": ["charlie"],
        "sdkAvailability:client": ["bravo"],
        "sdkAvailability:mobile": ["alpha", "delta"],
        "sdkAvailability:anyClient,type:temporary": ["bravo", "delta"],
        "sdkAvailability:server,state:archived": ["charlie"],
        f"maintainerId:{me}": ["alpha", "bravo", "delta"],
        "maintainerTeamKey:nobody": [],
        f'creationDate:{{"before":{created}}}': [],
        f'creationDate:{{"before":{created + 3_600_000}}},type:permanent': ["alpha"],
        "hasExperiment:true": [],
        "purpose:all+!(holdout)": ["alpha", "bravo"],
        "purpose:holdout": ["delta"],
        'evaluated:{"after":5},filterEnv:test': [],
        "": ["alpha", "bravo", "delta"],
    }.items():
        assert flags.keys(filter=text) == expected, text
    assert flags.keys(tag="BETA") == ["alpha", "bravo"]
    assert flags.keys(archived="true") == ["charlie"]
    assert flags.keys(sort="-name") == ["delta", "bravo", "alpha"]
    assert flags.keys(sort="type,-key") == ["alpha", "delta", "bravo"]
    assert flags.keys(sort="-creationDate")[0] == "delta"
    time.sleep(0.002)
    flags.instruct("alpha", {"kind": "turnFlagOn"})
    assert flags.keys(sort="-targetingModifiedDate", env="test")[0] == "alpha"


def test_older_clients_filter_by_what_flags_do_in_an_environment(server: Server, flags: Flags) -> None:
    for key in ("plain", "aimed", "grouped", "recorded"):
        flags.make(key)
    variation = {key: flags.get(key)["variations"][0]["_id"] for key in ("aimed", "grouped")}
    target = {"values": ["o1"], "contextKind": "org", "variationId": variation["aimed"]}
    flags.instruct("aimed", {"kind": "addTargets", **target})
    clause = {"attribute": "segmentMatch", "op": "segmentMatch", "values": ["insiders"], "negate": False}
    flags.instruct("grouped", {"kind": "addRule", "clauses": [clause], "variationId": variation["grouped"]})
    flags.instruct("recorded", {"kind": "updateTrackEventsFallthrough", "trackEvents": True})

    def keys(text: str, environment: str = "test", **more: Any) -> list[str]:
        page = flags.page(OLDER, filter=f"{text},filterEnv:{environment}", **more)
        return [flag["key"] for flag in page["items"]]

    assert keys("contextKindTargeted:org") == ["aimed"]
    assert keys("contextKindTargeted:org", "production") == []
    assert keys("segmentTargeted:insiders") == ["grouped"]
    assert keys("hasDataExport:true") == ["recorded"]
    assert keys("hasDataExport:false,contextKindTargeted:org") == ["aimed"]
    assert keys("status:new|active") == ["plain", "aimed", "grouped", "recorded"]
    assert keys("status:launched") == []
    page = flags.page(OLDER, compare="true", env=["test", "production"])
    assert [flag["key"] for flag in page["items"]] == ["aimed", "grouped", "recorded"]
    assert flags.page(compare="true", env=["test", "production"])["totalCount"] == 4, "newer versions do not compare"
    for text, says in {
        "status:new": "'status' needs 'filterEnv'",
        "status:gone,filterEnv:test": "'status' is one of new, active, inactive, launched",
        "segmentTargeted:x,filterEnv:nowhere": "no environment 'nowhere'",
    }.items():
        answer = server.call("GET", f"/flags/{flags.project}?filter={text}", headers=OLDER)
        assert says in answer.json()["message"]
    newest = server.call("GET", f"/flags/{flags.project}?filter=status:new,filterEnv:test")
    assert (newest.status_code, "unknown field 'status'" in newest.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"filter": "colour:red"}, "unknown field 'colour'; possible: archived"),
        ({"filter": "state:gone"}, "'state' is one of live, deprecated, archived"),
        ({"filter": "creationDate:yesterday"}, "must be of the form"),
        ({"filter": 'evaluated:{"after":5}'}, "needs 'filterEnv'"),
        ({"sort": "colour"}, "unknown field 'colour'; possible: creationDate"),
        ({"sort": "targetingModifiedDate"}, "needs 'env'"),
        ({"sort": "targetingModifiedDate,name", "env": "test"}, "stands alone"),
    ],
)
def test_a_list_that_cannot_be_made_says_why(flags: Flags, query: Body, says: str) -> None:
    answer = flags.server.call("GET", f"/flags/{flags.project}", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert says in answer.json()["message"]


def test_a_lock_by_version_holds_in_either_place(server: Server, flags: Flags) -> None:
    flag = flags.make("locked")
    path = f"/flags/{flags.project}/locked"
    turn_on = {"op": "replace", "path": "/environments/test/on", "value": True}
    seen = {"op": "test", "path": "/environments/test/version", "value": flag["environments"]["test"]["version"]}
    changed = server.ok("PATCH", path, json=[seen, turn_on])
    assert changed["environments"]["test"]["on"] is True
    assert server.call("PATCH", path, json=[seen, turn_on]).status_code == 409
    assert server.call("PATCH", path, json=[{**seen, "path": "/_version"}, turn_on]).status_code == 409
    server.ok("PATCH", path, json=[{"op": "test", "path": "/_version", "value": changed["_version"]}, turn_on])


def test_a_clone_has_all_the_targeting_of_its_original_and_a_life_of_its_own(server: Server, flags: Flags) -> None:
    original = flags.make("original", variations=COLOURS, tags=["paint"], description="the first")
    red, green, blue = (variation["_id"] for variation in original["variations"])
    clause = {"attribute": "country", "op": "in", "values": ["CH"], "contextKind": "user", "negate": False}
    original = flags.instruct(
        "original",
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "clauses": [clause], "rolloutWeights": {red: 30000, blue: 70000}},
        {"kind": "addUserTargets", "values": ["ann"], "variationId": green},
    )
    copy = flags.make("copy", query="?clone=original", tags=["mine"])
    assert (copy["name"], copy["tags"], copy["description"]) == ("Copy", ["mine"], "the first")
    ours, theirs = copy["environments"]["test"], original["environments"]["test"]
    for name in ("on", "targets", "fallthrough", "offVariation"):
        assert ours[name] == theirs[name]
    assert ours["rules"][0]["rollout"] == theirs["rules"][0]["rollout"]
    assert ours["salt"] != theirs["salt"]
    ids = {variation["_id"] for variation in original["variations"]} | {theirs["rules"][0]["_id"]}
    assert not ids & ({variation["_id"] for variation in copy["variations"]} | {ours["rules"][0]["_id"]})
    missing = server.call("POST", f"/flags/{flags.project}?clone=nope", json={"key": "y", "name": "Y"})
    assert missing.status_code == 404


def test_a_copy_takes_the_parts_that_are_asked_for(server: Server, flags: Flags) -> None:
    flags.make("x", variations=COLOURS)
    green = flags.get("x")["variations"][1]["_id"]
    flags.instruct(
        "x",
        {"kind": "turnFlagOn"},
        {"kind": "addUserTargets", "values": ["ann"], "variationId": green},
        {"kind": "updateOffVariation", "variationId": green},
    )
    path = f"/flags/{flags.project}/x/copy"
    ends = {"source": {"key": "test"}, "target": {"key": "production"}}
    part = server.ok("POST", path, json={**ends, "includedActions": ["updateTargets"], "comment": "as tested"})
    there = part["environments"]["production"]
    assert (there["on"], there["targets"][0]["values"], there["offVariation"]) == (False, ["ann"], 2)
    rest = server.call("POST", path, json={**ends, "excludedActions": ["updateOn"]})
    assert rest.status_code == 201
    there = rest.json()["environments"]["production"]
    assert (there["on"], there["offVariation"]) == (False, 1)
    stale = {**ends, "target": {"key": "production", "currentVersion": there["version"] - 1}}
    refused = server.call("POST", path, json=stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "optimistic_locking_error")
    both = {**ends, "includedActions": ["updateOn"], "excludedActions": ["updateOn"]}
    assert server.call("POST", path, json=both).status_code == 400
    assert server.call("POST", path, json={**ends, "source": {"key": "nope"}}).status_code == 404


def test_somebody_may_copy_only_where_they_may_change(server: Server, flags: Flags) -> None:
    flags.make("x")
    flags.instruct("x", {"kind": "turnFlagOn"})
    here = f"proj/{flags.project}:env/{{}}:flag/*"
    ends = {"source": {"key": "test"}, "target": {"key": "production"}}

    def attempt(*actions_in_production: str) -> int:
        policy = [
            {"effect": "allow", "resources": [here.format("test")], "actions": ["copyFlagConfigFrom"]},
            {"effect": "allow", "resources": [here.format("production")], "actions": list(actions_in_production)},
        ]
        token = server.token_for(inlineRole=policy)
        path = f"/flags/{flags.project}/x/copy"
        return server.call("POST", path, json=ends, token=token).status_code

    assert attempt("copyFlagConfigTo") == 403
    assert attempt("updateOn") == 403
    assert attempt("copyFlagConfigTo", "updateOn") == 201


def test_an_instruction_deletes_a_flag_and_a_rehearsal_does_not(server: Server, flags: Flags) -> None:
    flags.make("x")
    path = f"/flags/{flags.project}/x"
    body = {"instructions": [{"kind": "deleteFlag"}], "comment": "no longer in code"}
    assert server.call("PATCH", f"{path}?dryRun=true", json=body).status_code == 204
    assert flags.get("x")
    assert server.call("PATCH", path, json=body).status_code == 204
    assert server.call("GET", path).status_code == 404
    assert server.ok("GET", "/auditlog?limit=1")["items"][0]["comment"] == "no longer in code"


def test_a_gate_answers_as_clients_expect(server: Server, flags: Flags) -> None:
    flags.make("x")
    settings = [{"op": "replace", "path": "/approvalSettings/required", "value": True}]
    server.ok("PATCH", f"/projects/{flags.project}/environments/production", json=settings)
    policy = [
        {"effect": "allow", "resources": ["proj/*", "proj/*:env/*:flag/*"], "actions": ["*"]},
        {"effect": "deny", "resources": ["proj/*:env/*:flag/*"], "actions": ["bypassRequiredApproval"]},
    ]
    token = server.token_for(inlineRole=policy)
    turn_on = [{"op": "replace", "path": "/environments/production/on", "value": True}]
    answer = server.call("PATCH", f"/flags/{flags.project}/x", json=turn_on, token=token)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    said = "Flag configuration updates require approval: action 'updateOn' not allowed"
    assert answer.json()["message"].startswith(said)


def test_access_says_what_the_server_will_do(server: Server, flags: Flags) -> None:
    flags.make("x")
    resources = [f"proj/{flags.project}", f"proj/{flags.project}:env/test:flag/*"]
    token = server.token_for(inlineRole=[{"effect": "allow", "resources": resources, "actions": ["*"]}])
    flag = server.ok("GET", f"/flags/{flags.project}/x", token=token)
    for environment, may in {"test": True, "production": False}.items():
        access = flag["environments"][environment]["_access"]
        allowed = {each["action"] for each in access["allowed"]}
        assert ("updateOn" in allowed) is may
        patch = [{"op": "replace", "path": f"/environments/{environment}/on", "value": True}]
        answer = server.call("PATCH", f"/flags/{flags.project}/x", json=patch, token=token)
        assert answer.status_code == (200 if may else 403)


def test_a_flag_holds_still_while_an_experiment_runs_on_it(server: Server) -> None:
    laboratory = Laboratory(server)
    laboratory.started()
    blue, green, _ = laboratory.variations
    path = f"/flags/{laboratory.project}/button"
    split = {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {blue: 10000, green: 90000}}
    attempts: list[tuple[str, Any]] = [
        ("PATCH", {"environmentKey": "test", "instructions": [split]}),
        ("PATCH", [{"op": "replace", "path": "/environments/test/fallthrough", "value": {"variation": 1}}]),
        ("PATCH", [{"op": "replace", "path": "/variations/0/value", "value": "navy"}]),
        ("PATCH", {"instructions": [{"kind": "archiveFlag"}]}),
        ("DELETE", None),
    ]
    for method, body in attempts:
        answer = server.call(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), body
        assert "experiment 'colour' is running" in answer.json()["message"]
    laboratory.turn("turnFlagOff")
    laboratory.turn("addUserTargets", values=["ann"], variationId=green)
    elsewhere = {"environmentKey": "production", "instructions": [split]}
    server.ok("PATCH", path, json=elsewhere)
    assert server.ok("GET", f"/flags/{laboratory.project}?filter=hasExperiment:true")["totalCount"] == 1
    laboratory.do("stopIteration", winningTreatmentId=green, winningReason="more were sold")
    server.ok("DELETE", path)


def test_a_flag_becomes_active_when_sdks_ask_for_it(server: Server, flags: Flags) -> None:
    flags.make("asked")
    flags.instruct("asked", {"kind": "turnFlagOn"})
    sdk_key = server.ok("GET", f"/projects/{flags.project}/environments/test")["apiKey"]
    now = int(time.time() * 1000)
    counter = {"value": True, "variation": 0, "version": 2, "count": 3}
    summary = {
        "kind": "summary",
        "startDate": now - 1000,
        "endDate": now,
        "features": {"asked": {"default": False, "contextKinds": ["user"], "counters": [counter]}},
    }
    headers = {"Authorization": sdk_key, "X-LaunchDarkly-Event-Schema": "4"}
    assert server.session.post(f"{server.url}/bulk", json=[summary], headers=headers, timeout=10).status_code == 202
    deadline = time.monotonic() + 20
    while (status := server.ok("GET", f"/flag-statuses/{flags.project}/test/asked"))["name"] == "new":
        assert time.monotonic() < deadline, "the request was not counted"
        time.sleep(0.1)
    assert (status["name"], status["default"]) == ("active", False)
    assert status["lastRequested"].endswith("Z")
    assert server.ok("GET", f"/flag-statuses/{flags.project}/test")["items"] == [status]
    across = server.ok("GET", f"/flag-status/{flags.project}/asked")["environments"]
    assert {key: each["name"] for key, each in across.items()} == {"production": "new", "test": "active"}
    recently = {"filter": f'evaluated:{{"after":{now - 60_000}}},filterEnv:test'}
    assert [flag["key"] for flag in flags.page(**recently)["items"]] == ["asked"]


def test_an_editor_switches_between_a_variation_and_a_rollout_by_one_path(server: Server, flags: Flags) -> None:
    """The paths are those that LaunchDarkly's extension for VS Code sends, trailing slash of the list included."""
    flags.make("x", variations=COLOURS)
    path, base = f"/flags/{flags.project}/x", "/environments/test/fallthrough"
    shares = {"variations": [{"variation": 0, "weight": 25000}, {"variation": 2, "weight": 75000}]}
    to_rollout = [{"op": "replace", "path": f"{base}/rollout", "value": shares}]
    config = server.ok("PATCH", path, json=to_rollout)["environments"]["test"]
    assert config["fallthrough"] == {"rollout": {**shares, "contextKind": "user"}}
    to_variation = [{"op": "replace", "path": f"{base}/variation", "value": 1}]
    config = server.ok("PATCH", path, json=to_variation)["environments"]["test"]
    assert config["fallthrough"] == {"variation": 1}
    listed = server.ok("GET", f"/flags/{flags.project}/?env=test&summary=true&sort=name&limit=100", headers=OLDER)
    assert listed["items"][0]["environments"]["test"]["fallthrough"] == {"variation": 1}


def test_whoever_would_change_a_flag_learns_who_depends_on_it(flags: Flags, api: Any) -> None:
    needed = flags.make("needed")["variations"][0]["_id"]
    for key in ("second", "first"):
        flags.make(key)
    prerequisite = {"kind": "addPrerequisite", "key": "needed", "variationId": needed}
    flags.instruct("first", prerequisite)
    flags.instruct("first", prerequisite, environment="production")
    flags.instruct("second", prerequisite, environment="production")
    official = launchdarkly_api.FeatureFlagsBetaApi(api)
    anywhere = official.get_dependent_flags(flags.project, "needed")
    assert {each.key: [where.key for where in each.environments] for each in anywhere.items} == {
        "first": ["production", "test"],
        "second": ["production"],
    }
    assert [each.name for each in anywhere.items] == ["First", "Second"]
    there = official.get_dependent_flags_by_env(flags.project, "test", "needed")
    assert [(each.key, each.site.href) for each in there.items] == [
        ("first", f"/projects/{flags.project}/test/flags/first")
    ]
    assert official.get_dependent_flags(flags.project, "first").items == []
