"""Flags, segments and contexts drawn at random: everything there is, and all that SDKs tolerate of the broken."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

World = dict[str, Any]

KINDS = ("user", "org", "device")
CONTEXT_KEYS = ("ann", "bob", "33333", "a:b%c", "Zoë", "userKeyA")
FLAG_KEYS = ("first", "second", "third")
SEGMENT_KEYS = ("beta", "staff", "giant")

TEXTS = ("a", "ab", "abc", "A", "", "1", "true", "null", "beta", "ann", "user", "org")
DATES = (
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.000Z",
    "2020-01-01T01:00:00+01:00",
    "2019-12-31T19:00:00.5-05:00",
    "2020-01-01t00:00:00.123456789z",
    "2020-01-01",
    "2020-01-01T00:00:00",
    "2020-02-30T00:00:00Z",
    "2020-01-01T24:30:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00Zulu",
)
VERSIONS = (
    "2.0.0",
    "2",
    "2.0",
    "2-rc1",
    "2.0.0-rc.1",
    "2.0.0-rc.11",
    "2.0.0+b",
    "02.0.0",
    "v2",
    "1.2.3.4",
    "2.",
    "10.0",
)
PATTERNS = ("a", "^a.*c$", "[0-9]+", "(", "", "\\d{4}-", "(?i)AB")
NUMBERS = (0, 1, -1, 1.0, 1.5, 2**53, 2**53 + 1, 1577836800000, 1577836800000.5, 1e308)
ATTRIBUTES = ("key", "name", "anonymous", "kind", "email", "age", "tags", "address", "/slash", "a/b", "t~l", "_meta")
REFERENCES = (
    *("key", "name", "/name", "anonymous", "kind", "/kind", "/kind/x", "email", "/age", "tags", "/tags/0", "address"),
    *("/address/city", "/address/zip~1code", "/address/geo/lat", "/a~1b", "/t~0l", "t~l", "/~1slash", "_meta"),
)
BROKEN_REFERENCES = ("", "/", "//", "/address/", "/a~2", "/a~", "/address//city")
OPERATORS = (
    *("in", "startsWith", "endsWith", "contains", "matches", "before", "after", "unheardOf"),
    *("segmentMatch", "segmentMatch", "segmentMatch", "segmentMatch"),
    *("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
    *("semVerEqual", "semVerLessThan", "semVerGreaterThan"),
)
STATUSES = ("HEALTHY", "STALE", "STORE_ERROR", "NOT_CONFIGURED")


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One case in twenty is the rare one: where everything is broken, nothing else gets tested."""
    return st.integers(0, 19).flatmap(lambda number: rare if number == 7 else usual)


scalars = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(DATES),
    st.sampled_from(VERSIONS),
    st.sampled_from(NUMBERS),
    st.booleans(),
    st.none(),
)
anything = st.one_of(
    scalars,
    st.lists(scalars, max_size=3),
    st.lists(st.lists(scalars, max_size=1), max_size=2),
    st.dictionaries(st.sampled_from(("city", "zip/code")), scalars, max_size=2),
)


@st.composite
def attributes(draw: st.DrawFn) -> World:
    """The attributes of one kind: few, but of every type."""
    optional = {
        "name": st.none() | st.sampled_from(TEXTS),
        "anonymous": st.booleans(),
        "email": anything,
        "age": anything,
        "tags": anything,
        "address": st.fixed_dictionaries(
            {}, optional={"city": anything, "zip/code": anything, "geo": st.just({"lat": 1.5})}
        ),
        "/slash": scalars,
        "a/b": scalars,
        "t~l": scalars,
        "_meta": st.sampled_from((None, {}, {"privateAttributes": ["email", "/address/city"]})),
    }
    return draw(st.fixed_dictionaries({"key": st.sampled_from(CONTEXT_KEYS)}, optional=optional))


@st.composite
def contexts(draw: st.DrawFn) -> World:
    """A context of one kind, mostly a user, or of several."""
    kinds = draw(st.lists(st.sampled_from(("user", "user", *KINDS)), min_size=1, max_size=3, unique=True))
    if len(kinds) == 1:
        return {"kind": kinds[0], **draw(attributes())}
    return {"kind": "multi", **{kind: draw(attributes()) for kind in kinds}}


@st.composite
def clauses(draw: st.DrawFn) -> World:
    """A clause with values that its operator can use, and some that it cannot."""
    operator = draw(st.sampled_from(OPERATORS))
    fitting = {
        "matches": st.sampled_from(PATTERNS),
        "before": st.sampled_from(DATES) | st.sampled_from(NUMBERS),
        "after": st.sampled_from(DATES) | st.sampled_from(NUMBERS),
        "segmentMatch": st.sampled_from((*SEGMENT_KEYS, "ghost")),
        "in": anything,
    }.get(operator, scalars)
    if operator.startswith("semVer"):
        fitting = st.sampled_from(VERSIONS)
    values = st.lists(fitting if operator == "segmentMatch" else mostly(fitting, scalars), max_size=5)
    clause = {"op": operator, "values": draw(values), "negate": draw(st.booleans())}
    kind = draw(st.sampled_from((None, "", "user", *KINDS)))
    if kind is not None:
        clause["contextKind"] = kind
    names = mostly(st.sampled_from(REFERENCES if kind else ATTRIBUTES), st.sampled_from(BROKEN_REFERENCES))
    return {**clause, "attribute": draw(names)}


weights = st.sampled_from((0, 1, 30_000, 50_000, 100_000))
variation_indexes = mostly(st.sampled_from((0, 1, 2)), st.sampled_from((-1, 3)))
bucket_bys = mostly(
    st.sampled_from(("key", "email", "/address/city", "age", "", "anonymous")), st.sampled_from(BROKEN_REFERENCES)
)
shares = st.fixed_dictionaries(
    {"variation": variation_indexes, "weight": weights}, optional={"untracked": st.booleans()}
)
rollouts = st.fixed_dictionaries(
    {"variations": mostly(st.lists(shares, min_size=1, max_size=3), st.just([]))},
    optional={
        "kind": st.sampled_from(("rollout", "experiment", "experiment")),
        "contextKind": st.sampled_from(("user", "org", "")),
        "bucketBy": bucket_bys,
        "seed": st.sampled_from((None, 0, 61, -5)),
    },
)
choices = mostly(
    st.one_of(
        st.fixed_dictionaries({"variation": variation_indexes}),
        st.fixed_dictionaries({"rollout": rollouts}),
        st.fixed_dictionaries({"rollout": rollouts, "variation": st.none() | variation_indexes}),
    ),
    st.just({}),
)
key_lists = st.lists(st.sampled_from(CONTEXT_KEYS), max_size=2)


@st.composite
def flag_rules(draw: st.DrawFn) -> World:
    """A rule of a flag."""
    rule = {"clauses": draw(st.lists(clauses(), max_size=2)), **draw(choices)}
    return {**rule, **draw(st.fixed_dictionaries({}, optional={"id": st.just("r"), "trackEvents": st.booleans()}))}


segment_rules = st.fixed_dictionaries(
    {"clauses": st.lists(clauses(), max_size=2)},
    optional={
        "weight": weights,
        "bucketBy": bucket_bys,
        "rolloutContextKind": st.sampled_from(("user", "org", "")),
    },
)


def targets(kinds: tuple[str | None, ...]) -> st.SearchStrategy[World]:
    """A target of a flag for any of some kinds (None: the field is absent)."""
    target = {"variation": variation_indexes, "values": key_lists}
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.fixed_dictionaries(target if kind is None else {**target, "contextKind": st.just(kind)})
    )


def flags(key: str) -> st.SearchStrategy[World]:
    """A flag that may use anything there is, and may be broken in any way that SDKs tolerate."""
    later = FLAG_KEYS[FLAG_KEYS.index(key) + 1 :] or ("ghost",)
    others = mostly(st.sampled_from(later), st.sampled_from((*FLAG_KEYS, "ghost")))
    prerequisites = st.lists(
        st.fixed_dictionaries({"key": others, "variation": st.sampled_from((0, 1, 2))}), max_size=2
    )
    return st.fixed_dictionaries(
        {
            "key": st.just(key),
            "version": st.integers(1, 9),
            "on": mostly(st.just(True), st.just(False)),
            "variations": st.just(["zero", {"one": 1}, None]),
            "fallthrough": choices,
            "rules": st.lists(flag_rules(), max_size=3),
        },
        optional={
            "salt": st.sampled_from(("saltyA", "")),
            "offVariation": st.none() | variation_indexes,
            "prerequisites": mostly(st.just([]), prerequisites) if key == FLAG_KEYS[-1] else prerequisites,
            "targets": st.lists(targets((None, "user", "org")), max_size=3),
            "contextTargets": st.lists(targets((None, "", *KINDS)), max_size=3),
            "trackEvents": st.booleans(),
            "trackEventsFallthrough": st.booleans(),
            "debugEventsUntilDate": st.sampled_from((None, 1_700_000_000_000)),
            "clientSide": st.booleans(),
        },
    )


@st.composite
def segments(draw: st.DrawFn, key: str, status: str) -> World:
    """A segment, big or not."""
    segment_target = st.fixed_dictionaries(
        {"values": key_lists}, optional={"contextKind": st.sampled_from(("", *KINDS))}
    )
    # Without a generation a look-up counts as not configured; here each world has one status, as SDKs differ in what
    # they report of several.
    generations = st.sampled_from((None, 1)) if status == "NOT_CONFIGURED" else st.sampled_from((1, 2))
    optional = {
        "salt": st.sampled_from(("saltyA", "")),
        "included": key_lists,
        "excluded": key_lists,
        "includedContexts": st.lists(segment_target, max_size=2),
        "excludedContexts": st.lists(segment_target, max_size=2),
        "unbounded": st.just(key == "giant"),
        "unboundedContextKind": st.sampled_from(KINDS),
    }
    required = {"key": st.just(key), "version": st.just(1), "generation": generations}
    required["rules"] = st.lists(segment_rules, max_size=2)
    return draw(st.fixed_dictionaries(required, optional=optional))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Three flags, three segments, a store of big segments and three contexts."""
    status = draw(st.sampled_from(STATUSES))
    memberships = st.dictionaries(st.sampled_from(("giant.g1", "giant.g2")), st.booleans())
    return {
        "flags": {key: draw(flags(key)) for key in FLAG_KEYS},
        "segments": {key: draw(segments(key, status)) for key in SEGMENT_KEYS},
        "memberships": draw(st.dictionaries(st.sampled_from(CONTEXT_KEYS), memberships)),
        "status": status,
        "contexts": [draw(contexts()) for _ in range(3)],
    }


in_the_suite = settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
