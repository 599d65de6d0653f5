"""Units that did not arrive in the promised shares."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flaghoist.statistics.sample_ratio import log_bayes_factor, sample_ratio


def test_published_mismatches_are_recognised(published: dict[str, Any]) -> None:
    for case in published["sample_ratio"]:
        found = sample_ratio(case["observed"], case["weights"], ended=True)
        assert found.chi_square == pytest.approx(case["chi_square"], rel=1e-4)
        assert found.p_value == pytest.approx(case["p"], rel=1e-4)
        assert found.status == ("error" if case["p"] < 0.001 else "ok")
        if "log_bayes_factor" in case:
            assert found.log_bayes_factor == pytest.approx(case["log_bayes_factor"], abs=6e-4)
        if "mismatch" in case:
            assert found.probability_of_mismatch == pytest.approx(case["mismatch"], abs=5e-6)


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 100)), min_size=2, max_size=6),
    st.one_of(st.none(), st.floats(1, 5000)),
)
def test_figures_agree_with_scipy(arms: list[tuple[int, int]], concentration: float | None) -> None:
    observed, weights = [seen for seen, _ in arms], [weight for _, weight in arms]
    found = sample_ratio(observed, weights, ended=False, concentration=concentration)
    shares = np.array(weights) / sum(weights)
    if found.p_value is not None:
        theirs = stats.chisquare(observed, shares * sum(observed))
        assert found.chi_square == pytest.approx(theirs.statistic, rel=1e-9)
        assert found.p_value == pytest.approx(max(theirs.pvalue, 1e-300), rel=1e-8)
    prior = np.ones(len(arms)) if concentration is None else concentration * shares
    expected = stats.dirichlet_multinomial.logpmf(observed, prior, sum(observed)) - stats.multinomial.logpmf(
        observed, sum(observed), shares
    )
    assert found.log_bayes_factor == pytest.approx(expected, rel=1e-7, abs=1e-5)
    assert 0 <= found.probability_of_mismatch <= 1


def test_while_running_only_evidence_that_allows_looking_speaks() -> None:
    # One look at chi-square would call this an error; a hundred looks at a sound split will show it now and then.
    suspicious = sample_ratio([10_000, 10_500], [1, 1], ended=False)
    assert suspicious.p_value is not None and suspicious.p_value < 0.001
    assert suspicious.status == "ok"
    assert sample_ratio([10_000, 10_500], [1, 1], ended=True).status == "error"
    assert sample_ratio([10_000, 10_600], [1, 1], ended=False).status == "warn"
    assert sample_ratio([10_000, 11_000], [1, 1], ended=False).status == "error"


def test_warns_between_one_percent_and_one_in_a_thousand() -> None:
    warned = sample_ratio([10_000, 10_400], [1, 1], ended=True)
    assert warned.p_value is not None and 0.001 < warned.p_value < 0.01
    assert warned.status == "warn"


def test_a_prior_near_the_promise_finds_small_mismatches_sooner() -> None:
    # Many units, slightly off: 50.4 to 49.6.
    observed = [100_800, 99_200]
    assert log_bayes_factor(observed, [0.5, 0.5], concentration=1000) > log_bayes_factor(observed, [0.5, 0.5]) + 2


def test_arms_without_traffic_are_left_out_unless_somebody_came() -> None:
    quiet = sample_ratio([500, 510, 0], [1, 1, 0], ended=True)
    assert quiet.status == "ok"
    assert quiet.p_value == sample_ratio([500, 510], [1, 1], ended=True).p_value
    impossible = sample_ratio([500, 510, 3], [1, 1, 0], ended=False)
    assert (impossible.status, impossible.probability_of_mismatch) == ("error", 1.0)
    assert math.isfinite(impossible.log_bayes_factor)


def test_nobody_and_a_single_arm_raise_no_alarm() -> None:
    for observed, weights in [([0, 0], [1, 1]), ([0], [1]), ([70], [1]), ([1, 2], [1, 1]), ([0, 0], [0, 0]), ([], [])]:
        found = sample_ratio(observed, weights, ended=True)
        assert (found.status, found.p_value) == ("ok", None)


def test_changed_allocations_are_compared_with_what_each_period_promised() -> None:
    # 1000 units at 50/50, then 1000 at 90/10: 1400 and 600 are expected.
    fair = sample_ratio([1405, 595], [1000 * 0.5 + 1000 * 0.9, 1000 * 0.5 + 1000 * 0.1], ended=True)
    assert fair.expected == pytest.approx((1400, 600))
    assert fair.status == "ok"
