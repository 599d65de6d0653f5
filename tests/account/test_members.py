"""Members: who there is, who is asking, and how far their roles may be moved."""

import json
import time
from collections.abc import Callable
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import PatchOperation
from servers import Server

Someone = Callable[..., Any]
Role = Callable[..., dict[str, Any]]


def patched(server: Server, member_id: str, path: str, value: Any, **more: Any) -> Any:
    body = [{"op": "replace", "path": path, "value": value}]
    return server.call("PATCH", f"/members/{member_id}", json=body, **more)


def listed(server: Server, query: str, **more: Any) -> list[str]:
    return [each["email"] for each in server.ok("GET", f"/members?limit=1000&{query}", **more)["items"]]


def test_me_is_whoever_asks(server: Server, api: Any, someone: Someone) -> None:
    members = launchdarkly_api.AccountMembersApi(api)
    me = members.get_member("me")
    assert me.role == "owner"
    assert members.get_member(me.id).email == me.email
    reader = someone(role="reader", firstName="Rea", lastName="Der")
    assert server.ok("GET", "/members/me", token=reader.token)["_id"] == reader.id
    service = server.token_for(serviceToken=True)
    assert server.call("GET", "/members/me", token=service).status_code == 404
    powerless = someone(role="no_access")
    assert server.ok("GET", "/members/me", token=powerless.token)["role"] == "no_access"
    assert server.call("GET", f"/members/{powerless.id}", token=powerless.token).status_code == 403


def test_roles_given_by_key_are_kept_by_id_and_hold_at_once(
    server: Server, api: Any, someone: Someone, role: Role, project: str
) -> None:
    naming = role(("allow", ["proj/*", "proj/*:env/*"], ["updateName", "viewProject"]))
    member = someone(role="reader")
    rename = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    path = f"/projects/{project}/environments/test"
    assert server.call("PATCH", path, token=member.token, json=rename).status_code == 403
    add = PatchOperation(op="add", path="/customRoles/0", value=naming["key"])
    changed = launchdarkly_api.AccountMembersApi(api).patch_member(member.id, [add])
    assert changed.custom_roles == [naming["_id"]]
    assert server.call("PATCH", path, token=member.token, json=rename).status_code == 200
    answer = patched(server, member.id, "/customRoles", ["no-such-role"])
    assert answer.status_code == 400
    assert "customRoles[0]: there is no custom role with the key or id 'no-such-role'" in answer.json()["message"]


def test_role_attributes_fill_in_the_roles_of_a_member(server: Server, someone: Someone, role: Role) -> None:
    mine, other = str(server.project()["key"]), str(server.project()["key"])
    of_team = role(("allow", ["proj/${roleAttribute/teamProject}"], ["viewProject"]))
    member = someone(customRoles=[of_team["_id"]])
    assert server.call("GET", f"/projects/{mine}", token=member.token).status_code == 403
    changed = patched(server, member.id, "/roleAttributes", {"teamProject": [mine]}).json()
    assert changed["roleAttributes"] == {"teamProject": [mine]}
    assert server.call("GET", f"/projects/{mine}", token=member.token).status_code == 200
    assert server.call("GET", f"/projects/{other}", token=member.token).status_code == 403
    assert "roleAttributes" not in server.ok("GET", f"/members/{member.id}")
    expanded = server.ok("GET", f"/members/{member.id}?expand=customRoles,roleAttributes")
    assert expanded["roleAttributes"] == {"teamProject": [mine]}


def test_the_owner_stays_the_owner_and_nobody_else_becomes_one(server: Server, someone: Someone) -> None:
    owner = server.ok("GET", "/members/me")["_id"]
    assert patched(server, owner, "/role", "reader").status_code == 409
    admin = someone(role="admin")
    assert patched(server, admin.id, "/role", "owner").status_code == 409
    named = patched(server, owner, "/firstName", "Ada")
    assert named.json()["firstName"] == "Ada"
    assert patched(server, owner, "/firstName", "").status_code == 200


def test_nobody_raises_anybody_above_themselves(
    server: Server, someone: Someone, role: Role, changes: Callable[[], int]
) -> None:
    personnel = role(("allow", ["member/*"], ["*"]))
    officer, reader = someone(customRoles=[personnel["_id"]]), someone(role="reader")
    counted = changes()
    for member in (officer.id, reader.id):
        answer = patched(server, member, "/role", "admin", token=officer.token)
        assert answer.status_code == 403
        assert '"admin" would allow' in answer.json()["message"]
    assert changes() == counted
    assert patched(server, reader.id, "/role", "no_access", token=officer.token).status_code == 200
    assert patched(server, reader.id, "/role", "writer", token=someone(role="admin").token).status_code == 200


def test_nobody_raises_anybody_by_taking_roles_away(server: Server, someone: Someone, role: Role) -> None:
    """Without custom roles the base role counts again, and that may be more than who takes them away has."""
    personnel = role(("allow", ["member/*"], ["*"]))
    officer = someone(role="reader", customRoles=[personnel["_id"]])
    held_back = someone(role="admin", customRoles=[personnel["_id"]])
    answer = patched(server, held_back.id, "/customRoles", [], token=officer.token)
    assert answer.status_code == 403 and '"admin" would allow' in answer.json()["message"]
    assert server.ok("GET", f"/members/{held_back.id}")["customRoles"] == [personnel["_id"]]
    assert patched(server, held_back.id, "/customRoles", []).status_code == 200


def test_a_reader_looks_and_does_not_touch(server: Server, someone: Someone) -> None:
    reader, other = someone(role="reader"), someone(role="reader")
    assert other.email in listed(server, "", token=reader.token)
    assert patched(server, other.id, "/role", "writer", token=reader.token).status_code == 403
    assert patched(server, reader.id, "/role", "writer", token=reader.token).status_code == 403
    for name, value in (("email", "x@example.com"), ("_id", "a" * 24), ("_verified", False), ("mfa", "enabled")):
        assert patched(server, other.id, f"/{name}", value).status_code == 400, name


def test_members_are_found_by_what_is_known_of_them(server: Server, someone: Someone, role: Role) -> None:
    held = role(("allow", ["proj/*"], ["viewProject"]))
    mark = held["_id"][-8:]
    ada = someone(f"ada+{mark}@example.com", role="writer", firstName="Ada", lastName=f"Zulu{mark}")
    bob = someone(f"bob.{mark}@example.com", role="reader", customRoles=[held["_id"]])
    both = {ada.email, bob.email}
    owner = server.ok("GET", "/members/me")["email"]
    assert set(listed(server, f"filter=query:{mark.upper()}")) == both
    assert listed(server, f"filter=query:ada zulu{mark}") == [ada.email]
    assert set(listed(server, f"filter=email:{ada.email.replace('+', '%2B')}|{bob.email}")) == both
    assert set(listed(server, f"filter=id:{ada.id}|{bob.id}")) == both
    assert listed(server, f"filter=role:{held['key']},query:{mark}") == [bob.email]
    assert set(listed(server, f"filter=role:{held['_id']}|writer,query:{mark}")) == both
    assert owner in listed(server, "filter=role:admin"), "the owner counts as an admin"
    assert owner in listed(server, "filter=noteam:true") and owner not in listed(server, "filter=noteam:false")
    assert listed(server, f"filter=query:{mark}&sort=displayName") == [ada.email, bob.email]
    assert listed(server, f"filter=query:{mark}&sort=-displayName") == [bob.email, ada.email]
    assert listed(server, f"filter=team:nobodys,query:{mark}") == []
    answer = server.call("GET", "/members?filter=height:180")
    assert answer.status_code == 400 and "unknown field 'height'" in answer.json()["message"]


def test_members_are_found_by_when_they_were_last_seen(server: Server, someone: Someone) -> None:
    seen, unseen = someone(role="reader"), someone(role="reader")
    ids = f"id:{seen.id}|{unseen.id}"
    now = int(time.time() * 1000)
    server.ok("GET", "/projects", token=seen.token)
    deadline = time.monotonic() + 5
    while not (shown := server.ok("GET", f"/members/{seen.id}"))["_lastSeen"]:
        assert time.monotonic() < deadline
    assert now - 1000 <= shown["_lastSeen"] <= time.time() * 1000
    assert len(shown["_lastSeenMetadata"]["tokenId"]) == 24
    assert server.ok("GET", f"/members/{unseen.id}")["_lastSeen"] == 0
    assert listed(server, f"filter={ids}&sort=-lastSeen") == [seen.email, unseen.email]
    assert listed(server, f'filter={ids},lastSeen:{{"never":true}}') == [unseen.email]
    assert listed(server, f'filter={ids},lastSeen:{{"before":{now - 10_000}}}') == [unseen.email]
    assert set(listed(server, f'filter={ids},lastSeen:{{"before":{now + 60_000}}}')) == {seen.email, unseen.email}
    assert server.call("GET", '/members?filter=lastSeen:{"never":1}').status_code == 400


def test_older_versions_find_members_by_what_they_may_do(server: Server, someone: Someone, project: str) -> None:
    writer, reader = someone(role="writer"), someone(role="reader")
    query = f"filter=id:{writer.id}|{reader.id},accessCheck:updateName:proj/{project}:env/test"
    older = {"LD-API-Version": "20220603"}
    assert listed(server, query, headers=older) == [writer.email]
    assert listed(server, query.replace("updateName", "viewProject").replace(":env/test", ""), headers=older) == [
        writer.email,
        reader.email,
    ]
    assert server.call("GET", f"/members?{query}", headers=older | {"LD-API-Version": "20240415"}).status_code == 400
    assert server.call("GET", f"/members?{query.replace('env/test', 'env/*')}", headers=older).status_code == 400


def test_pages_of_members_parse_and_join(server: Server, api: Any, someone: Someone) -> None:
    made = {someone().email for _ in range(3)}
    members = launchdarkly_api.AccountMembersApi(api)
    first = members.get_members(limit=2)
    assert len(first.items) == 2 and first.total_count >= 4
    path: str | None = "/members?limit=2"
    emails: list[str] = []
    while path:
        page = server.ok("GET", path)
        emails += [each["email"] for each in page["items"]]
        path = page["_links"].get("next", {}).get("href")
    assert len(emails) == len(set(emails)) == first.total_count
    assert made <= set(emails)


@pytest.mark.parametrize("attributes", [{"a": "text"}, {"a": [1]}, ["a"]])
def test_role_attributes_are_lists_of_texts(server: Server, someone: Someone, attributes: Any) -> None:
    answer = patched(server, someone().id, "/roleAttributes", attributes)
    assert answer.status_code == 400
    assert "$.roleAttributes" in json.dumps(answer.json())
