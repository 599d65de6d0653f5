"""Looking as often as one likes: always-valid intervals, planned looks, and guardrails."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from flaghoist.statistics.effects import Alternative, Effect
from flaghoist.statistics.estimates import Estimate, Interval
from flaghoist.statistics.frequentist import log_ratio, relative
from flaghoist.statistics.group_sequential import (
    bounds,
    crossing_probability,
    obrien_fleming_spending,
    pocock_spending,
)
from flaghoist.statistics.guardrails import regression, safety
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.sequential import (
    Seen,
    always_valid,
    log_e_value,
    reach,
    ready,
    relative_from_log_ratio,
    tightened,
    tuning,
)

FIVE_LOOKS = [0.2, 0.4, 0.6, 0.8, 1.0]


def shares_lift(published: dict[str, Any], alternative: Alternative = "two-sided") -> Effect:
    control, treatment = (Proportion(*published["shares"][arm]).estimate() for arm in ("control", "treatment"))
    return relative(control, treatment, alpha=0.05, alternative=alternative)


def at_any_look(fixed: Effect, units: int, decision_units: int, alternative: Alternative = "two-sided") -> Effect:
    mixture = tuning(0.05, decision_units, alternative)
    return always_valid(fixed, units, alpha=0.05, mixture_variance=mixture, alternative=alternative)


@pytest.mark.parametrize("decision_units", [5000, 20000])
def test_shares_agree_with_growthbooks_sequential_test(published: dict[str, Any], decision_units: int) -> None:
    found = at_any_look(shares_lift(published), 20_000, decision_units)
    assert found.interval and found.interval.upper is not None and found.estimate is not None
    expected = published["shares"]
    assert found.interval.upper - found.estimate == pytest.approx(
        expected[f"always_valid_half_{decision_units}"], rel=1e-10
    )
    assert found.p_value == pytest.approx(expected[f"always_valid_p_{decision_units}"], rel=1e-10)


def test_one_sided_shares_agree_with_growthbooks_sequential_test(published: dict[str, Any]) -> None:
    found = at_any_look(shares_lift(published, "greater"), 20_000, 5000, "greater")
    assert found.interval and found.interval.upper is None and found.interval.lower is not None
    half_width = published["shares"]["always_valid_one_sided_half_5000"]
    assert 0.08 - found.interval.lower == pytest.approx(half_width, rel=1e-10)


def test_numbers_agree_with_growthbooks_sequential_test(published: dict[str, Any]) -> None:
    expected = published["numbers"]
    control, treatment = (
        Moments(n, mean, sd * sd * (n - 1)).estimate() for n, mean, sd in (expected["control"], expected["treatment"])
    )
    both = at_any_look(relative(control, treatment, alpha=0.05), 10_100, 5000)
    assert both.interval
    assert (both.interval.lower, both.interval.upper) == pytest.approx(
        expected["always_valid_interval_5000"], rel=1e-10
    )
    assert both.p_value == pytest.approx(expected["always_valid_p_5000"], rel=1e-10)
    up = at_any_look(relative(control, treatment, alpha=0.05), 10_100, 5000, "greater")
    assert up.interval and up.interval.lower == pytest.approx(expected["always_valid_one_sided_lower_5000"], rel=1e-10)
    assert up.p_value == pytest.approx(expected["always_valid_one_sided_p_5000"], rel=1e-10)


def test_other_platforms_sequential_intervals_are_of_like_width(published: dict[str, Any]) -> None:
    """Howard's normal mixture (as Eppo publishes it) and the mSPRT (as Statsig does), on the same shares."""
    expected, lift = published["shares"], shares_lift(published)
    ours = at_any_look(lift, 20_000, 10_000)
    assert ours.interval and ours.interval.upper is not None and lift.standard_error is not None
    rho = 10_000 / (math.log(math.log(math.e / 0.05**2)) - 2 * math.log(0.05))
    howard = lift.standard_error * math.sqrt((20_000 + rho) / 20_000 * math.log((20_000 + rho) / (rho * 0.05**2)))
    assert howard == pytest.approx(expected["howard_half_10000"], rel=1e-10)
    assert ours.interval.upper - 0.08 == pytest.approx(howard, rel=0.02)
    variances = [p * (1 - p) for p in (0.1, 0.108)]
    v, tau = sum(variances) / 10_000, stats.norm.ppf(0.975) ** 2 * sum(variances) / 20_000
    msprt = math.sqrt(v * (v + tau) / tau * (-2 * math.log(0.05 / 2) - math.log(v / (v + tau))))
    assert msprt == pytest.approx(expected["msprt_absolute_half"], rel=1e-10)


@given(st.floats(-6, 6), st.floats(0.01, 1e4), st.sampled_from(["two-sided", "greater", "less"]))
def test_the_evidence_is_a_mixture_of_likelihood_ratios(z: float, information: float, alternative: Alternative) -> None:
    """By quadrature over the effects mixed: normal, or its half that the test asks about, with variance rho^2."""
    spread = math.sqrt(information)

    def likelihood_ratio(theta: float) -> float:
        return math.exp(theta * z - theta * theta / 2) * stats.norm.pdf(theta, scale=spread)

    peak, width = z * information / (1 + information), math.sqrt(information / (1 + information))
    low, high = peak - 12 * width, peak + 12 * width
    if alternative == "greater":
        low, high = max(low, 0.0), max(high, 12 * width)
    if alternative == "less":
        low, high = min(low, -12 * width), min(high, 0.0)
    mixed = integrate.quad(likelihood_ratio, low, high, limit=200)[0] * (1 if alternative == "two-sided" else 2)
    assert log_e_value(z, information, alternative) == pytest.approx(math.log(mixed), abs=1e-6)


def test_strong_evidence_against_the_asked_side_stays_against_it() -> None:
    assert log_e_value(-1e10, 50.0, "greater") < -20
    assert log_e_value(1e10, 50.0, "greater") > 1e18


@given(st.floats(-8, 8), st.integers(100, 10**7), st.floats(0.001, 0.2))
def test_the_interval_excludes_no_effect_exactly_when_the_evidence_suffices(z: float, units: int, alpha: float) -> None:
    fixed = Effect("absolute", "z", z, 1.0, Interval(z - 2, z + 2), z, 0.5)
    mixture = tuning(0.05, 5000)
    found = always_valid(fixed, units, alpha=alpha, mixture_variance=mixture)
    assert found.interval and found.p_value is not None
    if abs(found.p_value - alpha) > 1e-9 * alpha:
        assert (found.p_value < alpha) == (not found.interval.contains(0.0))
    one = always_valid(fixed, units, alpha=alpha, mixture_variance=mixture, alternative="greater")
    assert one.interval and one.p_value is not None
    if not one.interval.contains(0.0):  # its closed form is wider than the evidence demands, never narrower
        assert one.p_value < alpha


def test_the_interval_is_tightest_where_it_is_tuned() -> None:
    tuned = {units: tuning(0.05, units) for units in (1000, 10_000, 100_000)}
    for units, best in tuned.items():
        widths = {rival: reach(units, alpha=0.05, mixture_variance=mixture) for rival, mixture in tuned.items()}
        assert min(widths, key=lambda rival: widths[rival]) == units
        assert reach(units, alpha=0.05, mixture_variance=best) > stats.norm.ppf(0.975)


def test_the_logarithmic_scale_is_read_back_as_a_relative_difference() -> None:
    fixed = log_ratio(Proportion(5000, 500).estimate(), Proportion(5000, 600).estimate(), alpha=0.05)
    found = relative_from_log_ratio(fixed)
    assert found.estimate == pytest.approx(0.2)
    assert found.interval and fixed.interval
    assert found.interval.lower == pytest.approx(math.exp(fixed.interval.lower) - 1)
    assert (found.p_value, found.statistic) == (fixed.p_value, fixed.statistic)
    unbounded = replace(fixed, interval=Interval(0.1, 800.0))
    assert relative_from_log_ratio(unbounded).interval == Interval(math.expm1(0.1), None)


def test_what_earlier_looks_excluded_stays_excluded() -> None:
    look = Effect("absolute", "z", 1.0, 0.5, Interval(-1.0, 3.0), 2.0, 0.2)
    later = replace(look, interval=Interval(-2.0, 2.5), p_value=0.3)
    assert tightened(look, later).interval == Interval(-1.0, 2.5)
    assert tightened(look, later).p_value == 0.2
    elsewhere = replace(look, interval=Interval(4.0, 5.0), p_value=0.01)
    assert tightened(look, elsewhere).interval == Interval(4.0, 5.0)
    nothing_yet = replace(look, interval=None, p_value=None, reason="collecting")
    assert tightened(nothing_yet, look) == look
    upward = replace(look, interval=Interval(0.5, None))
    assert tightened(upward, replace(look, interval=Interval(0.2, None))).interval == Interval(0.5, None)


def test_verdicts_wait_for_units_and_for_events() -> None:
    assert not ready(Seen(99, 99), Seen(5000, 900))
    assert not ready(Seen(1000, 12), Seen(1000, 12))
    assert ready(Seen(1000, 30), Seen(1000, 30))
    assert ready(Seen(1000, None), Seen(1000, 3))
    assert ready(Seen(1000, 60), Seen(1000, 0)), "a treatment that breaks everything must be heard"
    assert not ready(Seen(100, 0), Seen(10_000, 300)), "a tenth of the traffic waits longer"


@pytest.mark.parametrize(
    ("name", "spending"),
    [
        ("obrien_fleming_spending", obrien_fleming_spending(0.05)),
        ("pocock_spending", pocock_spending(0.05)),
        ("lan_demets_spending", lambda t: 2 * float(stats.norm.sf(stats.norm.ppf(0.975) / math.sqrt(t)))),
    ],
)
def test_planned_looks_agree_with_published_bounds(published: dict[str, Any], name: str, spending: Any) -> None:
    found = bounds(FIVE_LOOKS, spending)
    assert found == pytest.approx(published["group_sequential"][name], abs=2e-6)
    assert crossing_probability(FIVE_LOOKS, found) == pytest.approx(0.05, abs=1e-9)


def test_classic_bounds_spend_the_level_exactly(published: dict[str, Any]) -> None:
    expected = published["group_sequential"]
    assert crossing_probability(FIVE_LOOKS, [expected["pocock_classic"]] * 5) == pytest.approx(0.05, abs=1e-6)
    assert crossing_probability(FIVE_LOOKS, expected["obrien_fleming_classic"]) == pytest.approx(0.05, abs=1e-6)


def test_peeking_inflates_false_alarms_as_published(published: dict[str, Any]) -> None:
    for looks, chance in published["group_sequential"]["peeking"].items():
        fractions = [(look + 1) / int(looks) for look in range(int(looks))]
        assert crossing_probability(fractions, [1.96] * int(looks)) == pytest.approx(chance, abs=7e-5)


def test_a_look_beyond_the_plan_spends_what_is_left() -> None:
    planned = [0.5, 1.2]
    assert crossing_probability(planned, bounds(planned, pocock_spending(0.05))) == pytest.approx(0.05, abs=1e-9)


def test_a_guardrail_tells_a_clear_regression_from_a_harmless_change() -> None:
    healthy = Proportion(20_000, 1000).estimate()
    broken, harmless = Proportion(20_000, 600).estimate(), Proportion(20_000, 985).estimate()
    asked = {"higher_is_better": True, "alpha": 0.01, "decision_units": 2000}
    alarm = regression(healthy, broken, threshold=0.05, **asked)
    assert alarm.p_value is not None and alarm.p_value < 1e-6
    assert alarm.interval and alarm.interval.upper is not None and alarm.interval.upper < -0.05
    calm = regression(healthy, harmless, threshold=0.05, **asked)
    assert calm.p_value == 1.0
    safe = safety(healthy, harmless, margin=0.25, **asked)
    assert safe.p_value is not None and safe.p_value < 0.01
    assert safe.interval and safe.interval.lower is not None and safe.interval.lower > -0.25


def test_a_guardrail_where_lower_is_better_mirrors_one_where_higher_is() -> None:
    slow, fast = Estimate(5000, 130.0, 1.0), Estimate(5000, 100.0, 1.0)
    slower = regression(fast, slow, threshold=0.1, higher_is_better=False, alpha=0.01, decision_units=2000)
    assert slower.p_value is not None and slower.p_value < 1e-6
    assert regression(slow, fast, threshold=0.1, higher_is_better=False, alpha=0.01, decision_units=2000).p_value == 1.0


def test_nothing_regresses_by_more_than_all_of_it() -> None:
    some = Proportion(20_000, 600).estimate()
    everything = regression(some, some, threshold=1.0, higher_is_better=True, alpha=0.01, decision_units=2000)
    assert (everything.p_value, everything.reason) == (None, "mean_not_positive")


def test_peeking_raises_false_alarms_that_the_confidence_sequence_prevents() -> None:
    """Four hundred A/A experiments, each looked at fifty times: the ordinary test must fail, or this shows nothing."""
    generator = np.random.default_rng(8)
    steps, runs = 50, 400
    arms = [generator.normal(0, 1, (runs, steps, 40)).mean(axis=2).cumsum(axis=1) for _ in range(2)]
    looks = np.arange(1, steps + 1)
    difference = (arms[1] - arms[0]) / looks
    standard_error = np.sqrt(2 / (40 * looks))
    z = np.abs(difference / standard_error)
    mixture = tuning(0.05, 2000)
    limits = np.array([reach(80 * look, alpha=0.05, mixture_variance=mixture) for look in looks])
    assert (z > 1.96).any(axis=1).mean() > 0.2
    assert (z > limits).any(axis=1).mean() < 0.05
