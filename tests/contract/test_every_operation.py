"""What every family must keep, shown for each collection of documents from its own examples."""

import csv
import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import launchdarkly_api.models
import pytest
from servers import Server

import flaghoist.resources
from flaghoist.rest.operations import Operation

NOBODY = [{"effect": "deny", "resources": ["*"], "actions": ["*"]}]
TABLE = Path(__file__).with_name("operations.tsv")


@dataclass
class Example:
    """A collection that can be created in: its paths, a good body, a typical change."""

    name: str
    kind: str
    collection: str
    item: str
    post: dict[str, Any]
    patch: list[dict[str, Any]]
    operations: dict[tuple[str, str], Operation]
    prepare: Callable[[Any, str], dict[str, str]] | None = None
    params: dict[str, str] = field(default_factory=dict)

    def at(self, path: str, **more: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: {**self.params, **more}[name[1]], path)

    def has(self, method: str, path: str) -> bool:
        return (method, path) in self.operations


def examples() -> list[Example]:
    found = []
    for module in pkgutil.walk_packages(flaghoist.resources.__path__, "flaghoist.resources."):
        if not module.name.endswith(".examples"):
            continue
        said = importlib.import_module(module.name)
        family = importlib.import_module(module.name.replace(".examples", ".operations")).FAMILY
        resource, collection, item = family.collections[0]
        operations = {(each.method, each.path): each for each in family.operations}
        name = module.name.split(".")[-2]
        prepare = getattr(said, "prepare", None)
        found.append(Example(name, resource.kind, collection, item, said.POST, said.PATCH, operations, prepare))
    return found


EXAMPLES = examples()
creatable = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def fresh(example: Example, server: Server) -> Example:
    """The same example in a project of its own."""
    project = server.project()["key"]
    params = {"projectKey": project, "environmentKey": "test"}
    if example.prepare is not None:
        params |= example.prepare(server, project) or {}
    post = dict(example.post)
    if "{projectKey}" not in example.collection and "key" in post:
        post["key"] = f"{post['key']}-{project}"
    return Example(**{**vars(example), "params": params, "post": post})


def created(example: Example, server: Server, **more: Any) -> tuple[dict[str, Any], str]:
    body = server.ok("POST", example.at(example.collection), json={**example.post, **more})
    name = re.findall(r"\{(\w+)\}", example.item)[-1]
    return body, example.at(example.item, **{name: body.get("key") or body["_id"]})


def changes(server: Server) -> int:
    """How many changes the journal holds."""
    counted = server.ok("POST", "/auditlog/counts?after=0", json=[])
    return int(counted["totalCount"])


def newest(server: Server) -> dict[str, Any]:
    """The newest audit entry, whole."""
    entry = server.ok("GET", "/auditlog?limit=1")["items"][0]
    whole = server.ok("GET", f"/auditlog/{entry['_id']}")
    assert isinstance(whole, dict)
    return whole


@creatable
def test_nobody_unknown_gets_in(example: Example, server: Server) -> None:
    for method, path in example.operations:
        example.params = dict.fromkeys(re.findall(r"\{(\w+)\}", path), "x")
        for token in ("", "api-unknown", "sdk-unknown"):
            answer = server.call(method, example.at(path), token=token, json={})
            assert answer.status_code == 401, f"{method} {path} with token {token!r}: {answer.text}"
            assert answer.json()["code"] == "unauthorized"


@creatable
def test_a_powerless_token_is_refused_and_leaves_no_trace(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    before, item = created(mine, server)
    powerless = server.token_for(inlineRole=NOBODY)
    counted = changes(server)
    attempts = [
        ("GET", mine.at(mine.collection), None),
        ("POST", mine.at(mine.collection), {**mine.post, "key": "other-key"} if "key" in mine.post else mine.post),
        ("GET", item, None),
        ("PATCH", item, mine.patch),
        ("DELETE", item, None),
    ]
    for method, path, body in attempts:
        template = mine.collection if path == mine.at(mine.collection) else mine.item
        if not mine.has(method, template):
            continue
        answer = server.call(method, path, token=powerless, json=body)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code} {answer.text}"
        assert answer.json()["code"] == "forbidden"
    assert changes(server) == counted
    if mine.has("GET", mine.item):
        assert server.ok("GET", item).get("_version") == before.get("_version")


@creatable
def test_each_write_is_one_change_that_steps_the_version(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    counted = changes(server)
    _, item = created(mine, server)
    made = changes(server) - counted
    assert made >= 1
    if mine.has("PATCH", mine.item):
        counted = changes(server)
        server.ok("PATCH", item, json=mine.patch)
        assert changes(server) == counted + 1
        entry = newest(server)
        assert entry["accesses"], "a change says what it needed"
        before, after = entry["previousVersion"], entry["currentVersion"]
        assert before != after
    if mine.has("DELETE", mine.item):
        counted = changes(server)
        if mine.name not in ("projects", "environments"):
            server.ok("DELETE", item)
            assert changes(server) == counted + 1
            assert server.call("GET", item).status_code == 404


@creatable
def test_a_dry_run_shows_the_change_and_makes_none(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    if not (mine.has("PATCH", mine.item) and mine.has("GET", mine.item)):
        pytest.skip("this family has no JSON patch")
    _, item = created(mine, server)
    counted = changes(server)
    shown = server.ok("PATCH", f"{item}?dryRun=true", json=mine.patch)
    assert changes(server) == counted
    assert server.ok("GET", item) != shown
    done = server.ok("PATCH", item, json=mine.patch)
    volatile = {"_version", "_versionId", "_lastModified", "lastModified", "_links", "environments", "token"}
    assert {k: v for k, v in done.items() if k not in volatile} == {k: v for k, v in shown.items() if k not in volatile}


@creatable
def test_a_patch_may_come_bare_or_wrapped_with_a_comment(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    if not mine.has("PATCH", mine.item):
        pytest.skip("this family has no JSON patch")
    _, item = created(mine, server)
    server.ok("PATCH", item, json={"patch": mine.patch, "comment": "because it is Tuesday"})
    assert newest(server)["comment"] == "because it is Tuesday"


@creatable
def test_pages_join_without_gaps_or_repeats(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    if "key" not in mine.post or not mine.has("GET", mine.collection):
        pytest.skip("this family has no keys to create several of")
    made = set()
    for number in range(5):
        body, _ = created(mine, server, key=f"{mine.post['key']}-{number}", name=f"Number {number}")
        made.add(body["key"])
    path: str | None = f"{mine.at(mine.collection)}?limit=2"
    seen: list[str] = []
    while path:
        page = server.ok("GET", path)
        assert len(page["items"]) <= 2
        seen += [found["key"] for found in page["items"]]
        path = page["_links"].get("next", {}).get("href")
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


@creatable
def test_answers_parse_in_the_official_client(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    with TABLE.open() as file:
        models = {row["operation"]: row["success"].partition(":")[2] for row in csv.DictReader(file, delimiter="\t")}

    def parse(method: str, template: str, body: Any) -> None:
        operation = mine.operations.get((method, template))
        if operation is None or operation.ours:
            return
        name = models[operation.name]
        model = getattr(launchdarkly_api.models, name[0].upper() + name[1:], None)
        assert model is not None, f"{operation.name} answers with {name}, which the client does not know"
        model.from_dict(body)

    body, item = created(mine, server)
    parse("POST", mine.collection, body)
    if mine.has("GET", mine.collection):
        parse("GET", mine.collection, server.ok("GET", mine.at(mine.collection)))
    if mine.has("GET", mine.item):
        parse("GET", mine.item, server.ok("GET", item))
    if mine.has("PATCH", mine.item):
        parse("PATCH", mine.item, server.ok("PATCH", item, json=mine.patch))


@creatable
def test_the_same_key_twice_is_a_conflict(example: Example, server: Server) -> None:
    mine = fresh(example, server)
    if "key" not in mine.post:
        pytest.skip("this family has no keys")
    created(mine, server)
    counted = changes(server)
    answer = server.call("POST", mine.at(mine.collection), json=mine.post)
    assert answer.status_code == 409
    assert answer.json()["code"] in ("conflict", "key_exists")
    assert changes(server) == counted
