"""What results say of a known set of exposures and purchases: counts, reasons, slices, corrections, warnings."""

import statistics

import pytest
from crowds import arm, ask, crowd, exposure, now, sale, tell
from laboratory import Laboratory
from scipy import stats
from servers import Server


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


def test_everything_left_out_is_counted_by_its_reason(lab: Laboratory) -> None:
    lab.started()
    tell(lab, sale("early"))
    tell(lab, exposure("early", 0), exposure("plain", 1), exposure("both", 0), exposure("both", 1), exposure("both", 1))
    tell(
        lab,
        sale("plain"),
        sale("both"),
        sale("stranger"),
        {"kind": "custom", "key": "sold", "contextKeys": {"device": "d"}, "creationDate": now()},
        {"kind": "custom", "key": "other", "contextKeys": {"user": "plain"}, "creationDate": now()},
    )
    shown = ask(lab)
    blue, green = arm(shown, "Blue"), arm(shown, "Green")
    assert (blue["traffic"], blue["eventValuesSum"]) == (2, 1), "early, and both by their first variation"
    assert (green["traffic"], green["eventValuesSum"]) == (1, 1)
    left = {reason: count for reason, count in shown["leftOut"].items() if count}
    assert left == {"beforeExposure": 1, "notExposed": 1, "eventsWithoutUnit": 1}
    assert shown["contaminated"] == {"units": 1, "share": pytest.approx(1 / 3)}
    statuses = {check["check"]: check["status"] for check in shown["health"]}
    assert statuses["contamination"] == "error"
    missing = ask(lab, "spent")
    assert missing["leftOut"]["valueMissing"] == 2
    assert {check["check"]: check["status"] for check in missing["health"]}["values"] == "error"


def test_slices_part_the_units_by_what_was_known_of_them(lab: Laboratory) -> None:
    lab.started()
    tell(
        lab,
        exposure("a", 0, plan="gold"),
        exposure("b", 0, plan="free"),
        exposure("c", 1, plan="gold"),
        exposure("d", 1),
    )
    tell(lab, sale("a", 5), sale("c", 7), sale("c", 1), sale("d", 3))
    whole, shown = ask(lab, "spent"), ask(lab, "spent", "&attribute=plan")
    assert "treatmentResults" not in shown
    assert {each.get("attributeValue"): each["attribute"] for each in shown["results"]} == {
        "gold": "plan",
        "free": "plan",
        None: "plan",
    }
    for name in ("Blue", "Green"):
        parts = [arm(shown, name, place) for place in range(3)]
        assert sum(part["traffic"] for part in parts) == arm(whole, name)["traffic"]
        assert sum(part["eventValuesSum"] for part in parts) == arm(whole, name)["eventValuesSum"]


def test_many_comparisons_are_corrected_as_asked(lab: Laboratory) -> None:
    config = {
        "significanceThreshold": "5",
        "multipleComparisonCorrectionMethod": "bonferroni",
        "multipleComparisonCorrectionScope": "variations",
    }
    lab.started(
        methodology="frequentist", analysisConfig=config, iteration={"treatments": lab.treatments("34", "33", "33")}
    )
    crowd(lab, (400, 400, 400), (80, 110, 90))
    shown = ask(lab)
    for name in ("Green", "Grey"):
        told = arm(shown, name)["frequentist"]
        assert told["alpha"] == pytest.approx(0.025)
        assert told["adjustedPValue"] == pytest.approx(min(1, 2 * told["pValue"]))
    lift, error = 110 / 80 - 1, (0.275 * 0.725 / 400 / 0.2**2 + 0.2 * 0.8 / 400 * 0.275**2 / 0.2**4) ** 0.5
    green = arm(shown, "Green")["frequentist"]
    assert green["pValue"] == pytest.approx(2 * stats.norm.sf(lift / error), rel=1e-9)
    low = lift - stats.norm.ppf(1 - 0.025 / 2) * error
    assert green["relativeDifference"]["ci"]["lower"] == pytest.approx(low, rel=1e-8)
    assert green["verdict"] == ("better" if green["pValue"] < 0.025 else "undecided")
    lab.do("stopIteration", winningTreatmentId=lab.variations[1], winningReason="test")

    both = {**config, "multipleComparisonCorrectionScope": "variations-and-metrics"}
    lab.started("both", methodology="frequentist", analysisConfig=both)
    crowd(lab, (300, 300), (60, 90))
    assert arm(ask(lab, key="both"), "Green")["frequentist"]["alpha"] == pytest.approx(0.05 / 2), (
        "two metrics, one treatment"
    )


def test_a_funnel_is_told_step_by_step(lab: Laboratory) -> None:
    lab.make_metric("paid", eventKey="paid")
    lab.make_funnel("checkout", "sold", "paid")
    lab.started(
        iteration={
            "metrics": [{"key": "checkout", "isGroup": True}, {"key": "spent", "isGroup": False}],
            "primarySingleMetricKey": None,
            "primaryFunnelKey": "checkout",
        }
    )
    crowd(lab, (50, 50), (20, 30))
    tell(lab, {"kind": "custom", "key": "paid", "contextKeys": {"user": "p1-0"}, "creationDate": now()})
    told = lab.server.ok("GET", f"{lab.path}/colour/metric-groups/checkout/results")
    assert [each["metric"]["key"] for each in told["metrics"]] == ["sold", "paid"]
    sold, paid = (each["results"] for each in told["metrics"])
    assert arm(sold, "Green")["eventValuesSum"] == 30
    assert arm(paid, "Green")["eventValuesSum"] == 1
    unknown = lab.server.call("GET", f"{lab.path}/colour/metric-groups/nothing/results")
    assert unknown.status_code == 404


def test_percentiles_and_means_of_those_who_did(lab: Laboratory) -> None:
    numeric = {"isNumeric": True, "unit": "ms", "successCriteria": "LowerThanBaseline", "eventKey": "sold"}
    lab.make_metric(
        "slowest", **numeric, analysisType="percentile", percentileValue=90, eventDefault={"disabled": True}
    )
    lab.make_metric("typical", **numeric, eventDefault={"disabled": True})
    lab.started(iteration={"metrics": [{"key": "slowest"}, {"key": "typical"}], "primarySingleMetricKey": "slowest"})
    times = {place: [float(100 + 7 * place + number) for number in range(200)] for place in (0, 1)}
    seen = [exposure(f"p{place}-{number}", place) for place in (0, 1) for number in range(250)]
    tell(
        lab,
        *seen,
        *(sale(f"p{place}-{number}", value) for place in (0, 1) for number, value in enumerate(times[place])),
    )
    slowest, typical = arm(ask(lab, "slowest"), "Green"), arm(ask(lab, "typical"), "Green")
    assert slowest["dataMean"] == sorted(times[1])[180 - 1], "the inverted distribution function at 0.9 of 200"
    assert typical["dataMean"] == pytest.approx(statistics.fmean(times[1]))
    assert (typical["traffic"], typical["units"]) == (250, 250)
    assert typical["events"] == 200


def test_uneven_shares_forbid_a_verdict(lab: Laboratory) -> None:
    lab.started()
    crowd(lab, (500, 300), (50, 80))
    shown = ask(lab)
    assert arm(shown, "Green")["frequentist"]["verdict"] == "better"
    assert "winningTreatmentId" not in shown["verdict"]
    assert shown["sampleRatio"]["status"] == "error"
    assert shown["probabilityOfMismatch"] > 0.99
    assert shown["verdict"]["sentence"].startswith("Do not trust these numbers")
    assert shown["sampleRatio"]["expected"] == {lab.variations[0]: 400, lab.variations[1]: 400}


def test_an_arm_that_nobody_has_seen_wins_nothing(lab: Laboratory) -> None:
    lab.started(methodology="bayesian")
    crowd(lab, (60,), (1,))
    shown = ask(lab)
    assert "winningTreatmentId" not in shown["verdict"]
    assert shown["verdict"]["sentence"].startswith("Do not trust")  # 60 to none is no chance of half and half
    crowd(lab, (0, 1), (0, 0))
    tell(lab, *(exposure(f"late-{number}", 1) for number in range(59)))
    assert "pBest" in arm(ask(lab), "Green")


def test_an_edited_metric_changes_no_running_result_and_old_iterations_stay(lab: Laboratory) -> None:
    lab.started()
    crowd(lab, (30, 30), (3, 9))
    before = ask(lab)
    lab.server.ok(
        "PATCH",
        f"/metrics/{lab.project}/sold",
        json=[
            {"op": "replace", "path": "/eventKey", "value": "bought"},
            {"op": "replace", "path": "/tags", "value": ["x"]},
        ],
    )
    assert ask(lab) == before
    first = before["iterationId"]
    lab.do("saveAndStartNewIteration", changeJustification="the metric has changed")
    fresh = ask(lab)
    assert fresh["iterationId"] != first
    assert arm(fresh, "Green")["traffic"] == 0
    old = ask(lab, more=f"&iterationId={first}")
    assert old["iterationStatus"] == "stopped"
    assert old["treatmentResults"] == before["treatmentResults"]


def test_recomputing_from_raw_events_finds_the_same(lab: Laboratory) -> None:
    experiment = lab.started()
    crowd(lab, (40, 40), (4, 12))
    shown = ask(lab)
    path = f"{lab.server.url}/internal/experiments/{experiment['_id']}/recompute"
    headers = {"Authorization": lab.server.token}
    answers = [lab.server.session.post(path, headers=headers, timeout=30) for _ in range(2)]
    assert answers[0].status_code == 200, answers[0].text
    assert answers[0].content == answers[1].content
    hashes = {each["key"]: each["inputsHash"] for each in answers[0].json()["metrics"]}
    assert hashes["sold"] == shown["inputsHash"]


def test_series_grow_to_what_is_known_now(lab: Laboratory) -> None:
    lab.started()
    path = f"{lab.path}/colour/metrics/sold/results/series"
    assert lab.server.ok("GET", path)["series"] == []
    crowd(lab, (20, 20), (2, 6))
    for bucket in ("minute", "hour", "day", "week"):
        told = lab.server.ok("GET", f"{path}?bucket={bucket}&expand=traffic")
        assert told["series"][-1]["treatmentResults"] == ask(lab)["treatmentResults"]
    assert "one of minute, hour, day, week" in lab.server.call("GET", f"{path}?bucket=year").json()["message"]
    assert lab.server.call("GET", f"{path}?cumulative=false").status_code == 400


def test_a_metric_measured_elsewhere_spoils_no_other_result(lab: Laboratory) -> None:
    lab.make_metric(
        "slow",
        kind="trace",
        traceQuery="service=shop",
        isNumeric=True,
        unit="ms",
        traceValueLocation="d",
        successCriteria="LowerThanBaseline",
    )
    both = {
        "multipleComparisonCorrectionMethod": "bonferroni",
        "multipleComparisonCorrectionScope": "variations-and-metrics",
    }
    metrics = [{"key": "sold"}, {"key": "slow"}]
    experiment = lab.started(methodology="frequentist", analysisConfig=both, iteration={"metrics": metrics})
    crowd(lab, (40, 40), (4, 12))
    assert arm(ask(lab), "Green")["frequentist"]["alpha"] == pytest.approx(0.05), "one metric is read here"
    path = f"{lab.server.url}/internal/experiments/{experiment['_id']}/recompute"
    answer = lab.server.session.post(path, headers={"Authorization": lab.server.token}, timeout=30)
    assert [each["key"] for each in answer.json()["metrics"]] == ["sold"]
