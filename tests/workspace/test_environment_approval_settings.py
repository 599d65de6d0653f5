"""Approval settings of environments, as infrastructure tools write and read them back."""

from typing import Any

from servers import Server

SETTINGS = "approvalSettings"


def patched(server: Server, project: str, *operations: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = server.ok("PATCH", f"/projects/{project}/environments/test", json=list(operations))
    return changed


def test_an_empty_approval_service_means_the_one_built_in(server: Server, project: str) -> None:
    asked = {
        "required": False,
        "canReviewOwnRequest": False,
        "minNumApprovals": 2,
        "canApplyDeclinedChanges": True,
        "requiredApprovalTags": ["approvals_required"],
        "serviceKind": "",
        "serviceConfig": {},
        "autoApplyApprovedChanges": False,
    }
    patches = [{"op": "replace", "path": f"/{SETTINGS}/{name}", "value": value} for name, value in asked.items()]
    shown = patched(server, project, *patches)[SETTINGS]
    assert shown.items() >= {**asked, "serviceKind": "launchdarkly"}.items()
    assert server.ok("GET", f"/projects/{project}/environments/test")[SETTINGS] == shown


def test_null_means_that_no_tags_ask_for_approval(server: Server, project: str) -> None:
    def tagged(tags: list[str] | None) -> Any:
        return patched(server, project, {"op": "replace", "path": f"/{SETTINGS}/requiredApprovalTags", "value": tags})[
            SETTINGS
        ]["requiredApprovalTags"]

    assert tagged(["careful"]) == ["careful"]
    assert tagged(None) == []
    refused = server.call(
        "PATCH",
        f"/projects/{project}/environments/test",
        json=[{"op": "replace", "path": f"/{SETTINGS}/requiredApprovalTags", "value": "careful"}],
    )
    assert refused.status_code == 400 and "requiredApprovalTags" in refused.json()["message"]


def test_segments_have_approval_settings_of_their_own(server: Server, project: str) -> None:
    own = {"op": "add", "path": "/resourceApprovalSettings/segment", "value": {"serviceKind": "", "required": True}}
    shown = patched(server, project, own)
    assert shown["resourceApprovalSettings"]["segment"]["serviceKind"] == "launchdarkly"
    assert (shown["resourceApprovalSettings"]["segment"]["required"], shown[SETTINGS]["required"]) == (True, False)


def test_another_approval_service_stays_as_named(server: Server, project: str) -> None:
    service = {"op": "replace", "path": f"/{SETTINGS}/serviceKind", "value": "servicenow"}
    assert patched(server, project, service)[SETTINGS]["serviceKind"] == "servicenow"


def test_approvals_taken_away_again_are_as_if_never_asked_for(server: Server, project: str) -> None:
    before = server.ok("GET", f"/projects/{project}/environments/test")[SETTINGS]
    patched(server, project, {"op": "replace", "path": f"/{SETTINGS}/requiredApprovalTags", "value": ["careful"]})
    removals = [{"op": "remove", "path": f"/{SETTINGS}/{name}"} for name in ("required", "requiredApprovalTags")]
    assert patched(server, project, *removals)[SETTINGS] == before
