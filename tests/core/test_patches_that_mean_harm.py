"""Patches that no client sends by mistake are refused before they cost anything, and say why."""

from typing import Any

import pytest

from flaghoist.base.errors import Invalid, Refusal
from flaghoist.core import json_patch

BODY: dict[str, Any] = {"name": "n", "tags": ["a", "b"], "nested": {"inside": {}}}


def test_copies_of_copies_stop_before_they_fill_memory() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/c{number}"} for number in range(60)]
    with pytest.raises(Invalid, match="copies more than 100000 values"):
        json_patch.apply(BODY, doubling)


def test_a_document_cannot_be_folded_into_itself_for_ever() -> None:
    deep: Any = "leaf"
    for _ in range(50):
        deep = {"a": deep}
    path, folding = "", []
    for _ in range(40):
        folding.append({"op": "replace", "path": f"{path}/a", "value": deep})
        path += "/a" * 50
    for last in ([], [{"op": "copy", "from": "/a", "path": "/b"}]):
        with pytest.raises(Invalid, match="nested"):
            json_patch.apply({}, [*folding, *last])


@pytest.mark.parametrize("place", ["²", "00", "9" * 5000, "-1", "2", "x", ""])
@pytest.mark.parametrize("op", ["add", "remove", "replace", "move", "copy"])
def test_places_that_a_list_does_not_have_are_refused(op: str, place: str) -> None:
    step = {"op": op, "path": f"/tags/{place}", "from": f"/tags/{place}", "value": 1}
    if (op, place) == ("add", "2"):
        assert json_patch.apply(BODY, [step])["tags"] == ["a", "b", 1]
        return
    with pytest.raises(Invalid):
        json_patch.apply(BODY, [step])


def test_a_move_from_nowhere_to_nowhere_is_refused_not_a_crash() -> None:
    for step in (
        {"op": "move", "from": "/tags/00"},
        {"op": "move", "from": "/tags/0"},
        {"op": "copy", "from": "/tags/²"},
    ):
        with pytest.raises(Refusal):
            json_patch.apply(BODY, [step])


def test_a_patch_stays_what_was_asked_for() -> None:
    steps = [{"op": "add", "path": "/nested", "value": {}}, {"op": "add", "path": "/nested/x", "value": 1}]
    assert json_patch.apply(BODY, steps)["nested"] == {"x": 1}
    assert steps[0]["value"] == {}


def test_what_a_test_asks_of_an_absent_place_conflicts() -> None:
    with pytest.raises(Refusal, match="not the one the test expects"):
        json_patch.apply(BODY, [{"op": "test", "path": "/tags/²", "value": "a"}])
