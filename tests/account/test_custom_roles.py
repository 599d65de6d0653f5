"""Custom roles: they decide in every dialect, say why, are checked word by word, and cannot vanish under people."""

from collections.abc import Callable
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import CustomRolePost, PatchOperation, PatchWithComment, StatementPost
from servers import Server

Role = Callable[..., dict[str, Any]]


def test_custom_role_refuses_every_dialect_and_leaves_no_trace(
    server: Server, role: Role, changes: Callable[[], int], project: str
) -> None:
    manager = role(
        ("allow", ["proj/*", "proj/*:env/*"], ["*"]),
        ("deny", [f"proj/{project}:env/production"], ["updateName"]),
        name="Release manager",
    )
    token = server.token_for(customRoleIds=[manager["_id"]])
    before, counted = server.ok("GET", f"/projects/{project}/environments/production"), changes()
    replace = [{"op": "replace", "path": "/name", "value": "Live"}]
    for body in (replace, {"patch": replace, "comment": "please"}, {"merge": {"name": "Live"}}, {"name": "Live"}):
        answer = server.call("PATCH", f"/projects/{project}/environments/production", token=token, json=body)
        assert answer.status_code == 403
        said = answer.json()["message"]
        assert f"updateName on proj/{project}:env/production" in said
        assert f'denied by statement 2 of "{manager["key"]}"' in said
    assert server.ok("GET", f"/projects/{project}/environments/production") == before
    assert changes() == counted
    server.ok("PATCH", f"/projects/{project}/environments/test", token=token, json=replace)
    assert changes() == counted + 1


def test_a_change_of_a_role_holds_at_once(server: Server, role: Role, project: str) -> None:
    looking = role(("allow", ["proj/*"], ["viewProject"]))
    token = server.token_for(customRoleIds=[looking["_id"]])
    assert server.call("GET", f"/projects/{project}", token=token).status_code == 200
    server.ok(
        "PATCH", f"/roles/{looking['key']}", json=[{"op": "replace", "path": "/policy/0/effect", "value": "deny"}]
    )
    assert server.call("GET", f"/projects/{project}", token=token).status_code == 403


def test_a_role_that_starts_as_reader_can_still_hide_a_project(server: Server, role: Role, project: str) -> None:
    hidden = str(server.project()["key"])
    curious = role(("deny", [f"proj/{hidden}"], ["viewProject"]), basePermissions="reader")
    token = server.token_for(customRoleIds=[curious["_id"]])
    assert server.call("GET", f"/projects/{project}", token=token).status_code == 200
    assert server.call("GET", f"/projects/{hidden}", token=token).status_code == 403
    listed = server.ok("GET", "/projects?limit=1000", token=token)["items"]
    assert project in [each["key"] for each in listed] and hidden not in [each["key"] for each in listed]


def test_the_official_client_makes_reads_changes_and_deletes_a_role(server: Server, api: Any) -> None:
    roles = launchdarkly_api.CustomRolesApi(api)
    statement = StatementPost(effect="allow", resources=["proj/*:env/*"], actions=["updateName"])
    key = f"namer-{server.project()['key']}"
    made = roles.post_custom_role(CustomRolePost(name="Namer", key=key, policy=[statement], basePermissions="reader"))
    assert (made.base_permissions, made.description) == ("reader", "")
    assert (made.assigned_to.members_count, made.assigned_to.teams_count) == (0, 0)
    assert made.access.denied == [] and "updatePolicy" in [each.action for each in made.access.allowed]
    assert roles.get_custom_role(made.id).key == key, "a role is found by its id as well"
    assert roles.get_custom_role(key).id == made.id
    add = PatchOperation(op="add", path="/policy/0/actions/-", value="updateColor")
    changed = roles.patch_custom_role(key, PatchWithComment(patch=[add], comment="colours, too"))
    assert changed.policy[0].actions == ["updateName", "updateColor"]
    assert changed.policy[0].not_actions is None
    assert key in [each.key for each in roles.get_custom_roles(limit=1000).items]
    roles.delete_custom_role(key)
    assert server.call("GET", f"/roles/{key}").status_code == 404


def test_a_merge_patch_replaces_what_it_names(server: Server, role: Role) -> None:
    made = role(("allow", ["proj/a"], ["viewProject"]), description="first")
    policy = [{"effect": "allow", "notResources": ["proj/b"], "notActions": ["deleteProject"]}]
    changed = server.ok(
        "PATCH", f"/roles/{made['_id']}", json={"merge": {"policy": policy}, "comment": "turn it round"}
    )
    assert (changed["policy"], changed["description"], changed["key"]) == (policy, "first", made["key"])


ODD: dict[str, tuple[Any, str]] = {
    "no list": ("everything", "$.policy"),
    "no statement": (["*"], "$.policy[0]"),
    "no effect": ([{"resources": ["*"], "actions": ["*"]}], "effect"),
    "a third effect": ([{"effect": "ask", "resources": ["*"], "actions": ["*"]}], "$.policy[0].effect"),
    "no actions": ([{"effect": "allow", "resources": ["proj/*"]}], "policy[0].actions is empty"),
    "both kinds of actions": (
        [{"effect": "allow", "resources": ["proj/*"], "actions": ["a"], "notActions": ["b"]}],
        "policy[0] has both actions and notActions",
    ),
    "a misspelt type, later on": (
        [
            {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]},
            {"effect": "deny", "resources": ["proj/*", "proj/*:environment/x"], "actions": ["*"]},
        ],
        "policy[1].resources[1]: unknown resource type 'environment'",
    ),
    "a flag without its parents": (
        [{"effect": "allow", "resources": ["flag/x"], "actions": ["*"]}],
        "'flag' is out of place in 'flag/x'; write 'proj/*:env/*:flag/…'",
    ),
    "a number for an action": ([{"effect": "allow", "resources": ["*"], "actions": [7]}], "$.policy[0].actions[0]"),
}  # fmt: skip


@pytest.mark.parametrize(("policy", "says"), ODD.values(), ids=ODD)
def test_an_odd_statement_is_refused_with_its_place(
    server: Server, role: Role, changes: Callable[[], int], policy: Any, says: str
) -> None:
    made = role(("allow", ["proj/a"], ["viewProject"]))
    counted = changes()
    body = {"key": "odd", "name": "Odd", "policy": policy}
    for answer in (
        server.call("POST", "/roles", json=body),
        server.call("PATCH", f"/roles/{made['key']}", json=[{"op": "replace", "path": "/policy", "value": policy}]),
    ):
        assert answer.status_code == 400, answer.text
        assert says in answer.json()["message"]
    assert changes() == counted


def test_a_role_stays_while_somebody_holds_it(server: Server, role: Role, someone: Callable[..., Any]) -> None:
    held = role(("allow", ["proj/*"], ["viewProject"]))
    member = someone(customRoles=[held["_id"]])
    token = server.ok("POST", "/tokens", json={"name": "t", "customRoleIds": [held["_id"]]})
    assert server.ok("GET", f"/roles/{held['key']}")["assignedTo"] == {"membersCount": 1, "teamsCount": 0}
    answer = server.call("DELETE", f"/roles/{held['key']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "assigned to 1 member, 1 access token;" in answer.json()["message"]
    server.ok("PATCH", f"/members/{member.id}", json=[{"op": "remove", "path": "/customRoles/0"}])
    server.ok("DELETE", f"/tokens/{token['_id']}")
    server.ok("DELETE", f"/roles/{held['_id']}")
    assert server.call("GET", f"/roles/{held['_id']}").status_code == 404


def test_what_a_role_is_for_and_called_by_stays(server: Server, role: Role) -> None:
    made = role(("allow", ["proj/*"], ["viewProject"]), resourceCategory="project")
    assert made["resourceCategory"] == "project"
    for name, value in (("resourceCategory", "organization"), ("key", "other"), ("_id", "a" * 24)):
        patch = [{"op": "replace", "path": f"/{name}", "value": value}]
        answer = server.call("PATCH", f"/roles/{made['key']}", json=patch)
        assert answer.status_code == 400
        assert name in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"key": "spa ce"}, "role key 'spa ce' is not valid"),
        ({"name": ""}, "$.name"),
        ({"basePermissions": "writer"}, "$.basePermissions"),
        ({"resourceCategory": "world"}, "$.resourceCategory"),
    ],
)
def test_a_role_is_named_and_grounded_properly(server: Server, body: dict[str, Any], says: str) -> None:
    answer = server.call("POST", "/roles", json={"key": "odd", "name": "Odd", "policy": [], **body})
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_older_clients_get_every_role_at_once(server: Server, role: Role) -> None:
    while server.ok("GET", "/roles?limit=1")["totalCount"] <= 20:
        role(("allow", ["proj/*"], ["viewProject"]))
    older, newer = server.ok("GET", "/roles", headers={"LD-API-Version": "20220603"}), server.ok("GET", "/roles")
    assert len(older["items"]) == older["totalCount"] == newer["totalCount"] > len(newer["items"]) == 20
