"""What somebody may do is told before they try, and trying proves it right."""

from typing import Any

import people
import requests
from servers import Server


def may(server: Server, *questions: tuple[str, str], token: str | None = None) -> list[tuple[bool, str]]:
    body = {"questions": [{"action": action, "resource": resource} for action, resource in questions]}
    answers = server.ok("POST", "/internal/may", token=token, json=body)["answers"]
    return [(answer["allowed"], answer["reason"]) for answer in answers]


def flag(server: Server, project: str, **more: Any) -> str:
    server.ok("POST", f"/flags/{project}", json={"key": "checkout", "name": "Checkout", **more})
    return f"/flags/{project}/checkout"


def semantic(server: Server, path: str, token: str, environment: str, *instructions: dict[str, Any]) -> int:
    body = {"environmentKey": environment, "instructions": list(instructions)}
    headers = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
    return server.call("PATCH", path, token=token, headers=headers, json=body).status_code


def test_the_answer_names_role_and_statement_and_the_write_agrees(server: Server, project: str) -> None:
    path = flag(server, project, tags=["careful"])
    policy = [
        {"effect": "allow", "resources": [f"proj/{project}:env/*:flag/*"], "actions": ["updateOn", "updateName"]},
        {"effect": "deny", "resources": [f"proj/{project}:env/production:flag/*;careful"], "actions": ["updateOn"]},
    ]
    keeper = {"key": f"keeper-{project}", "name": "Keeper", "basePermissions": "reader", "policy": policy}
    server.ok("POST", "/roles", json=keeper)
    token = server.token_for(customRoleIds=[f"keeper-{project}"])
    at = f"proj/{project}:env/{{}}:flag/checkout".format
    answers = may(
        server,
        ("updateOn", at("production")),
        ("updateOn", at("test")),
        ("updateRules", at("test")),
        ("updateOn", at("production")),
        ("viewProject", f"proj/{project}"),
        token=token,
    )
    name = f'"keeper-{project}"'
    assert answers[0] == (False, f"denied by statement 2 of {name}")
    assert answers[1][0] is True
    assert answers[2] == (False, f"no statement of {name} allows updateRules on {at('test')}")
    assert answers[3] == answers[0]
    assert answers[4][0] is True
    turn_on = {"kind": "turnFlagOn"}
    assert semantic(server, path, token, "production", turn_on) == 403
    assert semantic(server, path, token, "test", turn_on) == 200


def test_an_act_on_the_whole_flag_is_decided_for_all_environments(server: Server, project: str) -> None:
    """Renaming touches production too, so a deny there counts, whatever environment somebody looks at."""
    path = flag(server, project)
    token = server.token_for(inlineRole=[
        {"effect": "allow", "resources": ["proj/*", "proj/*:env/*:flag/*"], "actions": ["*"]},
        {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["updateName"]},
    ])  # fmt: skip
    [(told, reason)] = may(server, ("updateName", f"proj/{project}:env/test:flag/checkout"), token=token)
    renamed = server.call("PATCH", path, token=token, json=[{"op": "replace", "path": "/name", "value": "Till"}])
    assert (told, renamed.status_code) == (False, 403)
    assert reason == 'denied by statement 2 of "inline role"'


def test_what_does_not_exist_yet_is_asked_about_by_its_name_to_be(server: Server, project: str) -> None:
    token = server.token_for(inlineRole=[
        {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
        {"effect": "allow", "resources": ["proj/*:env/*:flag/team-*"], "actions": ["createFlag"]},
    ])  # fmt: skip
    at = f"proj/{project}:env/*:flag/{{}}".format
    answers = may(
        server,
        ("createFlag", at("team-search")),
        ("createFlag", at("search")),
        ("createFlag", at("*")),
        ("createFlag", f"proj/{project}:env/production:flag/team-search"),
        token=token,
    )
    assert [allowed for allowed, _ in answers] == [True, False, False, True]
    for key, status in (("team-search", 201), ("search", 403)):
        made = server.call("POST", f"/flags/{project}", token=token, json={"key": key, "name": key})
        assert made.status_code == status
    assert may(server, ("createFlag", at("*")))[0][0] is True


def test_the_powerless_are_told_so_rather_than_refused(server: Server, project: str) -> None:
    powerless = server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert may(server, ("viewProject", f"proj/{project}"), token=powerless) == [
        (False, 'denied by statement 1 of "inline role"')
    ]
    assert server.call("POST", "/internal/may", token="", json={"questions": []}).status_code == 401


def test_a_page_asks_with_its_session_alone(server: Server, project: str) -> None:
    """It is a read, though it is sent by POST: nothing is changed, so no other site could gain by sending it."""
    cookies = {cookie["name"]: cookie["value"] for cookie in people.signed_in(server)}
    body = {"questions": [{"action": "deleteProject", "resource": f"proj/{project}"}]}
    answer = requests.post(f"{server.url}/internal/may", json=body, cookies=cookies, timeout=20)
    assert answer.json() == {"answers": [{"allowed": True, "reason": 'allowed by statement 1 of "owner"'}]}


def test_questions_that_make_no_sense_are_refused_by_name(server: Server, project: str) -> None:
    def refusal(*questions: tuple[str, str]) -> str:
        body = {"questions": [{"action": action, "resource": resource} for action, resource in questions]}
        answer = server.call("POST", "/internal/may", json=body)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["message"])

    flag_here = f"proj/{project}:env/test:flag/checkout"
    message = refusal(("updateOnn", flag_here), ("updateOn", flag_here), ("fly", flag_here))
    assert message == "unknown actions: 'updateOnn', did you mean 'updateOn'?; 'fly'"
    assert "questions[1].resource" in refusal(("updateOn", flag_here), ("updateOn", f"proj/{project}:flag/checkout"))
    assert "names no resource" in refusal(("updateOn", "*"))
    assert "names no resource" in refusal(("updateOn", f"{flag_here};tag"))
    assert "more than the 1000" in refusal(*[("updateOn", flag_here)] * 1001)
