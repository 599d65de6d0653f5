"""The audit log: what happened, in words; found by whoever may see it; nothing twice and nothing left out."""

import json
import time
from collections.abc import Callable
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.models import StatementPost
from servers import Server

Role = Callable[..., dict[str, Any]]


def entries(server: Server, query: str = "", body: Any = None, **more: Any) -> list[dict[str, Any]]:
    """Everything that a search finds, page by page."""
    path: str | None = f"/auditlog?limit=20&{query}"
    found: list[dict[str, Any]] = []
    while path:
        page = server.ok("GET" if body is None else "POST", path, json=body, **more)
        found += page["items"]
        path = page["_links"].get("next", {}).get("href")
    return found


def newest(server: Server, spec: str) -> dict[str, Any]:
    found = server.ok("GET", f"/auditlog?limit=1&spec={spec}")["items"][0]
    whole = server.ok("GET", f"/auditlog/{found['_id']}")
    assert isinstance(whole, dict)
    return whole


def rename(server: Server, project: str, environment: str, name: str, **more: Any) -> None:
    patch = [{"op": "replace", "path": "/name", "value": name}]
    server.ok("PATCH", f"/projects/{project}/environments/{environment}", json=patch, **more)


def statement(effect: str, resources: list[str], actions: list[str]) -> dict[str, Any]:
    return {"effect": effect, "resources": resources, "actions": actions}


def test_an_entry_tells_who_did_what_to_what(server: Server, api: Any, project: str) -> None:
    rename(server, project, "test", "Testing")
    log = launchdarkly_api.AuditLogApi(api)
    listed = log.get_audit_log_entries(spec=f"proj/{project}:env/test", limit=1).items[0]
    entry = log.get_audit_log_entry(listed.id)
    me = server.ok("GET", "/members/me")
    address = f"proj/{project}:env/test"
    assert (entry.kind, entry.name, entry.title_verb) == ("environment", "Testing", "changed the name of")
    assert [(each.action, each.resource) for each in entry.accesses] == [("updateName", address)]
    assert entry.description == "* Changed the name from ~~`Test`~~ to `Testing`"
    assert entry.short_description == "Changed the name from ~~`Test`~~ to `Testing`"
    site = f"/projects/{project}/test/settings"
    assert entry.title == f"[{me['email']}](mailto:{me['email']}) changed the name of [Testing]({site})"
    assert (entry.member.id, entry.member.email, entry.subject.name) == (me["_id"], me["email"], me["email"])
    assert entry.token.name == "First admin token"
    assert (entry.target.name, entry.target.resources) == ("Testing", [address])
    assert (entry.parent.name, entry.parent.resource) == (f"Project {project}", f"proj/{project}")
    assert entry.links["self"].href == f"/api/v2/auditlog/{entry.id}"
    assert entry.links["canonical"].href == f"/api/v2/projects/{project}/environments/test"
    assert entry.links["details"].href == f"/settings/audit?entry={entry.id}"
    assert (entry.previous_version["name"], entry.current_version["name"]) == ("Test", "Testing")
    assert entry.current_version["_version"] == entry.previous_version["_version"] + 1
    assert entry.delta == [{"op": "replace", "path": "/name", "value": "Testing"}]
    assert entry.account_id == server.ok("GET", "/caller-identity")["accountId"]
    assert abs(entry.var_date - time.time() * 1000) < 60_000


def test_an_entry_tells_each_difference(server: Server, project: str) -> None:
    path, spec = f"/projects/{project}/environments/test", f"proj/{project}:env/test"
    patch = [
        {"op": "replace", "path": "/color", "value": "112233"},
        {"op": "add", "path": "/tags/-", "value": "demo"},
        {"op": "add", "path": "/tags/-", "value": "shop"},
        {"op": "replace", "path": "/secureMode", "value": True},
        {"op": "replace", "path": "/approvalSettings/minNumApprovals", "value": 3},
    ]
    server.ok("PATCH", path, json={"patch": patch, "comment": "for the demo"})
    entry = newest(server, spec)
    assert entry["description"].splitlines() == [
        "* Changed the color from ~~`f5a623`~~ to `112233`",
        "* Changed the secure mode from ~~`false`~~ to `true`",
        "* Added tag `demo`",
        "* Added tag `shop`",
        "* Changed the approval settings min num approvals from ~~`1`~~ to `3`",
    ]
    assert entry["shortDescription"] == "Changed the color from ~~`f5a623`~~ to `112233` and 4 more"
    assert (entry["titleVerb"], entry["comment"]) == ("updated the environment", "for the demo")
    assert {each["action"] for each in entry["accesses"]} == {
        "updateColor", "updateTags", "updateSecureMode", "updateApprovalSettings",
    }  # fmt: skip
    server.ok("PATCH", path, json={"merge": {"tags": ["shop"]}})
    entry = newest(server, spec)
    assert entry["description"] == "* Removed tag ~~`demo`~~"
    assert entry["merge"] == {"tags": ["shop"]} and "delta" not in entry


def test_coming_and_going_have_their_words(server: Server, role: Role) -> None:
    key = role(("allow", ["proj/*"], ["viewProject"]))["key"]
    made = newest(server, f"role/{key}")
    assert (made["titleVerb"], made["description"]) == ("created the role", "")
    assert "previousVersion" not in made and made["currentVersion"]["key"] == key
    server.ok("DELETE", f"/roles/{key}")
    gone = newest(server, f"role/{key}")
    assert gone["titleVerb"] == "deleted the role"
    assert "currentVersion" not in gone and gone["previousVersion"]["key"] == key
    assert "parent" not in gone


def test_a_change_of_a_policy_names_its_statements(server: Server, role: Role) -> None:
    made = role(("allow", ["proj/a"], ["viewProject"]))
    deny = statement("deny", ["proj/b"], ["*"])
    server.ok("PATCH", f"/roles/{made['key']}", json=[{"op": "add", "path": "/policy/-", "value": deny}])
    told = newest(server, f"role/{made['key']}")["description"]
    assert told == '* Added policy `{"effect":"deny","resources":["proj/b"],"actions":["*"]}`'


def test_no_secret_is_written_down(server: Server, project: str) -> None:
    path = f"/projects/{project}/environments/test"
    old = server.ok("GET", path)
    new = server.ok("POST", f"{path}/apiKey")
    token = server.ok("POST", "/tokens", json={"name": "hush"})
    fresh = server.ok("POST", f"/tokens/{token['_id']}/reset")
    text = json.dumps(
        [
            server.ok("GET", f"/auditlog/{each['_id']}")
            for spec in (f"proj/{project}:env/test", f"member/*:token/{token['_id']}")
            for each in entries(server, f"spec={spec}")
        ]
    )
    for secret in (old["apiKey"], old["mobileKey"], new["apiKey"], token["token"], fresh["token"]):
        assert secret not in text
        assert secret[-4:] in text
    verbs = [each["titleVerb"] for each in entries(server, f"spec=member/*:token/{token['_id']}")]
    assert verbs == ["reset the access token", "created the access token"]


def test_pages_join_even_among_changes_of_the_same_moment(server: Server) -> None:
    environments = [{"key": f"e{number}", "name": f"E{number}", "color": "112233"} for number in range(7)]
    project = server.project(environments=environments)["key"]
    spec = f"spec=proj/{project}:env/*"
    assert len({each["date"] for each in entries(server, spec)}) == 1, "one request, one moment"
    path: str | None = f"/auditlog?limit=2&{spec}"
    seen: list[str] = []
    while path:
        page = server.ok("GET", path)
        seen += [each["name"] for each in page["items"]]
        path = page["_links"].get("next", {}).get("href")
    assert seen == [f"E{number}" for number in reversed(range(7))], "newest first, each once"


def test_entries_before_and_after_a_time(server: Server, project: str) -> None:
    spec = f"spec=proj/{project}:env/test"
    for name in ("One", "Two", "Three"):
        rename(server, project, "test", name)
        time.sleep(0.003)
    dates = [each["date"] for each in entries(server, spec)]
    assert dates == sorted(dates, reverse=True) and len(dates) == 4
    assert [each["date"] for each in entries(server, f"{spec}&before={dates[1]}")] == dates[2:]
    assert [each["date"] for each in entries(server, f"{spec}&after={dates[1]}")] == dates[:1]
    assert entries(server, f"{spec}&after={dates[0]}") == []


def test_a_specifier_finds_what_a_policy_would(server: Server, project: str) -> None:
    rename(server, project, "test", "A")
    rename(server, project, "production", "B")
    tag = [{"op": "add", "path": "/tags/-", "value": "Mobile"}]
    server.ok("PATCH", f"/projects/{project}/environments/test", json=tag)

    def kinds(spec: str) -> list[str]:
        return sorted({f"{each['kind']} {each['target']['resources'][0]}" for each in entries(server, f"spec={spec}")})

    one, other = f"environment proj/{project}:env/test", f"environment proj/{project}:env/production"
    assert kinds(f"proj/{project}") == [f"project proj/{project}"]
    assert kinds(f"proj/{project}:env/*") == [other, one]
    assert kinds(f"proj/{project}:env/t*t") == [one]
    assert kinds(f"proj/{project}:env/*;mobile") == [one], "tags are looked up as they are now"
    assert kinds(f"proj/{project}:env/*;{{critical:true}}") == [other]
    assert kinds(f"proj/{project[:-1]}_:env/*") == [], "no character but the star stands for others"
    answer = server.call("GET", "/auditlog?spec=environment/x")
    assert answer.status_code == 400 and "spec: unknown resource type" in answer.json()["message"]


def test_statements_search_like_a_policy(server: Server, api: Any, project: str) -> None:
    rename(server, project, "test", "A")
    rename(server, project, "production", "B")
    colour = [{"op": "replace", "path": "/color", "value": "112233"}, {"op": "replace", "path": "/name", "value": "C"}]
    server.ok("PATCH", f"/projects/{project}/environments/test", json=colour)
    everywhere, testing = [f"proj/{project}:env/*"], [f"proj/{project}:env/test"]

    def found(*statements: dict[str, Any]) -> list[str]:
        return [each["name"] for each in entries(server, "", list(statements))]

    assert found(statement("allow", everywhere, ["update*"])) == ["C", "B", "A"]
    assert found(statement("allow", everywhere, ["updateColor"])) == ["C"]
    unnamed = statement("deny", everywhere, ["updateName", "create*"])
    assert found(statement("allow", everywhere, ["*"]), unnamed) == ["C"], "its colour is not denied"
    assert found(statement("allow", everywhere, ["update*"]), statement("deny", testing, ["*"])) == ["B"]
    assert found(statement("deny", testing, ["*"])) == []
    except_names = {"effect": "allow", "resources": testing, "notActions": ["updateName"]}
    assert found(except_names) == ["C", "Test"]
    posted = StatementPost(effect="allow", resources=testing, actions=["updateColor"])
    page = launchdarkly_api.AuditLogApi(api).post_audit_log_entries(statement_post=[posted])
    assert [each.name for each in page.items] == ["C"]
    assert server.call("POST", "/auditlog").status_code == 200, "no body asks for everything"
    answer = server.call("POST", "/auditlog", json=[{"effect": "allow", "resources": ["*"]}])
    assert answer.status_code == 400 and "statements[0].actions is empty" in answer.json()["message"]


def test_text_is_looked_for_in_names_and_keys(server: Server, project: str) -> None:
    name = f"Überfluss_{project}%"
    rename(server, project, "test", name)
    for text in (f"überFLUSS_{project}", f"ss_{project.upper()}", f"{project}%25"):
        assert name in [each["name"] for each in entries(server, f"q={text}")], text
    assert entries(server, f"q=ss%25{project}") == []
    assert [each["kind"] for each in entries(server, f"q={project}&spec=proj/{project}")] == ["project"]


def test_changes_are_found_by_who_made_them(server: Server, someone: Callable[..., Any], project: str) -> None:
    writer = someone(role="writer")
    rename(server, project, "test", "By the owner")
    rename(server, project, "test", "By somebody else", token=writer.token)
    service = server.ok("POST", "/tokens", json={"name": "ci", "role": "writer", "serviceToken": True})
    rename(server, project, "test", "By a machine", token=service["token"])
    me = server.ok("GET", "/members/me")["_id"]

    def names(query: str) -> list[str]:
        return [each["name"] for each in entries(server, f"spec=proj/{project}:env/test&{query}")]

    assert names(f"member={writer.id}") == ["By somebody else"]
    assert names(f"token={service['_id']}") == ["By a machine"]
    assert names(f"member={writer.id}&member={me}") == ["By somebody else", "By the owner", "Test"]
    assert names("member=nobody") == []


def test_everybody_sees_the_changes_of_what_they_may_see(server: Server, role: Role, project: str) -> None:
    hidden = str(server.project()["key"])
    rename(server, project, "test", "Seen")
    rename(server, hidden, "test", "Unseen")
    looking = role(("allow", [f"proj/{project}"], ["viewProject"]))
    token = server.token_for(customRoleIds=[looking["_id"]])
    assert {each["target"]["resources"][0].partition(":")[0] for each in entries(server, token=token)} == {
        f"proj/{project}"
    }
    secret_change = newest(server, f"proj/{hidden}:env/test")
    answer = server.call("GET", f"/auditlog/{secret_change['_id']}", token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert entries(server, f"spec=proj/{hidden}:env/*", token=token) == [], "a project unseen is not told from none"
    counted = server.ok("POST", "/auditlog/counts?after=0", token=token, json=[])
    assert counted["totalCount"] == len(entries(server, token=token))
    powerless = server.token_for(inlineRole=[statement("deny", ["*"], ["*"])])
    for method, path in (("GET", "/auditlog"), ("POST", "/auditlog"), ("POST", "/auditlog/counts?after=0")):
        assert server.call(method, path, token=powerless, json=[]).status_code == 403


def test_counts_agree_with_the_list(server: Server, api: Any, project: str) -> None:
    for name in ("One", "Two", "Three"):
        rename(server, project, "test", name)
        time.sleep(0.01)
    wanted = statement("allow", [f"proj/{project}:env/test"], ["updateName"])
    dates = [each["date"] for each in entries(server, "", [wanted])]
    after, before = dates[-1] - 5, dates[0] + 5
    log = launchdarkly_api.AuditLogApi(api)
    counts = log.post_audit_log_entry_counts(
        after=after, before=before, buckets=10, statement_post=[StatementPost(**wanted)]
    )
    assert (counts.total_count, len(counts.buckets)) == (3, 10)
    width = counts.bucket_interval_ms
    assert width == -(-(before - after) // 10)
    for at, bucket in enumerate(counts.buckets):
        assert bucket.timestamp == after + at * width
        assert bucket.count == len([date for date in dates if bucket.timestamp <= date < bucket.timestamp + width])
    by_default = server.ok("POST", f"/auditlog/counts?after={after}", json=[wanted])
    assert (by_default["totalCount"], len(by_default["buckets"])) == (3, 50)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "'after' is missing"),
        ("after=1&buckets=501", "from 1 to 500"),
        ("after=1&buckets=-1", "from 1 to 500"),
        ("after=5&before=5", "later than 'after'"),
        ("after=soon", "whole number"),
    ],
)
def test_counts_need_a_beginning_and_some_buckets(server: Server, query: str, says: str) -> None:
    answer = server.call("POST", f"/auditlog/counts?{query}", json=[])
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_at_most_twenty_at_a_time_ten_unless_told(server: Server) -> None:
    for _ in range(7):
        server.project()
    assert len(server.ok("GET", "/auditlog")["items"]) == 10
    assert len(server.ok("GET", "/auditlog?limit=500")["items"]) == 20
    assert server.call("GET", "/auditlog?beforeId=unknown").status_code == 400
    assert server.call("GET", f"/auditlog/{'0' * 24}").status_code == 404
