"""Contexts are read from JSON as every SDK writes them, and refused with the name of what is wrong."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldclient import Context as OfficialContext
from ldclient.client import LDClient
from ldclient.config import Config

from flaghoist.evaluation.context import ContextInvalid, parse_context


def test_a_single_kind_gives_its_attributes_and_hides_its_meta() -> None:
    context = parse_context(
        {
            "kind": "org",
            "key": "acme",
            "name": "Acme",
            "address": {"city": "Oslo"},
            "_meta": {"privateAttributes": ["name"]},
        }
    )
    assert context.keys == {"org": "acme"}
    assert context.value("/address/city", kind="org") == "Oslo"
    assert context.value("anonymous", kind="org") is False
    assert context.value("_meta", kind="org") is None
    assert context.value("name") is None, "there is no user here"


def test_a_multi_kind_context_gives_each_kind_its_own_attributes() -> None:
    context = parse_context({"kind": "multi", "user": {"key": "u", "plan": "pro"}, "org": {"key": "o", "plan": "team"}})
    assert context.keys == {"org": "o", "user": "u"}
    assert (context.value("plan"), context.value("plan", kind="org")) == ("pro", "team")
    assert context.value("kind", kind="org") == "org"


def test_a_legacy_user_has_its_custom_attributes_beside_the_others() -> None:
    context = parse_context(
        {
            "key": "",
            "email": "ann@example.com",
            "secondary": "x",
            "anonymous": None,
            "custom": {"plan": "pro", "key": "not the key", "email": "not the email"},
            "privateAttributeNames": ["email"],
        }
    )
    assert context.keys == {"user": ""}
    assert context.value("email") == "ann@example.com"
    assert context.value("plan") == "pro"
    assert context.value("anonymous") is False
    assert context.value("secondary") is context.value("privateAttributeNames") is context.value("custom") is None


def test_what_the_caller_does_with_the_document_later_does_not_change_the_context() -> None:
    document = {"kind": "user", "key": "u1", "_meta": {"privateAttributes": []}}
    context = parse_context(document)
    document["key"] = "u2"
    assert context.keys == {"user": "u1"}
    assert "_meta" in document, "the caller's document is left as it was"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "must be a JSON object"),
        ([], "must be a JSON object"),
        ({"kind": None, "key": "u"}, "'kind' must be a string"),
        ({"kind": ["user"], "key": "u"}, "'kind' must be a string"),
        ({"kind": "kind", "key": "u"}, "'kind' cannot be a context kind"),
        ({"kind": "", "key": "u"}, "'' cannot be a context kind"),
        ({"kind": "ör g", "key": "u"}, "cannot be a context kind"),
        ({"kind": "user"}, "'key'"),
        ({"kind": "user", "key": ""}, "'key'"),
        ({"kind": "user", "key": 3}, "'key'"),
        ({"kind": "user", "key": "u", "name": 3}, "'name' must be a string"),
        ({"kind": "user", "key": "u", "anonymous": "yes"}, "'anonymous' must be true or false"),
        ({"kind": "user", "key": "u", "_meta": []}, "'_meta'"),
        ({"kind": "user", "key": "u", "_meta": {"privateAttributes": [1]}}, "'privateAttributes'"),
        ({"kind": "user", "key": "u", "_meta": {"privateAttributes": "name"}}, "'privateAttributes'"),
        ({"kind": "multi"}, "at least one kind"),
        ({"kind": "multi", "user": "u"}, "'user' must be a JSON object"),
        ({"kind": "multi", "multi": {"key": "u"}}, "'multi' cannot be a context kind"),
        ({"kind": "multi", "user": {"key": "u"}, "org": {"key": ""}}, "'org'"),
        ({}, "'key'"),
        ({"key": None}, "'key'"),
        ({"key": "u", "email": 3}, "'email' must be a string"),
        ({"key": "u", "custom": "x"}, "'custom' must be a JSON object"),
        ({"key": "u", "anonymous": 1}, "'anonymous'"),
    ],
)
def test_an_invalid_context_is_refused_with_the_name_of_what_is_wrong(document: Any, message: str) -> None:
    with pytest.raises(ContextInvalid, match=message):
        parse_context(document)


@pytest.mark.parametrize(
    ("document", "canonical_key"),
    [
        ({"kind": "user", "key": "a:b"}, "a:b"),
        ({"key": "a:b%"}, "a:b%"),
        ({"kind": "org", "key": "a:b%c"}, "org:a%3Ab%25c"),
        ({"kind": "multi", "user": {"key": "u"}, "org": {"key": "a:b%c"}}, "org:a%3Ab%25c:user:u"),
        ({"kind": "multi", "user": {"key": "a:b"}}, "a:b"),
        ({"kind": "multi", "b": {"key": "2"}, "B": {"key": "1"}, "a": {"key": "3"}}, "B:1:a:3:b:2"),
    ],
)
def test_canonical_key(document: Any, canonical_key: str) -> None:
    assert parse_context(document).canonical_key == canonical_key


def test_secure_mode_hash_is_the_one_that_official_sdks_compute() -> None:
    user = parse_context({"kind": "user", "key": "u1"})
    # Computed with the Node server SDK.
    assert user.secure_mode_hash("sdk-abc") == "6238156c6391dbd1783097e15b1616398bdb5695147bfbc2505cc7ee79367da4"

    document = {"kind": "multi", "user": {"key": "ü:1"}, "org": {"key": "o%"}}
    with LDClient(Config("sdk-abc", use_ldd=True, send_events=False)) as client:
        expected = client.secure_mode_hash(OfficialContext.from_dict(document))
    assert parse_context(document).secure_mode_hash("sdk-abc") == expected


def test_a_context_is_not_altered_once_read() -> None:
    context = parse_context({"kind": "user", "key": "u1"})
    with pytest.raises(AttributeError):
        context.kinds = {}  # type: ignore[misc]


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One case in ten is the rare one: a context has many parts, and each can spoil it."""
    return st.integers(0, 9).flatmap(lambda number: rare if number == 7 else usual)


anything = st.sampled_from([None, "", "x", 0, 1, True, False, [], ["x"], [1], {}, {"x": 1}])
kinds = mostly(st.sampled_from(["user", "org", "a.b_c-1"]), st.sampled_from(["kind", "", "a b", None, 3]))
keys = mostly(st.sampled_from(["u1", "a:b", "%"]), anything)
singles = st.builds(
    lambda key, others: {"key": key, **others},
    keys,
    st.fixed_dictionaries(
        {},
        optional={
            "name": mostly(st.sampled_from(["Ann", None]), anything),
            "anonymous": mostly(st.booleans(), anything),
            "email": anything,
            "_meta": mostly(st.none(), anything | st.fixed_dictionaries({"privateAttributes": anything.filter(bool)})),
        },
    ),
)
inner_kinds = mostly(st.sampled_from(["user", "org", "a.b_c-1"]), st.sampled_from(["multi", "", "a b"]))
documents = st.one_of(
    st.builds(lambda kind, single: {**single, "kind": kind}, kinds, singles),
    st.builds(
        lambda inner: {**inner, "kind": "multi"}, st.dictionaries(inner_kinds, mostly(singles, anything), max_size=3)
    ),
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(documents)
def test_a_context_is_valid_exactly_when_the_official_sdk_says_so(document: Any) -> None:
    official = OfficialContext.from_dict(document)
    if not official.valid:
        with pytest.raises(ContextInvalid):
            parse_context(document)
        return
    context = parse_context(document)
    assert context.canonical_key == official.fully_qualified_key
    for kind, key in context.keys.items():
        single = official.get_individual_context(kind)
        assert single.key == key
        assert {name: single.get(name) for name in context.kinds[kind]} == context.kinds[kind]
