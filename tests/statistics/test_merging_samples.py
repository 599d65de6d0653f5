"""Samples are kept as moments that merge: in any order, in any grouping, without losing digits."""

import math
import random
from collections.abc import Sequence
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.statistics.cuped import CovariateMoments
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile, QuantileSample, ranks, value_rank
from flaghoist.statistics.ratios import RatioMoments

values = st.lists(st.floats(-1e6, 1e6), max_size=30)
pairs = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.5, 1e3)), max_size=20)


def alternating(first: float, low: float, high: float) -> list[float]:
    """NIST's NumAcc2 to 4: one value, then a thousand that alternate."""
    return [first] + [low, high] * 500


# Certified mean and standard deviation: NIST Statistical Reference Datasets, univariate summary statistics.
CERTIFIED = {
    "NumAcc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0, 1.0),
    "NumAcc2": (alternating(1.2, 1.1, 1.3), 1.2, 0.1),
    "NumAcc3": (alternating(1000000.2, 1000000.1, 1000000.3), 1000000.2, 0.1),
    "NumAcc4": (alternating(10000000.2, 10000000.1, 10000000.3), 10000000.2, 0.1),
}


def digits(found: float, certified: float) -> float:
    """Logarithm of the relative error: how many digits agree."""
    return 15.0 if found == certified else -math.log10(abs(found - certified) / abs(certified))


@pytest.mark.parametrize("name", CERTIFIED)
@pytest.mark.parametrize("parts", [1, 7, 100])
def test_mean_and_deviation_agree_with_nist_to_eight_digits_however_the_sample_was_split(name: str, parts: int) -> None:
    data, mean, deviation = CERTIFIED[name]
    moments = reduce(Moments.merge, [Moments.from_values(data[part::parts]) for part in range(parts)])
    assert moments.n == len(data)
    assert digits(moments.mean, mean) >= 8
    assert digits(math.sqrt(moments.variance), deviation) >= 8


def test_the_textbook_sum_of_squares_would_lose_every_digit() -> None:
    data, _, deviation = CERTIFIED["NumAcc4"]
    naive = (math.fsum(x * x for x in data) - math.fsum(data) ** 2 / len(data)) / (len(data) - 1)
    assert abs(math.sqrt(max(naive, 0)) - deviation) > 0.05


def test_the_rounding_of_the_mean_itself_is_made_good() -> None:
    # Near 1e16 doubles are two apart: the mean 1e16 + 4/3 can only be kept as 1e16 + 2.
    moments = Moments.from_values([1e16, 1e16 + 2, 1e16 + 2])
    assert moments.mean == 1e16 + 2
    assert moments.m2 == pytest.approx(8 / 3)


@given(values)
def test_moments_agree_with_numpy(sample: list[float]) -> None:
    moments = Moments.from_values(sample)
    assert moments.n == len(sample)
    if len(sample) > 1:
        assert moments.mean == pytest.approx(np.mean(sample), rel=1e-12, abs=1e-9)
        assert moments.variance == pytest.approx(np.var(sample, ddof=1), rel=1e-9, abs=1e-9)


@given(values, st.randoms(use_true_random=False))
def test_units_may_arrive_in_any_order_and_give_the_same_bits(sample: list[float], shuffler: random.Random) -> None:
    shuffled = list(sample)
    shuffler.shuffle(shuffled)
    assert Moments.from_values(shuffled) == Moments.from_values(sample)


@given(values, values, values)
def test_merging_is_associative_and_equals_one_pass(a: list[float], b: list[float], c: list[float]) -> None:
    x, y, z = (Moments.from_values(part) for part in (a, b, c))
    whole = Moments.from_values(a + b + c)
    for merged in (x.merge(y).merge(z), x.merge(y.merge(z)), z.merge(x).merge(y)):
        assert merged.n == whole.n
        assert merged.mean == pytest.approx(whole.mean, rel=1e-9, abs=1e-6)
        assert merged.m2 == pytest.approx(whole.m2, rel=1e-9, abs=1e-3)


@given(pairs, pairs)
def test_joint_moments_merge_to_those_of_all_units(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> None:
    ratio = RatioMoments.from_pairs(a).merge(RatioMoments.from_pairs(b))
    whole = RatioMoments.from_pairs(a + b)
    assert (ratio.n, ratio.mean_n, ratio.mean_d, ratio.m2_n, ratio.m2_d, ratio.c_nd) == pytest.approx(
        (whole.n, whole.mean_n, whole.mean_d, whole.m2_n, whole.m2_d, whole.c_nd), rel=1e-9, abs=1e-5
    )
    covariate = CovariateMoments.from_pairs(a).merge(CovariateMoments.from_pairs(b))
    joint = CovariateMoments.from_pairs(a + b)
    assert (covariate.mean, covariate.m2, covariate.mean_x, covariate.m2_x, covariate.c_yx) == pytest.approx(
        (joint.mean, joint.m2, joint.mean_x, joint.m2_x, joint.c_yx), rel=1e-9, abs=1e-5
    )


@given(pairs)
def test_joint_moments_agree_with_numpys_covariance(sample: list[tuple[float, float]]) -> None:
    moments = RatioMoments.from_pairs(sample)
    if len(sample) > 1:
        covariance = np.cov(np.array(sample).T, ddof=0) * len(sample)
        assert (moments.m2_n, moments.m2_d, moments.c_nd) == pytest.approx(
            (covariance[0, 0], covariance[1, 1], covariance[0, 1]), rel=1e-9, abs=1e-5
        )


def test_nothing_merged_with_something_is_that_something() -> None:
    some = Moments.from_values([1.0, 2.0, 4.0])
    nothing = Moments.from_values([])
    assert nothing.merge(some) == some == some.merge(nothing)
    assert nothing.merge(nothing) == nothing
    assert Proportion(0, 0).merge(Proportion(10, 3)) == Proportion(10, 3)
    pairs_of_some = RatioMoments.from_pairs([(1.0, 2.0), (2.0, 5.0)])
    assert RatioMoments.from_pairs([]).merge(pairs_of_some) == pairs_of_some


def test_a_share_has_the_moments_of_its_ones_and_zeros() -> None:
    ones_and_zeros = Moments.from_values([1.0] * 3 + [0.0] * 7)
    share = Proportion(10, 3).moments()
    assert (share.n, share.mean) == (ones_and_zeros.n, ones_and_zeros.mean)
    assert share.m2 == pytest.approx(ones_and_zeros.m2, rel=1e-14)


def test_an_average_over_units_with_events_is_a_ratio_over_all_exposed_units() -> None:
    with_events = [3.0, 5.0, 4.0, 9.0]
    pairs_of_all = [(value, 1.0) for value in with_events] + [(0.0, 0.0)] * 6
    from_moments = RatioMoments.over_event_having(10, Moments.from_values(with_events))
    from_units = RatioMoments.from_pairs(pairs_of_all)
    assert from_moments.mean_n == pytest.approx(from_units.mean_n)
    assert from_moments.c_nd == pytest.approx(from_units.c_nd)
    assert from_moments.estimate().mean == pytest.approx(5.25)
    assert from_moments.estimate().variance_of_mean == pytest.approx(from_units.estimate().variance_of_mean, rel=1e-12)
    # By hand: M2 n / ((n - 1) k^2) for k = 4 units with events out of n = 10.
    assert from_moments.estimate().variance_of_mean == pytest.approx(20.75 * 10 / (9 * 16), rel=1e-12)


def test_a_percentile_is_the_nearest_rank_as_launchdarkly_shows_it() -> None:
    # Docs example of winsorizing: ten values, upper P90 gives 170, not numpy's interpolated 248.
    sample = QuantileSample.from_values(0.9, [950, 5, 20, 35, 50, 65, 80, 100, 130, 170])
    assert sample.quantile().value == 170
    assert [value_rank(100, percent / 100) for percent in range(1, 100)] == list(range(1, 100))


@given(st.lists(st.floats(-100, 100), max_size=60), st.lists(st.floats(-100, 100), max_size=60), st.integers(1, 99))
def test_a_percentile_agrees_with_numpys_inverted_distribution(a: list[float], b: list[float], percent: int) -> None:
    merged = QuantileSample.from_values(percent / 100, a).merge(QuantileSample.from_values(percent / 100, b))
    assert merged == QuantileSample.from_values(percent / 100, a + b)
    if a + b:
        expected = _inverted_distribution(a + b, percent)
        assert merged.quantile().value == expected


def _inverted_distribution(sample: Sequence[float], percent: int) -> float:
    """Smallest value with at least this percentage of the sample at or below it, in whole numbers."""
    return next(x for x in sorted(sample) if 100 * sum(y <= x for y in sample) >= percent * len(sample))


def test_a_percentile_says_so_when_its_interval_would_leave_the_sample() -> None:
    assert ranks(50, 0.95) is None
    few = QuantileSample.from_values(0.95, range(50)).quantile()
    assert (few.value, few.estimate().reason) == (47.0, "ranks_out_of_range")
    enough = QuantileSample.from_values(0.95, range(500)).quantile()
    assert enough.estimate().reason is None
    assert Quantile(0, 0.95, 0.0, 0.0, 0.0, complete=False).estimate().reason == "too_few_units"
