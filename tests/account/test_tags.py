"""Tags across the account: by kind, by beginning, as they are and as they were, for whoever may see them."""

import time
from datetime import UTC, datetime
from typing import Any

import launchdarkly_api
import pytest
from servers import Server


def tags(server: Server, query: str = "", **more: Any) -> list[str]:
    found = server.ok("GET", f"/tags?{query}", **more)
    assert found["totalCount"] >= len(found["items"])
    assert isinstance(found["items"], list)
    return found["items"]


def tagged(server: Server, prefix: str) -> str:
    """A project with tags of its own, one of which its environment shares in another case."""
    environment = {"key": "e", "name": "E", "color": "112233", "tags": [f"{prefix}-env", f"{prefix}-BOTH"]}
    made = server.project(tags=[f"{prefix}-proj", f"{prefix}-both"], environments=[environment])
    return str(made["key"])


def test_tags_are_listed_once_by_kind_and_beginning(server: Server, api: Any, project: str) -> None:
    tagged(server, project)
    assert tags(server, f"pre={project}-&kind=project") == [f"{project}-both", f"{project}-proj"]
    assert tags(server, f"pre={project}-&kind=environment") == [f"{project}-BOTH", f"{project}-env"]
    every = tags(server, f"pre={project.upper()}-")
    assert [tag.lower() for tag in every] == [f"{project}-both", f"{project}-env", f"{project}-proj"]
    assert tags(server, f"pre={project}-&kind=project&kind=environment") == every
    assert tags(server, f"pre={project}-&kind=segment") == []
    page = launchdarkly_api.TagsApi(api).get_tags(kind=["project"], pre=f"{project}-", limit=1, offset=1)
    assert (page.items, page.total_count) == ([f"{project}-proj"], 2)
    assert "prev" in page.links and "next" not in page.links


def test_tags_as_they_were(server: Server, project: str) -> None:
    before = int(time.time() * 1000)
    time.sleep(0.005)
    key = tagged(server, project)
    time.sleep(0.005)
    made = int(time.time() * 1000)
    time.sleep(0.005)
    server.ok("PATCH", f"/projects/{key}", json=[{"op": "replace", "path": "/tags", "value": [f"{project}-new"]}])
    server.ok("PATCH", f"/projects/{key}", json=[{"op": "add", "path": "/tags/-", "value": f"{project}-newer"}])

    def at(moment: object) -> list[str]:
        return tags(server, f"pre={project}-&kind=project&asOf={moment}")

    assert at("") == [f"{project}-new", f"{project}-newer"]
    assert at(made) == [f"{project}-both", f"{project}-proj"]
    assert at(datetime.fromtimestamp(made / 1000, UTC).isoformat().replace("+00:00", "Z")) == at(made)
    assert at(before) == []
    server.ok("DELETE", f"/projects/{key}")
    assert at("") == []
    assert at(made) == [f"{project}-both", f"{project}-proj"], "also of what has gone since"


def test_tags_of_projects_that_may_not_be_seen_are_not_told(server: Server, project: str) -> None:
    seen, hidden = tagged(server, f"{project}-s"), tagged(server, f"{project}-h")
    looking = [{"effect": "allow", "resources": [f"proj/{seen}"], "actions": ["viewProject"]}]
    token = server.token_for(inlineRole=looking)
    for query in ("", f"&asOf={int(time.time() * 1000)}"):
        found = tags(server, f"pre={project}-{query}", token=token)
        assert found and not [tag for tag in found if tag.startswith(f"{project}-h")]
    assert hidden != seen
    blind = server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    assert server.call("GET", "/tags", token=blind).status_code == 403


@pytest.mark.parametrize("query", ["kind=planet", "asOf=yesterday", "asOf=2026-01-01T00:00:00", "limit=many"])
def test_what_cannot_be_understood_is_refused(server: Server, query: str) -> None:
    answer = server.call("GET", f"/tags?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["message"]
