"""Every figure of a result says how it was made, and every fact left out says why."""

import re
from typing import Any

import pytest
from crowds import arm, ask, crowd, exposure, sale, tell
from laboratory import Laboratory
from servers import Server

BOTH = {
    "significanceThreshold": "5",
    "multipleComparisonCorrectionMethod": "bonferroni",
    "multipleComparisonCorrectionScope": "variations-and-metrics",
}
EFFECTS = {"relativeDifference": "relative", "absoluteDifference": "absolute", "logRatio": "log-ratio"}


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


@pytest.mark.parametrize("config", [{}, BOTH, {"sequentialTestingEnabled": True}])
@pytest.mark.parametrize("metric", ["sold", "spent"])
def test_there_is_a_formula_behind_every_figure(lab: Laboratory, metric: str, config: dict[str, Any]) -> None:
    lab.started(methodology="frequentist", analysisConfig=config)
    crowd(lab, (220, 230), (40, 70))
    shown = ask(lab, metric)
    told = {(each["figure"], each["method"]) for each in shown["formulas"]}
    figures = {figure for figure, _ in told}
    assert {"mean", "confidenceInterval", "posterior", "credibleInterval", "pBest", "expectedLoss"} <= figures
    assert ("adjustedPValue" in figures) == ("multipleComparisonCorrectionMethod" in config)
    compared = arm(shown, "Green")["frequentist"]
    assert {(scale, compared[name]["method"]) for name, scale in EFFECTS.items()} <= told
    for formula in shown["formulas"]:
        used = {token for line in formula["lines"] for token in re.findall(r"\{(\w+)\}", line)}
        assert {each["token"] for each in formula["symbols"]} == used
        assert formula["source"]


def test_the_sums_behind_a_figure_give_that_figure(lab: Laboratory) -> None:
    lab.started()
    tell(lab, *(exposure(f"u{number}", number % 2) for number in range(60)))
    tell(lab, *(sale(f"u{number}", number) for number in range(0, 60, 3)))
    share, amount = arm(ask(lab, "sold"), "Green"), arm(ask(lab, "spent"), "Green")
    assert share["sample"] == {"kind": "share", "n": 30, "withEvent": 10}
    assert share["dataMean"] == 10 / 30
    values = [number if number % 3 == 0 else 0 for number in range(1, 60, 2)]
    mean = sum(values) / 30
    assert amount["sample"]["mean"] == pytest.approx(mean)
    assert amount["sample"]["squaredDeviations"] == pytest.approx(sum((value - mean) ** 2 for value in values))


def test_what_was_left_out_says_why(lab: Laboratory) -> None:
    lab.started()
    tell(lab, sale("early"))
    tell(lab, exposure("early", 0), exposure("late", 1))
    tell(lab, sale("stranger"), sale("late"))
    told = ask(lab, "spent")["leftOutInWords"]
    assert [(each["reason"], each["count"]) for each in told] == [
        ("notExposed", 1),
        ("beforeExposure", 1),
        ("valueMissing", 1),
    ]
    assert "cannot have caused them" in told[1]["message"]
    assert "metricValue" in told[2]["message"]


def test_the_last_point_of_a_corrected_series_is_what_the_result_says(lab: Laboratory) -> None:
    lab.started(methodology="frequentist", analysisConfig=BOTH)
    crowd(lab, (120, 120), (20, 36))
    series = lab.server.ok("GET", f"{lab.path}/colour/metrics/sold/results/series?expand=traffic")["series"]
    assert series[-1]["treatmentResults"] == ask(lab)["treatmentResults"]
    assert arm(ask(lab), "Green")["frequentist"]["alpha"] == pytest.approx(0.025)


def test_a_slice_is_corrected_as_the_whole_is(lab: Laboratory) -> None:
    lab.started(methodology="frequentist", analysisConfig=BOTH)
    tell(lab, *(exposure(f"u{number}", number % 2, plan=("gold", "free")[number % 3 == 0]) for number in range(300)))
    tell(lab, *(sale(f"u{number}", 5) for number in range(0, 300, 7)))
    sliced = ask(lab, more="&attribute=plan")
    assert [each["attributeValue"] for each in sliced["results"]] == ["gold", "free"]
    for place in (0, 1):
        compared = arm(sliced, "Green", place)["frequentist"]
        assert compared["alpha"] == pytest.approx(0.025)
        assert compared["adjustedPValue"] == pytest.approx(min(1, 2 * compared["pValue"]))
    assert sliced["slicesOmitted"] == 0


def test_every_metric_is_read_at_once_and_as_alone(lab: Laboratory) -> None:
    lab.make_metric("paid", eventKey="paid")
    lab.make_metric(
        "slow",
        kind="trace",
        traceQuery="service=shop",
        isNumeric=True,
        unit="ms",
        traceValueLocation="d",
        successCriteria="LowerThanBaseline",
    )
    lab.make_funnel("checkout", "sold", "paid")
    metrics = [{"key": "spent"}, {"key": "checkout", "isGroup": True}, {"key": "slow"}]
    lab.started(iteration={"metrics": metrics, "primarySingleMetricKey": "spent"})
    crowd(lab, (40, 40), (4, 12))
    path = f"/internal{lab.path}/colour/results?expand=traffic"
    told = lab.server.ok("GET", path)["metrics"]
    assert [(each["key"], each.get("group"), each["primary"]) for each in told] == [
        ("spent", None, True),
        ("sold", "checkout", False),
        ("paid", "checkout", False),
        ("slow", None, False),
    ]
    assert "results" not in told[3], "it is measured elsewhere"
    for each in told[:3]:
        alone = ask(lab, each["key"])
        assert {**each["results"], "_links": 0} == {**alone, "_links": 0}
