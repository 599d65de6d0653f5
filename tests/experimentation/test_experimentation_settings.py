"""Which kinds of context a project experiments on."""

from typing import Any

import pytest
from servers import Server


def settings(server: Server, project: str, *units: dict[str, Any]) -> Any:
    return server.call("PUT", f"/projects/{project}/experimentation-settings", json={"randomizationUnits": list(units)})


def unit(kind: str, *, default: bool = False, **more: Any) -> dict[str, Any]:
    return {"randomizationUnit": kind, "default": default, **more}


@pytest.fixture
def kinds(server: Server, project: str) -> str:
    """A project that knows organizations and devices beside users."""
    for key, name in (("organization", "Organization"), ("device", "Handheld device")):
        server.ok("PUT", f"/projects/{project}/context-kinds/{key}", json={"name": name})
    return project


def test_users_are_what_a_new_project_experiments_on(server: Server) -> None:
    project = server.project()
    shown = server.ok("GET", f"/projects/{project['key']}/experimentation-settings")
    assert shown["randomizationUnits"] == [
        {"randomizationUnit": "user", "default": True, "_hidden": False, "_displayName": "User"}
    ]
    assert (shown["_projectKey"], shown["_projectId"]) == (project["key"], project["_id"])
    assert shown["_links"]["self"]["href"] == f"/api/v2/projects/{project['key']}/experimentation-settings"


def test_the_official_client_reads_the_settings(api: Any, project: str) -> None:
    from launchdarkly_api import ExperimentsApi

    shown = ExperimentsApi(api).get_experimentation_settings(project)
    assert shown.randomization_units[0].display_name == "User"


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([], ("exactly one",)),
        ([unit("user")], ("exactly one", "none")),
        ([unit("user", default=True), unit("user")], ("'user'", "twice")),
        ([unit("user", default=True), unit("spaceship")], ("no context kind 'spaceship'",)),
    ],
)
def test_settings_that_decide_nothing_are_refused(
    server: Server, project: str, units: list[dict[str, Any]], words: tuple[str, ...]
) -> None:
    answer = settings(server, project, *units)
    assert answer.status_code == 400, answer.text
    missing = [word for word in words if word not in answer.json()["message"]]
    assert not missing, answer.json()["message"]


def test_the_same_settings_again_change_nothing(server: Server, project: str) -> None:
    first = settings(server, project, unit("user", default=True, standardRandomizationUnit="user"))
    assert first.status_code == 200
    assert settings(server, project, unit("user", default=True)).json() == first.json()


def test_a_reader_cannot_change_the_settings(server: Server, project: str) -> None:
    reader = server.token_for(role="reader")
    path = f"/projects/{project}/experimentation-settings"
    body = {"randomizationUnits": [unit("user", default=True)]}
    assert server.call("GET", path, token=reader).status_code == 200
    assert server.call("PUT", path, json=body, token=reader).status_code == 403
    server.ok("PUT", path, json=body)
    assert server.call("PUT", path, json=body, token=reader).status_code == 403


def test_other_kinds_can_be_experimented_on(server: Server, kinds: str) -> None:
    units = [unit("user"), unit("organization", default=True), unit("device")]
    changed = settings(server, kinds, *units).json()
    assert [each["_displayName"] for each in changed["randomizationUnits"]] == [
        "User",
        "Organization",
        "Handheld device",
    ]
    assert [each["randomizationUnit"] for each in changed["randomizationUnits"] if each["default"]] == ["organization"]
    assert server.ok("GET", f"/projects/{kinds}/experimentation-settings") == changed
    two = settings(server, kinds, unit("user", default=True), unit("device", default=True))
    assert two.status_code == 400 and "user, device" in two.json()["message"]


def test_availability_is_decided_kind_by_kind(server: Server, kinds: str) -> None:
    settings(server, kinds, unit("user", default=True))
    devices = server.token_for(
        inlineRole=[
            {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {
                "effect": "allow",
                "resources": ["proj/*:context-kind/device"],
                "actions": ["updateAvailabilityForExperiments"],
            },
        ]
    )
    path = f"/projects/{kinds}/experimentation-settings"
    with_device = {"randomizationUnits": [unit("user", default=True), unit("device")]}
    assert server.call("PUT", path, json=with_device, token=devices).status_code == 200
    with_both = {"randomizationUnits": [*with_device["randomizationUnits"], unit("organization")]}
    refused = server.call("PUT", path, json=with_both, token=devices)
    assert refused.status_code == 403 and "context-kind/organization" in refused.json()["message"]
