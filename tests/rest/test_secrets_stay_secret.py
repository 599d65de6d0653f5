"""Secrets are shown to those who may see them, and reach nobody else by a detour."""

import pytest
from servers import Server

EDITOR = [
    {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
    {"effect": "allow", "resources": ["proj/*:env/*"], "actions": ["updateName", "updateTags"]},
]


@pytest.mark.parametrize("origin", ["/apiKey", "", "/mobileKey"])
@pytest.mark.parametrize("op", ["copy", "move"])
def test_nobody_learns_a_key_by_copying_it_into_a_name(server: Server, project: str, origin: str, op: str) -> None:
    path = f"/projects/{project}/environments/test"
    key = server.ok("GET", path)["apiKey"]
    editor = server.token_for(inlineRole=EDITOR)
    assert key not in str(server.ok("GET", path, token=editor))
    answer = server.call("PATCH", path, token=editor, json=[{"op": op, "from": origin, "path": "/name"}])
    assert answer.status_code == 400, answer.text
    assert key not in answer.text
    server.ok("PATCH", path, token=editor, json=[{"op": "copy", "from": "/key", "path": "/name"}])
    assert server.ok("GET", path)["name"] == "test"


def test_the_audit_log_tells_no_key(server: Server, project: str) -> None:
    path = f"/projects/{project}/environments/test"
    keys = [server.ok("GET", path)["apiKey"], server.ok("POST", f"{path}/apiKey")["apiKey"]]
    for entry in server.ok("GET", f"/auditlog?spec=proj/{project}:env/*")["items"]:
        whole = str(server.ok("GET", f"/auditlog/{entry['_id']}"))
        assert not [key for key in keys if key in whole]
