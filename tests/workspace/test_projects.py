"""Projects: their settings, what their flags begin with, and how clients of each age list them."""

from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import PatchOperation, UpsertFlagDefaultsPayload
from servers import Server

Body = dict[str, Any]
EVERYBODY = {"usingMobileKey": True, "usingEnvironmentId": True}
BROWSERS = {"usingMobileKey": False, "usingEnvironmentId": True}
DEFAULTS = {
    "tags": ["team-a"],
    "temporary": False,
    "defaultClientSideAvailability": BROWSERS,
    "booleanDefaults": {
        "trueDisplayName": "Shown",
        "falseDisplayName": "Hidden",
        "trueDescription": "People see it",
        "falseDescription": "Nobody sees it",
        "onVariation": 1,
        "offVariation": 0,
    },
}


def patched(server: Server, project: str, *operations: tuple[str, str, Any]) -> Any:
    body = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    return server.call("PATCH", f"/projects/{project}", json=body)


def available(server: Server, project: str) -> tuple[Body, Body]:
    """To which client-side SDKs new flags are open, as the project and as its flag defaults say it."""
    whole = server.ok("GET", f"/projects/{project}")
    assert whole["includeInSnippetByDefault"] is whole["defaultClientSideAvailability"]["usingEnvironmentId"]
    defaults = server.ok("GET", f"/projects/{project}/flag-defaults")
    return whole["defaultClientSideAvailability"], defaults["defaultClientSideAvailability"]


def test_a_project_and_its_flag_defaults_never_disagree_on_client_side_sdks(server: Server, project: str) -> None:
    path = f"/projects/{project}/flag-defaults"
    server.ok("PUT", path, json=DEFAULTS)
    assert available(server, project) == (BROWSERS, BROWSERS)
    assert patched(server, project, ("replace", "/defaultClientSideAvailability", EVERYBODY)).ok
    assert available(server, project) == (EVERYBODY, EVERYBODY)
    server.ok("PATCH", path, json=[{"op": "replace", "path": "/defaultClientSideAvailability", "value": BROWSERS}])
    assert available(server, project) == (BROWSERS, BROWSERS)
    assert patched(server, project, ("replace", "/includeInSnippetByDefault", False)).ok
    nobody = {"usingMobileKey": False, "usingEnvironmentId": False}
    assert available(server, project) == (nobody, nobody)
    made = server.ok("POST", f"/flags/{project}", json={"key": "x", "name": "X"})
    assert made["clientSideAvailability"] == nobody


def test_new_flags_begin_with_the_defaults_of_their_project(server: Server, api: Any, project: str) -> None:
    projects = launchdarkly_api.ProjectsApi(api)
    replaced = projects.put_flag_defaults_by_project(project, UpsertFlagDefaultsPayload.from_dict(DEFAULTS))
    assert replaced.to_dict().items() >= DEFAULTS.items()
    flag = server.ok("POST", f"/flags/{project}", json={"key": "x", "name": "X"})
    assert (flag["tags"], flag["temporary"], flag["clientSideAvailability"]) == (["team-a"], False, BROWSERS)
    assert [(each["name"], each["description"]) for each in flag["variations"]] == [
        ("Shown", "People see it"),
        ("Hidden", "Nobody sees it"),
    ]
    assert flag["defaults"] == {"onVariation": 1, "offVariation": 0}
    projects.patch_flag_defaults_by_project(project, [PatchOperation(op="add", path="/tags/-", value="team-b")])
    read = projects.get_flag_defaults_by_project(project)
    assert (read.key, read.tags, read.temporary) == (project, ["team-a", "team-b"], False)
    said = {"tags": [], "temporary": True, "clientSideAvailability": EVERYBODY}
    assert server.ok("POST", f"/flags/{project}", json={"key": "y", "name": "Y", **said}).items() >= said.items()


@pytest.mark.parametrize("missing", DEFAULTS)
def test_flag_defaults_are_replaced_as_a_whole(server: Server, project: str, missing: str) -> None:
    body = {name: value for name, value in DEFAULTS.items() if name != missing}
    answer = server.call("PUT", f"/projects/{project}/flag-defaults", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert f"`{missing}`" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "value", "shown_as"),
    [
        ("/name", "Shop", "name"),
        ("/tags", ["web"], "tags"),
        ("/includeInSnippetByDefault", True, "includeInSnippetByDefault"),
        ("/defaultClientSideAvailability", BROWSERS, "defaultClientSideAvailability"),
        ("/defaultReleasePipelineKey", "careful", "defaultReleasePipelineKey"),
        ("/namingConvention", {"case": "kebabCase", "prefix": "shop-"}, "namingConvention"),
        ("/requireViewAssociationForNewFlags", True, "requireViewAssociationForNewFlags"),
        ("/requireViewAssociationForNewSegments", True, "requireViewAssociationForNewSegments"),
    ],
)
def test_every_setting_of_a_project_can_be_patched(
    server: Server, project: str, path: str, value: Any, shown_as: str
) -> None:
    answer = patched(server, project, ("add", path, value))
    assert answer.status_code == 200, answer.text
    assert [each["key"] for each in answer.json()["environments"]] == ["production", "test"]
    assert server.ok("GET", f"/projects/{project}")[shown_as] == value


def test_a_project_says_whether_new_flags_and_segments_need_a_view(server: Server, project: str) -> None:
    flags, segments = "requireViewAssociationForNewFlags", "requireViewAssociationForNewSegments"
    fresh = server.ok("GET", f"/projects/{project}")
    assert (fresh[flags], fresh[segments]) == (False, False)
    assert patched(server, project, ("replace", f"/{flags}", True)).json()[flags] is True
    listed = server.ok("GET", f"/projects?filter=keys:{project}")["items"][0]
    assert (listed[flags], listed[segments]) == (True, False)


@pytest.mark.parametrize("path", ["/key", "/_id"])
def test_a_project_keeps_its_key(server: Server, project: str, path: str) -> None:
    answer = patched(server, project, ("replace", path, "other"))
    assert answer.status_code == 400 and "cannot be changed" in answer.json()["message"]


def test_projects_are_found_and_ordered(server: Server) -> None:
    mark = server.project()["key"]
    alpha, bravo = f"Alpha-{mark}", f"bravo-{mark}"
    server.ok("POST", "/projects", json={"key": bravo, "name": f"Zulu {mark}", "tags": ["a", "b"]})
    server.ok("POST", "/projects", json={"key": alpha, "name": f"yankee {mark}", "tags": ["A"]})

    def keys(**query: Any) -> list[str]:
        return [each["key"] for each in server.ok("GET", "/projects", params=query)["items"]]

    assert keys(filter=f"keys:{alpha.lower()}|{bravo.upper()}") == [bravo, alpha], "whatever their case"
    assert keys(filter=f"query:{mark},tags:a") == [bravo, alpha]
    assert keys(filter=f"query:{mark},tags:a+b") == [bravo]
    assert keys(filter=f"keys:{alpha}|{bravo}", sort="name") == [alpha, bravo]
    assert keys(filter=f"keys:{alpha}|{bravo}", sort="-createdOn") == [alpha, bravo]
    assert keys(filter=f"keys:{alpha}|{bravo}", sort="createdOn", limit=1, offset=1) == [alpha]
    refused = server.call("GET", "/projects?sort=colour")
    assert refused.json()["message"] == "sort: unknown field 'colour'; possible: createdOn, name"


def test_older_clients_get_every_project_with_its_environments(server: Server, api: Any, project: str) -> None:
    while server.ok("GET", "/projects?limit=1")["totalCount"] <= 20:
        server.project()
    older, newer = {"LD-API-Version": "20210729"}, {"LD-API-Version": "20220603"}
    everything = server.ok("GET", "/projects", headers=older)
    assert len(everything["items"]) == everything["totalCount"] > 20
    assert list(everything["_links"]) == ["self"]
    whole = server.ok("GET", f"/projects/{project}", headers=older)
    for shown in (whole, everything["items"][-1]):
        assert [each["key"] for each in shown["environments"]] == ["production", "test"]
    assert len(server.ok("GET", "/projects", headers=newer)["items"]) == 20
    assert "environments" not in server.ok("GET", f"/projects/{project}", headers=newer)
    expanded = launchdarkly_api.ProjectsApi(api).get_project(project, expand="environments")
    assert [each.key for each in expanded.environments.items] == ["production", "test"]
