"""Attribute references name values inside contexts, or are refused."""

from typing import Any

import pytest
from ldclient.impl.model.attribute_ref import AttributeRef

from flaghoist.evaluation import references
from flaghoist.evaluation.references import ReferenceInvalid

ADDRESS = {"city": "Oslo", "zip/code": "0150", "geo": {"lat": 59.9}, "": "empty"}
ATTRIBUTES: dict[str, Any] = {
    "address": ADDRESS,
    "a/b": 1,
    "t~l": 2,
    "tags": ["x"],
    "m~1n": 4,
    "/slash": 3,
    "nothing": None,
}


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("address", ADDRESS),
        ("/address", ADDRESS),
        ("/address/city", "Oslo"),
        ("/address/zip~1code", "0150"),
        ("/address/geo/lat", 59.9),
        ("/a~1b", 1),
        ("a/b", 1),
        ("/t~0l", 2),
        ("t~l", 2),
        ("/m~01n", 4),
        ("/~1slash", 3),
        ("/nothing/at", None),
        ("/address/city/name", None),
        ("/tags/0", None),
        ("missing", None),
    ],
)
def test_a_reference_finds_its_value(reference: str, value: Any) -> None:
    assert references.read(ATTRIBUTES, references.parse(reference)) == value


@pytest.mark.parametrize("reference", ["", "/", "//", "/a/", "/a//b", "/a~", "/a~2b", "/~", "/a~0~"])
def test_a_text_that_names_nothing_is_refused(reference: str) -> None:
    assert not AttributeRef.from_path(reference).valid
    with pytest.raises(ReferenceInvalid):
        references.parse(reference)


def test_a_plain_name_may_begin_with_a_slash() -> None:
    assert references.path_of("/slash", context_kind=None) == ("/slash",)
    assert references.path_of("/slash", context_kind="user") == ("slash",)
    with pytest.raises(ReferenceInvalid):
        references.path_of("", context_kind=None)
