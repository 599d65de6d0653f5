"""The list filters, in both dialects, against documents one could meet."""

from typing import Any, cast

import pytest

from flaghoist.base.errors import Invalid
from flaghoist.core.work import Document, Work
from flaghoist.rest.filters import by_member, by_query, by_tags, pairs, predicate

NO_WORK = cast(Work, None)
FIELDS = {
    "query": by_query("key", "name"),
    "tags": by_tags,
    "kind": by_member("kind"),
    "archived": by_member("archived", default=False),
}


def document(**body: Any) -> Document:
    return Document(f"x/{body.get('key')}", "x", "acct", 1, 1, 0, 0, body)


SHOP = document(key="shop", name="Web Shop", tags=["Beta", "web"], kind="custom")
OLD = document(key="old", name="Old, (odd) | thing", tags=[], kind="click", archived=True)


def chosen(text: str, dialect: Any = "expressions") -> list[str]:
    keep = predicate(text, dialect, FIELDS, NO_WORK)
    return [found.body["key"] for found in (SHOP, OLD) if keep(found)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["shop", "old"]),
        ("kind equals custom", ["shop"]),
        ("kind equals 'custom'", ["shop"]),
        ('kind notEquals "custom"', ["old"]),
        ('kind anyOf ["custom","click"]', ["shop", "old"]),
        ('tags contains ["beta","WEB"]', ["shop"]),
        ('tags contains ["beta","none"]', []),
        ("archived equals true", ["old"]),
        ("archived equals false", ["shop"]),
        ("kind equals custom,archived equals true", []),
        ("kind equals custom|archived equals true", ["shop", "old"]),
        ("kind equals custom and archived equals false", ["shop"]),
        ("(kind equals custom|kind equals click),archived equals true", ["old"]),
        ('query equals "odd) |"', ["old"]),
        ("query equals SHOP", ["shop"]),
        ('query equals ["web","zzz"]', ["shop"]),
    ],
)
def test_expressions(text: str, keys: list[str]) -> None:
    assert chosen(text) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("kind:custom", ["shop"]),
        ("query:shop,tags:beta", ["shop"]),
        ("tags:beta+web", ["shop"]),
        ("tags:beta+none", []),
        ("query: old", ["old"]),
    ],
)
def test_pairs(text: str, keys: list[str]) -> None:
    assert chosen(text, "pairs") == keys


def test_objects_in_pairs_keep_their_commas_and_colons() -> None:
    conditions = pairs('creationDate:{"before":5,"after":{"x":[1,2]}},query:a:b')
    assert [(each.field, each.value) for each in conditions] == [
        ("creationDate", {"before": 5, "after": {"x": [1, 2]}}),
        ("query", "a:b"),
    ]


@pytest.mark.parametrize(
    ("text", "dialect", "says"),
    [
        ("colour equals red", "expressions", "unknown field 'colour'; possible: archived, kind, query, tags"),
        ("kind is custom", "expressions", "unknown operator 'is'; possible: equals"),
        ("kind equals", "expressions", "a value is missing"),
        ("(kind equals x", "expressions", "not closed"),
        ("kind equals x)", "expressions", r"'\)' was not expected"),
        ('kind equals "x', "expressions", "is a quote or bracket open"),
        ("kind anyOf [1,", "expressions", "is a quote or bracket open"),
        ("kind", "pairs", "not of the form field:value"),
        ('creationDate:{"before"', "pairs", "not valid JSON"),
        ("nope:1", "pairs", "unknown field 'nope'"),
    ],
)
def test_what_cannot_be_understood_is_named(text: str, dialect: Any, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        predicate(text, dialect, FIELDS, NO_WORK)
