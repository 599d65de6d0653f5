"""An experiment from its draft to the winner that is shipped, as its owner sees it."""

import time
from typing import Any

import launchdarkly_api
import pytest
from laboratory import Laboratory
from servers import Server


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


def changes(server: Server) -> int:
    return int(server.ok("POST", "/auditlog/counts?after=0", json=[])["totalCount"])


def test_the_official_client_creates_starts_and_stops_an_experiment(lab: Laboratory, api: Any) -> None:
    experiments = launchdarkly_api.ExperimentsApi(api)
    tested = {"button": {"ruleId": "fallthrough", "flagConfigVersion": lab.config()["version"]}}
    iteration = lab.iteration(flags=tested)
    post = launchdarkly_api.ExperimentPost.from_dict({"key": "colour", "name": "Colour", "iteration": iteration})
    made = experiments.create_experiment(lab.project, lab.environment, post)
    assert (made.key, made.methodology, made.data_source, made.type) == (
        "colour",
        "frequentist",
        "launchdarkly",
        "experiment",
    )
    assert made.draft_iteration is None, "what can be expanded is there only when asked for"
    start = launchdarkly_api.ExperimentPatchInput(instructions=[{"kind": "startIteration"}])
    running = experiments.patch_experiment(lab.project, lab.environment, "colour", start)
    assert running.current_iteration.status == "running"
    read = experiments.get_experiment(
        lab.project, lab.environment, "colour", expand="treatments,secondaryMetrics,mutableFieldsByStatus"
    )
    blue, green = read.current_iteration.treatments
    assert (blue.id, green.id) == tuple(lab.variations[:2])
    assert (blue.baseline, green.baseline) == (True, False)
    assert (blue.allocation_percent, green.allocation_percent) == ("50", "50")
    assert read.current_iteration.primary_single_metric.key == "sold"
    assert [metric.key for metric in read.current_iteration.secondary_metrics] == ["spent"]
    assert [metric.key for metric in read.current_iteration.metrics] == ["sold", "spent"]
    assert read.mutable_fields_by_status.running["metrics"] == ["add"]
    stop = [{"kind": "stopIteration", "winningTreatmentId": green.id, "winningReason": "More were sold"}]
    stopped = experiments.patch_experiment(
        lab.project, lab.environment, "colour", launchdarkly_api.ExperimentPatchInput(instructions=stop)
    )
    assert stopped.current_iteration.status == "stopped"
    assert stopped.current_iteration.winning_treatment_id == green.id
    assert stopped.current_iteration.winning_reason == "More were sold"
    assert stopped.current_iteration.started_at <= stopped.current_iteration.ended_at
    listed = experiments.get_experiments(lab.project, lab.environment)
    assert (listed.total_count, [each.key for each in listed.items]) == (1, ["colour"])
    assert experiments.get_experiments_any_env(lab.project).total_count == 1


def test_a_draft_is_filled_in_from_flag_metrics_and_project(lab: Laboratory) -> None:
    lab.create(iteration={"flags": {"button": {"ruleId": lab.rule}}})
    draft = lab.get()["draftIteration"]
    assert draft["status"] == "not_started"
    assert (draft["randomizationUnit"], draft["canReshuffleTraffic"], draft["version"]) == ("user", True, 0)
    flag = draft["flags"]["button"]
    assert flag["targetingRule"] == lab.rule
    assert flag["targetingRuleDescription"] == "Testers"
    assert flag["targetingRuleClauses"][0]["attribute"] == "tester"
    assert flag["flagConfigVersion"] == lab.config()["version"]
    assert flag["notInExperimentVariationId"] == lab.variations[0], "those outside get what the baseline is"
    assert flag["_links"]["self"]["href"] == f"/api/v2/flags/{lab.project}/button"
    assert "startedAt" not in draft


def test_whoever_creates_an_experiment_looks_after_it(lab: Laboratory) -> None:
    me = lab.server.ok("GET", "/members/me")["_id"]
    assert lab.create()["_maintainerId"] == me
    refused = lab.post("other", maintainerId="000000000000000000000000")
    assert refused.status_code == 400
    assert "there is no member" in refused.json()["message"]


def test_starting_gives_the_rule_an_experiment_rollout(lab: Laboratory) -> None:
    not_in = {"button": {"ruleId": "fallthrough", "notInExperimentVariationId": lab.variations[2]}}
    lab.create(iteration={"treatments": lab.treatments("10", "20"), "flags": not_in})
    before = lab.config()
    experiment = lab.do("startIteration")
    after = lab.config()
    assert after["version"] == before["version"] + 1
    assert experiment["currentIteration"]["flags"]["button"]["flagConfigVersion"] == after["version"]
    assert "variation" not in after["fallthrough"]
    rollout = after["fallthrough"]["rollout"]
    assert [(each["variation"], each["weight"], each.get("_untracked", False)) for each in rollout["variations"]] == [
        (0, 10_000, False),
        (1, 20_000, False),
        (2, 70_000, True),
    ]
    assert rollout["contextKind"] == "user"
    assert rollout["seed"] > 0
    assert rollout["experimentAllocation"] == {"defaultVariation": 2, "canReshuffle": True, "type": "experiment"}
    assert after["rules"] == before["rules"], "the other rules are left alone"
    assert "draftIteration" not in experiment


def test_stopping_ships_the_winner_to_the_whole_rule(lab: Laboratory) -> None:
    lab.started(iteration={"treatments": lab.treatments("5", "5"), "flags": {"button": {"ruleId": lab.rule}}})
    assert lab.ask("stopIteration", winningTreatmentId="nobody", winningReason="").status_code == 400
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="It sells")
    rule = lab.config()["rules"][0]
    assert (rule["_id"], rule["variation"]) == (lab.rule, 1)
    assert "rollout" not in rule
    assert "rollout" not in lab.config()["fallthrough"]
    again = lab.ask("stopIteration", winningTreatmentId=lab.variations[1], winningReason="")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_the_flag_is_held_while_the_experiment_runs_and_free_afterwards(lab: Laboratory) -> None:
    lab.started()
    path, serve = f"/flags/{lab.project}/button", {"kind": "updateFallthroughVariationOrRollout"}
    body = {"environmentKey": "test", "instructions": [{**serve, "variationId": lab.variations[2]}]}
    assert lab.server.call("PATCH", path, json=body).status_code == 409
    assert lab.server.call("DELETE", path).status_code == 409
    lab.do("stopIteration", winningTreatmentId=lab.variations[0], winningReason="")
    assert lab.server.call("PATCH", path, json=body).status_code == 200


def test_variations_keep_their_places_while_the_experiment_runs(lab: Laboratory) -> None:
    lab.started()
    flag = lab.flag()
    values = [{"_id": each["_id"], "value": each["value"]} for each in flag["variations"]]
    path = f"/flags/{lab.project}/button"
    reordered = [{"op": "replace", "path": "/variations", "value": [values[1], values[0], values[2]]}]
    refused = lab.server.call("PATCH", path, json=reordered)
    assert refused.status_code == 409
    assert "colour" in refused.json()["message"]
    added = [{"op": "add", "path": "/variations/-", "value": {"value": "red"}}]
    assert lab.server.call("PATCH", path, json=added).status_code == 200
    lab.do("stopIteration", winningTreatmentId=lab.variations[0], winningReason="")
    assert lab.server.call("PATCH", path, json=[{"op": "move", "from": "/variations/3", "path": "/variations/1"}]).ok


def test_every_document_changes_once_for_a_start_and_once_for_a_stop(lab: Laboratory) -> None:
    lab.create()
    counted = changes(lab.server)
    start = {"comment": "Let us see", "instructions": [{"kind": "startIteration"}]}
    lab.server.ok("PATCH", f"{lab.path}/colour", json=start)
    assert changes(lab.server) == counted + 2
    experiment, flag = lab.audit()[:2]
    assert (experiment["kind"], flag["kind"]) == ("experiment", "flag")
    assert (experiment["comment"], flag["comment"]) == ("Let us see", "Let us see")
    address = f"proj/{lab.project}:env/test"
    assert experiment["accesses"] == [{"action": "updateExperiment", "resource": f"{address}:experiment/colour"}]
    assert flag["accesses"] == [{"action": "updateFallthrough", "resource": f"{address}:flag/button"}]
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="")
    assert changes(lab.server) == counted + 4
    flag, experiment = lab.audit()[:2]
    assert (experiment["kind"], flag["kind"]) == ("experiment", "flag")
    assert flag["comment"] == "Experiment 'Colour' has ended", "unless something was said, the reason is"


def test_a_dry_run_of_a_start_starts_nothing(lab: Laboratory) -> None:
    lab.create()
    before, counted = lab.config(), changes(lab.server)
    body = {"instructions": [{"kind": "startIteration"}]}
    shown = lab.server.ok("PATCH", f"{lab.path}/colour?dryRun=true", json=body)
    assert shown["currentIteration"]["status"] == "running"
    assert lab.config() == before
    assert changes(lab.server) == counted
    assert "currentIteration" not in lab.get()


def test_starting_needs_the_right_to_change_the_flag_too(lab: Laboratory) -> None:
    lab.create()
    environment = f"proj/{lab.project}:env/test"
    allow = {"effect": "allow", "resources": [f"{environment}:experiment/*"], "actions": ["*"]}
    view = {"effect": "allow", "resources": [f"proj/{lab.project}"], "actions": ["viewProject"]}
    flags = {"effect": "allow", "resources": [f"{environment}:flag/*"], "actions": ["updateFallthrough"]}
    before, counted = lab.config(), changes(lab.server)
    without = lab.server.token_for(inlineRole=[allow, view])
    only_flags = lab.server.token_for(inlineRole=[flags, view])
    counted = changes(lab.server)
    refused = lab.ask("startIteration", token=without)
    assert refused.status_code == 403
    assert "updateFallthrough" in refused.json()["message"]
    refused = lab.ask("startIteration", token=only_flags)
    assert refused.status_code == 403
    assert "updateExperiment" in refused.json()["message"]
    assert (lab.config(), changes(lab.server)) == (before, counted)
    assert "currentIteration" not in lab.get()
    both = lab.server.token_for(inlineRole=[allow, view, flags])
    assert lab.ask("startIteration", token=both).status_code == 200


def test_archiving_needs_its_own_right(lab: Laboratory) -> None:
    lab.create()
    resources = [f"proj/{lab.project}:env/test:experiment/*"]
    edit = lab.server.token_for(
        inlineRole=[{"effect": "allow", "resources": resources, "actions": ["updateExperiment"]}]
    )
    assert lab.ask("archiveExperiment", token=edit).status_code == 403
    assert lab.ask("updateName", value="Other", token=edit).status_code == 200
    keep = {"effect": "allow", "resources": resources, "actions": ["updateExperimentArchived"]}
    assert lab.ask("archiveExperiment", token=lab.server.token_for(inlineRole=[keep])).status_code == 200


def test_metrics_are_pinned_at_the_start_and_drafts_follow_them(lab: Laboratory) -> None:
    def version() -> str:
        return str(lab.server.ok("GET", f"/metrics/{lab.project}/sold")["_versionId"])

    def rename(name: str) -> None:
        patch = [{"op": "replace", "path": "/name", "value": name}]
        lab.server.ok("PATCH", f"/metrics/{lab.project}/sold", json=patch)

    lab.create()
    rename("Items sold")
    assert lab.get()["draftIteration"]["metrics"][0]["_versionId"] == version()
    assert lab.get()["draftIteration"]["metrics"][0]["name"] == "Items sold"
    lab.do("startIteration")
    pinned = version()
    rename("Things sold")
    shown = lab.get()["currentIteration"]
    assert pinned != version()
    for metric in (shown["metrics"][0], shown["primarySingleMetric"], shown["primaryMetric"]):
        assert (metric["_versionId"], metric["name"]) == (pinned, "Items sold")


def test_a_funnel_decides_step_by_step(lab: Laboratory, api: Any) -> None:
    lab.make_metric("opened", eventKey="opened")
    lab.make_funnel("basket", "opened", "sold")
    iteration = {"metrics": [{"key": "basket", "isGroup": True}], "primaryFunnelKey": "basket"}
    refused = lab.post(iteration=iteration)
    assert refused.status_code == 400, "one primary is enough"
    lab.create(iteration={**iteration, "primarySingleMetricKey": None})
    shown = launchdarkly_api.Experiment.from_dict(lab.do("startIteration")).current_iteration
    assert shown.primary_single_metric is None
    assert [metric.name_in_group for metric in shown.primary_funnel.metrics] == ["Opened", "Sold"]
    assert shown.metrics[0].is_group
    assert len(shown.metrics[0].metrics) == 2


def test_an_older_client_names_the_primary_metric_in_the_list(lab: Laboratory) -> None:
    metrics = [{"key": "sold", "primary": False}, {"key": "spent", "primary": True}]
    lab.create(iteration={"metrics": metrics, "primarySingleMetricKey": None})
    assert lab.get()["draftIteration"]["primarySingleMetric"]["key"] == "spent"


def test_a_primary_metric_that_is_not_listed_is_watched_all_the_same(lab: Laboratory) -> None:
    lab.create(iteration={"metrics": [{"key": "spent"}]})
    assert [metric["key"] for metric in lab.get()["draftIteration"]["metrics"]] == ["sold", "spent"]


def test_another_iteration_takes_the_place_of_the_one_running_only_with_a_reason(lab: Laboratory) -> None:
    first = lab.started()["currentIteration"]
    draft = lab.server.call("POST", f"{lab.path}/colour/iterations", json=lab.iteration(hypothesis="Green still sells"))
    assert draft.status_code == 200
    assert (draft.json()["status"], draft.json()["hypothesis"]) == ("not_started", "Green still sells")
    assert len(draft.json()["treatments"]) == 2
    assert lab.ask("startIteration").status_code == 400
    again = lab.do("startIteration", changeJustification="Prices have changed")
    assert again["currentIteration"]["_id"] == draft.json()["_id"]
    assert again["currentIteration"]["status"] == "running"
    (previous,) = again["previousIterations"]
    assert (previous["_id"], previous["status"]) == (first["_id"], "stopped")
    assert previous["endedAt"] == again["currentIteration"]["startedAt"]
    assert "winningTreatmentId" not in previous
    assert lab.audit()[0]["comment"] == "Prices have changed"
    assert "draftIteration" not in again


def test_a_new_draft_takes_the_place_of_the_last(lab: Laboratory) -> None:
    lab.create()
    first = lab.get()["draftIteration"]["_id"]
    lab.server.ok("POST", f"{lab.path}/colour/iterations", json=lab.iteration(hypothesis="Blue sells more"))
    second = lab.get()["draftIteration"]
    assert second["_id"] != first
    assert second["hypothesis"] == "Blue sells more"


def test_save_and_start_stops_edits_and_starts_at_once(lab: Laboratory) -> None:
    first = lab.started()["currentIteration"]
    counted = changes(lab.server)
    seed = lab.config()["fallthrough"]["rollout"]["seed"]
    after = lab.do(
        "saveAndStartNewIteration",
        changeJustification="Fewer see it",
        value={
            "treatments": {"operation": "update", "value": lab.treatments("10", "10", "10")},
            "hypothesis": {"operation": "update", "value": "Grey is dull"},
            "name": {"operation": "update", "value": "Colours"},
        },
    )
    assert after["name"] == "Colours"
    assert after["currentIteration"]["hypothesis"] == "Grey is dull"
    assert [each["allocationPercent"] for each in after["currentIteration"]["treatments"]] == ["10", "10", "10"]
    assert after["previousIterations"][0]["_id"] == first["_id"]
    assert lab.config()["fallthrough"]["rollout"]["seed"] != seed, "traffic may be reshuffled, so it is"
    kinds = [entry["kind"] for entry in lab.audit()[: changes(lab.server) - counted]]
    assert kinds == ["experiment", "flag", "experiment"], "stopped, taken over by the flag, started"


def test_save_and_start_that_is_refused_leaves_the_old_iteration_running(lab: Laboratory) -> None:
    before = lab.started()
    counted, config = changes(lab.server), lab.config()
    too_much = {"treatments": {"operation": "update", "value": lab.treatments("60", "60")}}
    nothing = {"treatments": {"operation": "update", "value": lab.treatments("0", "0")}}
    for value in (too_much, nothing, {"flags": {"operation": "update", "value": {"other": {"ruleId": "fallthrough"}}}}):
        assert lab.ask("saveAndStartNewIteration", value=value).status_code == 400
    assert lab.get() == before
    assert (lab.config(), changes(lab.server)) == (config, counted)


def test_an_experiment_that_moves_to_another_rule_lets_go_of_the_old_one(lab: Laboratory) -> None:
    outside = {"ruleId": "fallthrough", "notInExperimentVariationId": lab.variations[2]}
    lab.started(iteration={"flags": {"button": outside}, "canReshuffleTraffic": False})
    seed, counted = lab.config()["fallthrough"]["rollout"]["seed"], changes(lab.server)
    testers = {"flags": {"operation": "update", "value": {"button": {"ruleId": lab.rule}}}}
    lab.do("saveAndStartNewIteration", changeJustification="Only testers", value=testers)
    config = lab.config()
    assert config["fallthrough"] == {"variation": 2}, "those on it get what those outside of the experiment got"
    assert config["rules"][0]["rollout"]["experimentAllocation"]["type"] == "experiment"
    assert config["rules"][0]["rollout"]["seed"] != seed, "another audience is dealt anew"
    assert changes(lab.server) == counted + 3, "the flag changes once"


def test_an_experiment_stays_with_the_flag_it_has_tested(lab: Laboratory) -> None:
    ids = [each["_id"] for each in lab.make_flag("menu")["variations"]]
    lab.turn("turnFlagOn", key="menu")
    menu = {"flags": {"menu": {"ruleId": "fallthrough"}}, "treatments": lab.treatments("5", "5", flag="menu", ids=ids)}
    lab.create(iteration={"treatments": lab.treatments("1", "1")})
    lab.server.ok("POST", f"{lab.path}/colour/iterations", json=lab.iteration(**menu))
    lab.server.ok("POST", f"{lab.path}/colour/iterations", json=lab.iteration())
    lab.do("startIteration")
    refused = lab.server.call("POST", f"{lab.path}/colour/iterations", json=lab.iteration(**menu))
    assert refused.status_code == 400
    assert "create another experiment" in refused.json()["message"]
    value = {name: {"operation": "update", "value": menu[name]} for name in menu}
    assert lab.ask("saveAndStartNewIteration", value=value).status_code == 400


def test_growing_without_reshuffling_keeps_seed_and_places(lab: Laboratory) -> None:
    lab.started(iteration={"treatments": lab.treatments("10", "10"), "canReshuffleTraffic": False})
    before = lab.config()["fallthrough"]["rollout"]
    grown = {"treatments": {"operation": "update", "value": lab.treatments("40", "20")}}
    lab.do("saveAndStartNewIteration", changeJustification="It does no harm", value=grown)
    after = lab.config()["fallthrough"]["rollout"]
    assert after["seed"] == before["seed"]
    assert places(after)[:10_000] == places(before)[:10_000] == [0] * 10_000
    kept = [(old, new) for old, new in zip(places(before), places(after), strict=True) if old is not None]
    assert all(old == new for old, new in kept)
    assert (places(after).count(0), places(after).count(1)) == (40_000, 20_000)
    lab.do("stopIteration", winningTreatmentId=lab.variations[0], winningReason="")
    lab.do("saveAndStartNewIteration")
    assert lab.config()["fallthrough"]["rollout"]["seed"] != before["seed"], "what was stopped starts afresh"


def places(rollout: dict[str, Any]) -> list[int | None]:
    """The treatment at each of the 100 000 points of a rollout."""
    return [
        None if each.get("_untracked") else each["variation"]
        for each in rollout["variations"]
        for _ in range(each["weight"])
    ]


def test_what_may_be_changed_is_what_the_table_says(lab: Laboratory) -> None:
    """Every field in every status and operation: what the answer allows works, everything else is refused."""
    lab.create()
    table = lab.get()["mutableFieldsByStatus"]
    fields = sorted(table["not_started"])
    values: dict[str, Any] = {
        "name": "N", "description": "D", "tags": ["t"], "maintainerId": lab.get()["_maintainerId"],
        "methodology": "bayesian", "analysisConfig": {"bayesianThreshold": "90"}, "hypothesis": "H",
        "randomizationUnit": "user", "flags": {"button": {"ruleId": "fallthrough"}},
        "treatments": lab.treatments("20", "20"), "canReshuffleTraffic": False, "metrics": [{"key": "spent"}],
        "primarySingleMetricKey": "sold", "attributes": ["country"], "covariateId": "c",
    }  # fmt: skip
    for status in ("not_started", "running", "stopped"):
        if status == "running":
            lab.do("startIteration")
        if status == "stopped":
            lab.do("stopIteration", winningTreatmentId=lab.variations[0], winningReason="")
        for name in fields:
            if name not in values:
                continue
            for operation in ("add", "update", "remove"):
                allowed = operation in table[status].get(name, [])
                answer = lab.update(**{name: (operation, values[name])})
                assert answer.status_code == (200 if allowed else 400), (
                    f"{operation} {name} when {status}: {answer.text}"
                )
                assert allowed or name in answer.json()["message"]


def test_fields_are_added_replaced_and_removed(lab: Laboratory) -> None:
    lab.create(tags=["a"])
    lab.make_metric("seen", eventKey="seen")
    assert lab.update(tags=("add", ["b", "a"])).json()["tags"] == ["a", "b"]
    assert lab.update(tags=("remove", ["a"])).json()["tags"] == ["b"]
    assert lab.update(tags=("update", ["c"]), description=("add", "Why")).json()["description"] == "Why"
    assert "description" not in lab.update(description=("remove",)).json()
    metrics = lab.update(metrics=("add", [{"key": "seen"}])).json()["draftIteration"]["metrics"]
    assert [metric["key"] for metric in metrics] == ["sold", "spent", "seen"]
    metrics = lab.update(metrics=("remove", ["spent"])).json()["draftIteration"]["metrics"]
    assert [metric["key"] for metric in metrics] == ["sold", "seen"]
    refused = lab.update(metrics=("remove", [{"key": "sold"}]), name=("update", "Other"))
    assert refused.status_code == 400
    assert "primary" in refused.json()["message"]
    assert lab.get()["name"] == "Colour", "all of it holds or none"
    assert lab.update(colour=("update", "red")).status_code == 400
    assert lab.update(name=("update",)).status_code == 400
    assert lab.update(name=("update", 3)).status_code == 400


def test_a_running_iteration_takes_more_metrics_and_attributes(lab: Laboratory) -> None:
    lab.started(iteration={"metrics": [{"key": "sold"}]})
    after = lab.update(metrics=("add", [{"key": "spent"}]), attributes=("add", ["country"])).json()
    version = lab.server.ok("GET", f"/metrics/{lab.project}/spent")["_versionId"]
    assert [metric["_versionId"] for metric in after["currentIteration"]["metrics"]][1] == version
    assert after["currentIteration"]["attributes"] == ["country"]
    assert after["currentIteration"]["version"] > 0, "the iteration was edited"
    refused = lab.update(hypothesis=("update", "Something else"))
    assert "saveAndStartNewIteration" in refused.json()["message"], "the refusal names the cure"


def test_json_patch_reaches_the_experiment_but_not_its_iterations(lab: Laboratory) -> None:
    lab.started()
    path = f"{lab.path}/colour"
    renamed = lab.server.ok("PATCH", path, json=[{"op": "replace", "path": "/name", "value": "Hue"}])
    assert renamed["name"] == "Hue"
    assert lab.server.ok("PATCH", path, json={"merge": {"description": "Why"}, "comment": "so"})["description"] == "Why"
    before = lab.get()
    for member, value, status in (
        ("/currentIteration/status", "stopped", 409),
        ("/currentIteration/hypothesis", "Other", 400),
        ("/methodology", "bayesian", 400),
        ("/key", "other", 400),
        ("/type", "mab", 400),
    ):
        answer = lab.server.call("PATCH", path, json=[{"op": "replace", "path": member, "value": value}])
        assert answer.status_code == status, f"{member}: {answer.text}"
    assert lab.get() == before


def test_a_draft_cannot_be_declared_running(lab: Laboratory) -> None:
    lab.create()
    declared = [
        {"op": "move", "from": "/draftIteration", "path": "/currentIteration"},
        {"op": "replace", "path": "/currentIteration/status", "value": "running"},
    ]
    answer = lab.server.call("PATCH", f"{lab.path}/colour", json=declared)
    assert answer.status_code == 409
    assert "startIteration" in answer.json()["message"]


def test_archived_experiments_are_listed_only_when_asked_for_and_cannot_start(lab: Laboratory) -> None:
    lab.create("old")
    lab.create("new")
    archived = lab.do("archiveExperiment", key="old")
    assert abs(archived["archivedDate"] - time.time() * 1000) < 60_000

    def keys(state: str) -> list[str]:
        found = lab.server.ok("GET", f"{lab.path}?lifecycleState={state}")
        assert found["total_count"] == len(found["items"])
        return [each["key"] for each in found["items"]]

    assert keys("") == keys("active") == ["new"]
    assert keys("archived") == ["old"]
    assert keys("active,archived") == ["old", "new"]
    assert lab.server.call("GET", f"{lab.path}?lifecycleState=gone").status_code == 400
    assert lab.ask("startIteration", key="old").status_code == 409
    assert lab.server.call("POST", f"{lab.path}/old/iterations", json=lab.iteration()).status_code == 409
    lab.do("restoreExperiment", key="old")
    assert "archivedDate" not in lab.do("startIteration", key="old")
    assert lab.ask("archiveExperiment", key="old").status_code == 409


def test_experiments_are_found_by_flag_metric_and_status(lab: Laboratory) -> None:
    lab.make_flag("menu")
    ids = [each["_id"] for each in lab.flag("menu")["variations"]]
    menu = {
        "flags": {"menu": {"ruleId": "fallthrough"}},
        "treatments": lab.treatments("50", "50", flag="menu", ids=ids),
    }
    lab.create("one", iteration={"metrics": [{"key": "sold"}]})
    lab.create("two", iteration={**menu, "metrics": [{"key": "spent"}], "primarySingleMetricKey": "spent"})
    lab.do("startIteration", key="one")

    def keys(filtered: str) -> list[str]:
        found = lab.server.ok("GET", lab.path, params={"filter": filtered})
        return [each["key"] for each in found["items"]]

    assert keys("flagKey:button") == ["one"]
    assert keys("flagKey:menu") == ["two"]
    assert keys("metricKey:spent") == ["two"]
    assert keys("status:running") == ["one"]
    assert keys("status:not_started") == ["two"]
    assert keys("flagKey:button,status:not_started") == []
    assert lab.server.call("GET", lab.path, params={"filter": "colour:red"}).status_code == 400


def test_the_project_lists_the_experiments_of_all_its_environments(lab: Laboratory) -> None:
    lab.create("here")
    lab.environment = "production"
    lab.create("there", iteration={"flags": {"button": {"ruleId": "fallthrough"}}})
    found = lab.server.ok("GET", f"/projects/{lab.project}/experiments?limit=1")
    assert found["total_count"] == 2
    assert "next" in found["_links"]
    whole = lab.server.ok("GET", f"/projects/{lab.project}/experiments")["items"]
    assert {(each["key"], each["environmentKey"]) for each in whole} == {("here", "test"), ("there", "production")}


def test_what_can_be_expanded_is_absent_unless_asked_for(lab: Laboratory) -> None:
    lab.started(analysisConfig={"significanceThreshold": "5"})
    expandable = {"treatments", "secondaryMetrics", "draftIteration", "previousIterations", "analysisConfig"}
    plain = lab.server.ok("GET", f"{lab.path}/colour")
    assert not expandable & plain.keys()
    assert not expandable & plain["currentIteration"].keys()
    assert "mutableFieldsByStatus" not in plain
    asked = lab.server.ok("GET", f"{lab.path}/colour?expand=analysisConfig,draftIteration")
    assert asked["analysisConfig"] == {"significanceThreshold": "5"}
    assert "draftIteration" not in asked, "what is empty is not included"
    assert "treatments" in lab.server.ok("GET", f"{lab.path}?expand=treatments")["items"][0]["currentIteration"]


def test_an_unknown_experiment_is_not_found(lab: Laboratory) -> None:
    assert lab.server.call("GET", f"{lab.path}/nothing").status_code == 404
    assert lab.ask("startIteration", key="nothing").status_code == 404
    assert lab.server.call("POST", f"{lab.path}/nothing/iterations", json=lab.iteration()).status_code == 404
    assert lab.server.call("GET", f"/projects/{lab.project}/environments/nowhere/experiments").status_code == 404


def test_the_audit_log_tells_the_life_of_an_experiment_in_words(lab: Laboratory) -> None:
    lab.create()
    lab.do("startIteration")
    lab.do("saveAndStartNewIteration", changeJustification="Prices have changed")
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="It sold\nmore")
    iteration = {**lab.iteration(), "hypothesis": "Green still sells more"}
    lab.server.ok("POST", f"{lab.path}/colour/iterations", json=iteration)
    lab.do("archiveExperiment")
    lab.do("restoreExperiment")
    life = [entry for entry in reversed(lab.audit()) if entry.get("relatedExperiment") == {"key": "colour"}]
    assert [(entry["titleVerb"], entry["description"]) for entry in life[-8:]] == [
        ("created the experiment", ""),
        ("started the experiment", "* Started the iteration `Green sells more` on `button`: `Blue` 50%, `Green` 50%"),
        ("stopped the experiment", "* Stopped the iteration `Green sells more` without a winner"),
        ("started the experiment", "* Started the iteration `Green sells more` on `button`: `Blue` 50%, `Green` 50%"),
        (
            "stopped the experiment",
            "* Stopped the iteration `Green sells more`: the winner is `Green` (It sold more)",
        ),
        ("updated the experiment", "* Drafted the iteration `Green still sells more`"),
        ("archived the experiment", ""),
        ("restored the experiment", ""),
    ]
    page = f"[Colour](/projects/{lab.project}/test/experiments/colour)"
    assert life[-1]["title"].endswith(f" restored the experiment {page} in `Test`")
    whole = lab.server.ok("GET", f"/auditlog/{life[-4]['_id']}")
    assert whole["currentVersion"]["currentIteration"]["winningTreatmentId"] == lab.variations[1]
