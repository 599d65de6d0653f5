"""Kinds of context: built in, made by hand, or noticed in events."""

import time
from typing import Any

import launchdarkly_api as ld
from servers import Server


def kinds(server: Server, project: str) -> dict[str, Any]:
    return {kind["key"]: kind for kind in server.ok("GET", f"/projects/{project}/context-kinds")["items"]}


def test_a_project_knows_users_from_the_start(server: Server, project: str) -> None:
    (user,) = kinds(server, project).values()
    assert (user["key"], user["name"], user["createdFrom"], user["version"]) == ("user", "User", "default", 1)
    assert "lastSeen" not in user


def test_a_kind_is_made_changed_and_archived_by_put(server: Server, project: str, api: ld.ApiClient) -> None:
    contexts = ld.ContextsApi(api)
    payload = ld.UpsertContextKindPayload(name="Organization", description="Who pays")
    assert contexts.put_context_kind(project, "org", payload).status == "success"
    path = f"/projects/{project}/context-kinds/org"
    server.ok("PUT", path, json={"name": "Company", "version": 1})
    made = kinds(server, project)["org"]
    assert (made["name"], made["description"], made["version"], made["createdFrom"]) == (
        "Company",
        "Who pays",
        2,
        "manual",
    )
    stale = server.call("PUT", path, json={"name": "Firm", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "optimistic_locking_error")
    server.ok("PUT", path, json={"name": "Company", "hideInTargeting": True})
    assert kinds(server, project)["org"]["archived"] is True
    assert [kind.key for kind in contexts.get_context_kinds_by_project_key(project).items] == ["user", "org"]


def test_kinds_in_events_are_noticed_and_can_be_experimented_on(server: Server, project: str) -> None:
    environment = server.ok("GET", f"/projects/{project}/environments/test")
    event = {"kind": "custom", "key": "k", "creationDate": 1, "contextKeys": {"device": "d", "ld_ai": "x"}}
    server.call(
        "POST", "/bulk", token=environment["apiKey"], json=[event], headers={"X-LaunchDarkly-Event-Schema": "4"}
    )
    deadline = time.monotonic() + 10
    while "device" not in kinds(server, project):
        assert time.monotonic() < deadline, "the kind was not noticed"
        time.sleep(0.1)
    found = kinds(server, project)
    assert found["device"]["createdFrom"] == "auto-add"
    assert found["device"]["lastSeen"] >= found["device"]["creationDate"]
    assert "ld_ai" not in found, "what AI SDKs say of themselves is no kind of the customer's"
    units = [{"randomizationUnit": "user", "default": True}, {"randomizationUnit": "device"}]
    server.ok("PUT", f"/projects/{project}/experimentation-settings", json={"randomizationUnits": units})


def test_words_of_the_context_format_are_no_kinds(server: Server, project: str) -> None:
    for key in ("kind", "multi", "no spaces"):
        answer = server.call("PUT", f"/projects/{project}/context-kinds/{key}", json={"name": "x"})
        assert answer.status_code == 400, answer.text
    archived = server.call("PUT", f"/projects/{project}/context-kinds/user", json={"name": "User", "archived": True})
    assert archived.status_code == 400
    reader = server.token_for(role="reader")
    assert (
        server.call("PUT", f"/projects/{project}/context-kinds/org", json={"name": "x"}, token=reader).status_code
        == 403
    )
    assert server.call("GET", f"/projects/{project}/context-kinds", token=reader).status_code == 200
