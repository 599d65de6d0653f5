"""A metric from its creation to its end: read in any version, changed in any dialect, found, archived, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from driven import until
from servers import Server

CONVERSION = {"key": "signup", "name": "Signed up", "kind": "custom", "eventKey": "signup", "isNumeric": False}
LATENCY = {
    "key": "latency",
    "name": "Page latency",
    "kind": "custom",
    "eventKey": "page-loaded",
    "isNumeric": True,
    "unit": "ms",
    "successCriteria": "LowerThanBaseline",
    "tags": ["speed", "web"],
}


def make(server: Server, project: str, **body: Any) -> dict[str, Any]:
    made = server.ok("POST", f"/metrics/{project}", json={**CONVERSION, **body})
    assert isinstance(made, dict)
    return made


def patch(server: Server, project: str, key: str, body: Any) -> dict[str, Any]:
    changed = server.ok("PATCH", f"/metrics/{project}/{key}", json=body)
    assert isinstance(changed, dict)
    return changed


def keys(server: Server, project: str, **query: Any) -> list[str]:
    found = server.ok("GET", f"/metrics/{project}", params=query)
    assert found["totalCount"] == len(found["items"])
    return [metric["key"] for metric in found["items"]]


def test_a_new_metric_says_all_its_defaults(server: Server, project: str) -> None:
    made = make(server, project)
    assert made["_version"] == 1
    assert made["_links"]["self"] == {"href": f"/api/v2/metrics/{project}/signup", "type": "application/json"}
    assert made["_links"]["parent"]["href"] == f"/api/v2/metrics/{project}"
    assert made["_site"]["type"] == "text/html"
    assert made["_creationDate"] > 1_700_000_000_000
    assert made["lastModified"]["date"].endswith("Z")
    assert len(made["_id"]) == 24
    assert made["maintainerId"] == made["_maintainer"]["_id"], "whoever made it looks after it"
    assert {"action": "updateName"}.items() <= made["_access"]["allowed"][2].items()
    expected = {
        "tags": [],
        "isNumeric": False,
        "successCriteria": "HigherThanBaseline",
        "randomizationUnits": ["user"],
        "analysisUnits": ["user"],
        "unitAggregationType": "average",
        "analysisType": "mean",
        "eventDefault": {"disabled": False, "value": 0},
        "dataSource": {"key": "launchdarkly"},
        "archived": False,
        "activeExperimentCount": 0,
        "_attachedFlagCount": 0,
    }
    assert {name: made[name] for name in expected} == expected
    assert "experimentCount" not in made and "lastSeen" not in made and "archivedAt" not in made


def test_percentiles_leave_out_units_without_events_by_default(server: Server, project: str) -> None:
    made = make(server, project, **LATENCY, analysisType="percentile", percentileValue=95)
    assert made["eventDefault"] == {"disabled": True}


def test_the_official_client_creates_reads_lists_changes_and_deletes(api: Any, project: str) -> None:
    from launchdarkly_api import MetricPost, MetricsApi, PatchOperation

    metrics = MetricsApi(api)
    post = MetricPost(key="signup", kind="custom", eventKey="signup", isNumeric=False, analysisUnits=["device"])
    made = metrics.post_metric(project, post)
    assert (made.version, made.analysis_units) == (1, ["device"])
    rename = [PatchOperation(op="replace", path="/name", value="Signed up")]
    changed = metrics.patch_metric(project, "signup", rename)
    assert (changed.version, changed.name) == (2, "Signed up")
    assert changed.version_id != made.version_id
    assert metrics.get_metric(project, "signup", expand="experiments,metricGroups").experiments == []
    assert metrics.get_metric(project, "signup", version_id=made.version_id).name == "signup"
    assert metrics.get_metrics(project, expand="experimentCount").items[0].experiment_count == 0
    metrics.delete_metric(project, "signup")
    assert metrics.get_metrics(project).items == []


def test_what_terraform_sends_is_taken_and_comes_back_the_same(server: Server, project: str) -> None:
    """Its provider (v3) sends every field it knows, empty where unset, and sets the maintainer by a patch."""
    sent = {
        "key": "latency",
        "name": "Latency",
        "description": "",
        "tags": [],
        "kind": "custom",
        "isNumeric": True,
        "selector": "",
        "urls": [],
        "analysisUnits": [],
        "unit": "ms",
        "eventKey": "page-loaded",
        "unitAggregationType": "average",
        "analysisType": "mean",
        "eventDefault": {"disabled": False},
        "successCriteria": "HigherThanBaseline",
    }
    made = server.ok("POST", f"/metrics/{project}", json=sent)
    assert (made["analysisUnits"], made["tags"], made["eventDefault"]["disabled"]) == (["user"], [], False)

    def applied(**changes: Any) -> dict[str, Any]:
        wanted = {**sent, **changes}
        flat = ("name", "description", "tags", "kind", "isNumeric", "urls", "unit", "selector", "eventKey")
        operations = [
            *[(f"/{name}", wanted[name]) for name in (*flat, "unitAggregationType", "analysisType")],
            ("/eventDefault/disabled", wanted["eventDefault"]["disabled"]),
            ("/percentileValue", wanted.get("percentileValue")),
            ("/successCriteria", wanted["successCriteria"]),
            ("/maintainerId", made["maintainerId"]),
            ("/analysisUnits", made["analysisUnits"]),
        ]
        whole = [{"op": "replace", "path": path, "value": value} for path, value in operations]
        return patch(server, project, "latency", whole)

    assert applied()["_version"] == 1, "nothing differs, so there is no new version"
    ninetieth = applied(analysisType="percentile", percentileValue=90, eventDefault={"disabled": True})
    assert (ninetieth["_version"], ninetieth["percentileValue"]) == (2, 90)
    mean = applied()
    assert mean["_version"] == 3 and "percentileValue" not in mean
    assert server.call("DELETE", f"/metrics/{project}/latency").status_code == 204, "never archived, never used"


RENAMED: dict[str, Callable[[], tuple[Any, dict[str, str]]]] = {
    "json patch": lambda: (
        [
            {"op": "replace", "path": "/name", "value": "Speed"},
            {"op": "remove", "path": "/tags/0"},
            {"op": "replace", "path": "/eventDefault/disabled", "value": True},
        ],
        {},
    ),
    "wrapped json patch": lambda: ({"patch": RENAMED["json patch"]()[0], "comment": "shorter"}, {}),
    "merge": lambda: ({"name": "Speed", "tags": ["web"], "eventDefault": {"disabled": True}}, {}),
    "wrapped merge": lambda: ({"merge": RENAMED["merge"]()[0], "comment": "shorter"}, {}),
    "merge by content type": lambda: (RENAMED["merge"]()[0], {"Content-Type": "application/merge-patch+json"}),
}


def test_every_dialect_of_patch_makes_the_same_metric(server: Server, project: str) -> None:
    shown = []
    for number, dialect in enumerate(RENAMED):
        key = f"latency-{number}"
        make(server, project, **{**LATENCY, "key": key})
        body, headers = RENAMED[dialect]()
        changed = server.ok("PATCH", f"/metrics/{project}/{key}", json=body, headers=headers)
        own = {"_id", "_versionId", "_links", "_site", "_creationDate", "lastModified", "key"}
        shown.append({name: value for name, value in changed.items() if name not in own})
    assert all(each == shown[0] for each in shown)
    assert (shown[0]["name"], shown[0]["tags"], shown[0]["eventDefault"]) == ("Speed", ["web"], {"disabled": True})


def test_instructions_are_refused_since_metrics_have_none(server: Server, project: str) -> None:
    make(server, project)
    body = {"instructions": [{"kind": "updateName", "value": "x"}]}
    answer = server.call("PATCH", f"/metrics/{project}/signup", json=body)
    assert answer.status_code == 400 and "JSON patch" in answer.json()["message"]


def test_every_version_can_be_read_back(server: Server, project: str) -> None:
    path = f"/metrics/{project}/latency"
    names = ("Latency", "Time to first byte", "Speed")
    versions = [
        make(server, project, **LATENCY),
        *(patch(server, project, "latency", {"name": name}) for name in names),
    ]
    ids = [version["_versionId"] for version in versions]
    assert len(set(ids)) == 4
    for version in versions:
        read = server.ok("GET", path, params={"versionId": version["_versionId"]})
        assert read == version
    assert server.ok("GET", path) == versions[-1]
    unknown = server.call("GET", path, params={"versionId": "00000000-0000-4000-8000-000000000000"})
    assert unknown.status_code == 404 and "version" in unknown.json()["message"]


def test_a_version_of_another_metric_is_not_a_version_of_this_one(server: Server, project: str) -> None:
    other = make(server, project, key="other")
    make(server, project)
    answer = server.call("GET", f"/metrics/{project}/signup", params={"versionId": other["_versionId"]})
    assert answer.status_code == 404


def test_a_metric_made_again_under_its_old_key_has_new_versions(server: Server, project: str) -> None:
    first = make(server, project)
    server.ok("DELETE", f"/metrics/{project}/signup")
    again = make(server, project)
    assert again["_versionId"] != first["_versionId"] and again["_id"] != first["_id"]


def test_a_patch_can_ask_for_the_version_it_was_made_for(server: Server, project: str) -> None:
    make(server, project)

    def rename(name: str, version: int) -> list[dict[str, Any]]:
        return [
            {"op": "test", "path": "/_version", "value": version},
            {"op": "replace", "path": "/name", "value": name},
        ]

    patch(server, project, "signup", rename("First", 1))
    late = server.call("PATCH", f"/metrics/{project}/signup", json=rename("Second", 1))
    assert late.status_code == 409
    assert server.ok("GET", f"/metrics/{project}/signup")["name"] == "First"


@pytest.mark.parametrize("path", ["/key", "/_id", "/kind", "/archivedAt"])
def test_what_a_metric_is_cannot_be_changed(server: Server, project: str, path: str) -> None:
    make(server, project)
    operation = {"op": "replace", "path": path, "value": 7 if path == "/archivedAt" else "click"}
    answer = server.call("PATCH", f"/metrics/{project}/signup", json=[operation])
    assert answer.status_code == 400 and path[1:] in answer.json()["message"]


def test_units_go_by_two_names(server: Server, project: str) -> None:
    make(server, project, randomizationUnits=["user", "device", "user"])

    def after(*operations: tuple[str, str, Any]) -> list[str]:
        whole = [{"op": op, "path": path, "value": value} for op, path, value in operations]
        changed = patch(server, project, "signup", whole)
        assert changed["analysisUnits"] == changed["randomizationUnits"]
        return list(changed["analysisUnits"])

    assert server.ok("GET", f"/metrics/{project}/signup")["analysisUnits"] == ["user", "device"]
    assert after(("replace", "/analysisUnits", ["organization"])) == ["organization"]
    assert after(("add", "/randomizationUnits/-", "user")) == ["organization", "user"]
    both = [("replace", "/analysisUnits", ["user"]), ("replace", "/randomizationUnits", ["user"])]
    assert after(*both) == ["user"]
    assert patch(server, project, "signup", {"merge": {"analysisUnits": None}})["randomizationUnits"] == ["user"]
    torn = [
        {"op": "replace", "path": "/analysisUnits", "value": ["a"]},
        {"op": "replace", "path": "/randomizationUnits", "value": ["b"]},
    ]
    assert server.call("PATCH", f"/metrics/{project}/signup", json=torn).status_code == 400


def test_archiving_notes_when_and_restoring_forgets_it(server: Server, project: str) -> None:
    make(server, project)
    archived = patch(server, project, "signup", [{"op": "replace", "path": "/archived", "value": True}])
    assert archived["archived"] and archived["archivedAt"] >= archived["_creationDate"]
    renamed = patch(server, project, "signup", {"name": "Old signup"})
    assert renamed["archivedAt"] == archived["archivedAt"]
    assert keys(server, project, filter="archived equals true") == ["signup"]
    restored = patch(server, project, "signup", [{"op": "replace", "path": "/archived", "value": False}])
    assert not restored["archived"] and "archivedAt" not in restored


def test_a_change_that_breaks_the_metric_is_refused_whole(server: Server, project: str) -> None:
    made = make(server, project, **LATENCY)
    both = [{"op": "replace", "path": "/name", "value": "x"}, {"op": "remove", "path": "/unit"}]
    answer = server.call("PATCH", f"/metrics/{project}/latency", json=both)
    assert answer.status_code == 400 and "'unit'" in answer.json()["message"]
    assert server.ok("GET", f"/metrics/{project}/latency") == made


def test_metrics_are_found_by_what_they_are(server: Server, project: str) -> None:
    latency = make(server, project, **LATENCY)
    make(server, project, tags=["web"])
    urls = [{"kind": "exact", "url": "https://shop.example/"}]
    server.ok(
        "POST", f"/metrics/{project}", json={"key": "home", "name": "Home seen", "kind": "pageview", "urls": urls}
    )
    count = make(server, project, key="clicks", name="Clicks", eventKey="click", unitAggregationType="sum")
    renamed = patch(server, project, "clicks", {"name": "Clicked"})

    def found(text: str) -> list[str]:
        return sorted(keys(server, project, filter=text))

    assert found("eventKind equals pageview") == ["home"]
    assert found("isNumeric equals true") == ["latency"]
    assert found("isNumeric equals false,eventKind equals custom") == ["clicks", "signup"]
    assert found('tags contains ["web"]') == ["latency", "signup"]
    assert found('tags contains ["web","speed"]') == ["latency"]
    assert found('query equals "sign"') == ["signup"]
    assert found('query equals ["HOME","latency"]') == ["home", "latency"]
    assert found("unitAggregationType equals sum") == ["clicks"]
    assert found(f'maintainerIds anyOf ["{latency["maintainerId"]}"]') == ["clicks", "home", "latency", "signup"]
    assert found('maintainerIds anyOf ["nobody"]') == []
    assert found("maintainerTeamKey equals web") == []
    assert found('eventKeys anyOf ["signup","click"]') == ["clicks", "signup"]
    assert found('dataSourceKeys anyOf ["launchdarkly"]') == ["clicks", "home", "latency", "signup"]
    assert found('dataSourceKeys notEquals "launchdarkly"') == []
    assert found(f'versionIds anyOf ["{count["_versionId"]}"]') == ["clicks"], "also by a version it no longer has"
    assert found(f'versionIds anyOf ["{renamed["_versionId"]}","{latency["_versionId"]}"]') == ["clicks", "latency"]
    assert found("hasConnections equals false") == ["clicks", "home", "latency", "signup"]
    assert found("metricUsedIn equals any") == []
    assert found('view equals "web"') == []
    for wrong in ("colour equals red", "metricUsedIn equals flags", "hasConnections equals maybe"):
        answer = server.call("GET", f"/metrics/{project}", params={"filter": wrong})
        assert answer.status_code == 400, wrong


def test_metrics_are_listed_in_the_order_asked_for(server: Server, project: str) -> None:
    for key, name in (("b", "Zebra"), ("a", "yak"), ("c", "Ant")):
        make(server, project, key=key, name=name)
    assert keys(server, project, sort="name") == ["c", "a", "b"]
    assert keys(server, project, sort="-name") == ["b", "a", "c"]

    def made_at(sort: str) -> list[int]:
        found = server.ok("GET", f"/metrics/{project}", params={"sort": sort})["items"]
        return [metric["_creationDate"] for metric in found]

    assert made_at("createdAt") == sorted(made_at("name"))
    assert made_at("-createdAt") == sorted(made_at("name"), reverse=True)
    assert server.call("GET", f"/metrics/{project}?sort=size").status_code == 400


def test_a_page_has_twenty_metrics(server: Server, project: str) -> None:
    for number in range(21):
        make(server, project, key=f"m{number}")
    page = server.ok("GET", f"/metrics/{project}")
    assert (len(page["items"]), page["totalCount"]) == (20, 21)
    assert page["_links"]["next"]["href"] == f"/api/v2/metrics/{project}?limit=20&offset=20"


def test_browsers_learn_which_clicks_and_pages_to_report(server: Server) -> None:
    project = server.project()
    environment = project["environments"][0]["_id"]
    path = f"/metrics/{project['key']}"
    urls = [{"kind": "canonical", "url": "https://shop.example/cart"}]
    server.ok("POST", path, json={"key": "buy", "kind": "click", "selector": ".buy", "urls": urls})
    server.ok("POST", path, json={"key": "cart", "kind": "pageview", "urls": urls})
    server.ok("POST", path, json=CONVERSION)

    def watched() -> list[str]:
        goals = server.session.get(f"{server.url}/sdk/goals/{environment}", timeout=10).json()
        return [goal["key"] for goal in goals]

    goals = server.session.get(f"{server.url}/sdk/goals/{environment}", timeout=10).json()
    assert sorted(goals, key=lambda goal: goal["key"]) == [
        {"key": "buy", "kind": "click", "selector": ".buy", "urls": urls},
        {"key": "cart", "kind": "pageview", "urls": urls},
    ]
    server.ok("PATCH", f"{path}/buy", json=[{"op": "replace", "path": "/archived", "value": True}])
    until(lambda: watched() == ["cart"], within_seconds=5)


def test_a_role_for_names_changes_names_only_in_either_dialect(server: Server, project: str) -> None:
    made = make(server, project)
    namer = server.token_for(
        inlineRole=[
            {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {"effect": "allow", "resources": ["proj/*:metric/*"], "actions": ["updateName"]},
        ]
    )
    path = f"/metrics/{project}/signup"
    for body in ({"eventKey": "x"}, [{"op": "replace", "path": "/eventKey", "value": "x"}]):
        answer = server.call("PATCH", path, json=body, token=namer)
        assert answer.status_code == 403 and "updateEventKey" in answer.json()["message"]
    assert server.ok("GET", path) == made
    assert server.ok("PATCH", path, json={"name": "Joined"}, token=namer)["name"] == "Joined"


def test_metrics_of_a_project_that_is_not_there(server: Server) -> None:
    assert server.call("GET", "/metrics/nowhere").status_code == 404
    assert server.call("POST", "/metrics/nowhere", json=CONVERSION).status_code == 404
    assert server.call("GET", "/metrics/nowhere/x").status_code == 404
    assert server.call("DELETE", "/metrics/nowhere/x").status_code == 404
