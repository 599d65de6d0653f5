"""What a metric may say of itself: every rule of its kinds, as a client meets it."""

from typing import Any

import pytest
from servers import Server

CUSTOM: dict[str, Any] = {"kind": "custom", "eventKey": "paid", "isNumeric": False}
NUMERIC = {**CUSTOM, "isNumeric": True, "unit": "EUR", "successCriteria": "HigherThanBaseline"}
URLS = [{"kind": "substring", "substring": "/cart"}]
CLICK: dict[str, Any] = {"kind": "click", "selector": ".buy", "urls": URLS}
PAGE: dict[str, Any] = {"kind": "pageview", "urls": URLS}
TRACE: dict[str, Any] = {"kind": "trace", "traceQuery": "span_name=checkout"}
WAREHOUSE = {"dataSource": {"key": "snowflake-events", "environmentKey": "test"}}
RATIO = {**NUMERIC, "denominator": {"eventName": "ordered"}}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def leaf(**more: Any) -> dict[str, Any]:
    whole = {"type": "eventProperty", "attribute": "price", "op": "lessThan", "values": [10], "negate": False}
    return {**whole, **more}


def nested(*values: Any, **more: Any) -> dict[str, Any]:
    return {"type": "group", "op": "and", "values": list(values), "negate": False, **more}


REFUSED: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"eventKey": "paid"}, ("kind",)),
    ({**CUSTOM, "kind": "hover"}, ("hover", "kind")),
    # Click
    (without(CLICK, "selector"), ("'selector'", "CSS")),
    (without(CLICK, "urls"), ("'urls'", "at least one page")),
    ({**CLICK, "urls": []}, ("'urls'",)),
    ({**CLICK, "isNumeric": True}, ("'isNumeric'", "click")),
    ({**CLICK, "unit": "clicks"}, ("'unit'", "leave it out")),
    ({**CLICK, "eventKey": "buy"}, ("'eventKey'", "leave it out")),
    ({**CLICK, "successCriteria": "HigherThanBaseline"}, ("'successCriteria'", "leave it out")),
    ({**CLICK, "filters": leaf()}, ("'filters'", "custom")),
    # Page view
    (without(PAGE, "urls"), ("'urls'",)),
    ({**PAGE, "selector": ".buy"}, ("'selector'", "click")),
    ({**PAGE, "eventKey": "seen"}, ("'eventKey'", "custom")),
    ({**PAGE, "unit": "views"}, ("'unit'",)),
    ({**PAGE, "successCriteria": "LowerThanBaseline"}, ("'successCriteria'",)),
    ({**PAGE, "isNumeric": True}, ("'isNumeric'",)),
    # Custom
    (without(CUSTOM, "eventKey"), ("'eventKey'", "code tracks")),
    ({**CUSTOM, "urls": URLS}, ("'urls'",)),
    ({**CUSTOM, "selector": ".buy"}, ("'selector'",)),
    ({**CUSTOM, "unit": "EUR"}, ("'unit'", "'isNumeric' to true")),
    ({**CUSTOM, "traceQuery": "x"}, ("'traceQuery'", "trace")),
    ({**CUSTOM, "successCriteria": "BetterThanBaseline"}, ("successCriteria", "BetterThanBaseline")),
    (without(NUMERIC, "unit"), ("'unit'", "what is measured")),
    (without(NUMERIC, "successCriteria"), ("'successCriteria'", "LowerThanBaseline")),
    (without(NUMERIC, "eventKey"), ("'eventKey'",)),
    ({**NUMERIC, "urls": URLS}, ("'urls'",)),
    # Trace
    (without(TRACE, "traceQuery"), ("'traceQuery'",)),
    ({**TRACE, "eventKey": "x"}, ("'eventKey'",)),
    ({**TRACE, "traceValueLocation": "duration"}, ("'traceValueLocation'", "numeric")),
    ({**TRACE, "isNumeric": True, "unit": "ms"}, ("'successCriteria'",)),
    (
        {**TRACE, "isNumeric": True, "unit": "ms", "successCriteria": "LowerThanBaseline"},
        ("'traceValueLocation'", "where in the trace"),
    ),
    # URL matchers
    ({**PAGE, "urls": [{"kind": "exact"}]}, ("urls[0]", "'url'")),
    ({**PAGE, "urls": [{"kind": "canonical", "substring": "/a"}]}, ("urls[0]", "'url'", "'substring'")),
    ({**PAGE, "urls": [*URLS, {"kind": "substring", "url": "/a"}]}, ("urls[1]", "'substring'")),
    ({**PAGE, "urls": [{"kind": "regex", "pattern": "(/a"}]}, ("urls[0].pattern", "regular expression")),
    ({**PAGE, "urls": [{"kind": "regex", "pattern": "(?i)/a"}]}, ("urls[0].pattern", "JavaScript", "(?i)")),
    ({**PAGE, "urls": [{"kind": "glob", "pattern": "*"}]}, ("urls[0]", "glob")),
    ({**CLICK, "selector": "a.buy, b:contains('x')"}, ("'selector'", "from ':contains('x')' on")),
    # Units, analysis, defaults
    ({**CUSTOM, "analysisUnits": ["a user"]}, ("analysisUnits", "a user")),
    ({**CUSTOM, "analysisUnits": ["user"], "randomizationUnits": ["device"]}, ("'analysisUnits'", "both alike")),
    ({**NUMERIC, "analysisType": "percentile"}, ("'percentileValue'", "required")),
    ({**NUMERIC, "analysisType": "percentile", "percentileValue": 101}, ("'percentileValue'", "101")),
    ({**NUMERIC, "percentileValue": 90}, ("'percentileValue'", "null")),
    (
        {**NUMERIC, "analysisType": "percentile", "percentileValue": 90, "eventDefault": {"disabled": False}},
        ("eventDefault.disabled", "true"),
    ),
    ({**CUSTOM, "analysisType": "percentile", "percentileValue": 90}, ("percentiles", "'unitAggregationType'")),
    ({**RATIO, "analysisType": "percentile", "percentileValue": 90}, ("ratio", "'denominator'")),
    ({**NUMERIC, "eventDefault": {"disabled": False, "value": 5}}, ("eventDefault.value", "0")),
    ({**NUMERIC, "unitAggregationType": "median"}, ("unitAggregationType", "median")),
    ({**NUMERIC, "unitAggregationType": "count_distinct", "unitAggregationField": "sku"}, ("dataSource", "warehouse")),
    ({**NUMERIC, **WAREHOUSE, "unitAggregationType": "count_distinct"}, ("unitAggregationField", "required")),
    ({**NUMERIC, "unitAggregationField": "sku"}, ("unitAggregationField", "count_distinct")),
    ({**NUMERIC, "valueColumn": "amount"}, ("valueColumn", "warehouse")),
    ({**CUSTOM, **WAREHOUSE, "valueColumn": "amount"}, ("valueColumn", "numeric")),
    # Windows and winsorization
    ({**NUMERIC, "windowStartOffset": -1}, ("windowStartOffset", "-1")),
    ({**NUMERIC, "windowStartOffset": 1000, "windowEndOffset": 1000}, ("windowEndOffset", "later")),
    ({**NUMERIC, "winsorUpperPercentile": 100}, ("winsorUpperPercentile", "100")),
    ({**NUMERIC, "winsorLowerPercentile": 0}, ("winsorLowerPercentile", "0")),
    ({**NUMERIC, "winsorLowerPercentile": 60, "winsorUpperPercentile": 40}, ("winsorUpperPercentile", "more than")),
    ({**CUSTOM, "winsorUpperPercentile": 99}, ("winsorUpperPercentile", "numeric")),
    (
        {**NUMERIC, "analysisType": "percentile", "percentileValue": 90, "winsorUpperPercentile": 99},
        ("winsorUpperPercentile", "percentiles"),
    ),
    # Denominators
    ({**NUMERIC, "denominator": {"eventName": ""}}, ("denominator.eventName",)),
    ({**NUMERIC, "denominator": {"eventName": "o", "winsorUpperPercentile": 99}}, ("denominator.winsor", "numeric")),
    (
        {**NUMERIC, "denominator": {"eventName": "o", "windowStartOffset": 9, "windowEndOffset": 3}},
        ("denominator.windowEndOffset",),
    ),
    ({**PAGE, "denominator": {"eventName": "o"}}, ("'denominator'", "custom")),
    # Filters
    ({**CUSTOM, "filters": leaf(op="segmentMatch")}, ("filters.op", "segmentMatch", "possible")),
    ({**CUSTOM, "filters": leaf(values=[])}, ("filters.values", "empty")),
    ({**CUSTOM, "filters": leaf(values=["10"])}, ("filters.values[0]", "numbers")),
    ({**CUSTOM, "filters": leaf(values=[0.000000000000001])}, ("filters.values[0]", "14 decimals")),
    ({**CUSTOM, "filters": without(leaf(), "attribute")}, ("filters.attribute", "event property")),
    ({**CUSTOM, "filters": leaf(contextKind="user")}, ("filters.contextKind", "leave it out")),
    ({**CUSTOM, "filters": leaf(type="header")}, ("filters", "header")),
    ({**CUSTOM, "filters": leaf(op="matches", values=["(a"])}, ("filters.values[0]", "regular expressions")),
    ({**CUSTOM, "filters": leaf(op="before", values=["yesterday"])}, ("filters.values[0]", "RFC 3339")),
    ({**CUSTOM, "filters": leaf(op="semVerEqual", values=["two"])}, ("filters.values[0]", "semantic versions")),
    ({**CUSTOM, "filters": leaf(op="in", values=[{"a": 1}])}, ("filters.values[0]", "text, numbers")),
    ({**CUSTOM, "filters": nested(leaf(), op="xor")}, ("filters.op", "'xor'")),
    ({**CUSTOM, "filters": nested(leaf(), attribute="x")}, ("filters", "group")),
    ({**CUSTOM, "filters": nested(leaf(), nested(leaf(op="like")))}, ("filters.values[1].values[0].op", "like")),
    ({**CUSTOM, "filters": nested("price")}, ("filters.values[0]",)),
    # Maintainers
    ({**CUSTOM, "maintainerId": "569fdeadbeef1644facecafe"}, ("maintainerId", "no member")),
    ({**CUSTOM, "maintainerTeamKey": "nobody"}, ("maintainerTeamKey", "no team")),
]


@pytest.fixture(scope="module")
def shop(server: Server) -> str:
    return str(server.project()["key"])


@pytest.mark.parametrize(("body", "words"), REFUSED, ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_a_metric_that_means_nothing_is_refused_by_field_and_cure(
    server: Server, shop: str, body: dict[str, Any], words: tuple[str, ...]
) -> None:
    answer = server.call("POST", f"/metrics/{shop}", json={"key": "refused", **body})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "invalid_request"
    missing = [word for word in words if word not in answer.json()["message"]]
    assert not missing, answer.json()["message"]


ACCEPTED: dict[str, dict[str, Any]] = {
    "conversion": CUSTOM,
    "count": {**CUSTOM, "unitAggregationType": "sum", "successCriteria": "LowerThanBaseline"},
    "average": NUMERIC,
    "total": {**NUMERIC, "unitAggregationType": "sum", "winsorUpperPercentile": 99.5, "winsorIncludeImputed": True},
    "median": {**NUMERIC, "analysisType": "percentile", "percentileValue": 50},
    "edge": {**NUMERIC, "analysisType": "percentile", "percentileValue": 100},
    "count-percentile": {**CUSTOM, "unitAggregationType": "sum", "analysisType": "percentile", "percentileValue": 95},
    "windowed": {**NUMERIC, "windowStartOffset": 0, "windowEndOffset": 86_400_000},
    "click": CLICK,
    "page": {**PAGE, "urls": [{"kind": "regex", "pattern": "/thanks/(?<order>[0-9]+)$"}]},
    "trace": TRACE,
    "slow-trace": {
        **TRACE,
        "isNumeric": True,
        "unit": "ms",
        "successCriteria": "LowerThanBaseline",
        "traceValueLocation": "duration",
    },
    "ratio": {**RATIO, "denominator": {"eventName": "ordered", "filters": leaf(), "windowEndOffset": 1000}},
    "distinct": {
        **NUMERIC,
        **WAREHOUSE,
        "unitAggregationType": "count_distinct",
        "unitAggregationField": "sku",
        "valueColumn": "amount",
    },
    "filtered": {
        **CUSTOM,
        "filters": nested(
            leaf(values=[9.99]),
            nested(
                leaf(type="contextAttribute", attribute="/address/country", op="in", values=["NL"], contextKind="org"),
                leaf(op="after", attribute="at", values=["2026-01-31T00:00:00Z"]),
                op="or",
                negate=True,
            ),
        ),
    },
}


@pytest.mark.parametrize("key", ACCEPTED)
def test_every_kind_of_metric_reads_back_as_it_was_said(server: Server, shop: str, key: str) -> None:
    from launchdarkly_api.models import MetricRep

    body = ACCEPTED[key]
    made = server.ok("POST", f"/metrics/{shop}", json={"key": key, **body})
    assert server.ok("GET", f"/metrics/{shop}/{key}") == made
    parsed = MetricRep.from_dict(made)
    assert parsed is not None and parsed.kind == body["kind"]
    for name, value in body.items():
        if name not in ("denominator", "eventDefault"):
            assert made[name] == value, name


def test_what_was_refused_is_not_there(server: Server, shop: str) -> None:
    assert server.call("POST", f"/metrics/{shop}", json={"key": "refused", "kind": "custom"}).status_code == 400
    assert server.call("GET", f"/metrics/{shop}/refused").status_code == 404


def test_empty_is_absent_since_that_is_what_clients_send_for_what_they_do_not_set(server: Server, shop: str) -> None:
    made = server.ok(
        "POST",
        f"/metrics/{shop}",
        json={**CUSTOM, "key": "sparse", "name": "", "selector": "", "urls": [], "unit": "", "description": ""},
    )
    assert made["name"] == "sparse"
    assert not {"selector", "urls", "unit", "description"} & made.keys()


def test_a_filter_on_an_attribute_is_about_users_unless_it_says_otherwise(server: Server, shop: str) -> None:
    condition = {"type": "contextAttribute", "attribute": "plan", "op": "in", "values": ["free"]}
    made = server.ok("POST", f"/metrics/{shop}", json={**CUSTOM, "key": "free-plan", "filters": condition})
    assert made["filters"] == {**condition, "contextKind": "user", "negate": False}
