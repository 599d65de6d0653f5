"""Many metrics and many treatments: what is still significant when luck had so many chances."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flaghoist.statistics.experiment import Arm, Settings
from flaghoist.statistics.families import Question, analyse_together
from flaghoist.statistics.multiplicity import (
    Hypothesis,
    Method,
    benjamini_hochberg,
    bonferroni,
    correct,
    e_benjamini_hochberg,
    holm,
)
from flaghoist.statistics.proportions import Proportion

METHODS: tuple[Method, ...] = ("bonferroni", "holm", "benjamini-hochberg")
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def one_family(p_values: list[float]) -> dict[Hypothesis, float | None]:
    return {(f"metric-{index}", "treatment"): p for index, p in enumerate(p_values)}


def test_the_classic_example_rejects_as_published(published: dict[str, Any]) -> None:
    expected = published["multiplicity"]
    p_values = expected["p_values"]
    for method in METHODS:
        corrected = correct(one_family(p_values), method=method, scope="variations-and-metrics", alpha=0.05)
        assert sum(each.rejected for each in corrected.values()) == expected["rejections"][method]
        if method in expected:
            found = [each.p_value for each in corrected.values()]
            assert found == pytest.approx(expected[method], abs=5e-8)
    yekutieli = stats.false_discovery_control(p_values, method="by")
    assert sum(yekutieli <= 0.05) == expected["rejections"]["benjamini-yekutieli"]


@given(probabilities)
def test_adjusted_p_values_agree_with_scipy_and_keep_their_order(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values), abs=1e-12)
    for step_down, plain in zip(holm(p_values), bonferroni(p_values), strict=True):
        assert step_down <= plain
    for method in (bonferroni, holm, benjamini_hochberg):
        adjusted = method(p_values)
        assert all(q >= p for q, p in zip(adjusted, p_values, strict=True))
        ranked = [q for _, q in sorted(zip(p_values, adjusted, strict=True))]
        assert ranked == sorted(ranked)


@given(probabilities, st.sampled_from(METHODS), st.randoms(use_true_random=False))
def test_the_order_of_metrics_does_not_matter(p_values: list[float], method: Method, shuffler: random.Random) -> None:
    hypotheses = one_family(p_values)
    shuffled = list(hypotheses.items())
    shuffler.shuffle(shuffled)
    straight = correct(hypotheses, method=method, scope="variations-and-metrics", alpha=0.05)
    mixed = correct(dict(shuffled), method=method, scope="variations-and-metrics", alpha=0.05)
    assert {key: each.rejected for key, each in straight.items()} == {key: each.rejected for key, each in mixed.items()}


@given(probabilities, st.sampled_from(METHODS))
def test_rejection_means_below_the_level_that_replaces_alpha(p_values: list[float], method: Method) -> None:
    corrected = correct(one_family(p_values), method=method, scope="variations-and-metrics", alpha=0.1)
    for p, each in zip(p_values, corrected.values(), strict=True):
        assert each.rejected == (p < each.alpha)
        assert 0.1 / len(p_values) <= each.alpha <= 0.1
        assert each.p_value is not None
        if each.rejected:
            assert each.p_value <= 0.1 + 1e-12
        elif method != "benjamini-hochberg":  # whose published reading is strict where the original is not
            assert each.p_value >= 0.1 - 1e-12


def test_benjamini_hochbergs_level_is_launchdarklys() -> None:
    # i* = 2: 0.02 < 0.05 * 2/4, while 0.04 is not below 0.05 * 3/4; so the level is 0.025 for all four.
    corrected = correct(one_family([0.3, 0.001, 0.04, 0.02]), method="benjamini-hochberg", scope="metrics", alpha=0.05)
    assert [each.alpha for each in corrected.values()] == [0.025] * 4
    assert [each.rejected for each in corrected.values()] == [False, True, False, True]
    nothing = correct(one_family([0.5, 0.6]), method="benjamini-hochberg", scope="metrics", alpha=0.05)
    assert [each.alpha for each in nothing.values()] == [0.025] * 2, "nothing passes: Bonferroni's level"


def test_a_p_value_on_the_line_does_not_pass_as_launchdarkly_reads_it() -> None:
    # 0.05 is not strictly below 0.05 * 2/2, so it cannot carry 0.04 with it.
    on_the_line = correct(one_family([0.04, 0.05]), method="benjamini-hochberg", scope="metrics", alpha=0.05)
    assert [each.rejected for each in on_the_line.values()] == [False, False]
    below_it = correct(one_family([0.04, 0.0499]), method="benjamini-hochberg", scope="metrics", alpha=0.05)
    assert [each.rejected for each in below_it.values()] == [True, True]


def test_the_scope_decides_who_counts_as_family() -> None:
    hypotheses: dict[Hypothesis, float | None] = {
        (metric, treatment): 0.02 for metric in ("clicks", "revenue", "latency") for treatment in ("red", "blue")
    }
    sizes = {"variations": 2, "metrics": 3, "variations-and-metrics": 6}
    for scope, size in sizes.items():
        corrected = correct(hypotheses, method="bonferroni", scope=scope, alpha=0.05)  # type: ignore[arg-type]
        assert [each.alpha for each in corrected.values()] == pytest.approx([0.05 / size] * 6)
        assert list(corrected) == list(hypotheses)


def test_a_metric_without_a_p_value_counts_but_is_not_rejected() -> None:
    p_values: dict[Hypothesis, float | None] = {("clicks", "red"): 0.02, ("revenue", "red"): None}
    corrected = correct(p_values, method="bonferroni", scope="metrics", alpha=0.05)
    assert corrected[("clicks", "red")].p_value == pytest.approx(0.04)
    assert corrected[("revenue", "red")].p_value is None
    assert not corrected[("revenue", "red")].rejected


def test_evidence_can_be_corrected_at_any_look() -> None:
    evidence = {("a", "t"): np.log(200.0), ("b", "t"): np.log(45.0), ("c", "t"): np.log(10.0), ("d", "t"): -1.0}
    # Of four at 0.1: the second needs 4 / (2 * 0.1) = 20, the third 13.3.
    assert e_benjamini_hochberg(evidence, alpha=0.1) == {("a", "t"), ("b", "t")}
    assert e_benjamini_hochberg({("a", "t"): 1.0}, alpha=0.1) == set()


def arms(baseline: int, treatment: int) -> tuple[Arm, ...]:
    return (
        Arm("control", "Control", True, Proportion(10_000, baseline), 10_000),
        Arm("red", "Red button", False, Proportion(10_000, treatment), 10_000),
    )


def test_an_experiment_with_many_metrics_widens_its_intervals_and_keeps_guardrails_apart() -> None:
    settings = Settings()
    metrics = [
        Question("clicks", arms(1000, 1100), settings),
        Question("revenue", arms(1000, 1180), settings),
        Question("returns", arms(1000, 1010), settings),
        Question("latency", arms(1000, 1100), settings, in_family=False),
    ]
    together = analyse_together(metrics, method="bonferroni", scope="metrics")
    found = {key: analysis.arms[1].versus_baseline for key, analysis in together.items()}
    assert all(comparison is not None for comparison in found.values())
    verdicts = {key: comparison.verdict for key, comparison in found.items() if comparison}
    assert verdicts == {"clicks": "undecided", "revenue": "better", "returns": "undecided", "latency": "better"}
    clicks, latency = found["clicks"], found["latency"]
    assert clicks and latency and clicks.relative.interval and latency.relative.interval
    assert clicks.alpha == pytest.approx(0.05 / 3)
    assert clicks.adjusted_p_value == pytest.approx(3 * (clicks.p_value or 0))
    assert clicks.relative.interval.contains(0) and not latency.relative.interval.contains(0)
    assert latency.adjusted_p_value is None
    only_guardrails = analyse_together(metrics[3:], method="holm", scope="metrics")
    assert list(only_guardrails) == ["latency"]
