"""Metric groups: what they are of, who looks after them, and how they are found."""

from typing import Any

import pytest
from servers import Server


@pytest.fixture
def shop(server: Server, project: str) -> str:
    """A project with six metrics of which two can be steps of a funnel."""
    return stocked(server, project)


@pytest.fixture(scope="module")
def untouched(server: Server) -> str:
    """One such project for all groups that are refused: nothing ever comes to be in it."""
    return stocked(server, str(server.project()["key"]))


def stocked(server: Server, project: str) -> str:
    common = {"kind": "custom", "eventKey": "e", "isNumeric": False}
    numeric = {"isNumeric": True, "unit": "EUR", "successCriteria": "HigherThanBaseline"}
    for key, more in {
        "basket": {"analysisUnits": ["device", "user"]},
        "paid": {},
        "revenue": numeric,
        "visits": {"unitAggregationType": "sum"},
        "slowest": {**numeric, "analysisType": "percentile", "percentileValue": 99},
        "seats": {"analysisUnits": ["organization"]},
    }.items():
        server.ok("POST", f"/metrics/{project}", json={**common, "key": key, **more})
    return project


def maintainer(server: Server, project: str) -> str:
    return str(server.ok("GET", f"/metrics/{project}/paid")["maintainerId"])


def group(server: Server, project: str, *metrics: str, **more: Any) -> dict[str, Any]:
    return {
        "key": "checkout",
        "name": "Checkout",
        "kind": "funnel",
        "maintainerId": maintainer(server, project),
        "tags": ["shop"],
        "metrics": [{"key": key, "nameInGroup": f"Step {key}"} for key in metrics or ("basket", "paid")],
        **more,
    }


def create(server: Server, project: str, *metrics: str, **more: Any) -> dict[str, Any]:
    made = server.ok("POST", f"/projects/{project}/metric-groups", json=group(server, project, *metrics, **more))
    assert isinstance(made, dict)
    return made


def test_a_funnel_keeps_its_steps_in_order(server: Server, shop: str) -> None:
    made = create(server, shop, "paid", "basket", description="To the receipt.")
    assert [step["nameInGroup"] for step in made["metrics"]] == ["Step paid", "Step basket"]
    paid = server.ok("GET", f"/metrics/{shop}/paid")
    first = made["metrics"][0]
    assert first["_versionId"] == paid["_versionId"]
    assert (first["name"], first["kind"], first["isNumeric"], first["eventKey"]) == ("paid", "custom", False, "e")
    assert first["randomizationUnits"] == first["analysisUnits"] == ["user"]
    assert first["_links"]["self"] == paid["_links"]["self"]
    assert (made["_version"], made["kind"], made["description"]) == (1, "funnel", "To the receipt.")
    assert made["_links"]["self"]["href"] == f"/api/v2/projects/{shop}/metric-groups/checkout"
    assert made["_creationDate"] == made["_lastModified"] > 1_700_000_000_000
    assert server.ok("GET", f"/projects/{shop}/metric-groups/checkout") == made


def test_who_looks_after_a_group_is_shown_to_old_and_new_clients(server: Server, shop: str) -> None:
    made = create(server, shop)
    shown = made["maintainer"]
    assert (shown["kind"], shown["key"]) == ("member", shown["_member"]["_id"])
    assert shown["member"] == shown["_member"]
    assert "maintainerId" not in made


def test_the_official_client_knows_groups(api: Any, server: Server, shop: str) -> None:
    from launchdarkly_api import MetricGroupPost, MetricsBetaApi, PatchOperation

    groups = MetricsBetaApi(api)
    made = groups.create_metric_group(shop, MetricGroupPost.from_dict(group(server, shop)))
    assert made.maintainer.member.email
    patch = [
        PatchOperation(op="replace", path="/name", value="Buying"),
        PatchOperation(op="replace", path="/metrics/0/nameInGroup", value="Basket"),
    ]
    changed = groups.patch_metric_group(shop, "checkout", patch)
    assert (changed.version, changed.name, changed.metrics[0].name_in_group) == (2, "Buying", "Basket")
    assert groups.get_metric_groups(shop).total_count == 1
    groups.delete_metric_group(shop, "checkout")
    assert groups.get_metric_groups(shop).items == []


@pytest.mark.parametrize(
    ("metrics", "more", "words"),
    [
        (("paid",), {}, ("metrics", "at least 2")),
        (("paid", "paid"), {}, ("'paid'", "twice")),
        (("paid", "nothing"), {}, ("no metric 'nothing'",)),
        (("paid", "revenue"), {}, ("'revenue'", "funnel", "isNumeric false")),
        (("paid", "visits"), {}, ("'visits'", "funnel")),
        (("paid", "slowest"), {}, ("'slowest'", "analysisType mean")),
        (("paid", "seats"), {}, ("share", "'seats': organization")),
        (("basket", "seats"), {"kind": "standard"}, ("share", "'basket': device, user")),
        ((), {"metrics": [{"key": "basket", "nameInGroup": ""}, {"key": "paid"}]}, ("metrics[0].nameInGroup", "step")),
        ((), {"maintainerId": ""}, ("maintainer ID is required",)),
        ((), {"maintainerId": "569fdeadbeef1644facecafe"}, ("maintainerId", "no member")),
        ((), {"maintainerTeamKey": "shop"}, ("'maintainerId'", "both")),
        ((), {"name": ""}, ("'name'",)),
        ((), {"kind": "pile"}, ("pile",)),
        ((), {"key": "no spaces"}, ("no spaces",)),
    ],
)
def test_a_group_that_cannot_be_read_together_is_refused(
    server: Server, untouched: str, metrics: tuple[str, ...], more: dict[str, Any], words: tuple[str, ...]
) -> None:
    path = f"/projects/{untouched}/metric-groups"
    answer = server.call("POST", path, json=group(server, untouched, *metrics, **more))
    assert answer.status_code == 400, answer.text
    missing = [word for word in words if word not in answer.json()["message"]]
    assert not missing, answer.json()["message"]
    assert server.ok("GET", path)["items"] == []


def test_an_archived_metric_joins_no_group(server: Server, shop: str) -> None:
    server.ok("PATCH", f"/metrics/{shop}/paid", json={"archived": True})
    answer = server.call("POST", f"/projects/{shop}/metric-groups", json=group(server, shop))
    assert answer.status_code == 400 and "'paid' is archived" in answer.json()["message"]


def test_a_standard_group_takes_any_metrics_and_needs_no_names(server: Server, shop: str) -> None:
    made = create(server, shop, "revenue", "slowest", "paid", kind="standard")
    assert [metric["nameInGroup"] for metric in made["metrics"]] == ["", "", ""]
    patch = [{"op": "remove", "path": "/metrics/1"}, {"op": "replace", "path": "/tags", "value": []}]
    changed = server.ok("PATCH", f"/projects/{shop}/metric-groups/checkout", json=patch)
    assert [metric["key"] for metric in changed["metrics"]] == ["revenue", "paid"]
    assert changed["tags"] == []


def test_a_group_without_a_key_is_named_after_its_name(server: Server, shop: str) -> None:
    made = create(server, shop, key="", name="To the receipt, at last!")
    assert made["key"] == "to-the-receipt-at-last"


def test_every_dialect_of_patch_makes_the_same_group(server: Server, shop: str) -> None:
    rename = [{"op": "replace", "path": "/name", "value": "Buying"}, {"op": "remove", "path": "/description"}]
    merge = {"name": "Buying", "description": None}
    bodies = [rename, {"patch": rename, "comment": "x"}, merge, {"merge": merge, "comment": "x"}]
    shown = []
    for number, body in enumerate(bodies):
        key = f"g{number}"
        create(server, shop, key=key, description="old")
        changed = server.ok("PATCH", f"/projects/{shop}/metric-groups/{key}", json=body)
        own = {"_id", "_links", "_creationDate", "_lastModified", "key"}
        shown.append({name: value for name, value in changed.items() if name not in own})
    assert all(each == shown[0] for each in shown)
    assert shown[0]["name"] == "Buying" and "description" not in shown[0]


def test_what_a_group_is_cannot_be_changed(server: Server, shop: str) -> None:
    create(server, shop)
    for path in ("/key", "/kind", "/_id"):
        operation = [{"op": "replace", "path": path, "value": "standard"}]
        answer = server.call("PATCH", f"/projects/{shop}/metric-groups/checkout", json=operation)
        assert answer.status_code == 400 and path[1:] in answer.json()["message"], path


def test_groups_are_found_by_what_they_are(server: Server, shop: str) -> None:
    create(server, shop)
    create(server, shop, "revenue", "paid", key="money", name="Money", kind="standard")
    me = maintainer(server, shop)

    def found(**query: str) -> list[str]:
        page = server.ok("GET", f"/projects/{shop}/metric-groups", params=query)
        return [each["key"] for each in page["items"]]

    assert found() == ["checkout", "money"]
    assert found(filter="kind equals 'standard'") == ["money"]
    assert found(filter=f"kind equals 'funnel' and maintainerIds anyOf ['{me}']") == ["checkout"]
    assert found(filter="query equals 'mon'") == ["money"]
    assert found(filter="maintainerTeamKey equals shop") == []
    assert found(sort="-name") == ["money", "checkout"]
    assert found(limit="1") == ["checkout"]


def test_a_project_has_one_guardrail_group_that_only_those_see_who_ask(server: Server, shop: str) -> None:
    create(server, shop)
    made = create(server, shop, "revenue", "paid", key="watch", name="Watch", kind="guardrail")
    assert made["kind"] == "guardrail"
    path = f"/projects/{shop}/metric-groups"
    assert [each["key"] for each in server.ok("GET", path)["items"]] == ["checkout"]
    asked = server.ok("GET", path, params={"filter": "kind equals guardrail"})
    assert [each["key"] for each in asked["items"]] == ["watch"]
    second = server.call("POST", path, json=group(server, shop, key="again", kind="guardrail"))
    assert second.status_code == 409 and "'watch'" in second.json()["message"]
    server.ok("DELETE", f"{path}/watch")
    create(server, shop, key="again", kind="guardrail")
