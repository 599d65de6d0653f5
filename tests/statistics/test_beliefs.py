"""What to believe about the arms: priors, posteriors, which arm is best, and what a wrong choice costs."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from flaghoist.statistics import bandit
from flaghoist.statistics.bayesian import beta_posterior, normal_posterior, relative_difference
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.guardrails import regression_probability
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.odds import (
    expected_shortfall,
    probability_best,
    probability_higher,
    probability_ratio_below,
)
from flaghoist.statistics.posteriors import Beta, Distribution, Normal
from flaghoist.statistics.proportions import Proportion

betas = st.builds(Beta, st.floats(0.3, 1e5), st.floats(0.3, 1e5))
normals = st.builds(Normal, st.floats(-10, 10), st.floats(1e-3, 10))


def ends(interval: Any) -> tuple[float, float]:
    return interval.lower, interval.upper


def test_shares_agree_with_launchdarklys_formulas(published: dict[str, Any]) -> None:
    expected = published["shares"]
    control, treatment = Proportion(*expected["control"]), Proportion(*expected["treatment"])
    first = beta_posterior(control).belief
    second = beta_posterior(treatment, control, prior_variance=expected["prior_variance"])
    assert isinstance(second.prior, Beta)
    assert (second.prior.alpha, second.prior.beta) == pytest.approx(expected["prior"], rel=1e-10)
    assert second.data_weight == pytest.approx(10_000 / (10_000 + sum(expected["prior"])))
    assert (first.mean, second.belief.mean) == pytest.approx(expected["posterior_means"], rel=1e-11)
    assert probability_higher(first, second.belief) == pytest.approx(expected["probability_better"], rel=1e-11)
    loss = expected_shortfall(first, second.belief)
    assert loss == pytest.approx(expected["expected_loss"], rel=1e-11)
    assert loss / first.mean == pytest.approx(expected["expected_loss_relative"], rel=1e-11)
    lift = relative_difference(first, second.belief, credibility=0.95)
    assert (lift.estimate, lift.standard_error) == pytest.approx(
        (expected["posterior_relative"], expected["posterior_relative_sd"]), rel=1e-11
    )
    # The published interval came from a minimiser, which stops a little before the minimum.
    for belief, key in ((first, "control"), (second.belief, "treatment")):
        assert ends(belief.highest_density(0.95)) == pytest.approx(expected[f"highest_density_95_{key}"], rel=1e-8)


def test_numbers_agree_with_launchdarklys_formulas(published: dict[str, Any]) -> None:
    expected = published["numbers"]
    control, treatment = (
        Moments(n, mean, sd * sd * (n - 1)).estimate() for n, mean, sd in (expected["control"], expected["treatment"])
    )
    first = normal_posterior(control)
    second = normal_posterior(treatment, control, prior_variance=expected["prior_variance"])
    assert first and second
    assert (second.belief.mean, second.belief.standard_deviation, second.data_weight) == pytest.approx(
        (expected["posterior_mean"], expected["posterior_sd"], expected["data_weight"]), rel=1e-11
    )
    assert probability_higher(first.belief, second.belief) == pytest.approx(expected["probability_better"], rel=1e-11)
    assert expected_shortfall(first.belief, second.belief) == pytest.approx(expected["expected_loss"], rel=1e-9)
    lift = relative_difference(first.belief, second.belief, credibility=0.95)
    assert (lift.estimate, lift.standard_error) == pytest.approx(
        (expected["posterior_relative"], expected["posterior_relative_sd"]), rel=1e-11
    )


def test_a_flat_prior_agrees_with_the_finite_sum_for_two_shares(published: dict[str, Any]) -> None:
    expected = published["shares"]
    first, second = (beta_posterior(Proportion(*expected[arm])).belief for arm in ("control", "treatment"))
    found = probability_higher(first, second)
    assert found == pytest.approx(expected["flat_probability_better"], rel=1e-11)
    assert found == pytest.approx(finite_sum(first, second), rel=1e-10)


def finite_sum(control: Distribution, treatment: Distribution) -> float:
    """P(treatment > control) for whole parameters: Miller, "Formulas for Bayesian A/B testing" (2015)."""
    assert isinstance(control, Beta) and isinstance(treatment, Beta)
    i = np.arange(treatment.alpha)
    terms = (
        special.betaln(control.alpha + i, control.beta + treatment.beta)
        - np.log(treatment.beta + i)
        - special.betaln(1 + i, treatment.beta)
        - special.betaln(control.alpha, control.beta)
    )
    return math.fsum(np.exp(terms))


@pytest.mark.parametrize("kind", ["normal", "beta"])
def test_which_arm_is_best_agrees_with_published_integrals(published: dict[str, Any], kind: str) -> None:
    expected = published["bandit"]
    shape = {"normal": Normal, "beta": Beta}[kind]
    assert probability_best([shape(*pair) for pair in expected[kind]]) == pytest.approx(
        expected[f"{kind}_best"], rel=1e-9
    )


def test_bandit_shares_keep_a_floor_and_add_up(published: dict[str, Any]) -> None:
    expected = published["bandit"]
    shares = bandit.shares(expected["normal_best"], floor=0.05)
    assert shares == pytest.approx(expected["normal_shares"], rel=1e-9)
    assert bandit.weights(shares) == [5133, 9180, 85687]
    assert bandit.weights([1, 1, 1]) == [33334, 33333, 33333]


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30))
def test_bandit_weights_always_add_up_to_all_traffic(shares: list[float]) -> None:
    weights = bandit.weights(shares)
    assert sum(weights) == bandit.WEIGHT_TOTAL
    assert all(abs(weight - 100_000 * share / sum(shares)) < 1 for weight, share in zip(weights, shares, strict=True))


def test_small_whole_betas_agree_with_exact_fractions() -> None:
    """P(B > A) for Beta(a, b) by integrating polynomials in fractions: no floating point anywhere."""
    for a, b in [((1, 1), (1, 1)), ((1, 5), (1, 2)), ((3, 4), (2, 2)), ((6, 2), (5, 3)), ((1, 9), (4, 1))]:
        assert probability_higher(Beta(*a), Beta(*b)) == pytest.approx(float(exact_higher(a, b)), rel=1e-12)


def exact_higher(control: tuple[int, int], treatment: tuple[int, int]) -> Fraction:
    density = beta_polynomial(*treatment)
    cumulative = integral(beta_polynomial(*control))
    product = [Fraction(0)] * (len(density) + len(cumulative))
    for i, x in enumerate(density):
        for j, y in enumerate(cumulative):
            product[i + j] += x * y
    return sum(integral(product), Fraction(0))


def beta_polynomial(a: int, b: int) -> list[Fraction]:
    scale = Fraction(math.factorial(a + b - 1), math.factorial(a - 1) * math.factorial(b - 1))
    return [Fraction(0)] * (a - 1) + [scale * (-1) ** k * math.comb(b - 1, k) for k in range(b)]


def integral(polynomial: list[Fraction]) -> list[Fraction]:
    return [Fraction(0)] + [coefficient / (power + 1) for power, coefficient in enumerate(polynomial)]


@settings(max_examples=40)
@given(st.one_of(st.lists(betas, min_size=1, max_size=6), st.lists(normals, min_size=1, max_size=6)))
def test_chances_to_be_best_add_up_to_one(arms: list[Distribution]) -> None:
    chances = probability_best(arms)
    assert math.fsum(chances) == pytest.approx(1, abs=1e-12)
    assert all(0 <= chance <= 1 for chance in chances)
    reversed_chances = probability_best(arms[::-1])
    assert reversed_chances[::-1] == pytest.approx(chances, abs=1e-12)


@settings(max_examples=40)
@given(st.one_of(st.tuples(betas, betas), st.tuples(normals, normals)))
@example((Beta(86.0, 53644.0), Beta(52301.0, 13.0)))
def test_two_arms_share_the_certainty_and_the_gap(pair: tuple[Distribution, Distribution]) -> None:
    a, b = pair
    higher = probability_higher(a, b)
    assert higher + probability_higher(b, a) == pytest.approx(1, abs=1e-10)
    assert probability_best([a, b])[1] == pytest.approx(higher, abs=1e-10)
    assert probability_ratio_below(a, b, 1.0) == pytest.approx(1 - higher, abs=1e-9)
    gap = expected_shortfall(a, b) - expected_shortfall(b, a)
    assert gap == pytest.approx(a.mean - b.mean, abs=1e-10 + 1e-10 * abs(a.mean))
    assert probability_higher(b.mirrored(), a.mirrored()) == pytest.approx(higher, abs=1e-10)


def test_normal_and_beta_integrals_agree_with_adaptive_quadrature() -> None:
    first, second = Beta(3.5, 40.2), Beta(8.1, 55.0)
    a, b = stats.beta(first.alpha, first.beta), stats.beta(second.alpha, second.beta)
    loss = integrate.quad(lambda t: b.cdf(t) * a.sf(t), 0, 1, epsabs=1e-13)[0]
    assert expected_shortfall(first, second) == pytest.approx(loss, rel=1e-9)
    below = integrate.quad(lambda t: a.pdf(t) * b.cdf(min(1.0, 0.9 * t)), 0, 1, epsabs=1e-13)[0]
    assert probability_ratio_below(first, second, 0.9) == pytest.approx(below, rel=1e-9)
    above = 1 - integrate.quad(lambda t: a.pdf(t) * b.cdf(min(1.0, 1.3 * t)), 0, 1, epsabs=1e-13)[0]
    assert regression_probability(first, second, threshold=0.3, higher_is_better=False) == pytest.approx(
        above, rel=1e-9
    )
    assert regression_probability(first, second, threshold=1.0, higher_is_better=True) == 0.0
    third, fourth = Normal(1.0, 0.3), Normal(1.2, 0.5)
    z = (1.2 - 1.0) / math.hypot(0.3, 0.5)
    loss = math.hypot(0.3, 0.5) * stats.norm.pdf(z) - 0.2 * stats.norm.cdf(-z)
    assert expected_shortfall(third, fourth) == pytest.approx(loss, rel=1e-12)


def test_a_thousand_million_units_keep_their_digits() -> None:
    """At this size a share's belief is normal, to the skewness that 1e9 units leave."""
    first, second = Beta(1e8, 9e8), Beta(1e8 + 10_000, 9e8 - 10_000)
    sd = math.sqrt(0.1 * 0.9 / 1e9)
    assert probability_higher(first, second) == pytest.approx(stats.norm.cdf(1e-5 / (sd * math.sqrt(2))), abs=1e-5)


@settings(max_examples=40)
@given(st.builds(Beta, st.floats(0.5, 1e5), st.floats(0.5, 1e5)), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_no_interval_holding_as_much_belief_is_narrower(belief: Beta, credibility: float) -> None:
    interval = belief.highest_density(credibility)
    lower, upper = ends(interval)
    assert stats.beta.cdf(upper, belief.alpha, belief.beta) - stats.beta.cdf(
        lower, belief.alpha, belief.beta
    ) == pytest.approx(credibility, abs=1e-9)
    if max(belief.alpha, belief.beta) > 1:
        starts = np.linspace(0, 1 - credibility, 41)
        others = stats.beta.ppf(starts + credibility, belief.alpha, belief.beta) - stats.beta.ppf(
            starts, belief.alpha, belief.beta
        )
        assert upper - lower <= others.min() * (1 + 1e-9) + 1e-12


def test_the_prior_pulls_a_small_sample_to_the_control_and_leaves_a_large_one_alone() -> None:
    control = Proportion(10_000, 1000)
    small = beta_posterior(Proportion(50, 10), control, prior_variance=0.04)
    large = beta_posterior(Proportion(50_000, 10_000), control, prior_variance=0.04)
    assert 0.1 < small.belief.mean < 0.13
    assert large.belief.mean == pytest.approx(0.2, abs=0.001)
    assert small.data_weight < 0.2 < 0.99 < large.data_weight
    few, many = Estimate(10, 30.0, 25.0), Estimate(10_000, 30.0, 0.025)
    sceptic = normal_posterior(few, Estimate(1000, 20.0, 1.0), prior_variance=0.01)
    convinced = normal_posterior(many, Estimate(1000, 20.0, 1.0), prior_variance=0.01)
    assert sceptic and convinced
    assert 20 < sceptic.belief.mean < 22
    assert convinced.belief.mean == pytest.approx(30, abs=0.1)


def test_a_control_without_successes_gives_no_prior_and_falls_back_to_a_flat_one() -> None:
    for hopeless in (Proportion(100, 0), Proportion(100, 100), Proportion(0, 0), Proportion(100, 99)):
        assert beta_posterior(Proportion(100, 3), hopeless, prior_variance=1.0).prior == Beta(1, 1)


def test_no_belief_without_a_spread() -> None:
    constant = Moments.from_values([2.0, 2.0, 2.0]).estimate()
    varied = Moments.from_values([2.0, 3.0, 4.0]).estimate()
    assert normal_posterior(constant) is None
    assert normal_posterior(varied, constant) is None
    assert normal_posterior(Moments.from_values([1.0]).estimate()) is None
    around_zero = normal_posterior(Moments.from_values([-1.0, 1.0, 0.1]).estimate())
    somewhere = normal_posterior(varied)
    assert around_zero and somewhere
    assert relative_difference(around_zero.belief, somewhere.belief, credibility=0.9).reason == "baseline_near_zero"
