"""Whatever an instruction does, the JSON Patch that says the same does, needs and sends the same."""

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flaghoist.base.errors import Invalid

Body = dict[str, Any]
KEYS = st.lists(st.sampled_from(["ann", "bob", "cat"]), unique=True, min_size=1, max_size=3)
INDEX = st.integers(0, 2)
CLAUSE = st.fixed_dictionaries(
    {
        "contextKind": st.sampled_from(["user", "org"]),
        "attribute": st.sampled_from(["country", "/address/city"]),
        "op": st.sampled_from(["in", "contains", "lessThan"]),
        "values": st.lists(st.sampled_from(["CH", "a b", 5, True]), max_size=2),
        "negate": st.booleans(),
    }
)


@st.composite
def serves(draw: st.DrawFn) -> tuple[Body, Body]:
    """What is served: as an instruction says it (variations by index still), and as JSON Patch does."""
    if draw(st.booleans()):
        index = draw(INDEX)
        return {"variationId": index}, {"variation": index}
    first = draw(st.integers(0, 100_000))
    weights = {0: first, 1: 100_000 - first, 2: 0}
    kind = draw(st.sampled_from(["user", "org"]))
    shares = [{"variation": index, "weight": weight} for index, weight in weights.items()]
    return (
        {"rolloutWeights": weights, "rolloutContextKind": kind},
        {"rollout": {"variations": shares, "contextKind": kind}},
    )


@st.composite
def edits(draw: st.DrawFn) -> tuple[Body, list[Body]]:
    """One edit in both dialects."""

    def put(field: str, value: Any, op: str = "replace") -> list[Body]:
        return [{"op": op, "path": f"/environments/test/{field}", "value": value}]

    def put_flag(field: str, value: Any) -> list[Body]:
        return [{"op": "replace", "path": f"/{field}", "value": value}]

    match draw(st.sampled_from(["on", "off", "fallthrough", "rule", "targets", "track", "name", "tags", "variation"])):
        case "on":
            on = draw(st.booleans())
            return {"kind": "turnFlagOn" if on else "turnFlagOff"}, put("on", on)
        case "off":
            index = draw(INDEX)
            return {"kind": "updateOffVariation", "variationId": index}, put("offVariation", index)
        case "fallthrough":
            said, patched = draw(serves())
            return {"kind": "updateFallthroughVariationOrRollout", **said}, put("fallthrough", patched)
        case "rule":
            clauses = draw(st.lists(CLAUSE, min_size=1, max_size=2))
            said, patched = draw(serves())
            rule = {"clauses": clauses, "trackEvents": True, "description": "d", **patched}
            return (
                {"kind": "addRule", "clauses": clauses, "trackEvents": True, "description": "d", **said},
                put("rules/-", rule, "add"),
            )
        case "targets":
            index, keys = draw(INDEX), draw(KEYS)
            kind = draw(st.sampled_from(["user", "org"]))
            target = {"contextKind": kind, "variation": index, "values": keys}
            others = "contextTargets" if kind == "user" else "targets"
            wanted = "targets" if kind == "user" else "contextTargets"
            said = {"targets": [{"contextKind": kind, "variationId": index, "values": keys}]}
            return {"kind": "replaceTargets", **said}, [*put(others, []), *put(wanted, [target])]
        case "track":
            track = draw(st.booleans())
            return {"kind": "updateTrackEvents", "trackEvents": track}, put("trackEvents", track)
        case "name":
            name = draw(st.text(min_size=1, max_size=5))
            return {"kind": "updateName", "value": name}, put_flag("name", name)
        case "tags":
            return {"kind": "addTags", "values": ["new"]}, put_flag("tags", ["old", "new"])
        case _:
            index, value = draw(INDEX), draw(st.sampled_from(["violet", "white"]))
            return (
                {"kind": "updateVariation", "variationId": index, "value": value},
                put_flag(f"variations/{index}/value", value),
            )


_numbers = itertools.count(1)
in_the_suite = settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@in_the_suite
@given(st.lists(edits(), min_size=1, max_size=3))
def test_either_dialect_does_needs_and_sends_the_same(world: Any, made: list[tuple[Body, list[Body]]]) -> None:
    said, patched = (f"{dialect}-{next(_numbers)}" for dialect in ("said", "patched"))
    for key in (said, patched):
        world.flag(key, variations=[{"value": "red"}, {"value": "green"}, {"value": "blue"}], tags=["old"])
    variations = world.whole(said)["variations"]
    instructions = [with_ids(instruction, variations) for instruction, _ in made]
    operations = [operation for _, operations in made for operation in operations]
    outcomes = [
        attempt(world, said, {"environmentKey": "test", "instructions": instructions}),
        attempt(world, patched, operations),
    ]
    assert outcomes[0] == outcomes[1]
    assert nameless(world.whole(said), said) == nameless(world.whole(patched), patched)
    wire = world.wire()
    assert nameless(wire[said], said) == nameless(wire[patched], patched)


def attempt(world: Any, key: str, body: Any) -> Any:
    """What a patch needed, or that it was refused."""
    try:
        return sorted(world.accesses(key, body))
    except Invalid:
        return "refused"


def nameless(value: Any, key: str) -> Any:
    """Without what differs between any two flags."""
    if isinstance(value, list):
        return [nameless(each, key) for each in value]
    if isinstance(value, dict):
        return {name: nameless(each, key) for name, each in value.items() if name not in ("_id", "id", "salt")}
    return "" if value == key else value


def with_ids(value: Any, variations: list[Body]) -> Any:
    """An instruction with the ids of variations where it has indices."""
    if isinstance(value, list):
        return [with_ids(each, variations) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: with_ids(each, variations) for name, each in value.items()}
    if isinstance(made.get("variationId"), int):
        made["variationId"] = variations[made["variationId"]]["_id"]
    if "rolloutWeights" in made:
        made["rolloutWeights"] = {variations[index]["_id"]: w for index, w in made["rolloutWeights"].items()}
    return made
