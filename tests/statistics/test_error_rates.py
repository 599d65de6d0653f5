"""Simulated experiments without an effect, or with a known one: are the promises kept?

Every rate must lie in the band where 99.9 % of honest simulations fall, and methods known to be wrong must not.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flaghoist.statistics.bayesian import beta_posterior
from flaghoist.statistics.cuped import CovariateMoments, adjust
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.frequentist import absolute, absolute_z, fieller, log_ratio, relative
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.multiplicity import benjamini_hochberg
from flaghoist.statistics.odds import probability_higher
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile, ranks
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.statistics.sample_ratio import sample_ratio

RUNS, UNITS, ALPHA = 2000, 1000, 0.05

Floats = NDArray[np.float64]
Band = Callable[[int, float], tuple[float, float]]

# What one unit may do, all with the same distribution in both arms.
VALUES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
    "half of the units convert": lambda g, size: g.binomial(1, 0.5, size).astype(float),
    "a tenth of the units convert": lambda g, size: g.binomial(1, 0.1, size).astype(float),
    "counts": lambda g, size: g.poisson(1.5, size).astype(float),
    "revenue, mostly none": lambda g, size: g.binomial(1, 0.3, size) * g.exponential(20, size),
}


def moments(values: Floats) -> list[Moments]:
    """One sample per row."""
    means = values.mean(axis=1)
    m2 = ((values - means[:, None]) ** 2).sum(axis=1)
    return [Moments(values.shape[1], float(mean), float(spread)) for mean, spread in zip(means, m2, strict=True)]


def alarm_rate(pairs: Sequence[tuple[Estimate, Estimate]], method: Any) -> float:
    return float(np.mean([method(control, treatment, alpha=ALPHA).p_value < ALPHA for control, treatment in pairs]))


@pytest.mark.parametrize("values", VALUES)
def test_equal_arms_differ_significantly_once_in_twenty(values: str, band: Band) -> None:
    generator = np.random.default_rng(20240601)
    controls, treatments = (moments(VALUES[values](generator, (RUNS, UNITS))) for _ in range(2))
    pairs = [(a.estimate(), b.estimate()) for a, b in zip(controls, treatments, strict=True)]
    low, high = band(RUNS, ALPHA)
    for method in (absolute, relative, log_ratio, fieller):
        assert low <= alarm_rate(pairs, method) <= high, method.__name__


def ratio_arms(generator: np.random.Generator) -> list[RatioMoments]:
    """Orders and revenue of customers, each of whom spends alike from order to order."""
    orders = 1.0 + generator.poisson(2, (RUNS, 400))
    revenue = orders * generator.lognormal(0, 0.5, (RUNS, 400)) + generator.normal(0, 0.3, (RUNS, 400))
    mean_n, mean_d = revenue.mean(axis=1, keepdims=True), orders.mean(axis=1, keepdims=True)
    top, bottom = revenue - mean_n, orders - mean_d
    sums = [(top * top).sum(axis=1), (bottom * bottom).sum(axis=1), (top * bottom).sum(axis=1)]
    columns = zip(mean_n[:, 0], mean_d[:, 0], *sums, strict=True)
    return [RatioMoments(400, *(float(number) for number in row)) for row in columns]


def naive(sample: RatioMoments) -> Estimate:
    """Revenue per order as if orders, not customers, had been randomised: its variance is too small."""
    orders = round(sample.n * sample.mean_d)
    per_order = (sample.m2_n / sample.n) / sample.mean_d**2  # spread of spending, taken as between orders
    return Estimate(orders, sample.mean_n / sample.mean_d, per_order / orders)


def test_a_ratio_keeps_its_level_only_when_units_are_what_was_randomised(band: Band) -> None:
    generator = np.random.default_rng(77)
    controls, treatments = ratio_arms(generator), ratio_arms(generator)
    low, high = band(RUNS, ALPHA)
    honest = [(a.estimate(), b.estimate()) for a, b in zip(controls, treatments, strict=True)]
    assert low <= alarm_rate(honest, relative) <= high
    wrong = [(naive(a), naive(b)) for a, b in zip(controls, treatments, strict=True)]
    assert alarm_rate(wrong, relative) > high, "the simulation must be able to fail a wrong method"


def test_an_adjusted_mean_keeps_its_level_and_gains_precision(band: Band) -> None:
    generator = np.random.default_rng(5)
    pairs, reductions = [], []
    for _ in range(1000):
        arms = []
        for _ in range(2):
            x = generator.exponential(3, 300)
            y = x + generator.normal(0, 2, 300)
            x_deviation, y_deviation = x - x.mean(), y - y.mean()
            sums = (y_deviation @ y_deviation, x.mean(), x_deviation @ x_deviation, y_deviation @ x_deviation)
            arms.append(CovariateMoments(300, float(y.mean()), *(float(number) for number in sums)))
        adjusted = adjust(arms)
        assert isinstance(adjusted, list)
        pairs.append((adjusted[0].estimate, adjusted[1].estimate))
        reductions.append(adjusted[0].variance_reduction)
    low, high = band(1000, ALPHA)
    assert low <= alarm_rate(pairs, absolute) <= high
    assert np.mean(reductions) == pytest.approx(9 / 13, abs=0.02)  # var x = 9, noise 4


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_a_percentiles_standard_error_covers_the_truth(level: float, band: Band) -> None:
    generator = np.random.default_rng(31)
    values = np.sort(generator.lognormal(0, 1, (1000, 1500)), axis=1)
    places = ranks(1500, level)
    assert places is not None
    truth = float(np.quantile(generator.lognormal(0, 1, 4_000_000), level))
    covered = 0
    for row in values:
        point = Quantile(1500, level, *(float(row[rank - 1]) for rank in (places.value, places.lower, places.upper)))
        seen = point.estimate()
        covered += abs(seen.mean - truth) <= 1.959964 * seen.standard_error
    # The interval is read off three order statistics: it is right to about a percent.
    low, high = band(1000, 0.95)
    assert low - 0.01 <= covered / 1000 <= high + 0.01


def test_intervals_of_a_true_effect_cover_it_nineteen_times_in_twenty(band: Band) -> None:
    generator = np.random.default_rng(404)
    successes = generator.binomial(3000, [0.1, 0.12], (RUNS, 2))
    covered = {"absolute": 0, "relative": 0, "log-ratio": 0}
    truths = ((absolute_z, 0.02), (relative, 0.2), (log_ratio, math.log(1.2)))
    for x_c, x_t in successes:
        control, treatment = Proportion(3000, int(x_c)).estimate(), Proportion(3000, int(x_t)).estimate()
        for method, truth in truths:
            effect = method(control, treatment, alpha=ALPHA)
            assert effect.interval is not None
            covered[effect.scale] += effect.interval.contains(truth)
    low, high = band(RUNS, 0.95)
    for scale, count in covered.items():
        assert low <= count / RUNS <= high, scale


def test_false_discoveries_stay_below_the_promised_share() -> None:
    """Twenty metrics, five of them truly moved: of those called significant, at most one in ten is not real."""
    generator = np.random.default_rng(12)
    shifts = np.array([3.0] * 5 + [0.0] * 15)
    z = generator.normal(0, 1, (600, 20)) + shifts
    p_values = [[math.erfc(abs(score) / math.sqrt(2)) for score in row] for row in z]
    false_shares, uncorrected = [], []
    for row in p_values:
        called = np.array(benjamini_hochberg(row)) <= 0.1
        false_shares.append(called[5:].sum() / max(1, called.sum()))
        plain = np.array(row) <= 0.1
        uncorrected.append(plain[5:].sum() / max(1, plain.sum()))
    assert np.mean(false_shares) < 0.1
    assert np.mean(uncorrected) > 0.15, "without correction the share must be seen to be too high"


def test_a_sound_split_is_not_called_a_mismatch_however_often_it_is_checked() -> None:
    generator = np.random.default_rng(99)
    first = generator.binomial(500, 0.5, (200, 40)).cumsum(axis=1)
    checked = 500 * np.arange(1, 41)
    alarms, naive_alarms = 0, 0
    for row in first:
        found = [
            sample_ratio([int(seen), int(total - seen)], [1, 1], ended=False)
            for seen, total in zip(row, checked, strict=True)
        ]
        alarms += any(each.status == "error" for each in found)
        naive_alarms += any(each.p_value is not None and each.p_value < 0.05 for each in found)
    assert alarms / 200 <= 0.02
    assert naive_alarms / 200 > 0.15, "chi-square at every look must be seen to fail"


def test_probabilities_mean_what_they_say() -> None:
    """Lifts drawn from the prior: of those believed better with 90 %, about 90 % are."""
    generator = np.random.default_rng(2718)
    runs, units, base = 4000, 20_000, 0.1
    lifts = generator.normal(0, 0.05, runs)
    x_c = generator.binomial(units * 20, base, runs)  # a control known well, as the prior's centre supposes
    x_t = generator.binomial(units, base * (1 + lifts))
    control_n = units * 20
    chances = np.array(
        [
            _probability_better(Proportion(control_n, int(a)), Proportion(units, int(b)), 0.0025)
            for a, b in zip(x_c, x_t, strict=True)
        ]
    )
    for low, high in [(0.05, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 0.95)]:
        inside = (chances >= low) & (chances < high)
        assert inside.sum() > 200
        error = 3.3 * math.sqrt(0.25 / inside.sum())
        assert np.mean(lifts[inside] > 0) == pytest.approx(chances[inside].mean(), abs=error)


def _probability_better(control: Proportion, treatment: Proportion, prior_variance: float) -> float:
    belief = beta_posterior(treatment, control, prior_variance=prior_variance).belief
    return probability_higher(beta_posterior(control).belief, belief)
