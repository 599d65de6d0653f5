"""Every dialect of patch: told apart by shape, applied to a copy, refused by name."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.base.errors import Conflict, Invalid, PatchFailed
from flaghoist.core import json_patch, patches
from flaghoist.core.instructions import Instructions

BODY: dict[str, Any] = {"name": "a", "tags": ["x", "y"], "deep": {"er": [{"n": 1}, {"n": 2}]}, "odd/~key": True}


def applied(*operations: dict[str, Any]) -> Any:
    return json_patch.apply(BODY, list(operations))


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        # The examples of RFC 6902, appendix A, in our own words.
        ({"op": "add", "path": "/tags/1", "value": "z"}, ["tags"], ["x", "z", "y"]),
        ({"op": "add", "path": "/tags/-", "value": "z"}, ["tags"], ["x", "y", "z"]),
        ({"op": "add", "path": "/tags/0", "value": "z"}, ["tags"], ["z", "x", "y"]),
        ({"op": "remove", "path": "/tags/0"}, ["tags"], ["y"]),
        ({"op": "replace", "path": "/deep/er/1/n", "value": 5}, ["deep", "er"], [{"n": 1}, {"n": 5}]),
        ({"op": "move", "from": "/tags/0", "path": "/tags/1"}, ["tags"], ["y", "x"]),
        ({"op": "copy", "from": "/deep/er/0", "path": "/deep/er/-"}, ["deep", "er"], [{"n": 1}, {"n": 2}, {"n": 1}]),
        ({"op": "replace", "path": "/odd~1~0key", "value": False}, ["odd/~key"], False),
        ({"op": "test", "path": "/deep/er/0/n", "value": 1.0}, ["name"], "a"),
        # Absent members may be replaced: clients in the field do.
        ({"op": "replace", "path": "/description", "value": "d"}, ["description"], "d"),
    ],
)
def test_operations(operation: dict[str, Any], path: list[str], expected: Any) -> None:
    untouched = copy.deepcopy(BODY)
    found = applied(operation)
    for name in path:
        found = found[name]
    assert found == expected
    assert untouched == BODY, "the body given must be left alone"


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"op": "remove", "path": "/nope"}, "nothing at '/nope'"),
        ({"op": "remove", "path": "/tags/7"}, "no element '7'"),
        ({"op": "add", "path": "/tags/01", "value": 1}, "no element '01'"),
        ({"op": "add", "path": "/tags/3", "value": 1}, "no element '3'"),
        ({"op": "add", "path": "/no/where", "value": 1}, "nothing at '/no'"),
        ({"op": "replace", "path": "name", "value": 1}, "must start with '/'"),
        ({"op": "replace", "path": "/name"}, "'value' is missing"),
        ({"op": "swap", "path": "/name"}, "unknown op 'swap'"),
        ({"op": "remove", "path": ""}, "whole document"),
        ({"path": "/name"}, "unknown op None"),
        ({"op": "remove"}, "'path' must be a JSON pointer"),
    ],
)
def test_refusals_name_operation_and_place(operation: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        applied({"op": "test", "path": "/name", "value": "a"}, operation)
    assert "patch[1]" in caught.value.message


def test_a_failed_test_is_a_conflict_and_truth_is_not_one() -> None:
    with pytest.raises(Conflict):
        applied({"op": "test", "path": "/name", "value": "b"})
    with pytest.raises(Conflict):
        applied({"op": "test", "path": "/deep/er/0/n", "value": True})
    applied({"op": "test", "path": "/absent", "value": None})


def test_a_family_may_say_how_an_absent_target_fails() -> None:
    with pytest.raises(PatchFailed):
        json_patch.apply(BODY, [{"op": "remove", "path": "/nope"}], PatchFailed)


def test_merge_patch_as_in_its_standard() -> None:
    # RFC 7386, appendix A.
    cases: list[tuple[Any, Any, Any]] = [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ]
    for body, patch, expected in cases:
        assert json_patch.merge(body, patch) == expected


flat = st.dictionaries(st.sampled_from("abcdef"), st.integers() | st.text(max_size=3), max_size=5)


@given(flat, flat)
def test_both_dialects_can_say_any_difference(before: dict[str, Any], after: dict[str, Any]) -> None:
    removed = [{"op": "remove", "path": f"/{name}"} for name in before if name not in after]
    written = [{"op": "add", "path": f"/{name}", "value": value} for name, value in after.items()]
    merge = {**{name: None for name in before if name not in after}, **after}
    assert json_patch.apply(before, removed + written) == after
    assert json_patch.merge(before, merge) == after


@pytest.mark.parametrize(
    ("body", "content_type", "dialect", "comment"),
    [
        ([{"op": "remove", "path": "/a"}], "application/json", "json", ""),
        ({"patch": [], "comment": "c"}, "application/json", "json", "c"),
        ({"merge": {"a": 1}, "comment": "c"}, "application/json", "merge", "c"),
        ({"a": 1}, "application/json", "merge", ""),
        ({"instructions": [{"kind": "x"}], "comment": "c"}, "application/json", "semantic", "c"),
        (
            {"instructions": [{"kind": "x"}]},
            "application/json; domain-model=launchdarkly.semanticpatch",
            "semantic",
            "",
        ),
        ({"instructions": 5}, "application/merge-patch+json", "merge", ""),
    ],
)
def test_dialects_are_told_by_shape(body: Any, content_type: str, dialect: str, comment: str) -> None:
    patch = patches.read(body, content_type)
    assert (patch.dialect, patch.comment) == (dialect, comment)


@pytest.mark.parametrize(
    "body", [5, None, "x", {"patch": 5}, {"instructions": []}, {"instructions": "x"}, {"patch": [], "comment": 5}]
)
def test_what_is_no_patch_is_refused(body: Any) -> None:
    with pytest.raises(Invalid):
        patches.read(body)


VERBS = Instructions("kettle")


@VERBS
def turn_on(kettle: dict[str, Any]) -> None:
    kettle["on"] = True


@VERBS
def set_heat(kettle: dict[str, Any], *, to_degrees: int, slowly: bool = False) -> None:
    if to_degrees > 100:
        raise Invalid("water boils at 100")
    kettle["heat"] = (to_degrees, slowly)


def test_instructions_edit_a_copy_in_order() -> None:
    kettle: dict[str, Any] = {"on": False}
    edited = VERBS.edit(kettle, [{"kind": "turnOn"}, {"kind": "setHeat", "toDegrees": 90}])
    assert edited == {"on": True, "heat": (90, False)}
    assert kettle == {"on": False}


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ({"kind": "turnOnn"}, "did you mean 'turnOn'?"),
        ({"kind": "zzz"}, "possible: setHeat, turnOn"),
        ({"kind": 5}, "must be an object with a 'kind'"),
        ("turnOn", "must be an object with a 'kind'"),
        ({"kind": "setHeat"}, "toDegrees"),
        ({"kind": "setHeat", "toDegrees": "hot"}, r"Expected `int`, got `str` - at `\$.toDegrees`"),
        ({"kind": "setHeat", "toDegrees": 120}, r"instructions\[1\] \(setHeat\): water boils at 100"),
    ],
)
def test_what_is_wrong_with_an_instruction_is_named(instruction: Any, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        VERBS.edit({}, [{"kind": "turnOn"}, instruction])
    assert "instructions[1]" in caught.value.message
