"""Metrics and groups that experiments rest on: they say who uses them, and stand firm."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from planting import planting
from servers import Server

from flaghoist.base import ids

Plant = Callable[..., None]


@pytest.fixture
def plant(server: Server, store_url: str, project: str) -> Iterator[Plant]:
    """Puts an experiment into an environment of the project."""
    with planting(server, store_url) as put:

        def experiment(key: str, *, environment: str = "test", at: int = 1_000, **body: Any) -> None:
            whole = {"_id": ids.object_id(), "key": key, "name": key.title(), "methodology": "frequentist", **body}
            put(f"proj/{project}:env/{environment}:experiment/{key}", whole, at=at)

        yield experiment


def iteration(status: str, *metrics: str, groups: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    named = [{"key": key, "isGroup": False} for key in metrics] + [{"key": key, "isGroup": True} for key in groups]
    return {
        "_id": ids.random_uuid(),
        "hypothesis": "",
        "status": status,
        "createdAt": 1,
        "treatments": [],
        "flags": {"checkout": {"ruleId": "fallthrough"}},
        "metrics": named,
        **more,
    }


@pytest.fixture
def shop(server: Server, project: str) -> str:
    """A project with three conversions and a funnel of the last two."""
    for key in ("signup", "basket", "paid"):
        post = {"key": key, "kind": "custom", "eventKey": key, "isNumeric": False, "analysisUnits": ["user", "device"]}
        made = server.ok("POST", f"/metrics/{project}", json=post)
    funnel = {
        "key": "funnel",
        "name": "Checkout",
        "kind": "funnel",
        "maintainerId": made["maintainerId"],
        "tags": [],
        "metrics": [{"key": "basket", "nameInGroup": "Basket"}, {"key": "paid", "nameInGroup": "Paid"}],
    }
    server.ok("POST", f"/projects/{project}/metric-groups", json=funnel)
    return project


DETAILS = "experiments,experimentCount,metricGroups,metricGroupCount,lastUsedInExperiment"


def test_a_metric_tells_who_uses_it(server: Server, shop: str, plant: Plant) -> None:
    plant("alone", currentIteration=iteration("running", "paid", startedAt=5_000))
    plant("together", environment="production", at=2_000, draftIteration=iteration("not_started", groups=("funnel",)))
    plant("long-ago", at=500, archivedDate=9_000, previousIterations=[iteration("stopped", "paid", startedAt=600)])
    plant("elsewhere", currentIteration=iteration("running", "signup"))

    paid = server.ok("GET", f"/metrics/{shop}/paid", params={"expand": DETAILS})
    assert {use["key"]: use["environmentKey"] for use in paid["experiments"]} == {
        "alone": "test",
        "together": "production",
        "long-ago": "test",
    }
    assert [use["archivedDate"] for use in paid["experiments"] if "archivedDate" in use] == [9_000]
    together = next(use for use in paid["experiments"] if use["key"] == "together")
    path = f"/api/v2/projects/{shop}/environments/production/experiments/together"
    assert together["_links"]["self"]["href"] == path
    assert (together["name"], together["creationDate"]) == ("Together", 2_000)
    assert (paid["experimentCount"], paid["activeExperimentCount"], paid["metricGroupCount"]) == (3, 1, 1)
    assert paid["lastUsedInExperiment"]["key"] == "alone"
    assert [group["key"] for group in paid["metricGroups"]] == ["funnel"]
    assert (paid["_attachedFlagCount"], paid["_attachedFeatures"][0]["key"]) == (1, "checkout")
    assert not paid["_isDeleteable"]

    from launchdarkly_api.models import MetricRep

    assert MetricRep.from_dict(paid)


def test_metrics_and_groups_are_found_by_who_uses_them(server: Server, shop: str, plant: Plant) -> None:
    plant("together", currentIteration=iteration("stopped", groups=("funnel",)))

    def metrics(text: str) -> list[str]:
        return sorted(m["key"] for m in server.ok("GET", f"/metrics/{shop}", params={"filter": text})["items"])

    assert metrics("hasConnections equals true") == ["basket", "paid"]
    assert metrics("metricUsedIn equals experiments") == ["basket", "paid"]
    assert metrics("metricUsedIn equals any") == ["basket", "paid"]
    assert metrics("metricUsedIn equals none") == ["signup"]
    assert metrics("metricUsedIn equals guarded_rollouts") == []

    def groups(text: str) -> list[str]:
        path = f"/projects/{shop}/metric-groups"
        return [group["key"] for group in server.ok("GET", path, params={"filter": text})["items"]]

    assert groups("experimentStatus equals 'stopped'") == ["funnel"]
    assert groups("experimentStatus equals 'started' and hasConnections equals true") == ["funnel"]
    assert groups("experimentStatus equals running") == []
    assert groups("experimentStatus equals not_started") == []
    assert groups("hasConnections equals false") == []
    wrong = server.call("GET", f"/projects/{shop}/metric-groups?filter=experimentStatus equals odd")
    assert wrong.status_code == 400


def test_what_an_experiment_has_ever_used_is_not_deleted(server: Server, shop: str, plant: Plant) -> None:
    plant("once", previousIterations=[iteration("stopped", "signup", groups=("funnel",))])
    for path in ("metrics/{}/signup", "metrics/{}/paid", "projects/{}/metric-groups/funnel"):
        answer = server.call("DELETE", f"/{path.format(shop)}")
        assert answer.status_code == 409, path
        assert answer.json()["code"] == "conflict"
        assert "experiment 'once' in 'test'" in answer.json()["message"]
        assert server.call("GET", f"/{path.format(shop)}").status_code == 200


def test_a_metric_that_left_a_group_is_still_used_by_what_ran_with_it(server: Server, shop: str, plant: Plant) -> None:
    ran = iteration("stopped")
    ran["metrics"] = [{"key": "gone", "isGroup": True, "metrics": [{"key": "signup"}, {"key": "paid"}]}]
    plant("ran", currentIteration=ran)
    assert server.call("DELETE", f"/metrics/{shop}/signup").status_code == 409


def test_what_runs_is_not_archived(server: Server, shop: str, plant: Plant) -> None:
    archive = [{"op": "replace", "path": "/archived", "value": True}]
    plant("running", currentIteration=iteration("running", primarySingleMetricKey="signup"))
    refused = server.call("PATCH", f"/metrics/{shop}/signup", json=archive)
    assert refused.status_code == 409 and "experiment 'running' in 'test'" in refused.json()["message"]
    plant("running", currentIteration=iteration("stopped", primarySingleMetricKey="signup"))
    assert server.ok("PATCH", f"/metrics/{shop}/signup", json=archive)["archived"]
    grouped = server.call("PATCH", f"/metrics/{shop}/paid", json=archive)
    assert grouped.status_code == 409 and "metric group 'funnel'" in grouped.json()["message"]


def test_a_metric_in_a_group_is_not_deleted(server: Server, shop: str) -> None:
    refused = server.call("DELETE", f"/metrics/{shop}/paid")
    assert refused.status_code == 409 and "metric group 'funnel'" in refused.json()["message"]
    server.ok("DELETE", f"/projects/{shop}/metric-groups/funnel")
    assert server.call("DELETE", f"/metrics/{shop}/paid").status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"unitAggregationType": "sum"},
        {"isNumeric": True, "unit": "EUR"},
        {"analysisUnits": ["organization"]},
        {"denominator": {"eventName": "visited"}, "unitAggregationType": "average"},
    ],
)
def test_a_metric_stays_fit_for_its_groups(server: Server, shop: str, change: dict[str, Any]) -> None:
    refused = server.call("PATCH", f"/metrics/{shop}/paid", json=change)
    assert refused.status_code == 400 and "'funnel'" in refused.json()["message"]
    assert server.ok("PATCH", f"/metrics/{shop}/paid", json={"analysisUnits": ["device"]})


def test_a_group_tells_who_uses_it(server: Server, shop: str, plant: Plant) -> None:
    plant("now", currentIteration=iteration("running", primaryFunnelKey="funnel"))
    plant("later", draftIteration=iteration("not_started", groups=("funnel",)))
    path = f"/projects/{shop}/metric-groups/funnel"
    assert "experiments" not in server.ok("GET", path)
    group = server.ok("GET", path, params={"expand": "experiments,experimentCount"})
    assert [use["key"] for use in group["experiments"]] == ["later", "now"]
    assert (group["experimentCount"], group["activeExperimentCount"]) == (2, 1)


def test_groups_are_ordered_by_how_much_they_are_used(server: Server, shop: str, plant: Plant) -> None:
    funnel = server.ok("GET", f"/projects/{shop}/metric-groups/funnel")
    post = {
        "name": "Another",
        "kind": "standard",
        "maintainerId": funnel["maintainer"]["key"],
        "tags": [],
        "metrics": [{"key": "signup", "nameInGroup": ""}, {"key": "paid", "nameInGroup": ""}],
    }
    server.ok("POST", f"/projects/{shop}/metric-groups", json=post)
    plant("one", draftIteration=iteration("not_started", groups=("another",)))

    def order(sort: str) -> list[str]:
        found = server.ok("GET", f"/projects/{shop}/metric-groups", params={"sort": sort})["items"]
        return [group["key"] for group in found]

    assert order("-connectionCount") == ["another", "funnel"]
    assert order("connectionCount") == ["funnel", "another"]
