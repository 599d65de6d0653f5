"""Each operator of a clause, at its edges."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldclient.impl.model.value_parsing import parse_semver as official_parse_semver

from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.dates import parse_date_time
from flaghoist.evaluation.ruleset import Ruleset
from flaghoist.evaluation.semver import parse_semver

NEW_YEAR = "2020-01-01T00:00:00Z"
NEW_YEAR_MS = 1_577_836_800_000
HUGE = 10**400


def matches(operator: str, attribute: Any, *values: Any, negate: bool = False) -> bool:
    """Whether a flag's only rule matches a user with this attribute."""
    clause = {"contextKind": "user", "attribute": "attr", "op": operator, "values": list(values), "negate": negate}
    flag = {
        "key": "flag",
        "version": 1,
        "on": True,
        "variations": [False, True],
        "fallthrough": {"variation": 0},
        "rules": [{"id": "r", "variation": 1, "clauses": [clause]}],
    }
    result = Ruleset.build({"flag": flag}, {}).evaluate(
        "flag", parse_context({"kind": "user", "key": "u", "attr": attribute})
    )
    assert isinstance(result.value, bool), result
    return result.value


@pytest.mark.parametrize(
    ("operator", "attribute", "values", "expected"),
    [
        ("in", "a", ["b", "a"], True),
        ("in", "A", ["a"], False),
        ("in", "2", [2], False),
        ("in", 2, ["2"], False),
        ("in", 2, [2.0], True),
        ("in", 2.0, ["x", 2], True),
        ("in", True, [1], False),
        ("in", 1, [True], False),
        ("in", 0, [False], False),
        ("in", False, ["x", False], True),
        ("in", ["x", "a"], ["a"], True),
        ("in", ["x", 2], [2], True),
        ("in", [["a"]], ["a"], False),
        ("in", {"a": 1}, ["a"], False),
        ("in", [], ["a"], False),
        ("in", "a", [], False),
        ("startsWith", "flag", ["x", "fl"], True),
        ("startsWith", "flag", ["ag"], False),
        ("startsWith", "flag", [""], True),
        ("startsWith", "1", [1], False),
        ("endsWith", "flag", ["x", "ag"], True),
        ("endsWith", "flag", ["AG"], False),
        ("endsWith", 12, [2], False),
        ("contains", "flag", ["x", "la"], True),
        ("contains", "flag", ["al"], False),
        ("contains", ["no", "flag"], ["la"], True),
        ("matches", "flag-12", ["[0-9]+"], True),
        ("matches", "flag", ["^l"], False),
        ("matches", "flag", ["(", "^f.*g$"], True),
        ("matches", "flag", ["("], False),
        ("matches", 12, ["12"], False),
        ("lessThan", 1, [2], True),
        ("lessThan", 2, [2], False),
        ("lessThan", 3, [1, 4], True),
        ("lessThan", "1", [2], False),
        ("lessThan", 1, ["2"], False),
        ("lessThan", True, [2], False),
        ("lessThan", HUGE, [2], False),
        ("lessThan", 2, [HUGE], False),
        ("lessThanOrEqual", 2, [2.0], True),
        ("lessThanOrEqual", 2.5, [2], False),
        ("greaterThan", 3, [2.5], True),
        ("greaterThan", 2, [2, 1], True),
        ("greaterThan", 2, [2], False),
        ("greaterThanOrEqual", 2, [2], True),
        ("greaterThanOrEqual", [1, 5], [4], True),
        ("before", NEW_YEAR_MS - 1, [NEW_YEAR], True),
        ("before", NEW_YEAR_MS, [NEW_YEAR], False),
        ("before", "2019-12-31T23:59:59.999Z", [NEW_YEAR], True),
        ("before", NEW_YEAR, [NEW_YEAR_MS + 0.5], True),
        ("before", "2020-01-01", [NEW_YEAR_MS + 1], False),
        ("before", "1577836799999", [NEW_YEAR], False),
        ("after", "2020-01-01T00:00:00.001Z", [NEW_YEAR], True),
        ("after", NEW_YEAR, [NEW_YEAR], False),
        ("after", NEW_YEAR, ["not a date", "2019-01-01T00:00:00+14:00"], True),
        ("after", True, [0], False),
        ("semVerEqual", "2", ["2.0.0"], True),
        ("semVerEqual", "2.0.0+build.5", ["2.0"], True),
        ("semVerEqual", 2, ["2.0.0"], False),
        ("semVerEqual", "v2.0.0", ["v2.0.0"], False),
        ("semVerEqual", "2.0.0", [2], False),
        ("semVerLessThan", "2-rc1", ["2.0.0"], True),
        ("semVerLessThan", "2.0.0", ["2.0.0"], False),
        ("semVerLessThan", "2.0.0", ["x", "1.0.0", "2.0.1"], True),
        ("semVerGreaterThan", "10.0.0", ["9.0.0"], True),
        ("semVerGreaterThan", "2.0.0", ["02.0.0"], False),
        ("semVerGreaterThan", f"{HUGE}.0.0", ["9.0.0"], True),
        ("isOneOf", "a", ["a"], False),
    ],
)
def test_an_operator_and_its_negation(operator: str, attribute: Any, values: list[Any], expected: bool) -> None:
    assert matches(operator, attribute, *values) is expected
    assert matches(operator, attribute, *values, negate=True) is not expected


@pytest.mark.parametrize("operator", ["in", "contains", "lessThan", "before", "semVerEqual", "isOneOf"])
def test_a_missing_attribute_matches_neither_a_clause_nor_its_negation(operator: str) -> None:
    assert not matches(operator, None, "a", 1)
    assert not matches(operator, None, "a", 1, negate=True)


# In rising order: https://semver.org/spec/v2.0.0.html, section 11, and what flags allow beyond it.
RISING = [
    *("0.0.0", "0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1-rc.1", "1.0.0", "2", "2.0.1-0", "2.0.1--", "2.0.1-0a", "2.0.1", "2.1", "2.1.1", "10"),
]


def test_versions_rise_as_semver_says() -> None:
    precedences = [parse_semver(version) for version in RISING]
    assert None not in precedences
    assert all(lower < higher for lower, higher in pairwise(precedences))  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        "1.",
        "1.2.",
        "01",
        "1.02",
        "1.2.3.4",
        "1 ",
        " 1",
        "1.2.3-",
        "1-01",
        "1-a..b",
        "1+",
        "1+a_b",
        "1\n",
        "١",
    ],
)
def test_what_is_not_a_version(text: str) -> None:
    assert parse_semver(text) is None


versions = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,3}[.-]?[0-9a-b.-]{0,5}(\+[0-9a.]{0,3})?", fullmatch=True)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(versions, versions)
def test_versions_compare_as_in_the_official_sdk(one: str, other: str) -> None:
    ours, theirs = (parse_semver(one), parse_semver(other)), (official_parse_semver(one), official_parse_semver(other))
    assert [place is None for place in ours] == [version is None for version in theirs]
    if ours[0] is not None and ours[1] is not None:
        expected = theirs[0].compare(theirs[1])
        assert (ours[0] > ours[1]) - (ours[0] < ours[1]) == (expected > 0) - (expected < 0)


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        (NEW_YEAR, NEW_YEAR_MS),
        ("2020-01-01t00:00:00z", NEW_YEAR_MS),
        ("2020-01-01T00:00:00.5Z", NEW_YEAR_MS + 500),
        ("2020-01-01T00:00:00.123456789Z", NEW_YEAR_MS + 123.456),
        ("1970-01-01T00:00:00-00:00", 0),
        # RFC 3339, section 5.8
        ("1985-04-12T23:20:50.52Z", 482_196_050_520),
        ("1996-12-19T16:39:57-08:00", 851_042_397_000),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
    ],
)
def test_a_date_time_is_an_instant(text: str, at_ms: float) -> None:
    assert parse_date_time(text) == pytest.approx(at_ms, abs=0.001)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01T00:00Z", "2020-01-01 00:00:00Z", "20200101T000000Z"),
        *("2020-01-01T00:00:00Z ", "2020-01-01T00:00:00Z\n", "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00,5Z"),
        *("2020-02-30T00:00:00Z", "2020-13-01T00:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:60Z"),
        *(
            "2020-01-01T00:00:00+24:00",
            "2020-01-01T00:00:00+01",
            "2020-W01-1T00:00:00Z",
            "1577836800000",
            "0000-01-01T00:00:00Z",
        ),
    ],
)
def test_what_is_not_a_date_time(text: str) -> None:
    assert parse_date_time(text) is None


def test_the_attribute_kind_asks_for_any_of_the_kinds_present() -> None:
    clause = {"attribute": "kind", "op": "in", "values": ["org"]}
    flag = {
        "key": "flag",
        "version": 1,
        "on": True,
        "variations": ["has no org", "has an org"],
        "fallthrough": {"variation": 0},
        "rules": [{"id": "r", "variation": 1, "clauses": [clause]}],
    }
    ruleset = Ruleset.build({"flag": flag}, {})
    both = parse_context({"kind": "multi", "user": {"key": "u"}, "org": {"key": "o"}})
    assert ruleset.evaluate("flag", both).value == "has an org"
    assert ruleset.evaluate("flag", parse_context({"kind": "org", "key": "o"})).value == "has an org"
    assert ruleset.evaluate("flag", parse_context({"kind": "user", "key": "org"})).value == "has no org"
    negated = {**flag, "rules": [{"id": "r", "variation": 1, "clauses": [{**clause, "negate": True}]}]}
    assert Ruleset.build({"flag": negated}, {}).evaluate("flag", both).value == "has no org"


def test_patterns_are_searched_for_as_python_does() -> None:
    assert matches("matches", "Flag\n", "(?i)flag$") is bool(re.search("(?i)flag$", "Flag\n"))
