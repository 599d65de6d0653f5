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
