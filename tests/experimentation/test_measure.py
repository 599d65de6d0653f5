"""What each kind of metric makes of a unit's events."""

from typing import Any

import pytest

from flaghoist.resources.experimentation.measure import Condition, Group, Measure, Window, Winsorization

STORED: dict[str, Any] = {
    "key": "basket-value",
    "kind": "custom",
    "eventKey": "Basket closed",
    "isNumeric": False,
    "unitAggregationType": "average",
    "analysisType": "mean",
    "successCriteria": "HigherThanBaseline",
    "eventDefault": {"disabled": False, "value": 0},
    "analysisUnits": ["user", "device"],
}
DISABLED = {"eventDefault": {"disabled": True}}


@pytest.mark.parametrize(
    ("more", "value", "absent"),
    [
        ({}, "occurrence", 0.0),
        ({"unitAggregationType": "sum"}, "count", 0.0),
        ({"isNumeric": True}, "average", 0.0),
        ({"isNumeric": True, "unitAggregationType": "sum"}, "sum", 0.0),
        ({"isNumeric": True, **DISABLED}, "average", None),
        ({"isNumeric": True, "unitAggregationType": "sum", **DISABLED}, "sum", None),
        ({"unitAggregationType": "sum", **DISABLED}, "count", None),
        (DISABLED, "occurrence", 0.0),
        ({"isNumeric": True, "unitAggregationType": "count_distinct"}, "distinct", 0.0),
    ],
)
def test_what_a_units_events_amount_to(more: dict[str, Any], value: str, absent: float | None) -> None:
    measure = Measure.of({**STORED, **more})
    assert (measure.value, measure.absent) == (value, absent)
    assert measure.is_numeric == (value in ("sum", "average"))


def test_code_names_its_events_and_browsers_name_the_metric() -> None:
    assert Measure.of(STORED).event_key == "Basket closed"
    click = Measure.of({**STORED, "kind": "click", "selector": ".buy"})
    assert (click.event_kind, click.event_key) == ("click", "basket-value")


def test_shares_are_of_units_to_which_something_happened() -> None:
    assert Measure.of(STORED).is_proportion
    assert not Measure.of({**STORED, "unitAggregationType": "sum"}).is_proportion


def test_success_is_higher_unless_it_is_lower() -> None:
    assert Measure.of(STORED).higher_is_better
    assert not Measure.of({**STORED, "successCriteria": "LowerThanBaseline"}).higher_is_better
    click = {name: value for name, value in STORED.items() if name not in ("successCriteria", "eventKey")}
    assert Measure.of({**click, "kind": "click"}).higher_is_better


def test_percentiles_windows_and_winsorization() -> None:
    plain = Measure.of(STORED)
    assert (plain.percentile, plain.window, plain.winsorization, plain.filter) == (None, Window(), None, None)
    assert plain.analysis_units == ("user", "device")
    assert Measure.of({**STORED, "analysisType": "percentile", "percentileValue": 95}).percentile == 95
    framed = Measure.of(
        {**STORED, "windowStartOffset": 1, "windowEndOffset": 5, "winsorUpperPercentile": 99, "isNumeric": True}
    )
    assert framed.window == Window(starts_after=1, ends_after=5)
    assert framed.winsorization == Winsorization(lower=None, upper=99, counts_absent=False)


def test_filters_keep_their_shape() -> None:
    price = {"type": "eventProperty", "attribute": "price", "op": "lessThan", "values": [10], "negate": True}
    plan = {**price, "type": "contextAttribute", "attribute": "plan", "op": "in", "values": ["a"], "contextKind": "org"}
    group = {"type": "group", "op": "or", "values": [price, plan], "negate": False}
    assert Measure.of({**STORED, "filters": group}).filter == Group(
        "or",
        (
            Condition("eventProperty", "price", "lessThan", (10,), "", negated=True),
            Condition("contextAttribute", "plan", "in", ("a",), "org", negated=True),
        ),
        negated=False,
    )


def test_a_ratio_divides_by_other_events_of_the_same_units() -> None:
    bottom = {"eventName": "ordered", "isNumeric": False, "unitAggregationType": "sum", "windowEndOffset": 7}
    ratio = Measure.of({**STORED, "isNumeric": True, "unitAggregationType": "sum", "denominator": bottom})
    below = ratio.denominator
    assert below is not None and not ratio.is_proportion
    assert (below.event_kind, below.event_key, below.value, below.absent) == ("custom", "ordered", "count", 0.0)
    assert below.window == Window(0, 7)
    assert below.analysis_units == ratio.analysis_units
