"""What cannot be measured is not started, what makes no sense is not drafted, and a refusal leaves no trace."""

from collections.abc import Callable
from typing import Any

import pytest
from laboratory import Laboratory
from servers import Server

Prepare = Callable[[Laboratory], Any]


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


@pytest.fixture(scope="module")
def untouched(server: Server) -> Laboratory:
    """One laboratory for all requests that are refused: nothing ever comes to be in it."""
    return Laboratory(server)


def archive_flag(lab: Laboratory) -> None:
    lab.turn("archiveFlag")


def archive_metric(lab: Laboratory) -> None:
    lab.server.ok(
        "PATCH", f"/metrics/{lab.project}/spent", json=[{"op": "replace", "path": "/archived", "value": True}]
    )


def run_another(lab: Laboratory) -> None:
    lab.started("other")


def run_export(lab: Laboratory) -> None:
    rule = {"button": {"ruleId": lab.rule}}
    lab.started("other", iteration={"flags": rule}, methodology="export_only")


def hold_in_guarded_rollout(lab: Laboratory) -> None:
    shares = [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000, "_untracked": True}]
    allocation = {"defaultVariation": 0, "canReshuffle": True, "type": "measuredRollout"}
    rollout = {"variations": shares, "contextKind": "user", "seed": 61, "experimentAllocation": allocation}
    patch = [
        {"op": "remove", "path": "/environments/test/fallthrough/variation"},
        {"op": "add", "path": "/environments/test/fallthrough/rollout", "value": rollout},
    ]
    lab.server.ok("PATCH", f"/flags/{lab.project}/button", json=patch)


def take_zero(lab: Laboratory) -> None:
    assert lab.update(treatments=("update", lab.treatments("0", "0"))).status_code == 200


def randomize_by_account(lab: Laboratory) -> None:
    assert lab.update(randomizationUnit=("update", "account")).status_code == 200


def settle_on_users(lab: Laboratory) -> None:
    """The project knows its units, and the draft has another."""
    randomize_by_account(lab)
    for key in ("sold", "spent"):
        patch = [{"op": "replace", "path": "/randomizationUnits", "value": ["user", "account"]}]
        lab.server.ok("PATCH", f"/metrics/{lab.project}/{key}", json=patch)
    units = [{"randomizationUnit": "user", "default": True}]
    lab.server.ok("PUT", f"/projects/{lab.project}/experimentation-settings", json={"randomizationUnits": units})


def drop_draft(lab: Laboratory) -> None:
    lab.do("startIteration")
    lab.do("stopIteration", winningTreatmentId=lab.variations[0], winningReason="")


@pytest.mark.parametrize(
    ("prepare", "status", "says"),
    [
        (lambda lab: lab.turn("turnFlagOff"), 409, "off in 'test': turn it on"),
        (archive_flag, 409, "archived: restore it"),
        (run_another, 409, "experiment 'other' is running on the rule"),
        (run_export, 409, "outside of this server"),
        (hold_in_guarded_rollout, 409, "measuredRollout"),
        (archive_metric, 409, "'spent' is archived"),
        (take_zero, 400, "nobody would be in the experiment"),
        (randomize_by_account, 400, "'sold' is analysed by user, not by account"),
        (settle_on_users, 400, "'account' is not among the units of this project (user)"),
        (lambda lab: lab.do("archiveExperiment"), 409, "restore it first"),
        (drop_draft, 409, "there is no draft to start"),
    ],
    ids=[
        "flag off", "flag archived", "rule taken", "export running on the flag", "guarded rollout", "metric archived",
        "no traffic", "metric of another unit", "unit not of the project", "experiment archived", "no draft",
    ],
)  # fmt: skip
def test_a_start_that_is_refused_says_why_and_leaves_no_trace(
    lab: Laboratory, prepare: Prepare, status: int, says: str
) -> None:
    lab.create()
    prepare(lab)
    before, config, newest = lab.get(), lab.config(), lab.audit()[0]["_id"]
    answer = lab.ask("startIteration")
    assert answer.status_code == status, answer.text
    assert says in answer.json()["message"]
    assert answer.json()["code"] == {400: "invalid_request", 409: "conflict"}[status]
    assert (lab.get(), lab.config(), lab.audit()[0]["_id"]) == (before, config, newest)


def test_a_rule_that_is_gone_cannot_be_tested(lab: Laboratory) -> None:
    lab.create(iteration={"flags": {"button": {"ruleId": lab.rule}}})
    lab.turn("removeRule", ruleId=lab.rule)
    answer = lab.ask("startIteration")
    assert answer.status_code == 400
    assert "has no rule" in answer.json()["message"]


def test_a_migration_flag_cannot_be_tested(lab: Laboratory) -> None:
    migration = {"key": "move", "name": "Move", "purpose": "migration", "migrationSettings": {"stageCount": 2}}
    made = lab.server.ok("POST", f"/flags/{lab.project}", json=migration)
    ids = [each["_id"] for each in made["variations"]]
    lab.turn("turnFlagOn", key="move")
    move = {
        "flags": {"move": {"ruleId": "fallthrough"}},
        "treatments": lab.treatments("50", "50", flag="move", ids=ids),
    }
    lab.create(iteration=move)
    answer = lab.ask("startIteration")
    assert answer.status_code == 409
    assert "migration" in answer.json()["message"]


def test_results_are_counted_by_the_unit_that_is_randomized(lab: Laboratory) -> None:
    lab.make_metric("renewed", eventKey="renewed", randomizationUnits=["account", "user"])
    lab.create(iteration={"metrics": [{"key": "sold"}, {"key": "renewed", "analysisUnit": "account"}]})
    answer = lab.ask("startIteration")
    assert answer.status_code == 400
    assert "'renewed' cannot be analysed by account where user is randomized" in answer.json()["message"]
    lab.create("same", iteration={"metrics": [{"key": "sold"}, {"key": "renewed", "analysisUnit": "user"}]})
    shown = lab.do("startIteration", key="same")["currentIteration"]["metrics"]
    assert [metric.get("analysisUnit") for metric in shown] == [None, "user"]


def test_two_experiments_run_side_by_side_on_different_rules(lab: Laboratory) -> None:
    lab.started("one")
    lab.started("two", iteration={"flags": {"button": {"ruleId": lab.rule}}})
    assert lab.server.ok("GET", f"{lab.path}?filter=status:running")["total_count"] == 2


def same_variation(lab: Laboratory) -> list[dict[str, Any]]:
    return lab.treatments("50", "50", ids=[lab.variations[0]] * 2)


def baselines(lab: Laboratory, *which: bool) -> list[dict[str, Any]]:
    return [{**each, "baseline": base} for each, base in zip(lab.treatments("50", "50"), which, strict=True)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lab: {"flags": {"nothing": {"ruleId": "fallthrough"}}}, "no flag 'nothing'"),
        (lambda lab: {"flags": {}}, "exactly one flag, not 0"),
        (lambda lab: {"flags": {"button": {"ruleId": "nothing"}}}, "no rule 'nothing'"),
        (
            lambda lab: {"flags": {"button": {"ruleId": "fallthrough", "notInExperimentVariationId": "x"}}},
            "no variation 'x'",
        ),
        (lambda lab: {"treatments": lab.treatments("50", "50", ids=["x", "y"])}, "no variation 'x'"),
        (lambda lab: {"treatments": lab.treatments("50", "50", flag="other")}, "for the flag 'button'"),
        (lambda lab: {"treatments": same_variation(lab)}, "the same variation"),
        (lambda lab: {"treatments": baselines(lab, True, True)}, "exactly one treatment is the baseline"),
        (lambda lab: {"treatments": baselines(lab, False, False)}, "exactly one treatment is the baseline"),
        (lambda lab: {"treatments": lab.treatments("50", "50.01")}, "sum to 100.01"),
        (lambda lab: {"treatments": lab.treatments("half", "50")}, "written as text"),
        (lambda lab: {"treatments": lab.treatments("-1", "50")}, "written as text"),
        (lambda lab: {"treatments": lab.treatments("1e1", "50")}, "written as text"),
        (lambda lab: {"metrics": [{"key": "nothing"}]}, "no metric 'nothing'"),
        (lambda lab: {"metrics": [{"key": "sold"}, {"key": "sold"}]}, "named twice"),
        (lambda lab: {"metrics": [{"key": "g", "isGroup": True}]}, "no metric group 'g'"),
        (lambda lab: {"primarySingleMetricKey": None}, "no metric decides"),
        (lambda lab: {"primarySingleMetricKey": "nothing"}, "no metric 'nothing'"),
        (lambda lab: {"primaryFunnelKey": "basket"}, "exclude one another"),
        (lambda lab: {"reallocationFrequencyMillis": 1000}, "belongs to bandits"),
        (lambda lab: {"hypothesis": None}, "hypothesis"),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(untouched: Laboratory, change: Prepare, says: str) -> None:
    newest = untouched.audit()[0]["_id"]
    answer = untouched.post(iteration=change(untouched))
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["message"]
    assert untouched.audit()[0]["_id"] == newest
    assert untouched.server.ok("GET", untouched.path)["total_count"] == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"type": "holdout"}, "holdout"),
        ({"type": "mab", "methodology": "frequentist"}, "a bandit is always bayesian"),
        ({"type": "contest"}, "type"),
        ({"methodology": "guess"}, "methodology"),
        ({"dataSource": "paper"}, "dataSource"),
        ({"holdoutId": "f3b74309-d581-44e1-8a2b-bb2933b4fe40"}, "there is no holdout"),
        ({"key": "not a key"}, "is not valid"),
        ({"name": ""}, "name"),
        ({"analysisConfig": {"bayesianThreshold": "101"}}, "analysisConfig.bayesianThreshold"),
        ({"analysisConfig": {"bayesianThreshold": "ninety"}}, "analysisConfig.bayesianThreshold"),
        ({"analysisConfig": {"significanceThreshold": "0"}}, "analysisConfig.significanceThreshold"),
        ({"analysisConfig": {"testDirection": "sideways"}}, "analysisConfig.testDirection"),
        ({"analysisConfig": {"multipleComparisonCorrectionMethod": "hope"}}, "multipleComparisonCorrectionMethod"),
        ({"analysisConfig": {"multipleComparisonCorrectionScope": "all"}}, "multipleComparisonCorrectionScope"),
    ],
)
def test_an_experiment_that_makes_no_sense_is_refused(untouched: Laboratory, more: dict[str, Any], says: str) -> None:
    answer = untouched.post(**{"key": "colour", **more})
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["message"]


def test_the_analysis_is_configured_as_it_was_sent(lab: Laboratory) -> None:
    for number, config in enumerate(
        (
            {"bayesianThreshold": "95"},
            {"significanceThreshold": "5", "testDirection": "one-sided", "sequentialTestingEnabled": True},
            {"significanceThreshold": "0.05", "testDirection": "two-sided", "sequentialTestingEnabled": False},
            {
                "multipleComparisonCorrectionMethod": "benjamini-hochberg",
                "multipleComparisonCorrectionScope": "variations-and-metrics",
            },
        )
    ):
        lab.create(f"e{number}", analysisConfig=config)
        assert lab.get(f"e{number}")["analysisConfig"] == config


def test_a_bandit_is_bayesian_and_goes_by_one_metric(lab: Laboratory) -> None:
    lab.create(type="mab", iteration={"reallocationFrequencyMillis": 600_000})
    assert (lab.get()["type"], lab.get()["methodology"]) == ("mab", "bayesian")
    assert lab.get()["draftIteration"]["reallocationFrequencyMillis"] == 600_000
    lab.create("hourly", type="mab")
    assert lab.get("hourly")["draftIteration"]["reallocationFrequencyMillis"] == 3_600_000
    lab.make_metric("opened", eventKey="opened")
    lab.make_funnel("basket", "opened", "sold")
    funnel = {
        "metrics": [{"key": "basket", "isGroup": True}],
        "primaryFunnelKey": "basket",
        "primarySingleMetricKey": None,
    }
    assert lab.post("funnel", type="mab", iteration=funnel).status_code == 400
    assert lab.update(methodology=("update", "frequentist")).status_code == 400


def test_an_experiment_that_is_only_exported_needs_no_metric(lab: Laboratory) -> None:
    lab.started(methodology="export_only", iteration={"metrics": [], "primarySingleMetricKey": None})
    assert lab.get()["currentIteration"]["metrics"] == []


def test_a_flag_version_that_is_not_the_present_one_is_a_conflict(lab: Laboratory) -> None:
    version = lab.config()["version"]
    stale = lab.post(iteration={"flags": {"button": {"ruleId": "fallthrough", "flagConfigVersion": version - 1}}})
    assert (stale.status_code, stale.json()["code"]) == (409, "optimistic_locking_error")
    lab.create(iteration={"flags": {"button": {"ruleId": "fallthrough", "flagConfigVersion": version}}})
    lab.turn("turnFlagOff")
    lab.turn("turnFlagOn")
    assert lab.do("startIteration")["currentIteration"]["flags"]["button"]["flagConfigVersion"] == version + 3, (
        "what was right when it was drafted does not stand in the way of the start"
    )


def test_instructions_say_what_is_wrong_with_them(lab: Laboratory) -> None:
    lab.create()
    for body, says in (
        ({"instructions": []}, "at least one instruction"),
        ({"instructions": [{"kind": "startIterations"}]}, "did you mean 'startIteration'?"),
        ({"instructions": [{"kind": "stopIteration"}]}, "winningTreatmentId"),
        ({"instructions": [{"kind": "updateName"}]}, "value"),
        ({"instructions": [{"kind": "updateName", "value": ""}]}, "name"),
    ):
        answer = lab.server.call("PATCH", f"{lab.path}/colour", json=body)
        assert answer.status_code == 400, answer.text
        assert says in answer.json()["message"]


def test_one_patch_cannot_start_two_iterations_or_stop_what_it_starts(lab: Laboratory) -> None:
    lab.create()
    start, again = {"kind": "startIteration"}, {"kind": "saveAndStartNewIteration"}
    stop = {"kind": "stopIteration", "winningTreatmentId": lab.variations[0], "winningReason": ""}
    for instructions in ([start, again], [start, stop]):
        answer = lab.server.call("PATCH", f"{lab.path}/colour", json={"instructions": instructions})
        assert answer.status_code == 409, answer.text
    assert "currentIteration" not in lab.get()


def test_a_patch_of_several_instructions_holds_as_a_whole(lab: Laboratory) -> None:
    lab.create()
    lab.turn("turnFlagOff")
    instructions = [{"kind": "updateName", "value": "Other"}, {"kind": "startIteration"}]
    assert lab.server.call("PATCH", f"{lab.path}/colour", json={"instructions": instructions}).status_code == 409
    assert lab.get()["name"] == "Colour"
    lab.turn("turnFlagOn")
    after = lab.server.ok("PATCH", f"{lab.path}/colour", json={"instructions": instructions})
    assert (after["name"], after["currentIteration"]["status"]) == ("Other", "running")
