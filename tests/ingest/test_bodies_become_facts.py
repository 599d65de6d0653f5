"""What each kind of event, of each age, becomes; and that none spoils another."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.base.clock import HOUR_MS
from flaghoist.ingest.parse import Haul, parse
from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.facts.rows import unit_hash
from flaghoist.store.facts.tally import Tally
from flaghoist.store.position import first_at

AT = 1_795_435_200_000
IN_EXPERIMENT = {"kind": "FALLTHROUGH", "inExperiment": True}
USER = {"contextKeys": {"user": "ann"}}
EXPOSURE = {"kind": "feature", "key": "f", "variation": 1, "reason": IN_EXPERIMENT, "creationDate": AT, **USER}
PURCHASE = {"kind": "custom", "key": "bought", "metricValue": 9.5, "creationDate": AT, **USER}


def read(*events: Any, body: bytes | None = None, **batch: Any) -> tuple[Haul, Tally]:
    """The haul and tally of a body of these events."""
    tally = Tally()
    batch.setdefault("source", "server")
    whole = json.dumps(events).encode() if body is None else body
    stored = StoredBatch(first_at(AT), Batch("env", body=whole, events=max(len(events), 1), **batch))
    return parse(stored, tally, max_lateness_ms=72 * HOUR_MS), tally


def test_an_evaluation_in_an_experiment_is_an_exposure_of_each_kind_of_context() -> None:
    haul, _ = read({**EXPOSURE, "contextKeys": {"user": "ann", "org": "acme"}, "samplingRatio": 10})
    assert [(row.flag, row.unit_kind, row.unit_key, row.variation, row.rule, row.weight) for row in haul.exposures] == [
        ("f", "org", "acme", 1, "fallthrough", 10),
        ("f", "user", "ann", 1, "fallthrough", 10),
    ]
    org, user = haul.exposures
    assert org.kinds == user.kinds == "org,user"
    assert org.position == user.position
    assert (org.unit, user.unit) == (unit_hash("org", "acme"), unit_hash("user", "ann"))


@pytest.mark.parametrize(
    "event",
    [
        {**EXPOSURE, "reason": {"kind": "FALLTHROUGH"}},
        {**EXPOSURE, "reason": None},
        {**EXPOSURE, "kind": "debug"},
        {"kind": "summary", "features": {"f": {"counters": [{"variation": 1, "count": 3}]}}},
        {"kind": "index", "context": {"kind": "user", "key": "ann"}},
    ],
)
def test_nothing_else_is_an_exposure(event: dict[str, Any]) -> None:
    haul, _ = read(event)
    assert haul.exposures == []
    assert haul.rejected == []


def test_exposures_take_attributes_from_their_own_context_or_from_another_event_of_the_payload() -> None:
    known = {"kind": "user", "key": "ben", "plan": "pro", "ssn": "1", "_meta": {"privateAttributes": ["ssn"]}}
    own = {"kind": "user", "key": "ann", "plan": "free", "address": {"city": "Bonn", "street": "x"}}
    own["_meta"] = {"privateAttributes": ["/address/street"], "redactedAttributes": ["email"]}
    haul, _ = read(
        {**EXPOSURE, "contextKeys": {"user": "ben"}},
        {key: value for key, value in {**EXPOSURE, "context": own}.items() if key != "contextKeys"},
        {"kind": "index", "context": known},
        {**EXPOSURE, "contextKeys": {"user": "nobody-knows"}},
    )
    assert [row.attributes and json.loads(row.attributes) for row in haul.exposures] == [
        {"plan": "pro"},
        {"plan": "free", "address": {"city": "Bonn"}},
        None,
    ]
    assert {(identity.kind, identity.key): dict(identity.attributes) for identity in haul.identities} == {
        ("user", "ben"): {"plan": "pro"},
        ("user", "ann"): {"plan": "free", "address": {"city": "Bonn"}},
    }


def test_what_metrics_measure_becomes_an_outcome() -> None:
    page = {"url": "https://shop/x", "creationDate": AT, **USER}
    haul, tally = read(
        {**PURCHASE, "data": {"plan": "pro", "n": 1}, "url": None},
        {"kind": "click", "key": "cta", "selector": ".buy", **page},
        {"kind": "pageview", "key": "landing", **page},
        {"kind": "click_pageview", "key": "cta", **page},
    )
    assert [(row.kind, row.key, row.value, row.properties, row.url) for row in haul.outcomes] == [
        ("custom", "bought", 9.5, '{"plan": "pro", "n": 1}', None),
        ("click", "cta", None, None, "https://shop/x"),
        ("pageview", "landing", None, None, "https://shop/x"),
    ]
    assert set(tally.events) == {("env", "custom", "bought"), ("env", "click", "cta"), ("env", "pageview", "landing")}
    assert tally.values == {("env", "custom", "bought"): AT}
    assert tally.event_units[("env", "custom", "bought", "user")] == AT


def test_attributes_carried_by_an_event_are_kept_for_filters() -> None:
    context = {"kind": "multi", "user": {"key": "ann", "plan": "pro"}, "org": {"key": "acme"}}
    haul, _ = read({"kind": "custom", "key": "bought", "context": context})
    assert {row.unit_kind: row.unit_key for row in haul.outcomes} == {"org": "acme", "user": "ann"}
    assert [json.loads(row.context or "") for row in haul.outcomes] == [{"user": {"plan": "pro"}}] * 2


@pytest.mark.parametrize(
    "who",
    [
        {"contextKeys": {"user": "ann"}},
        {"context": {"kind": "user", "key": "ann"}},
        {"context": {"key": "ann", "custom": {"plan": "pro"}}},
        {"user": {"key": "ann", "email": "a@b"}},
        {"userKey": "ann"},
        {"contextKeys": {"user": "ann", "bad kind!": "x", "org": ""}},
        {"context": {"kind": "user"}, "contextKeys": {"user": "ann"}},
    ],
)
def test_whom_an_event_is_about_is_read_in_every_shape(who: dict[str, Any]) -> None:
    haul, _ = read({"kind": "custom", "key": "bought", **who}, schema=2)
    assert [(row.unit_kind, row.unit_key) for row in haul.outcomes] == [("user", "ann")]


def test_numbers_for_keys_are_read_as_the_texts_they_should_have_been() -> None:
    haul, _ = read(
        {"kind": "custom", "key": "bought", "contextKeys": {"user": 17}},
        {"kind": "custom", "key": "bought", "user": {"key": 17}},
        {"kind": "custom", "key": "bought", "userKey": 17},
    )
    assert [row.unit_key for row in haul.outcomes] == ["17"] * 3


REJECTED: list[tuple[Any, str]] = [
    (17, "bad_event"),
    ([], "bad_event"),
    ({"kind": "telemetry"}, "unknown_kind"),
    ({"kind": 5}, "unknown_kind"),
    ({}, "unknown_kind"),
    ({**PURCHASE, "key": ""}, "bad_key"),
    ({**PURCHASE, "key": None}, "bad_key"),
    ({**PURCHASE, "key": "x" * 513}, "bad_key"),
    ({**PURCHASE, "key": "nul\0"}, "bad_key"),
    ({**EXPOSURE, "key": "no spaces"}, "bad_key"),
    ({**PURCHASE, "creationDate": "yesterday"}, "bad_time"),
    ({**PURCHASE, "creationDate": -1}, "bad_time"),
    ({**PURCHASE, "creationDate": 1e18}, "bad_time"),
    ({**PURCHASE, "metricValue": "9.5"}, "bad_value"),
    ({**PURCHASE, "metricValue": True}, "bad_value"),
    ({**PURCHASE, "metricValue": 1e101}, "bad_value"),
    ({"kind": "custom", "key": "bought"}, "unknown_unit"),
    ({**PURCHASE, "contextKeys": {}}, "unknown_unit"),
    ({**PURCHASE, "contextKeys": "ann"}, "unknown_unit"),
    ({**PURCHASE, "contextKeys": {"multi": "x", "kind": "y"}}, "unknown_unit"),
    ({"kind": "custom", "key": "bought", "context": {"kind": "user", "key": ""}}, "unknown_unit"),
    ({**EXPOSURE, "variation": None}, "unknown_variation"),
    ({**EXPOSURE, "variation": -1}, "unknown_variation"),
    ({**PURCHASE, "eventId": ""}, "bad_event"),
]


@pytest.mark.parametrize(("event", "reason"), REJECTED)
def test_an_unusable_event_is_left_out_with_its_reason_and_spoils_no_other(event: Any, reason: str) -> None:
    haul, tally = read(PURCHASE, event, PURCHASE)
    assert haul.rejected == [(1, reason)]
    assert len(haul.outcomes) == 2
    assert {name: count for (_, _, name), count in tally.dropped.items()} == {reason: 1}


@pytest.mark.parametrize(
    "event",
    [
        {**PURCHASE, "unheardOf": {"deep": [1]}},
        {**PURCHASE, "metricValue": None},
        {**PURCHASE, "creationDate": None},
        {**PURCHASE, "url": 5, "samplingRatio": "often"},
        {**PURCHASE, "data": "just text"},
    ],
)
def test_odd_members_do_no_harm(event: dict[str, Any]) -> None:
    haul, _ = read(event)
    assert len(haul.outcomes) == 1
    assert haul.rejected == []


def test_events_accepted_before_are_left_out_as_duplicates() -> None:
    tally = Tally()
    body = json.dumps([PURCHASE, PURCHASE]).encode()
    stored = StoredBatch(first_at(AT), Batch("env", "import", body, 2), repeats=frozenset({0}))
    haul = parse(stored, tally, max_lateness_ms=0)
    assert haul.rejected == [(0, "duplicate")]
    assert [row.position - first_at(AT) for row in haul.outcomes] == [1]


def test_senders_who_vouch_for_their_time_are_held_to_it() -> None:
    dates = [AT, AT - 72 * HOUR_MS, AT - 72 * HOUR_MS - 1, AT + 300_000, AT + 300_001, None]
    events = [{**PURCHASE, "creationDate": date} for date in dates]
    haul, _ = read(*events, source="import", marks=Marks.BY_CREATION)
    assert haul.rejected == [(2, "too_old"), (4, "future"), (5, "bad_time")]
    assert all(row.by_creation for row in haul.outcomes)
    haul, _ = read(*events)
    assert haul.rejected == []


def test_summaries_tell_how_often_each_variation_was_served() -> None:
    features = {
        "f": {
            "default": {"theme": "dark"},
            "contextKinds": ["user", "org"],
            "counters": [{"variation": 0, "count": 3}, {"variation": 1, "count": 2}, {"count": 1, "unknown": True}],
        }
    }
    _, tally = read({"kind": "summary", "startDate": AT - 1, "endDate": AT, "features": features}, EXPOSURE)
    hour = AT - AT % HOUR_MS
    assert dict(tally.evaluations) == {("env", "f", hour, 0): 3, ("env", "f", hour, 1): 2, ("env", "f", hour, -1): 1}
    assert tally.defaults == {("env", "f"): '{"theme": "dark"}'}
    assert {kind for _, kind in tally.kinds} == {"user", "org"}


@pytest.mark.parametrize("batch", [{"marks": Marks.UNSUMMARIZED}, {"schema": 2}, {"schema": 1}])
def test_where_no_summary_comes_every_evaluation_counts(batch: dict[str, Any]) -> None:
    plain = {**EXPOSURE, "reason": None, "default": False}
    haul, tally = read(
        plain, plain, EXPOSURE, {**plain, "excludeFromSummaries": True}, {**plain, "variation": None}, **batch
    )
    assert {variation: count for (*_, variation), count in tally.evaluations.items()} == {1: 3, -1: 1}
    assert len(haul.exposures) == 1


def test_imported_exposures_need_no_reason_and_may_name_a_variation_by_its_id() -> None:
    exposure = {"kind": "feature", "key": "f", "creationDate": AT, **USER}
    events = [{**exposure, "variation": 1}, {**exposure, "treatmentId": "abc", "iterationId": "it-1"}, exposure]
    haul, tally = read(*events, source="import", marks=Marks.EXTENSIONS)
    assert [(row.variation, row.treatment, row.iteration) for row in haul.exposures] == [
        (1, None, None),
        (None, "abc", "it-1"),
    ]
    assert haul.rejected == [(2, "unknown_variation")]
    assert not tally.evaluations


def test_diagnostics_and_senders_are_remembered() -> None:
    started = {"kind": "diagnostic-init", "sdk": {"name": "python-server-sdk"}, "configuration": {"x": 1}}
    body = json.dumps(started).encode()
    _, tally = read(body=body, agent="PythonClient/9.20.0", wrapper="openfeature/1")
    assert [(key[1:], sdk.starts) for key, sdk in tally.sdks.items()] == [
        (("PythonClient", "9.20.0", "openfeature/1"), 1)
    ]
    _, tally = read({"kind": "diagnostic", "droppedEvents": 7}, agent="GoClient/7")
    assert [sdk.dropped for sdk in tally.sdks.values()] == [7]


def test_known_kinds_that_tell_nothing_here_are_no_mistakes() -> None:
    migration = {"kind": "migration_op", "operation": "read", "evaluation": {"key": "f", "value": "off"}, **USER}
    haul, tally = read({"kind": "alias", "key": "a"}, {"kind": "relayMetrics", "relayId": "r"}, migration)
    assert haul.rejected == []
    assert not tally.dropped


def test_bodies_come_compressed_as_lines_or_as_one_object() -> None:
    assert len(read(body=gzip.compress(json.dumps([PURCHASE]).encode()), marks=Marks.GZIP)[0].outcomes) == 1
    lines = b"\n".join([json.dumps(PURCHASE).encode(), b"", json.dumps(PURCHASE).encode()])
    assert len(read(body=lines, marks=Marks.LINES)[0].outcomes) == 2
    assert len(read(body=json.dumps(PURCHASE).encode())[0].outcomes) == 1


def test_what_only_a_strict_reader_minds_is_mended() -> None:
    # Browsers write half a character as an escape; Python writes NaN.
    half = b'[{"kind":"custom","key":"bought","contextKeys":{"user":"ann"},"data":{"text":"\\ud83d"}}]'
    not_a_number = b'\xef\xbb\xbf[{"kind":"custom","key":"bought","contextKeys":{"user":"ann"},"metricValue":NaN}]'
    for body in (half, not_a_number):
        haul, _ = read(body=body)
        assert len(haul.outcomes) == 1


def test_a_damaged_body_is_counted_and_forgotten() -> None:
    haul, tally = read(body=b"\x1f\x8b nonsense", marks=Marks.GZIP)
    assert haul.outcomes == []
    assert {reason: count for (_, _, reason), count in tally.dropped.items()} == {"unreadable": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = (
    "key", "creationDate", "contextKeys", "context", "user", "userKey", "metricValue", "data", "variation", "reason",
    "features", "samplingRatio", "default", "treatmentId", "iterationId", "eventId", "url", "droppedEvents",
    "excludeFromSummaries",
)  # fmt: skip
KINDS = ("feature", "custom", "click", "pageview", "identify", "index", "summary", "diagnostic", "migration_op")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from(KINDS)}, optional=dict.fromkeys(MEMBERS, JSON)), max_size=4)
)
def test_nothing_that_is_json_stops_the_reader(events: list[dict[str, Any]]) -> None:
    haul, tally = read(*events, PURCHASE, source="import", marks=Marks.EXTENSIONS)
    assert len(haul.outcomes) >= 1
    assert sum(tally.dropped.values()) == len(haul.rejected) <= len(events)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_nothing_at_all_stops_the_reader(body: bytes) -> None:
    read(body=body)
    read(body=body, marks=Marks.LINES)
    read(body=body, marks=Marks.GZIP)


def test_contexts_nested_beyond_reason_spoil_no_other_event() -> None:
    for depth in range(800, 1001):  # near the depth at which the reader itself gives up
        nested = b'{"a":' * depth + b"1" + b"}" * depth
        for private in (b"", b'"/x%s"' % (b"/a" * depth)):
            context = b'{"kind":"user","key":"ann","_meta":{"privateAttributes":[%s]},"x":%s}' % (private, nested)
            odd = b'{"kind":"custom","key":"bought","context":%s}' % context
            haul, tally = read(body=b'[%s,{"kind":"custom","key":"bought","userKey":"bob"}]' % odd)
            others = [row.unit_key for row in haul.outcomes if row.unit_key != "ann"]
            # Deeper still, the body is no JSON that can be read; one that is accepted must give what it has.
            assert others == ["bob"] or [reason for _, _, reason in tally.dropped] == ["unreadable"]
