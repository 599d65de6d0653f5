"""An experiment says what it still lacks before it starts, and what it has collected once it runs."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import ldclient
import pytest
import python_sdk
import requests
from driven import until
from laboratory import Laboratory
from scipy.stats import norm
from servers import Server
from sqlalchemy import Connection

from flaghoist.store import changes
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Documents

Item = dict[str, Any]


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


@pytest.fixture
def shop_code(lab: Laboratory) -> Iterator[ldclient.LDClient]:
    """The official SDK in the environment of the experiments."""
    environment = lab.server.ok("GET", f"/projects/{lab.project}/environments/{lab.environment}")
    with python_sdk.following(lab.server.url, environment["apiKey"], send_events=True) as client:
        assert client.is_initialized()
        yield client


def readiness(lab: Laboratory, key: str = "colour", token: str | None = None) -> dict[str, Any]:
    answer = lab.server.call("GET", f"/internal{lab.path}/{key}/readiness", token=token)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def items(lab: Laboratory, key: str = "colour") -> dict[str, Item]:
    return {item["key"]: item for item in readiness(lab, key)["items"]}


def seen(lab: Laboratory, client: ldclient.LDClient, item: str, status: str) -> Item:
    """Wait until what was sent has been taken in and an item says so."""
    client.flush()
    until(lambda: items(lab)[item]["status"] == status, within_seconds=15)
    return items(lab)[item]


def in_experiment(client: ldclient.LDClient) -> bool:
    """Whether the SDK has heard of the start; asked in a way that sends no events."""
    states = [
        client.all_flags_state(ldclient.Context.create(f"early-{number}"), with_reasons=True) for number in range(10)
    ]
    reasons = [state.to_json_dict()["$flagsState"]["button"].get("reason") or {} for state in states]
    return any(reason.get("inExperiment") for reason in reasons)


def test_before_the_start_it_tells_what_is_there_and_what_is_awaited(
    lab: Laboratory, shop_code: ldclient.LDClient
) -> None:
    lab.create()
    fresh = readiness(lab)
    assert fresh["mayStart"]
    assert fresh["status"] == "not_started"
    told = {item["key"]: item for item in fresh["items"]}
    assert {key: item["status"] for key, item in told.items()} == {
        "flag": "done",
        "rule": "done",
        "treatments": "done",
        "unit": "done",
        "metric:sold": "waiting",
        "metric:spent": "waiting",
        "evaluations": "waiting",
    }
    assert told["treatments"]["sentence"] == "50% 'Blue' (baseline), 50% 'Green'."
    assert "track('sold')" in told["metric:sold"]["next"]
    assert "variation('button')" in told["evaluations"]["next"]

    somebody = ldclient.Context.create("somebody")
    shop_code.variation("button", somebody, "blue")
    shop_code.variation("button", somebody, "blue")
    shop_code.track("sold", somebody)
    spent = seen(lab, shop_code, "metric:spent", "problem")
    assert "without a number" in spent["sentence"]
    assert items(lab)["metric:sold"]["status"] == "done"
    evaluated = items(lab)["evaluations"]
    assert (evaluated["status"], evaluated["count"]) == ("done", 2)
    shop_code.track("sold", somebody, metric_value=12.5)
    spent = seen(lab, shop_code, "metric:spent", "done")
    assert spent["count"] == 2
    assert abs(spent["at"] - readiness(lab)["countedAt"]) < 60_000


def test_what_refuses_a_start_is_told_in_the_words_of_the_refusal(lab: Laboratory) -> None:
    lab.create()
    lab.turn("turnFlagOff")
    archive = [{"op": "replace", "path": "/archived", "value": True}]
    lab.server.ok("PATCH", f"/metrics/{lab.project}/spent", json=archive)
    told = readiness(lab)
    assert not told["mayStart"]
    refused = {item["key"]: item["sentence"] for item in told["items"] if item.get("refusesStart")}
    assert refused.keys() == {"flag", "metric:spent"}
    assert set(told["refusals"]) == set(refused.values())
    answer = lab.ask("startIteration")
    assert answer.json()["message"] == refused["flag"], "the first is what starting says"
    lab.turn("turnFlagOn")
    assert lab.ask("startIteration").json()["message"] == refused["metric:spent"]


def test_a_rule_taken_by_another_experiment_and_a_unit_unknown_are_told(lab: Laboratory) -> None:
    lab.create()
    lab.started("other")
    units = [{"randomizationUnit": "user", "default": True}]
    lab.server.ok("PUT", f"/projects/{lab.project}/experimentation-settings", json={"randomizationUnits": units})
    assert "experiment 'other' is running on the rule" in items(lab)["rule"]["sentence"]
    lab.update(randomizationUnit=("update", "account"))
    told = items(lab)
    assert "not among the units of this project" in told["unit"]["sentence"]
    assert "is analysed by user, not by account" in told["metric:sold"]["sentence"]


def test_while_it_runs_counts_follow_what_people_do(lab: Laboratory, shop_code: ldclient.LDClient) -> None:
    running = lab.started(iteration={"treatments": lab.treatments("40", "40")})
    waiting = items(lab)
    assert waiting["exposures"]["status"] == "waiting"
    assert waiting["rule"]["sentence"] == "The default rule serves the experiment's rollout."
    assert "20% of the audience take no part" in waiting["treatments"]["sentence"]
    until(lambda: in_experiment(shop_code), within_seconds=10)

    ledger: dict[str, set[str]] = {"blue": set(), "green": set()}
    for number in range(40):
        visitor = ldclient.Context.create(f"visitor-{number}")
        detail = shop_code.variation_detail("button", visitor, "none")
        if detail.reason.get("inExperiment"):
            ledger[detail.value].add(visitor.key)
            shop_code.track("sold", visitor, metric_value=3)
    total = sum(map(len, ledger.values()))
    shop_code.flush()
    until(lambda: readiness(lab)["metrics"][0]["events"] == total, within_seconds=15)
    told = readiness(lab)
    assert [(arm["name"], arm["units"]) for arm in told["treatments"]] == [
        ("Blue", len(ledger["blue"])),
        ("Green", len(ledger["green"])),
    ]
    sold, spent = told["metrics"]
    assert (sold["key"], sold["primary"], sold["leftOut"]) == ("sold", True, 0)
    assert [arm["unitsWithEvent"] for arm in spent["treatments"]] == [len(names) for names in ledger.values()]
    exposures = items(lab)["exposures"]
    assert (exposures["status"], exposures["count"]) == ("done", total)

    lab.turn("turnFlagOff")
    off = items(lab)["flag"]
    assert off["status"] == "problem"
    assert "Until then nobody is exposed" in off["sentence"]
    lab.do("stopIteration", winningTreatmentId=running["currentIteration"]["treatments"][0]["_id"], winningReason="x")
    stopped = readiness(lab)
    assert (stopped["status"], stopped["mayStart"]) == ("stopped", False)
    assert sum(arm["units"] for arm in stopped["treatments"]) == total


def test_exposures_and_events_of_another_kind_of_context_are_pointed_out(
    lab: Laboratory, shop_code: ldclient.LDClient
) -> None:
    lab.started()
    until(lambda: in_experiment(shop_code), within_seconds=10)
    machine = ldclient.Context.create("m-1", "device")
    shop_code.variation("button", machine, "none")
    shop_code.track("sold", machine)
    metric = seen(lab, shop_code, "metric:sold", "problem")
    assert "name device, not user" in metric["sentence"]
    unit = items(lab)["unit"]
    assert unit["status"] == "problem"
    assert unit["sentence"].startswith("SDKs name device, but no user yet")
    shop_code.variation("button", ldclient.Context.create("somebody"), "none")
    seen(lab, shop_code, "unit", "done")
    seen(lab, shop_code, "exposures", "done")


def test_a_flag_that_is_asked_for_while_nobody_takes_part_is_a_problem(
    lab: Laboratory, shop_code: ldclient.LDClient
) -> None:
    started = lab.started()["currentIteration"]["startedAt"]
    until(lambda: in_experiment(shop_code), within_seconds=10)
    shop_code.variation("button", ldclient.Context.builder("tester").set("tester", True).build(), "none")
    seen(lab, shop_code, "evaluations", "done")
    assert items(lab)["exposures"]["status"] == "waiting", "it may have been before the start"
    begin_earlier(lab, started - 120_000)
    exposures = items(lab)["exposures"]
    assert exposures["status"] == "problem"
    assert exposures["sentence"] == "SDKs evaluate 'button', but nobody takes part."
    assert "no other rule" in exposures["next"]


def begin_earlier(lab: Laboratory, at: int) -> None:
    """Let what runs have begun at another time, as if it had been running for a while."""
    database = Database(
        lab.server.database_url.replace("postgresql://", "postgresql+psycopg://") or sqlite_url(lab.server.data_dir)
    )
    address = f"proj/{lab.project}:env/{lab.environment}:experiment/colour"

    def act(connection: Connection) -> None:
        documents = Documents()
        found = documents.read(connection, address)
        assert found is not None
        iteration = {**found.body["currentIteration"], "startedAt": at}
        moved = dataclasses.replace(found, body={**found.body, "currentIteration": iteration})
        documents.put(connection, moved, changes.last_seq(connection))

    database.write(act)
    database.close()


def test_the_list_is_for_those_who_may_view_the_project(lab: Laboratory) -> None:
    lab.create()
    path = f"/internal{lab.path}/colour/readiness"
    nobody = lab.server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert lab.server.call("GET", path, token=nobody).status_code == 403
    reader = lab.server.token_for(role="reader")
    assert lab.server.call("GET", path, token=reader).status_code == 200
    assert lab.server.call("GET", path.replace("colour", "nothing")).status_code == 404


def size(lab: Laboratory, **asked: Any) -> requests.Response:
    path = f"/internal/projects/{lab.project}/environments/{lab.environment}/sample-size"
    return lab.server.call("GET", path, params=asked)


def test_a_sample_size_agrees_with_the_textbook(lab: Laboratory) -> None:
    asked = {"flagKey": "button", "metricKey": "sold", "mean": 0.1, "lift": 0.1, "unitsPerDay": 4000}
    told = size(lab, **asked).json()
    # Two proportions, unpooled, on the relative scale: (z + z')^2 (v1 / p^2 + v0 q^2 / p^4) for each arm.
    p, q = 0.1, 0.11
    z = norm.ppf(0.975) + norm.ppf(0.8)
    each = z**2 * (q * (1 - q) / p**2 + p * (1 - p) * q**2 / p**4) / 0.1**2
    (plan,) = told["plans"]
    assert plan["units"] == pytest.approx(2 * each, rel=1e-3)
    assert plan["days"] == pytest.approx(plan["units"] / 4000)
    assert f"{plan['units']:,} units" in told["sentence"]

    fewer = size(lab, **asked, allocations="25,25").json()["plans"][0]
    assert (fewer["units"], fewer["days"]) == (plan["units"], pytest.approx(2 * plan["days"]))
    three = size(lab, **asked, allocations="40,40,20").json()["plans"][0]
    assert three["units"] > plan["units"] * 100 / 60, "the smallest treatment takes the longest"
    bayesian = size(lab, **asked, methodology="bayesian", threshold="90").json()
    assert bayesian["alpha"] == pytest.approx(0.1)
    assert bayesian["plans"][0]["units"] < plan["units"]
    sequential = size(lab, **asked, sequential="true").json()["plans"][0]
    assert sequential["units"] > plan["units"], "looking whenever one likes costs units"


def test_a_sample_size_takes_from_traffic_what_nobody_says(lab: Laboratory, shop_code: ldclient.LDClient) -> None:
    unknown = size(lab, flagKey="button", metricKey="sold").json()
    assert unknown["plans"] == []
    assert unknown["isShare"]
    assert unknown["sentence"].endswith("has not been seen yet.")
    assert not size(lab, flagKey="button", metricKey="spent", mean="8").json()["isShare"], (
        "a number needs its spread too"
    )
    lab.started()
    until(lambda: in_experiment(shop_code), within_seconds=10)
    bought: Counter[str] = Counter()
    for number in range(20):
        visitor = ldclient.Context.create(f"visitor-{number}")
        shown = shop_code.variation("button", visitor, "none")
        if bought[shown] < 3:  # some of either, whoever is shown what
            bought[shown] += 1
            shop_code.track("sold", visitor, metric_value=8)
    shop_code.flush()
    until(lambda: size(lab, flagKey="button", metricKey="sold").json()["seen"]["units"] >= 20, within_seconds=15)
    known = size(lab, flagKey="button", metricKey="sold").json()
    units = known["seen"]["units"]
    assert known["mean"] == pytest.approx(bought.total() / units)
    assert [plan["lift"] for plan in known["plans"]] == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    numeric = size(lab, flagKey="button", metricKey="spent").json()
    assert numeric["mean"] == pytest.approx(8 * bought.total() / units)
    running = readiness(lab)["sampleSize"]
    assert running["units"] == units
    assert "would show a difference of" in running["sentence"] or "It takes" in running["sentence"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"mean": "1.2"}, "below 1"),
        ({"mean": "many"}, "'mean' must be a number"),
        ({"lift": "nan"}, "'lift' must be a number"),
        ({"allocations": "60,60"}, "sum to at most 100"),
        ({"allocations": "50"}, "the baseline's first"),
        ({"power": "1"}, "'power' must be a number from 0.5 to 0.999"),
    ],
)
def test_a_sample_size_of_nonsense_is_refused(lab: Laboratory, asked: dict[str, str], says: str) -> None:
    answer = size(lab, flagKey="button", metricKey="sold", **asked)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_all_experiments_are_listed_in_brief(lab: Laboratory) -> None:
    lab.create("first", tags=["spring"])
    lab.started("second", iteration={"flags": {"button": {"ruleId": lab.rule}}})
    lab.started("third")
    green = lab.variations[1]
    lab.do("stopIteration", key="third", winningTreatmentId=green, winningReason="sells more")
    lab.do("archiveExperiment", key="third")
    told = lab.server.ok("GET", f"/internal{lab.path}")["items"]
    assert [each["key"] for each in told] == ["third", "second", "first"]
    third, second, first = told
    assert (first["status"], first["tags"], first["flagName"], first["metricName"]) == (
        "not_started", ["spring"], "Button", "Sold",
    )  # fmt: skip
    assert "startedAt" not in first
    assert (second["status"], second["metricKeys"], second["iterations"]) == ("running", ["sold", "spent"], 1)
    assert (third["status"], third["archived"], third["winner"]) == ("stopped", True, "Green")
    assert third["endedAt"] >= third["startedAt"]
    nobody = lab.server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert lab.server.call("GET", f"/internal{lab.path}", token=nobody).status_code == 403
