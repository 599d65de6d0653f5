"""Environments: their settings, their copies, and new keys for their SDKs."""

import time
from typing import Any

import launchdarkly_api
import pytest
from driven import until
from servers import Server

Body = dict[str, Any]


def path(project: str, key: str = "test") -> str:
    return f"/projects/{project}/environments/{key}"


def patched(server: Server, at: str, *operations: tuple[str, str, Any]) -> Any:
    return server.call("PATCH", at, json=[{"op": op, "path": where, "value": value} for op, where, value in operations])


def opens(server: Server, key: str) -> bool:
    """Whether a server-side SDK gets its flags by a key."""
    return server.call("GET", "/sdk/latest-all", token=key).status_code == 200


def test_a_reset_ends_the_old_sdk_key_at_once(server: Server, api: Any, project: str) -> None:
    environments = launchdarkly_api.EnvironmentsApi(api)
    old = environments.get_environment(project, "test")
    assert opens(server, old.api_key)
    new = environments.reset_environment_sdk_key(project, "test")
    assert new.api_key not in ("", old.api_key) and new.mobile_key == old.mobile_key
    until(lambda: not opens(server, old.api_key), within_seconds=2)
    assert opens(server, new.api_key)
    mobile = environments.reset_environment_mobile_key(project, "test")
    assert mobile.mobile_key != old.mobile_key and mobile.api_key == new.api_key
    assert server.call("GET", "/caller-identity", token=old.mobile_key).status_code == 401
    assert server.ok("GET", "/caller-identity", token=mobile.mobile_key)["authKind"] == "mobileKey"
    titles = [
        each["titleVerb"] for each in server.ok("GET", f"/auditlog?spec=proj/{project}:env/test&limit=2")["items"]
    ]
    assert titles == ["reset the mobile key of", "reset the SDK key of"]


def test_an_old_sdk_key_works_until_its_expiry_and_says_so(server: Server, project: str) -> None:
    old = server.ok("GET", path(project))["apiKey"]
    expiry = int(time.time() * 1000) + 700
    new = server.ok("POST", f"{path(project)}/apiKey?expiry={expiry}")["apiKey"]
    assert (opens(server, old), opens(server, new)) == (True, True)
    assert server.ok("GET", "/caller-identity", token=old)["expiresAt"] == expiry
    assert "expiresAt" not in server.ok("GET", "/caller-identity", token=new)
    time.sleep(max(0.0, expiry / 1000 - time.time()) + 0.05)
    until(lambda: not opens(server, old), within_seconds=2)
    past = server.call("POST", f"{path(project)}/apiKey?expiry=5")
    assert past.status_code == 400 and "must be a time to come" in past.json()["message"]
    assert opens(server, new)


def test_a_copy_begins_with_the_settings_and_targeting_of_its_source(server: Server, project: str) -> None:
    server.ok("POST", f"/flags/{project}", json={"key": "x", "name": "X"})
    on = {"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]}
    server.ok("PATCH", f"/flags/{project}/x", json=on)
    assert patched(server, path(project), ("replace", "/tags", ["kept"]), ("replace", "/secureMode", True)).ok
    post = {"key": "stage", "name": "Stage", "color": "112233", "defaultTtl": 5}
    copy = server.ok("POST", f"/projects/{project}/environments", json={**post, "source": {"key": "test"}})
    assert copy.items() >= {**post, "tags": ["kept"], "secureMode": True}.items()
    original = server.ok("GET", path(project))
    assert not {copy["_id"], copy["apiKey"], copy["mobileKey"]} & {
        original["_id"],
        original["apiKey"],
        original["mobileKey"],
    }
    flag = server.ok("GET", f"/flags/{project}/x")["environments"]
    assert {key: config["on"] for key, config in flag.items()} == {"production": False, "test": True, "stage": True}
    stale = {**post, "key": "late", "source": {"key": "test", "version": 1}}
    refused = server.call("POST", f"/projects/{project}/environments", json=stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "optimistic_locking_error")
    nowhere = {**post, "key": "late", "source": {"key": "nowhere"}}
    assert server.call("POST", f"/projects/{project}/environments", json=nowhere).status_code == 404


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("/name", "Staging"),
        ("/color", "aAbBcC"),
        ("/defaultTtl", 60),
        ("/secureMode", True),
        ("/defaultTrackEvents", True),
        ("/requireComments", True),
        ("/confirmChanges", True),
        ("/tags", ["a", "b"]),
        ("/critical", True),
        ("/approvalSettings/required", True),
        ("/approvalSettings/minNumApprovals", 5),
        ("/approvalSettings/canReviewOwnRequest", True),
        ("/approvalSettings/canApplyDeclinedChanges", False),
        ("/approvalSettings/requiredApprovalTags", ["risky"]),
        ("/approvalSettings/serviceKind", "servicenow"),
        ("/approvalSettings/serviceConfig", {"template": "x"}),
        ("/approvalSettings/autoApplyApprovedChanges", True),
        ("/resourceApprovalSettings/segment/required", True),
        ("/resourceApprovalSettings/aiconfig/minNumApprovals", 2),
    ],
)
def test_every_setting_of_an_environment_can_be_patched(server: Server, project: str, where: str, value: Any) -> None:
    answer = patched(server, path(project), ("replace", where, value))
    if where.endswith("autoApplyApprovedChanges"):
        answer = patched(server, path(project), ("add", where, value))
    assert answer.status_code == 200, answer.text
    shown = server.ok("GET", path(project))
    for name in where.strip("/").split("/"):
        shown = shown[name]
    assert shown == value


def test_approvals_are_required_of_all_or_of_some_tags(server: Server, project: str) -> None:
    approvals = "/approvalSettings"
    both = (("replace", f"{approvals}/required", True), ("replace", f"{approvals}/requiredApprovalTags", ["risky"]))
    answer = patched(server, path(project), *both)
    assert answer.status_code == 400 and "exclude one another" in answer.json()["message"]
    assert server.ok("GET", path(project))["approvalSettings"]["required"] is False
    for name in ("required", "requiredApprovalTags"):
        removed = server.call("PATCH", path(project), json=[{"op": "remove", "path": f"{approvals}/{name}"}])
        assert removed.status_code == 200, removed.text
    shown = server.ok("GET", path(project))["approvalSettings"]
    assert (shown["required"], shown["requiredApprovalTags"]) == (False, [])


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("/color", "#112233"),
        ("/defaultTtl", 61),
        ("/approvalSettings/minNumApprovals", 6),
        ("/apiKey", "x"),
        ("/key", "x"),
    ],
)
def test_what_makes_no_environment_is_refused(server: Server, project: str, where: str, value: Any) -> None:
    before = server.ok("GET", path(project))
    answer = patched(server, path(project), ("replace", where, value))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert server.ok("GET", path(project)) == before


def test_environments_are_found_ordered_and_paged(server: Server, api: Any, project: str) -> None:
    for key, name, more in (("zulu", "alpha", {"tags": ["T", "u"]}), ("yankee", "Bravo", {"critical": True})):
        post = {"key": key, "name": name, "color": "112233", **more}
        server.ok("POST", f"/projects/{project}/environments", json=post)

    def keys(**query: Any) -> list[str]:
        return [each["key"] for each in server.ok("GET", f"/projects/{project}/environments", params=query)["items"]]

    assert keys(sort="name") == ["zulu", "yankee", "production", "test"]
    assert keys(sort="-createdOn", limit=2) == ["yankee", "zulu"]
    assert keys(sort="-critical,-name") == ["production", "yankee", "test", "zulu"]
    assert keys(filter="query:BRAV") == ["yankee"]
    assert keys(filter="tags:t+u") == ["zulu"]
    page = launchdarkly_api.EnvironmentsApi(api).get_environments_by_project(project, limit=2, offset=2, sort="name")
    assert ([each.key for each in page.items], page.total_count) == (["production", "test"], 4)
    assert {"first", "prev"} <= set(page.links) and "next" not in page.links


def test_a_project_keeps_an_environment(server: Server, project: str) -> None:
    key = server.ok("GET", path(project))["apiKey"]
    assert server.call("DELETE", path(project)).status_code == 204
    until(lambda: not opens(server, key), within_seconds=2)
    last = server.call("DELETE", path(project, "production"))
    assert (last.status_code, last.json()["code"]) == (409, "conflict")
    assert server.call("DELETE", path(project, "nowhere")).status_code == 404


def test_environments_come_in_the_order_in_which_they_were_made(server: Server) -> None:
    made = [{"key": key, "name": key.title(), "color": "ffffff"} for key in ("zebra", "ant", "Mule")]
    project = server.project(environments=made)
    assert [each["key"] for each in project["environments"]] == ["zebra", "ant", "Mule"]
    listed = server.ok("GET", f"/projects/{project['key']}/environments")
    assert [each["key"] for each in listed["items"]] == ["zebra", "ant", "Mule"]
