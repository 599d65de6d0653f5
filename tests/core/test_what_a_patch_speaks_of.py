"""What a patch names itself stands as said; what it is silent about may follow the rest."""

from typing import Any

import pytest

from flaghoist.core import patches
from flaghoist.core.instructions import Instructions

TOUCHED = [
    ([{"op": "replace", "path": "/a/b", "value": 1}], ("a", "b"), True),
    ([{"op": "replace", "path": "/a/b/0/c", "value": 1}], ("a", "b"), True),
    ([{"op": "replace", "path": "/a", "value": {}}], ("a", "b"), True),
    ([{"op": "replace", "path": "/a/bc", "value": 1}], ("a", "b"), False),
    ([{"op": "move", "from": "/a/b", "path": "/x"}], ("a", "b"), True),
    ([{"op": "test", "path": "/a/b", "value": 1}], ("a", "b"), False),
    ([{"op": "add", "path": "/a~1b/c", "value": 1}], ("a/b", "c"), True),
    ({"merge": {"a": {"b": 1}}}, ("a", "b"), True),
    ({"merge": {"a": {"b": {"c": 1}}}}, ("a", "b"), True),
    ({"merge": {"a": {"c": 1}}}, ("a", "b"), False),
    ({"merge": {"a": None}}, ("a", "b"), True),
]


@pytest.mark.parametrize(("body", "path", "touched"), TOUCHED)
def test_a_patch_touches_what_it_names_and_what_lies_below_or_above(body: Any, path: Any, touched: bool) -> None:
    assert patches.read(body).touches(*path) is touched


def test_a_patch_may_look_before_it_changes() -> None:
    look = {"op": "test", "path": "/version", "value": 3}
    assert patches.read([{"op": "remove", "path": "/a"}, look]).has_tests
    assert not patches.read([{"op": "remove", "path": "/a"}]).has_tests
    assert not patches.read({"instructions": [{"kind": "x", "op": "test"}]}).has_tests


def test_an_instruction_may_begin_its_members_with_a_capital() -> None:
    verbs = Instructions("kettle")

    @verbs
    def set_heat(kettle: dict[str, Any], *, to_degrees: int) -> None:
        kettle["heat"] = to_degrees

    assert verbs.edit({}, [{"kind": "setHeat", "ToDegrees": 80}]) == {"heat": 80}


def test_a_verb_may_end_in_a_deletion() -> None:
    verbs = Instructions("kettle", closed=lambda kettle: kettle if kettle else None)

    @verbs
    def smash(kettle: dict[str, Any]) -> None:
        kettle.clear()

    assert verbs.edit({"heat": 80}, [{"kind": "smash"}]) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([{"op": "test", "path": "/key", "value": "known"}], True),
        ([{"op": "test", "path": "", "value": {"key": "known"}}], True),
        ([{"op": "test", "path": "/keys", "value": "known"}], False),
        ({"merge": {"key": "known"}}, True),
        ({"merge": {"keys": "known"}}, False),
    ],
)
def test_a_patch_tells_also_what_it_only_tests(body: Any, told: bool) -> None:
    assert patches.read(body).tells("key") is told
