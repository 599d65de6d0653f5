"""The main job, end to end: official clients define it, the official SDK feeds it, the sender checks the verdict."""

import math
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import launchdarkly_api as ld
import ldclient
import numpy as np
import pytest
import python_sdk
from scipy import stats
from servers import PostgreSQL, Server, start_server

VISITORS = 900
METRICS: dict[str, dict[str, Any]] = {
    "converted": {"is_numeric": False},
    "purchases": {"is_numeric": False, "unit_aggregation_type": "sum"},
    "revenue": {"is_numeric": True, "unit": "EUR", "unit_aggregation_type": "sum"},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def restartable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Server]]:
    """A server of one test's own, in a list so that the test may put another in its place."""
    url = ""
    if request.param == "postgresql":
        running: PostgreSQL = request.getfixturevalue("postgresql")
        url = running.database()
    held = [start_server(tmp_path, database_url=url)]
    yield held
    held[0].stop()


def define(server: Server, project: str, methodology: str) -> str:
    """A flag, metrics and a running experiment, all with the official API client; gives the SDK key."""
    with ld.ApiClient(ld.Configuration(host=server.url, api_key={"ApiKey": server.token})) as client:
        flag = ld.FeatureFlagsApi(client).post_feature_flag(
            project, ld.FeatureFlagBody(key="checkout", name="Checkout")
        )
        server.ok(
            "PATCH",
            f"/flags/{project}/checkout",
            json={"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]},
        )
        metrics = ld.MetricsApi(client)
        for key, more in METRICS.items():
            body = ld.MetricPost(
                key=key, kind="custom", event_key="purchase", success_criteria="HigherThanBaseline", **more
            )
            metrics.post_metric(project, body)
        version = server.ok("GET", f"/flags/{project}/checkout")["environments"]["production"]["version"]
        assert flag.variations[0].id
        assert flag.variations[1].id
        treatments = [
            ld.TreatmentInput(
                name=name,
                baseline=name == "Old",
                allocation_percent="50",
                parameters=[ld.TreatmentParameterInput(flag_key="checkout", variation_id=variation)],
            )
            for name, variation in (("Old", flag.variations[1].id), ("New", flag.variations[0].id))
        ]
        iteration = ld.IterationInput(
            hypothesis="The new one sells more",
            metrics=[ld.MetricInput(key=key, is_group=False) for key in METRICS],
            primary_single_metric_key="converted",
            randomization_unit="user",
            treatments=treatments,
            flags={"checkout": ld.FlagInput(rule_id="fallthrough", flag_config_version=version)},
        )
        experiments = ld.ExperimentsApi(client)
        experiments.create_experiment(
            project,
            "production",
            ld.ExperimentPost(key="sells-more", name="Sells more?", methodology=methodology, iteration=iteration),
        )
        started = experiments.patch_experiment(
            project,
            "production",
            "sells-more",
            ld.ExperimentPatchInput(instructions=[{"kind": "startIteration"}]),
        )
        assert started.current_iteration is not None
        assert started.current_iteration.status == "running"
        environment = ld.EnvironmentsApi(client).get_environment(project, "production")
    return str(environment.api_key)


def live(server: Server, sdk_key: str, visitors: int, seed: int) -> dict[bool, list[list[float]]]:
    """Visitors behave; gives the sender's own ledger: variation → the amounts each visitor paid."""
    with python_sdk.following(server.url, sdk_key, send_events=True) as client:
        assert client.is_initialized()
        return behave(client, visitors, seed)


def behave(client: ldclient.LDClient, visitors: int, seed: int) -> dict[bool, list[list[float]]]:
    chance = random.Random(seed)
    ledger: dict[bool, list[list[float]]] = {True: [], False: []}
    for number in range(visitors):
        visitor = ldclient.Context.create(f"visitor-{number}")
        treated = client.variation("checkout", visitor, False)
        detail = client.variation_detail("checkout", visitor, False)
        assert detail.reason == {"kind": "FALLTHROUGH", "inExperiment": True}
        paid = [round(chance.uniform(5, 95), 2) for _ in range(chance.choice([0, 0, 0, 1, 1, 2 if treated else 1]))]
        for amount in paid:
            client.track("purchase", visitor, metric_value=amount)
        ledger[treated].append(paid)
        if number % 200 == 199:
            client.flush()
            time.sleep(0.1)
    client.flush()
    return ledger


def results(server: Server, project: str, metric: str, more: str = "") -> Any:
    path = f"/projects/{project}/environments/production/experiments/sells-more/metrics/{metric}/results"
    return server.call("GET", f"{path}?expand=traffic{more}")


def settled(server: Server, project: str, visitors: int) -> None:
    """Wait until every visitor and purchase has been counted."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = results(server, project, "converted")
        assert answer.ok, answer.text
        if sum(arm["traffic"] for arm in answer.json()["treatmentResults"]) == visitors:
            return
        time.sleep(0.2)
    raise AssertionError(f"not all visitors were counted: {answer.text}")


def arms(shown: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The baseline and the other."""
    first, second = shown["treatmentResults"]
    return (first, second) if first["baseline"] else (second, first)


def test_the_verdict_is_what_the_senders_ledger_says_and_stays_so(restartable: list[Server]) -> None:
    server = restartable[0]
    project = str(server.project()["key"])
    ledger = live(server, define(server, project, "frequentist"), VISITORS, seed=7)
    settled(server, project, VISITORS)

    shown = {metric: results(server, project, metric).json() for metric in METRICS}
    for metric, per_unit in {
        "converted": lambda paid: float(bool(paid)),
        "purchases": len,
        "revenue": sum,
    }.items():
        old, new = arms(shown[metric])
        ddof = 0 if metric == "converted" else 1  # the variance of a share is p (1 - p)
        control = np.array([per_unit(paid) for paid in ledger[False]], dtype=float)
        treatment = np.array([per_unit(paid) for paid in ledger[True]], dtype=float)
        for arm, values in ((old, control), (new, treatment)):
            assert arm["units"] == arm["traffic"] == len(values)
            assert arm["dataMean"] == pytest.approx(values.mean(), rel=1e-12)
            assert arm["dataStdDev"] == pytest.approx(values.std(ddof=ddof), rel=1e-9)
            assert arm["eventValuesSum"] == pytest.approx(values.sum(), rel=1e-12)
        # The relative difference by the delta method, worked out here from the ledger alone.
        lift = treatment.mean() / control.mean() - 1
        error = math.sqrt(
            treatment.var(ddof=ddof) / len(treatment) / control.mean() ** 2
            + control.var(ddof=ddof) / len(control) * treatment.mean() ** 2 / control.mean() ** 4
        )
        told = new["frequentist"]["relativeDifference"]
        assert told["estimate"] == pytest.approx(lift, rel=1e-9)
        assert told["standardError"] == pytest.approx(error, rel=1e-9)
        assert told["pValue"] == pytest.approx(2 * stats.norm.sf(abs(lift / error)), rel=1e-9)
        assert told["ci"]["lower"] == pytest.approx(lift - stats.norm.ppf(0.975) * error, rel=1e-8)
    absolute = arms(shown["revenue"])[1]["frequentist"]["absoluteDifference"]
    welch = stats.ttest_ind(
        [sum(paid) for paid in ledger[True]], [sum(paid) for paid in ledger[False]], equal_var=False
    )
    assert absolute["pValue"] == pytest.approx(welch.pvalue, rel=1e-9)
    observed = [len(ledger[False]), len(ledger[True])]
    assert shown["converted"]["sampleRatio"]["pValue"] == pytest.approx(stats.chisquare(observed).pvalue, rel=1e-9)
    assert all(check["status"] == "ok" for check in shown["revenue"]["health"]), shown["revenue"]["health"]

    again = {metric: results(server, project, metric).content for metric in METRICS}
    assert server.stop() == 0
    restartable[0] = start_server(server.data_dir, database_url=server.database_url)
    for metric, content in again.items():
        assert results(restartable[0], project, metric).content == content, "the same question, other bytes"


def test_the_bayesian_reading_series_and_stop(server: Server) -> None:
    project = str(server.project()["key"])
    sdk_key = define(server, project, "bayesian")
    empty = results(server, project, "converted").json()
    assert empty["verdict"]["sentence"] == "Nobody has been exposed yet."
    assert not {"mean", "pBest", "credibleInterval"} & arms(empty)[1].keys(), "nothing is claimed of nobody"
    live(server, sdk_key, 300, seed=8)
    settled(server, project, 300)
    shown = results(server, project, "revenue").json()
    old, new = arms(shown)
    assert old["pBest"] + new["pBest"] == pytest.approx(1, abs=1e-9)
    assert new["pBeatBaseline"] == pytest.approx(new["pBest"], abs=1e-9)
    assert new["credibleInterval"]["lower"] < new["mean"] < new["credibleInterval"]["upper"]
    assert new["model"] == "bayesianNormal"
    assert arms(results(server, project, "converted").json())[1]["model"] == "bayesianBeta"

    seen = server.ok("GET", f"/metrics/{project}/revenue")["lastSeen"]
    assert abs(seen - time.time() * 1000) < 2 * 3_600_000, "an event of the metric was seen within the hour"
    status = server.ok("GET", f"/flag-statuses/{project}/production/checkout")
    assert "lastRequested" in status

    series = server.ok(
        "GET",
        f"/projects/{project}/environments/production/experiments/sells-more/metrics/revenue/results/series?expand=traffic",
    )
    assert arms(series["series"][-1]) == arms(shown)

    stop = {"kind": "stopIteration", "winningTreatmentId": new["treatmentId"], "winningReason": "sells more"}
    path = f"/projects/{project}/environments/production/experiments/sells-more"
    server.ok("PATCH", path, json={"instructions": [stop]})
    final = results(server, project, "revenue").json()
    assert final["iterationStatus"] == "stopped"
    assert final["finalAt"] > final["dataThrough"]
    assert arms(final) == arms(shown)
    later = [ldclient.Context.create(f"later-{number}") for number in range(50)]
    with python_sdk.following(server.url, sdk_key) as client:
        served = {client.variation("checkout", somebody, None) for somebody in later}
    assert served == {True}, "after the stop everybody is served the winner"


def test_a_result_that_cannot_be_is_explained(server: Server) -> None:
    project = str(server.project()["key"])
    define(server, project, "frequentist")
    base = f"/projects/{project}/environments/production/experiments"
    answer = server.call("GET", f"{base}/sells-more/metrics/unknown/results")
    assert answer.status_code == 404
    assert "it measures converted, purchases, revenue" in answer.json()["message"]
    assert server.call("GET", f"{base}/nothing/metrics/revenue/results").status_code == 404
    assert server.call("GET", f"{base}/sells-more/metrics/revenue/results?iterationId=x").status_code == 404
    nobody = server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert server.call("GET", f"{base}/sells-more/metrics/revenue/results", token=nobody).status_code == 403
