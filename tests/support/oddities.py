"""Requests nobody sane would send, and some that somebody might: drawn from the operation table itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import inspect

from flaghoist.core.resource import Resource
from flaghoist.rest.operations import Family, Operation

TEXTS = (
    "", " ", "a", "-", "*", "é", "名", "\0", "\ud83d", "a/b", "a:b", "a,b", "²", "1", "-1", "0x10", "{}",
    "{projectKey}", "%", "%00", "'", "\"", "\\", "x" * 300, "true", "null", "default", "test", "user", "org",
    "1970-01-01", "control", "2026-01-01T00:00:00Z", "9" * 30, "9" * 5000, "key", "name", "creationDate",
    "proj/*:env/*:flag/*", "proj/*;a,b:env/*", "anyOf", "in", "matches", "semVerEqual", "before", "rollout",
    "experiment", "archived", "0" * 24, "00000000-0000-4000-8000-000000000000", "bucketing", "((((", "[[", "+",
    "_", "A" * 70,
)  # fmt: skip
NUMBERS = (0, 1, 2, -1, 100, 100_000, 1_800_000_000_000, 2**31, 2**53, 2**63, 10**30, 0.1, -0.5, 1e-300, 1e300)
FILTERS = (
    "query:a", "query:{}", "query:[1]", "tags:a+b", "tags:{}", "tags:[[1]]", "state:live|archived", "type:x",
    'creationDate:{"after":1}', 'creationDate:{"before":"x"}', "creationDate:{}", "creationDate:[]", "creationDate:1",
    'lastSeen:{"never":true}', 'lastSeen:{"before":1e400}', "lastSeen:[1]", "role:a|b", "role:{}", "archived:maybe",
    'evaluated:{"after":9999999999999999999999}', "filterEnv:test", "maintainerId:[]", "query equals []", "(" * 3000,
    'tags contains ["a"]', "hasConnections equals [true]", "query equals \"a", "a equals", "kind anyOf [1,{}]",
    "name startsWith 1", "tags:" + "[" * 5000, "accessCheck:updateName:proj/*", "accessCheck:a:b", "guardedRollout:any",
    "codeReferences.min:x", "sdkAvailability:x", "contextKindsEvaluated:[]", "hasExperiment:[]", "keys:{}", "email:[]",
    "status:[]", "flagKey:{}", "metricKey:[]", "releasePipeline:[]", "applicationEvaluated:{}", "team:{}", "id:[[]]",
)  # fmt: skip

texts = st.sampled_from(TEXTS)
numbers = st.sampled_from(NUMBERS)
scalars = st.one_of(texts, numbers, st.booleans(), st.none())
anything = st.recursive(
    scalars,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class World:
    """What is there to be named: path parameters with the names they may have, and all texts that mean something."""

    params: Mapping[str, Sequence[str]]
    words: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """One request as it goes out."""

    method: str
    path: str
    body: bytes


def requests_for(operation: Operation, family: Family, world: World) -> SearchStrategy[Asked]:
    """Requests to one operation."""
    path = st.tuples(*[_segment(part, world) for part in operation.path.split("/")]).map("/".join)
    return st.builds(
        _asked, st.just(operation.method), path, _queries(operation, world), _bodies(operation, family, world)
    )


def _asked(method: str, path: str, query: list[tuple[str, Any]], body: Any) -> Asked:
    # A lone surrogate has no UTF-8; its three bytes are what a careless client sends.
    asked = urlencode([(name, str(value).encode("utf-8", "surrogatepass")) for name, value in query])
    return Asked(method, f"{path}?{asked}" if asked else path, b"" if body is None else json.dumps(body).encode())


def _segment(part: str, world: World) -> SearchStrategy[str]:
    if not part.startswith("{"):
        return st.just(part)
    known = st.sampled_from(world.params.get(part[1:-1], ("a",)))
    odd = st.sampled_from([text for text in TEXTS if text])
    below = st.tuples(known, st.sampled_from((":env/test", ":env/*:flag/a", "/x", ":"))).map("".join)
    return _mostly(known, (odd | below).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")))


def _queries(operation: Operation, world: World) -> SearchStrategy[list[tuple[str, Any]]]:
    values: dict[str, SearchStrategy[Any]] = {"filter": st.sampled_from(FILTERS) | texts}
    names = [name for name, _ in operation.query] or ["expand"]
    value = texts | numbers | st.sampled_from(world.words)
    one = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), values.get(name, value)))
    return st.lists(one, max_size=3)


def _bodies(operation: Operation, family: Family, world: World) -> SearchStrategy[Any]:
    if operation.method in ("GET", "DELETE"):
        return st.none()
    if operation.body is None:
        return st.none() | anything
    if operation.body is not Any:
        return _mostly(fitting(inspect.type_info(operation.body), world), anything)
    resources = [resource for resource, _, item in family.collections if item == operation.path]
    return _patches(resources[0], world) if resources else anything


def _patches(resource: Resource, world: World) -> SearchStrategy[Any]:
    schema = inspect.type_info(resource.schema)
    whole = fitting(schema, world)
    steps = st.lists(_steps(schema, world), min_size=1, max_size=3)
    kinds: list[SearchStrategy[Any]] = [steps, whole, st.builds(lambda patch: {"merge": patch}, whole), anything]
    if resource.instructions is not None:
        verbs = resource.instructions._verbs
        one = st.sampled_from(sorted(verbs)).flatmap(
            lambda kind: fitting(inspect.type_info(verbs[kind][1]), world).map(
                lambda members: {"kind": kind, **members} if isinstance(members, dict) else members
            )
        )
        semantic = st.fixed_dictionaries(
            {"instructions": st.lists(one, min_size=1, max_size=3)},
            optional={"environmentKey": st.sampled_from(("test", "production", "none"))},
        )
        kinds = [semantic, semantic, *kinds]
    return st.one_of(kinds)


def _steps(schema: Any, world: World) -> SearchStrategy[Any]:
    names = [each.encode_name for each in schema.fields]
    deeper = st.sampled_from((*world.words, "0", "1", "-", "00", "²", "9" * 5000, "rules", "variation", "clauses"))
    pointer = st.builds(
        lambda first, rest: "/" + "/".join([first, *rest]), st.sampled_from(names), st.lists(deeper, max_size=3)
    ) | st.sampled_from(("", "/", "/a~1b", "~", "/environments/test/on"))
    op = st.sampled_from(("add", "remove", "replace", "move", "copy", "test", "fly"))
    typed = st.sampled_from(schema.fields).flatmap(
        lambda each: st.fixed_dictionaries(
            {"op": st.sampled_from(("add", "replace")), "path": st.just(f"/{each.encode_name}"),
             "value": fitting(each.type, world)}
        )
    )  # fmt: skip
    loose = st.fixed_dictionaries({"op": op}, optional={"path": pointer, "from": pointer, "value": anything})
    return typed | loose


def fitting(kind: Any, world: World, depth: int = 0) -> SearchStrategy[Any]:
    """Values of a msgspec type, most of them of the right shape."""
    return _mostly(_right(kind, world, depth), scalars)


def _right(kind: Any, world: World, depth: int) -> SearchStrategy[Any]:
    def inner(part: Any) -> SearchStrategy[Any]:
        return st.none() if depth > 5 else fitting(part, world, depth + 1)

    match kind:
        case inspect.StructType(fields=fields):
            required = {each.encode_name: inner(each.type) for each in fields if each.required}
            optional = {each.encode_name: inner(each.type) for each in fields if not each.required}
            return st.fixed_dictionaries(required, optional=optional)
        case inspect.UnionType(types=types):
            return st.one_of([inner(each) for each in types])
        case inspect.ListType(item_type=item) | inspect.CollectionType(item_type=item):
            return st.lists(inner(item), max_size=3)
        case inspect.DictType(value_type=value):
            return st.dictionaries(texts | st.sampled_from(world.words), inner(value), max_size=3)
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.StrType():
            return texts | st.sampled_from(world.words)
        case inspect.IntType() | inspect.FloatType():
            return numbers
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
    return anything


def _mostly(usual: SearchStrategy[Any], odd: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda chance: odd if chance == 19 else usual)


def words_of(value: Any) -> list[str]:
    """Every text in a JSON value, shortest ones first."""
    found: set[str] = set()
    ahead = [value]
    while ahead:
        each = ahead.pop()
        if isinstance(each, dict):
            found.update(name for name in each if len(name) < 40)
            ahead.extend(each.values())
        elif isinstance(each, list):
            ahead.extend(each)
        elif isinstance(each, str) and len(each) < 60:
            found.add(each)
    return sorted(found, key=lambda text: (len(text), text))
