"""One look at the end: differences, ratios, few conversions, and what is said when nothing can be."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flaghoist.statistics.cuped import CovariateMoments, adjust
from flaghoist.statistics.effects import P_FLOOR, Alternative, p_value
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.frequentist import (
    absolute,
    absolute_z,
    fieller,
    interval_of_mean,
    log_ratio,
    non_inferiority,
    relative,
    relative_t,
)
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import (
    Proportion,
    exact_absolute,
    exact_relative,
    fisher,
    needs_exact_test,
    wilson,
)
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.ratios import RatioMoments

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")

means = st.floats(0.1, 1e6)
errors = st.floats(1e-3, 0.4)


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    """A positive mean with a relative standard error of 0.1 to 40 percent."""
    mean, error = draw(means), draw(errors)
    return Estimate(draw(st.integers(2, 10**6)), mean, (mean * error) ** 2)


def ends(interval: Any) -> tuple[float, float]:
    return interval.lower, interval.upper


def test_shares_agree_with_published_numbers(published: dict[str, Any]) -> None:
    expected = published["shares"]
    control, treatment = Proportion(*expected["control"]).estimate(), Proportion(*expected["treatment"]).estimate()
    difference = absolute_z(control, treatment, alpha=0.05)
    assert difference.statistic == pytest.approx(expected["z"], rel=1e-10)
    assert difference.p_value == pytest.approx(expected["z_p"], rel=1e-10)
    lift = relative(control, treatment, alpha=0.05)
    assert (lift.estimate, lift.standard_error) == pytest.approx((expected["relative"], expected["relative_se"]))
    assert lift.statistic == pytest.approx(expected["relative_z"], rel=1e-10)
    assert lift.p_value == pytest.approx(expected["relative_p"], rel=1e-10)
    assert ends(lift.interval) == pytest.approx(expected["relative_interval"], rel=1e-10)
    upward = relative(control, treatment, alpha=0.05, alternative="greater")
    assert upward.p_value == pytest.approx(expected["relative_p_one_sided"], rel=1e-10)
    assert ends(fieller(control, treatment, alpha=0.05).interval) == pytest.approx(
        expected["fieller_interval"], rel=1e-10
    )


def test_pooling_the_shares_tells_the_published_z(published: dict[str, Any]) -> None:
    expected = published["shares"]
    control, treatment = Proportion(*expected["control"]), Proportion(*expected["treatment"])
    pooled = control.merge(treatment).share
    error = math.sqrt(pooled * (1 - pooled) * (1 / control.n + 1 / treatment.n))
    difference = absolute_z(control.estimate(), treatment.estimate(), alpha=0.05).estimate
    assert difference is not None
    assert difference / error == pytest.approx(expected["pooled_z"], rel=1e-10)
    assert p_value(difference / error, "two-sided") == pytest.approx(expected["pooled_z_p"], rel=1e-10)


def test_a_prior_on_the_lift_itself_gives_the_published_belief(published: dict[str, Any]) -> None:
    expected = published["numbers"]
    control, treatment = (
        Moments(n, mean, sd * sd * (n - 1)).estimate() for n, mean, sd in (expected["control"], expected["treatment"])
    )
    lift = relative(control, treatment, alpha=0.05)
    # N(0, prior) times N(lift, error): precisions add.
    assert lift.estimate is not None
    assert lift.standard_error is not None
    precision = 1 / expected["lift_prior_sd"] ** 2 + 1 / lift.standard_error**2
    mean, deviation = lift.estimate / lift.standard_error**2 / precision, 1 / math.sqrt(precision)
    assert mean == pytest.approx(expected["lift_posterior_mean"], rel=1e-10)
    assert deviation == pytest.approx(expected["lift_posterior_sd"], rel=1e-10)
    assert 1 - p_value(mean / deviation, "greater") == pytest.approx(expected["lift_posterior_above_zero"], rel=1e-10)


def test_numbers_agree_with_published_ones(published: dict[str, Any]) -> None:
    expected = published["numbers"]
    control, treatment = (
        Moments(n, mean, sd * sd * (n - 1)).estimate() for n, mean, sd in (expected["control"], expected["treatment"])
    )
    welch = absolute(control, treatment, alpha=0.05)
    assert (welch.statistic, welch.degrees_of_freedom, welch.p_value) == pytest.approx(
        (expected["welch_t"], expected["welch_df"], expected["welch_p"]), rel=1e-10
    )
    lift = relative(control, treatment, alpha=0.05)
    assert (lift.estimate, lift.standard_error, lift.p_value) == pytest.approx(
        (expected["relative"], expected["relative_se"], expected["relative_p"]), rel=1e-10
    )
    assert ends(lift.interval) == pytest.approx(expected["relative_interval"], rel=1e-10)
    by_t = relative_t(control, treatment, alpha=0.05)
    assert by_t.p_value == pytest.approx(expected["relative_t_p"], rel=1e-10)
    assert ends(by_t.interval) == pytest.approx(expected["relative_t_interval"], rel=1e-9)
    assert ends(fieller(control, treatment, alpha=0.05).interval) == pytest.approx(
        expected["fieller_interval"], rel=1e-10
    )


def test_a_ratio_metric_agrees_with_the_delta_method_by_hand_and_by_regression(published: dict[str, Any]) -> None:
    expected = published["ratio"]
    control, treatment = (RatioMoments.from_pairs(expected[arm]).estimate() for arm in ("control", "treatment"))
    assert (control.mean, treatment.mean) == pytest.approx(expected["ratios"], rel=1e-9)
    assert (control.variance_of_mean, treatment.variance_of_mean) == pytest.approx(expected["variances"], rel=1e-9)
    assert control.variance_of_mean == pytest.approx(expected["hc0_variance_control"] * 8 / 7, rel=1e-10)
    lift = relative(control, treatment, alpha=0.05)
    assert (lift.estimate, lift.standard_error, lift.statistic) == pytest.approx(
        (expected["relative"], expected["relative_se"], expected["relative_z"]), rel=1e-9
    )
    by_t = relative_t(control, treatment, alpha=0.05)
    assert by_t.p_value == pytest.approx(expected["relative_t_p"], rel=1e-10)
    assert ends(by_t.interval) == pytest.approx(expected["relative_t_interval"], rel=1e-10)


def test_cuped_agrees_with_a_regression_per_arm(published: dict[str, Any]) -> None:
    expected = published["covariate"]
    arms = covariate_arms()
    adjusted = adjust(arms)
    assert isinstance(adjusted, list)
    assert [arm.estimate.mean for arm in adjusted] == pytest.approx(expected["adjusted_means"], rel=1e-9)
    assert [arm.estimate.standard_error for arm in adjusted] == pytest.approx(expected["adjusted_se"], rel=1e-9)
    assert [arm.estimate().standard_error for arm in arms] == pytest.approx(expected["raw_se"], rel=1e-9)
    assert [arm.correlation for arm in adjusted] == pytest.approx(expected["correlation"], rel=1e-9)
    for arm, raw in zip(adjusted, arms, strict=True):
        shift = arm.correlation * arm.deviation_ratio * arm.imbalance
        assert arm.estimate.mean == pytest.approx(raw.mean - shift, rel=1e-12)
        assert arm.variance_reduction == pytest.approx(
            1 - arm.estimate.variance_of_mean / raw.estimate().variance_of_mean, rel=1e-12
        )
    lift = relative(adjusted[0].estimate, adjusted[1].estimate, alpha=0.05)
    assert (lift.estimate, lift.standard_error) == pytest.approx(
        (expected["relative"], expected["relative_se"]), rel=1e-10
    )
    raw_lift = relative_t(arms[0].estimate(), arms[1].estimate(), alpha=0.05)
    assert (raw_lift.estimate, raw_lift.standard_error, raw_lift.p_value) == pytest.approx(
        (expected["raw_relative"], expected["raw_relative_se"], expected["raw_relative_p"]), rel=1e-9
    )
    together = arms[0].merge(arms[1])
    assert together.c_yx / together.m2_x == pytest.approx(expected["pooled_slope"], rel=1e-10)


def test_cuped_is_the_intercept_of_ordinary_least_squares() -> None:
    arms, pairs = covariate_arms(), covariate_pairs()
    adjusted = adjust(arms)
    assert isinstance(adjusted, list)
    mean_x = np.mean(np.concatenate([x for _, x in pairs]))
    for arm, (y, x) in zip(adjusted, pairs, strict=True):
        line = stats.linregress(x - mean_x, y)
        assert arm.estimate.mean == pytest.approx(line.intercept, rel=1e-12)
        assert arm.estimate.standard_error == pytest.approx(line.intercept_stderr, rel=1e-12)


def test_cuped_steps_aside_where_the_covariate_cannot_help() -> None:
    y = np.arange(200.0)
    constant = CovariateMoments.from_pairs([(value, 0.1) for value in y])
    few = CovariateMoments.from_pairs([(value, value) for value in y[:99]])
    unrelated = CovariateMoments.from_pairs([(value, index % 2) for index, value in enumerate(np.repeat(y, 2))])
    usable = CovariateMoments.from_pairs([(value, value + index % 7) for index, value in enumerate(y)])
    assert isinstance(adjust([usable, usable]), list)
    for useless in (constant, few, unrelated):
        assert adjust([usable, useless]) == "covariate_unusable"


def test_a_percentile_difference_agrees_with_growthbooks(published: dict[str, Any]) -> None:
    expected = published["quantile"]
    n = expected["n"]
    control, treatment = (Quantile(n, 0.5, *expected[arm]).estimate() for arm in ("control", "treatment"))
    shrink = (n - 1) / n
    assert [n * arm.variance_of_mean * shrink for arm in (control, treatment)] == pytest.approx(
        expected["variances_per_unit"], rel=1e-10
    )
    lift = relative(control, treatment, alpha=0.05)
    assert lift.estimate == pytest.approx(expected["relative"])
    assert lift.standard_error * math.sqrt(shrink) == pytest.approx(expected["relative_se"], rel=1e-10)
    df = relative_t(control, treatment, alpha=0.05).degrees_of_freedom
    p = p_value(lift.statistic / math.sqrt(shrink), "two-sided", df)
    assert p == pytest.approx(expected["relative_p"], rel=1e-9)


def test_students_sleep_data(published: dict[str, Any]) -> None:
    expected = published["sleep"]
    first, second = Moments.from_values(expected["first"]), Moments.from_values(expected["second"])
    welch = absolute(second.estimate(), first.estimate(), alpha=0.05)
    assert (welch.statistic, welch.degrees_of_freedom, welch.p_value) == pytest.approx(
        (expected["welch_t"], expected["welch_df"], expected["welch_p"]), rel=1e-8
    )
    assert ends(welch.interval) == pytest.approx(expected["welch_interval"], rel=1e-9)
    pairs = zip(expected["first"], expected["second"], strict=True)
    differences = Moments.from_values(a - b for a, b in pairs).estimate()
    t = differences.mean / differences.standard_error
    assert t == pytest.approx(expected["paired_t"], rel=1e-9)
    assert p_value(t, "two-sided", 9) == pytest.approx(expected["paired_p"], rel=1e-8)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_welch_agrees_with_scipy(alternative: Alternative) -> None:
    generator = np.random.default_rng(11)
    for n_a, n_b in [(3, 5), (40, 12), (500, 700)]:
        a, b = generator.exponential(2, n_a), generator.normal(2.4, 3, n_b)
        ours = absolute(
            Moments.from_values(a).estimate(), Moments.from_values(b).estimate(), alpha=0.1, alternative=alternative
        )
        theirs = stats.ttest_ind(b, a, equal_var=False, alternative=alternative)
        assert (ours.statistic, ours.p_value, ours.degrees_of_freedom) == pytest.approx(
            (theirs.statistic, theirs.pvalue, theirs.df), rel=1e-10
        )
        low, high = theirs.confidence_interval(0.9)
        assert ours.interval is not None
        assert ours.interval.lower == (pytest.approx(low, rel=1e-10) if math.isfinite(low) else None)
        assert ours.interval.upper == (pytest.approx(high, rel=1e-10) if math.isfinite(high) else None)


def test_the_interval_of_one_mean_agrees_with_scipy() -> None:
    sample = [1.0, 4.0, 2.5, 7.0, 3.0]
    low, high = stats.ttest_1samp(sample, 0).confidence_interval(0.95)
    assert ends(interval_of_mean(Moments.from_values(sample).estimate(), alpha=0.05)) == pytest.approx((low, high))
    assert interval_of_mean(Moments.from_values([1.0]).estimate(), alpha=0.05) is None


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("scale", [absolute, absolute_z, relative, log_ratio])
def test_the_interval_excludes_no_effect_exactly_when_the_p_value_is_below_alpha(
    scale: Any, alternative: Alternative
) -> None:
    generator = np.random.default_rng(5)
    for _ in range(200):
        control = Estimate(200, 10.0, generator.uniform(0.01, 1))
        treatment = Estimate(220, 10 + generator.normal(0, 2), generator.uniform(0.01, 1))
        found = scale(control, treatment, alpha=0.1, alternative=alternative)
        assert (found.p_value < 0.1) == (not found.interval.contains(0.0))


def test_a_one_sided_interval_is_open_on_the_side_not_asked() -> None:
    control, treatment = Proportion(1000, 100).estimate(), Proportion(1000, 140).estimate()
    up = relative(control, treatment, alpha=0.05, alternative="greater").interval
    down = relative(control, treatment, alpha=0.05, alternative="less").interval
    assert up and up.upper is None and up.lower is not None and up.lower > 0
    assert down and down.lower is None and down.upper is not None and down.upper > 0.4


@given(estimates(), estimates())
def test_swapping_the_arms_negates_the_log_ratio(a: Estimate, b: Estimate) -> None:
    there, back = log_ratio(a, b, alpha=0.05), log_ratio(b, a, alpha=0.05)
    assert there.estimate == -back.estimate
    assert there.standard_error == pytest.approx(back.standard_error, rel=1e-14)
    assert there.p_value == pytest.approx(back.p_value, rel=1e-9)
    assert ends(there.interval) == pytest.approx((-back.interval.upper, -back.interval.lower), rel=1e-12, abs=1e-12)


@given(estimates(), estimates(), st.floats(1e-6, 1e6))
def test_a_relative_effect_does_not_depend_on_the_unit_of_measurement(a: Estimate, b: Estimate, factor: float) -> None:
    scaled = [Estimate(arm.n, arm.mean * factor, arm.variance_of_mean * factor * factor) for arm in (a, b)]
    for method in (relative, log_ratio, fieller):
        before, after = method(a, b, alpha=0.05), method(*scaled, alpha=0.05)
        if before.reason != after.reason:  # a hair's breadth from the edge of what is defined
            continue
        assert after.p_value == (None if before.p_value is None else pytest.approx(before.p_value, rel=1e-6))
        if before.interval and before.interval.lower is not None:
            assert ends(after.interval) == pytest.approx(ends(before.interval), rel=1e-6, abs=1e-9)


def test_fieller_solves_its_defining_equation() -> None:
    control, treatment = Estimate(20, 5.0, 0.8), Estimate(25, 7.0, 1.1)
    interval = fieller(control, treatment, alpha=0.05).interval
    z = stats.norm.ppf(0.975)
    for lift in ends(interval):
        ratio = 1 + lift
        distance = treatment.mean - ratio * control.mean
        spread = math.sqrt(treatment.variance_of_mean + ratio * ratio * control.variance_of_mean)
        assert abs(distance) / spread == pytest.approx(z, rel=1e-12)


def test_fieller_says_when_its_interval_has_no_end() -> None:
    nearly_nothing = fieller(Estimate(20, 1.0, 0.24), Estimate(20, 2.0, 0.1), alpha=0.01)
    assert (nearly_nothing.reason, nearly_nothing.interval, nearly_nothing.estimate) == ("unbounded", None, 1.0)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_fishers_exact_test_agrees_with_scipy(alternative: Alternative) -> None:
    generator = np.random.default_rng(3)
    for _ in range(150):
        n_c, n_t = generator.integers(1, 80, 2)
        control = Proportion(int(n_c), int(generator.integers(0, n_c + 1)))
        treatment = Proportion(int(n_t), int(generator.integers(0, n_t + 1)))
        table = [[arm.successes, arm.n - arm.successes] for arm in (treatment, control)]
        theirs = stats.fisher_exact(table, alternative=alternative).pvalue
        assert fisher(control, treatment, alternative) == pytest.approx(theirs, rel=1e-10)


def test_a_handful_of_events_in_a_thousand_million_units_is_a_coin_toss() -> None:
    # With vast equal arms, nine events fall like coin tosses: binomial, to within one in a hundred million.
    found = fisher(Proportion(10**9, 1), Proportion(10**9, 8))
    assert found == pytest.approx(stats.binomtest(1, 9).pvalue, rel=2e-8)


def test_newcombes_interval_agrees_with_his_paper() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: 56/70 against 48/80.
    found = exact_absolute(Proportion(80, 48), Proportion(70, 56), alpha=0.05, alternative="two-sided")
    assert ends(found.interval) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    # And 5/56 against 0/29, where the normal approximation collapses.
    sparse = exact_absolute(Proportion(29, 0), Proportion(56, 5), alpha=0.05, alternative="two-sided")
    assert ends(sparse.interval) == pytest.approx((-0.0381, 0.1926), abs=5e-5)


@pytest.mark.parametrize("method", [exact_absolute, exact_relative])
def test_few_conversions_asked_one_way_spend_the_whole_level_on_that_side(method: Any) -> None:
    control, treatment = Proportion(80, 2), Proportion(70, 7)
    both = method(control, treatment, alpha=0.1, alternative="two-sided").interval
    up = method(control, treatment, alpha=0.05, alternative="greater").interval
    down = method(control, treatment, alpha=0.05, alternative="less").interval
    assert ends(up) == (pytest.approx(both.lower, rel=1e-12), None)
    assert ends(down) == (None, pytest.approx(both.upper, rel=1e-12))


def test_wilsons_interval_agrees_with_scipy() -> None:
    for n, x in [(10, 0), (10, 10), (29, 1), (4000, 77)]:
        theirs = stats.binomtest(x, n).proportion_ci(0.9, method="wilson")
        assert wilson(Proportion(n, x), alpha=0.1) == pytest.approx((theirs.low, theirs.high), rel=1e-10, abs=1e-12)


def test_the_ratio_of_few_shares_keeps_its_coverage() -> None:
    """Exact coverage, summed over every outcome, where the delta method would report nonsense."""
    n, p_c, p_t = 40, 0.08, 0.12
    covered = 0.0
    for x_c in range(1, n + 1):  # no baseline, no ratio
        for x_t in range(n + 1):
            weight = stats.binom.pmf(x_c, n, p_c) * stats.binom.pmf(x_t, n, p_t)
            if weight < 1e-7:
                continue
            interval = exact_relative(
                Proportion(n, x_c), Proportion(n, x_t), alpha=0.05, alternative="two-sided"
            ).interval
            covered += weight * (interval is not None and interval.contains(p_t / p_c - 1))
    assert 0.94 < covered / (1 - stats.binom.pmf(0, n, p_c)) < 0.99


def test_few_conversions_are_noticed() -> None:
    assert needs_exact_test(Proportion(100, 3), Proportion(100, 6))
    assert not needs_exact_test(Proportion(100, 5), Proportion(100, 6))
    assert needs_exact_test(Proportion(100, 98), Proportion(100, 97))
    assert exact_relative(Proportion(50, 0), Proportion(50, 3), alpha=0.05, alternative="greater").reason == (
        "baseline_not_positive"
    )


def test_non_inferiority_is_the_lower_bound_above_the_margin() -> None:
    control, treatment = Proportion(50_000, 5000).estimate(), Proportion(50_000, 5010).estimate()
    for margin in (0.01, 0.02, 0.03, 0.04, 0.05):
        found = non_inferiority(control, treatment, margin=margin, alpha=0.05, higher_is_better=True)
        assert found.interval and found.interval.lower is not None and found.interval.upper is None
        assert (found.p_value < 0.05) == (found.interval.lower > -margin)
    slower = non_inferiority(control, treatment, margin=0.05, alpha=0.05, higher_is_better=False)
    assert slower.interval and slower.interval.lower is None
    assert (slower.p_value < 0.05) == (slower.interval.upper < 0.05)


def test_tiny_p_values_stop_at_the_floor_instead_of_zero() -> None:
    control, treatment = Estimate(10**6, 1.0, 1e-8), Estimate(10**6, 2.0, 1e-8)
    for method in (absolute, absolute_z, relative, log_ratio):
        assert method(control, treatment, alpha=0.05).p_value == P_FLOOR
    assert p_value(30.0, "greater") == pytest.approx(4.906713927148187e-198, rel=1e-10)  # scipy.stats.norm.sf(30)
    assert p_value(-30.0, "greater") == 1.0


UNDEFINED = {
    "too_few_units": (Moments.from_values([3.0]), Moments.from_values([1.0, 2.0])),
    "zero_variance": (Moments.from_values([3.0, 3.0]), Moments.from_values([5.0, 5.0])),
    "baseline_not_positive": (Moments.from_values([-1.0, -2.0]), Moments.from_values([1.0, 2.0])),
    "baseline_near_zero": (Moments.from_values([0.0, 1.0]), Moments.from_values([1.0, 2.0])),
    "denominator_zero": (RatioMoments.from_pairs([(1, 0), (2, 0)]), RatioMoments.from_pairs([(1, 2), (2, 3)])),
    "not_finite": (Moments.from_values([1e200, -1e200]), Moments.from_values([1.0, 2.0])),
}


@pytest.mark.parametrize("reason", UNDEFINED)
def test_an_effect_that_cannot_be_told_names_its_reason(reason: str) -> None:
    control, treatment = (sample.estimate() for sample in UNDEFINED[reason])
    found = relative(control, treatment, alpha=0.05)
    assert (found.reason, found.interval, found.p_value) == (reason, None, None)


def test_a_logarithm_needs_positive_means() -> None:
    control, treatment = Moments.from_values([1.0, 2.0, 1.5]), Moments.from_values([0.0, 0.0, 0.0])
    assert log_ratio(control.estimate(), treatment.estimate(), alpha=0.05).reason == "mean_not_positive"


def covariate_pairs() -> list[tuple[Any, Any]]:
    """(value, covariate) arrays of control and treatment, drawn as `published.json` says."""
    generator = np.random.default_rng(20250101)
    x_c, x_t = generator.normal(10, 3, 400), generator.normal(10, 3, 420)
    y_c = 2 + 0.8 * x_c + generator.normal(0, 2, 400)
    y_t = 2.3 + 0.8 * x_t + generator.normal(0, 2, 420)
    return [(y_c, x_c), (y_t, x_t)]


def covariate_arms() -> list[CovariateMoments]:
    return [CovariateMoments.from_pairs(zip(y, x, strict=True)) for y, x in covariate_pairs()]
