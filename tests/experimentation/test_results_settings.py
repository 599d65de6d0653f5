"""Results are judged by the settings of their experiment: thresholds, direction, and looks that may be many."""

import math
from typing import Any

import pytest
from crowds import arm, ask, crowd
from laboratory import Laboratory
from scipy import stats
from servers import Server

from flaghoist.resources.experimentation.reading import settings_of

VISITORS = 400
SHARES = (80 / VISITORS, 105 / VISITORS)


@pytest.fixture
def lab(server: Server) -> Laboratory:
    return Laboratory(server)


def started(lab: Laboratory, methodology: str, key: str = "colour", **config: Any) -> None:
    """An experiment with these settings, and 80 buyers among 400 against 105 among as many."""
    lab.started(key, methodology=methodology, analysisConfig=config)
    crowd(lab, (VISITORS, VISITORS), (80, 105))


def again(lab: Laboratory, **config: Any) -> Any:
    """The results of another iteration with other settings and a crowd like the first."""
    change = {"analysisConfig": {"operation": "update", "value": config}}
    lab.do("saveAndStartNewIteration", changeJustification="other settings", value=change)
    crowd(lab, (VISITORS, VISITORS), (80, 105))
    return ask(lab)


def relative() -> tuple[float, float]:
    """The relative difference of the shares and its standard error, by the delta method."""
    p, q = SHARES
    variance = q * (1 - q) / VISITORS / p**2 + p * (1 - p) / VISITORS * q**2 / p**4
    return q / p - 1, math.sqrt(variance)


def test_a_one_sided_test_finds_what_a_two_sided_one_does_not(lab: Laboratory) -> None:
    lift, error = relative()
    lab.make_metric("returned", eventKey="sold", successCriteria="LowerThanBaseline")
    metrics = [{"key": "sold"}, {"key": "returned"}]
    lab.started(
        methodology="frequentist", analysisConfig={"testDirection": "one-sided"}, iteration={"metrics": metrics}
    )
    crowd(lab, (VISITORS, VISITORS), (80, 105))
    shown = ask(lab)
    green = arm(shown, "Green")["frequentist"]
    assert green["pValue"] == pytest.approx(stats.norm.sf(lift / error), rel=1e-9)
    assert green["verdict"] == "better"
    assert green["relativeDifference"]["ci"] == {"lower": pytest.approx(lift - stats.norm.ppf(0.95) * error)}
    assert shown["verdict"]["winningTreatmentId"] == lab.variations[1]
    assert "(at least +" in shown["verdict"]["sentence"]

    other_way = arm(ask(lab, "returned"), "Green")["frequentist"]
    assert other_way["pValue"] == pytest.approx(stats.norm.cdf(lift / error), rel=1e-9)
    assert other_way["verdict"] == "undecided"
    assert list(other_way["relativeDifference"]["ci"]) == ["upper"]

    two_sided = again(lab, testDirection="two-sided")
    green = arm(two_sided, "Green")["frequentist"]
    assert green["pValue"] == pytest.approx(2 * stats.norm.sf(lift / error), rel=1e-9)
    assert green["verdict"] == "undecided"
    assert "winningTreatmentId" not in two_sided["verdict"]


def test_the_significance_threshold_moves_verdict_and_interval_together(lab: Laboratory) -> None:
    lift, error = relative()
    started(lab, "frequentist")
    usual = ask(lab)
    assert usual["settings"]["significanceThreshold"] == 0.05
    assert arm(usual, "Green")["frequentist"]["verdict"] == "undecided"
    lenient = again(lab, significanceThreshold="10")
    green = arm(lenient, "Green")["frequentist"]
    assert (green["alpha"], green["verdict"]) == (0.1, "better")
    assert green["relativeDifference"]["ci"]["lower"] == pytest.approx(lift - stats.norm.ppf(0.95) * error, rel=1e-8)
    assert lenient["verdict"]["winningTreatmentId"] == lab.variations[1]
    old = ask(lab, more=f"&iterationId={usual['iterationId']}")
    assert old["settings"] == usual["settings"], "an iteration keeps the settings it was started with"
    assert old["verdict"] == usual["verdict"]


def test_the_bayesian_threshold_sets_the_winner_and_the_credible_interval(lab: Laboratory) -> None:
    started(lab, "bayesian", bayesianThreshold="80")
    bold = ask(lab)
    assert bold["verdict"]["winningTreatmentId"] == lab.variations[1]
    cautious = again(lab, bayesianThreshold="99")
    assert "winningTreatmentId" not in cautious["verdict"]
    assert cautious["verdict"]["sentence"].endswith("where 99% is asked for.")
    chance = arm(cautious, "Green")["pBest"]
    assert 0.8 <= chance < 0.99
    assert arm(bold, "Green")["pBest"] == pytest.approx(chance, abs=1e-9), "the threshold moves no belief"
    for shown, threshold in ((bold, 0.8), (cautious, 0.99)):
        assert shown["settings"]["bayesianThreshold"] == pytest.approx(threshold)
        green = arm(shown, "Green")
        belief = stats.beta(*[green["distribution"]["parameters"][name] for name in ("alpha", "beta")])
        ends = green["credibleInterval"]
        assert belief.cdf(ends["upper"]) - belief.cdf(ends["lower"]) == pytest.approx(threshold, rel=1e-9)
        assert belief.pdf(ends["upper"]) == pytest.approx(belief.pdf(ends["lower"]), rel=1e-6)


def test_sequential_testing_waits_and_then_asks_for_more_evidence(lab: Laboratory) -> None:
    """The p-value is that of the normal mixture over the log ratio, tuned to 5,000 units (Waudby-Smith et al. 2024)."""
    lab.started(methodology="frequentist", analysisConfig={"sequentialTestingEnabled": True})
    crowd(lab, (60, 60), (20, 30))
    early = ask(lab)
    assert early["settings"]["sequentialTestingEnabled"] is True
    assert arm(early, "Green")["frequentist"]["verdict"] == "collecting"
    assert early["verdict"]["sentence"].startswith("Too little has been counted for a verdict: it takes 100 units")

    later = again(lab, sequentialTestingEnabled=True)
    p, q = SHARES
    z = math.log(q / p) / math.sqrt((1 - p) / (VISITORS * p) + (1 - q) / (VISITORS * q))
    tuning = (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 5000
    information = 2 * VISITORS * tuning
    evidence = information / (information + 1) * z**2 / 2 - math.log1p(information) / 2
    green = arm(later, "Green")["frequentist"]
    assert green["relativeDifference"]["method"] == "always-valid-log-ratio"
    assert green["pValue"] == pytest.approx(math.exp(-evidence), rel=1e-9)
    assert green["relativeDifference"]["logEValue"] == pytest.approx(evidence, rel=1e-9)
    once = arm(again(lab, sequentialTestingEnabled=False), "Green")["frequentist"]
    assert once["pValue"] < green["pValue"]
    narrow, wide = (each["relativeDifference"]["ci"] for each in (once, green))
    assert wide["lower"] < narrow["lower"] and narrow["upper"] < wide["upper"]


@pytest.mark.parametrize(
    ("config", "alpha", "credibility"),
    [
        ({}, 0.05, 0.9),
        ({"significanceThreshold": "5"}, 0.05, 0.9),
        ({"significanceThreshold": "0.05"}, 0.05, 0.9),
        ({"significanceThreshold": "1"}, 0.01, 0.9),
        ({"significanceThreshold": "2.5"}, 0.025, 0.9),
        ({"bayesianThreshold": "95"}, 0.05, 0.95),
        ({"bayesianThreshold": "0.95"}, 0.05, 0.95),
        ({"bayesianThreshold": "97.5"}, 0.05, 0.975),
    ],
)
def test_thresholds_are_read_as_percent_or_as_shares(config: dict[str, str], alpha: float, credibility: float) -> None:
    settings = settings_of("frequentist", config, higher_is_better=True)
    assert (settings.alpha, settings.credibility) == (pytest.approx(alpha), pytest.approx(credibility))
