"""Access tokens: shown once, limited, reset, ended, and never stronger than whoever made them."""

import json
import time
from collections.abc import Callable
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import AccessTokenPost
from servers import Server

ALLOW_TESTING = {"effect": "allow", "resources": ["proj/*:env/test"], "actions": ["*"]}
VIEW = {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]}
MAKE_TOKENS = {"effect": "allow", "resources": ["service-token/*", "member/*:token/*"], "actions": ["*"]}


def token_of(server: Server, token: str = "", **body: Any) -> dict[str, Any]:
    made = server.ok("POST", "/tokens", token=token or server.token, json=body)
    assert isinstance(made, dict)
    return made


def test_a_secret_is_shown_once_and_leaves_only_its_ending(server: Server, api: Any) -> None:
    tokens = launchdarkly_api.AccessTokensApi(api)
    made = tokens.post_token(AccessTokenPost(name="Wall display", role="reader"))
    secret = made.token
    assert server.ok("GET", "/caller-identity", token=secret)["tokenId"] == made.id
    assert tokens.get_token(made.id).token == secret[-4:]
    assert secret not in server.call("GET", "/tokens?limit=1000&showAll=true").text
    entry = server.ok("GET", "/auditlog?spec=member/*:token/*&limit=1")["items"][0]
    assert secret not in json.dumps(server.ok("GET", f"/auditlog/{entry['_id']}"))


def test_the_last_use_is_told(server: Server) -> None:
    made = token_of(server, name="used")
    assert "lastUsed" not in server.ok("GET", f"/tokens/{made['_id']}")
    before = int(time.time() * 1000)
    server.ok("GET", "/caller-identity", token=made["token"])
    deadline = time.monotonic() + 5
    while "lastUsed" not in (shown := server.ok("GET", f"/tokens/{made['_id']}")):
        assert time.monotonic() < deadline, "the use was never noted"
    assert before - 1000 <= shown["lastUsed"] <= time.time() * 1000


def test_a_reset_ends_the_old_secret_at_once(server: Server, api: Any) -> None:
    made = token_of(server, name="leaked")
    with pytest.warns(DeprecationWarning):  # newer clients would rather move the expiry
        fresh = launchdarkly_api.AccessTokensApi(api).reset_token(made["_id"])
    assert fresh.token not in (made["token"], fresh.token[-4:])
    assert server.call("GET", "/projects", token=made["token"]).status_code == 401
    assert server.call("GET", "/projects", token=fresh.token).status_code == 200


def test_a_reset_with_expiry_lets_the_old_secret_live_until_then(server: Server) -> None:
    made = token_of(server, name="rotating")
    ends = int(time.time() * 1000) + 800
    fresh = server.ok("POST", f"/tokens/{made['_id']}/reset?expiry={ends}")
    for secret in (made["token"], fresh["token"]):
        assert server.call("GET", "/projects", token=secret).status_code == 200
    time.sleep(max(0.0, ends / 1000 - time.time()) + 0.05)
    assert server.call("GET", "/projects", token=made["token"]).status_code == 401
    assert server.call("GET", "/projects", token=fresh["token"]).status_code == 200
    assert server.call("POST", f"/tokens/{made['_id']}/reset?expiry=1").status_code == 400


def test_a_token_ends_at_its_expiry_which_can_be_moved(server: Server) -> None:
    now = int(time.time() * 1000)
    made = token_of(server, name="guest", expiry=now + 3_600_000)
    assert server.ok("GET", f"/tokens/{made['_id']}")["expiry"] == now + 3_600_000
    assert server.ok("GET", "/caller-identity", token=made["token"])["expiresAt"] == now + 3_600_000

    def move(*operations: dict[str, Any]) -> int:
        return server.call("PATCH", f"/tokens/{made['_id']}", json=operations).status_code

    assert move({"op": "replace", "path": "/expiry", "value": now - 1}) == 400
    soon = int(time.time() * 1000) + 700
    assert move({"op": "replace", "path": "/expiry", "value": soon}) == 200
    assert server.call("GET", "/projects", token=made["token"]).status_code == 200
    time.sleep(max(0.0, soon / 1000 - time.time()) + 0.05)
    assert server.call("GET", "/projects", token=made["token"]).status_code == 401
    answer = server.call("POST", f"/tokens/{made['_id']}/reset")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert move({"op": "remove", "path": "/expiry"}) == 200
    assert server.call("GET", "/projects", token=made["token"]).status_code == 200


def test_a_deleted_token_opens_nothing(server: Server) -> None:
    made = token_of(server, name="short-lived", serviceToken=True)
    server.ok("DELETE", f"/tokens/{made['_id']}")
    assert server.call("GET", "/projects", token=made["token"]).status_code == 401
    for method in ("GET", "DELETE", "PATCH"):
        assert server.call(method, f"/tokens/{made['_id']}", json=[]).status_code == 404


def test_the_narrowest_kind_of_limit_counts(server: Server, role: Callable[..., dict[str, Any]], project: str) -> None:
    only_test = role(("allow", ["proj/*", "proj/*:env/test"], ["*"]))
    rename = [{"op": "replace", "path": "/name", "value": "x"}]

    def may(secret: str) -> tuple[bool, bool]:
        paths = [f"/projects/{project}/environments/{key}" for key in ("test", "production")]
        return tuple(server.call("PATCH", path, token=secret, json=rename).ok for path in paths)  # type: ignore

    everything = token_of(server, name="role", role="admin")
    by_role = token_of(server, name="roles", role="admin", customRoleIds=[only_test["key"]])
    inline = token_of(server, name="inline", role="admin", customRoleIds=[only_test["_id"]], inlineRole=[VIEW])
    assert by_role["customRoleIds"] == [only_test["_id"]], "roles given by key are kept by id"
    assert may(everything["token"]) == (True, True)
    assert may(by_role["token"]) == (True, False)
    assert may(inline["token"]) == (False, False)


def test_a_token_without_limits_is_a_reader(server: Server) -> None:
    made = token_of(server, name="plain", customRoleIds=[], inlineRole=[])
    assert made["role"] == "reader"
    assert "customRoleIds" not in made and "inlineRole" not in made
    assert server.call("POST", "/projects", token=made["token"], json={"key": "k", "name": "k"}).status_code == 403


def test_terraform_moves_a_token_from_role_to_roles_to_inline_role(
    server: Server, role: Callable[..., dict[str, Any]]
) -> None:
    some = role(("allow", ["proj/*"], ["viewProject"]))
    path = f"/tokens/{token_of(server, name='managed', role='writer')['_id']}"
    roles = [{"op": "replace", "path": "/customRoleIds", "value": [some["key"]]}, {"op": "remove", "path": "/role"}]
    shown = server.ok("PATCH", path, json=roles)
    assert (shown["customRoleIds"], "role" in shown) == ([some["_id"]], False)
    inline = [{"op": "replace", "path": "/inlineRole", "value": [VIEW]}, {"op": "remove", "path": "/customRoleIds"}]
    shown = server.ok("PATCH", path, json=inline)
    assert (shown["inlineRole"], "customRoleIds" in shown) == ([VIEW], False)


@pytest.mark.parametrize("path", ["/inlineRole", "/customRoleIds", "/nonsense"])
def test_removing_what_is_not_there_fails_as_a_patch(server: Server, path: str) -> None:
    made = token_of(server, name="patched", role="reader")
    answer = server.call("PATCH", f"/tokens/{made['_id']}", json=[{"op": "remove", "path": path}])
    assert (answer.status_code, answer.json()["code"]) == (422, "patch_failed")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"role": "owner"}, "$.role"),
        ({"role": "emperor"}, "$.role"),
        ({"customRoleIds": ["no-such-role"]}, "customRoleIds[0]: there is no custom role"),
        ({"inlineRole": [{"effect": "allow", "resources": ["proj/*"]}]}, "inlineRole[0].actions is empty"),
        ({"inlineRole": [{"effect": "allow", "resources": ["prj/*"], "actions": ["*"]}]}, "did you mean 'proj'"),
        ({"defaultApiVersion": 20240416}, "20240415"),
        ({"expiry": 1}, "'expiry' must be a time to come"),
        ({"serviceToken": "yes"}, "$.serviceToken"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(server: Server, body: dict[str, Any], says: str) -> None:
    answer = server.call("POST", "/tokens", json={"name": "odd", **body})
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_what_a_token_is_cannot_be_changed_afterwards(server: Server) -> None:
    made = token_of(server, name="personal")
    for name, value in (("serviceToken", True), ("memberId", "a" * 24), ("_id", "b" * 24), ("ending", "0000")):
        patch = [{"op": "replace", "path": f"/{name}", "value": value}]
        answer = server.call("PATCH", f"/tokens/{made['_id']}", json=patch)
        assert answer.status_code == 400, f"{name}: {answer.text}"
        assert name in answer.json()["message"]


def test_a_member_sees_service_tokens_and_their_own(server: Server, someone: Callable[..., Any]) -> None:
    reader, service = someone(role="reader"), token_of(server, name="ci", serviceToken=True)
    of_owner = token_of(server, name="private")

    def seen(query: str = "", token: str = reader.token) -> dict[str, str]:
        page = server.ok("GET", f"/tokens?limit=1000{query}", token=token)
        return {each["_id"]: each["memberId"] for each in page["items"]}

    assert service["_id"] in seen() and of_owner["_id"] not in seen()
    assert of_owner["_id"] not in seen("&showAll=true"), "showing all shows a reader no more"
    assert set(seen("", server.token).values()) != set(seen("&showAll=true", server.token).values())
    assert reader.id in seen("&showAll=true", server.token).values()
    assert server.call("GET", f"/tokens/{of_owner['_id']}", token=reader.token).status_code == 403
    assert server.call("GET", f"/tokens/{service['_id']}", token=reader.token).status_code == 200


def test_a_personal_token_does_no_more_than_its_member(server: Server, someone: Callable[..., Any]) -> None:
    reader = someone(role="reader")
    mighty = token_of(server, reader.token, name="mighty", role="admin")
    assert mighty["memberId"] == reader.id
    assert server.call("GET", "/projects", token=mighty["token"]).status_code == 200
    assert server.call("POST", "/projects", token=mighty["token"], json={"key": "k", "name": "k"}).status_code == 403


def test_a_service_token_outlives_the_rights_of_who_made_it_and_says_so_everywhere(
    server: Server, someone: Callable[..., Any]
) -> None:
    admin = someone(role="admin")
    made = token_of(server, admin.token, name="ci", role="writer", serviceToken=True)
    patch = [{"op": "replace", "path": "/role", "value": "no_access"}]
    server.ok("PATCH", f"/members/{admin.id}", json=patch)
    assert server.call("GET", "/projects", token=admin.token).status_code == 403
    identity = server.ok("GET", "/caller-identity", token=made["token"])
    assert (identity["serviceToken"], identity["memberId"]) == (True, admin.id)
    project = server.ok(
        "POST", "/projects", token=made["token"], json={"key": f"s{made['_id']}", "name": "By a machine"}
    )
    entry = server.ok("GET", f"/auditlog?spec=proj/{project['key']}")["items"][0]
    assert "member" not in entry and entry["token"]["_id"] == made["_id"]
    assert entry["title"].startswith("ci created the project [By a machine]")


TOO_WIDE: dict[str, dict[str, Any]] = {
    "a base role above": {"role": "reader"},
    "more resources": {"inlineRole": [{"effect": "allow", "resources": ["proj/*:env/*"], "actions": ["updateName"]}]},
    "everything but something": {"inlineRole": [{"effect": "allow", "notResources": ["acct"], "actions": ["*"]}]},
    "without the denial": {"inlineRole": [ALLOW_TESTING]},
}


@pytest.mark.parametrize("limits", TOO_WIDE.values(), ids=TOO_WIDE)
def test_nobody_makes_a_service_token_wider_than_themselves(
    server: Server, changes: Callable[[], int], limits: dict[str, Any]
) -> None:
    denied = {"effect": "deny", "resources": ["proj/*:env/test"], "actions": ["updateApiKey"]}
    mine = token_of(server, name="maker", serviceToken=True, inlineRole=[VIEW, ALLOW_TESTING, denied, MAKE_TOKENS])
    counted = changes()
    answer = server.call("POST", "/tokens", token=mine["token"], json={"name": "x", "serviceToken": True, **limits})
    assert answer.status_code == 403, answer.text
    assert "would allow" in answer.json()["message"]
    assert changes() == counted
    narrow = token_of(server, mine["token"], name="narrow", serviceToken=True, inlineRole=[ALLOW_TESTING, denied])
    widen = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in limits.items()]
    widen += [] if "inlineRole" in limits else [{"op": "remove", "path": "/inlineRole"}]
    assert server.call("PATCH", f"/tokens/{narrow['_id']}", token=mine["token"], json=widen).status_code == 403


def test_custom_roles_of_a_token_are_measured_like_its_inline_role(
    server: Server, role: Callable[..., dict[str, Any]]
) -> None:
    mine = token_of(server, name="maker", serviceToken=True, inlineRole=[VIEW, MAKE_TOKENS])["token"]
    narrow, wide = role(("allow", ["proj/web"], ["viewProject"])), role(("allow", ["proj/web"], ["*"]))
    token_of(server, mine, name="narrow", serviceToken=True, customRoleIds=[narrow["key"]])
    body = {"name": "wide", "serviceToken": True, "customRoleIds": [narrow["key"], wide["key"]]}
    answer = server.call("POST", "/tokens", token=mine, json=body)
    assert answer.status_code == 403
    assert f'"{wide["key"]}" would allow * on proj/web' in answer.json()["message"]


def test_a_limited_token_makes_no_stronger_sister(server: Server) -> None:
    limited = token_of(server, name="limited", inlineRole=[VIEW, MAKE_TOKENS])["token"]
    token_of(server, limited, name="sister", inlineRole=[VIEW])
    answer = server.call("POST", "/tokens", token=limited, json={"name": "big sister", "role": "writer"})
    assert answer.status_code == 403
    reading = token_of(server, name="reading", role="reader")["token"]
    assert server.call("POST", "/tokens", token=reading, json={"name": "any"}).status_code == 403


def test_the_default_version_of_a_token_is_the_one_it_speaks(server: Server) -> None:
    old = token_of(server, name="old", defaultApiVersion=20220603)
    assert old["defaultApiVersion"] == 20220603
    assert server.ok("GET", "/versions", token=old["token"])["currentVersion"] == 20220603
    newer = server.ok("GET", "/versions", token=old["token"], headers={"LD-API-Version": "20240415"})
    assert newer["currentVersion"] == 20240415


def test_older_clients_get_every_token_at_once(server: Server) -> None:
    """``sort`` is no parameter of this list, so like any unknown one it is ignored."""
    while server.ok("GET", "/tokens?limit=1")["totalCount"] <= 25:
        server.token_for(serviceToken=True)
    older, newer = server.ok("GET", "/tokens", headers={"LD-API-Version": "20220603"}), server.ok("GET", "/tokens")
    assert len(older["items"]) == older["totalCount"] == newer["totalCount"] > len(newer["items"]) == 25
    assert server.ok("GET", "/tokens?sort=name")["items"] == newer["items"]
