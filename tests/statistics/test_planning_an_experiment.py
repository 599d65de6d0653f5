"""How many units an experiment will need, against published closed forms."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from flaghoist.statistics.power import Design, detectable_lift, units_for, units_needed

TEN_PERCENT = Design(mean=0.1)


def per_arm(units: float | None) -> float:
    assert units is not None
    return units / 2


def test_sizes_agree_with_published_ones(published: dict[str, Any]) -> None:
    expected = published["power"]
    # Two arms of variance 1 each: the difference's variance times all units is 4.
    assert per_arm(units_for(0.5, 4.0, TEN_PERCENT)) == pytest.approx(expected["effect_size_half_z"], rel=1e-5)
    assert per_arm(units_needed(TEN_PERCENT, 0.1)) == pytest.approx(expected["share_10_to_11_percent"], abs=0.01)
    assert per_arm(units_for(0.05, 16.0, TEN_PERCENT)) == pytest.approx(
        expected["null_variance_cv_2_lift_5_percent"], abs=0.1
    )
    corrected = replace(TEN_PERCENT, comparisons=3)
    assert per_arm(units_needed(corrected, 0.1)) == pytest.approx(expected["three_comparisons"], abs=0.5)
    sharpened = replace(TEN_PERCENT, correlation=0.7)
    assert per_arm(units_needed(sharpened, 0.1)) == pytest.approx(expected["correlation_07"], abs=0.5)
    for decision_units in (5000, 20000):
        looking = replace(TEN_PERCENT, decision_units=decision_units)
        assert per_arm(units_needed(looking, 0.1)) == pytest.approx(expected[f"always_valid_{decision_units}"], abs=0.5)
    guarded = replace(TEN_PERCENT, alternative="greater")
    assert per_arm(units_needed(guarded, 0.0, margin=0.02)) == pytest.approx(
        expected["non_inferiority_2_percent_of_10"], abs=0.5
    )


def test_two_proportion_formulas_agree_on_the_absolute_scale(published: dict[str, Any]) -> None:
    others = published["power"]["share_10_to_11_percent_others"]
    z_alpha, z_beta = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    unpooled = units_for(0.01, 2 * (0.1 * 0.9 + 0.11 * 0.89), TEN_PERCENT) / 2
    assert unpooled == pytest.approx(others["unpooled"], abs=0.01)
    pooled = z_alpha * math.sqrt(2 * 0.105 * 0.895) + z_beta * math.sqrt(0.1 * 0.9 + 0.11 * 0.89)
    assert (pooled / 0.01) ** 2 == pytest.approx(others["fleiss"], abs=0.01)
    cohen = 2 * (math.asin(math.sqrt(0.11)) - math.asin(math.sqrt(0.1)))
    assert 2 * ((z_alpha + z_beta) / cohen) ** 2 == pytest.approx(others["cohen_h"], rel=1e-5)


def test_an_unequal_split_costs_units(published: dict[str, Any]) -> None:
    even, uneven = TEN_PERCENT, replace(TEN_PERCENT, treatment_share=0.1)
    ratio = per_arm(units_needed(uneven, 1e-6)) / per_arm(units_needed(even, 1e-6))
    assert ratio == pytest.approx(published["power"]["ninety_to_ten"], abs=0.001)


@pytest.mark.parametrize("design", [TEN_PERCENT, Design(20.0, 40.0), replace(TEN_PERCENT, decision_units=5000)])
def test_the_detectable_lift_is_the_lift_that_needs_these_units(design: Design) -> None:
    lift = detectable_lift(design, 50_000)
    assert lift is not None
    assert units_needed(design, lift) == pytest.approx(50_000, rel=1e-6)


def test_what_cannot_be_seen_is_none() -> None:
    assert detectable_lift(TEN_PERCENT, 3) is None
    assert detectable_lift(Design(mean=1.0), 10_000) is None
    assert detectable_lift(Design(mean=0.0), 10_000) is None
    assert units_needed(TEN_PERCENT, 0.0) is None
    assert units_needed(TEN_PERCENT, 20.0) is None, "a share cannot exceed one"
    assert units_needed(Design(mean=0.0, standard_deviation=1.0), 0.1) is None


def test_the_planned_size_has_the_planned_power() -> None:
    """Four thousand simulated experiments of the planned size find the planned lift four times in five."""
    units = round(per_arm(units_needed(TEN_PERCENT, 0.1)))
    generator = np.random.default_rng(17)
    p_c, p_t = generator.binomial(units, 0.1, 4000) / units, generator.binomial(units, 0.11, 4000) / units
    se = np.sqrt(p_t * (1 - p_t) / p_c**2 + p_c * (1 - p_c) * p_t**2 / p_c**4) / math.sqrt(units)
    found = np.mean((p_t / p_c - 1) / se > stats.norm.ppf(0.975))
    assert found == pytest.approx(0.8, abs=0.025)
