"""What a results page shows for one metric, whatever arrived."""

import dataclasses
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flaghoist.statistics.analysis import Analysis, ArmAnalysis, analyse
from flaghoist.statistics.comparison import Comparison
from flaghoist.statistics.cuped import CovariateMoments
from flaghoist.statistics.estimates import Interval
from flaghoist.statistics.experiment import Arm, Sample, Settings
from flaghoist.statistics.families import Question, analyse_together
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.multiplicity import Adjusted
from flaghoist.statistics.posteriors import Beta, Normal
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import QuantileSample
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.statistics.sequential import reach, tuning

SHARES: tuple[Sample, ...] = (Proportion(10_000, 1000), Proportion(10_000, 1080))


def experiment(*samples: Sample) -> list[Arm]:
    """The first sample is the baseline's."""
    return [
        Arm(f"arm-{index}", f"Arm {index}", index == 0, sample, exposed=10_000) for index, sample in enumerate(samples)
    ]


def treatment(analysis: Analysis) -> tuple[ArmAnalysis, Comparison]:
    arm = analysis.arms[1]
    assert arm.versus_baseline is not None
    return arm, arm.versus_baseline


def test_a_frequentist_page_shows_the_published_numbers(published: dict[str, Any]) -> None:
    expected = published["shares"]
    arm, versus = treatment(analyse(experiment(*SHARES), Settings()))
    assert (arm.mean, arm.observed_mean, arm.units, arm.exposed) == (0.108, 0.108, 10_000, 10_000)
    assert arm.standard_deviation == pytest.approx(math.sqrt(0.108 * 0.892))
    assert versus.relative.interval
    assert (versus.relative.interval.lower, versus.relative.interval.upper) == pytest.approx(
        expected["relative_interval"], rel=1e-10
    )
    assert versus.p_value == pytest.approx(expected["relative_p"], rel=1e-10)
    assert versus.absolute.p_value == pytest.approx(expected["z_p"], rel=1e-10)
    assert versus.log_ratio.estimate == pytest.approx(math.log(1.08))
    assert versus.verdict == "undecided"


def test_a_bayesian_page_shows_the_published_numbers(published: dict[str, Any]) -> None:
    expected = published["shares"]
    analysis = analyse(experiment(*SHARES), Settings(methodology="bayesian", credibility=0.95))
    arm, versus = treatment(analysis)
    assert arm.mean == pytest.approx(expected["posterior_means"][1], rel=1e-11)
    assert arm.observed_mean == 0.108
    assert versus.probability_better == pytest.approx(expected["probability_better"], rel=1e-11)
    assert versus.expected_loss == pytest.approx(expected["expected_loss"], rel=1e-10)
    assert versus.expected_loss_relative == pytest.approx(expected["expected_loss_relative"], rel=1e-10)
    assert arm.probability_best == pytest.approx(expected["probability_better"], rel=1e-11)
    assert arm.credible_interval and arm.credible_interval.lower == pytest.approx(
        expected["highest_density_95_treatment"][0], rel=1e-8
    )
    assert arm.posterior and isinstance(arm.posterior.belief, Beta)
    assert (versus.verdict, analysis.winner) == ("better", "arm-1")


def test_a_flat_prior_leaves_the_samples_to_speak(published: dict[str, Any]) -> None:
    flat = Settings(methodology="bayesian", flat_prior=True)
    _, versus = treatment(analyse(experiment(*SHARES), flat))
    assert versus.probability_better == pytest.approx(published["shares"]["flat_probability_better"], rel=1e-10)
    numbers = Moments.from_values(range(100)), Moments.from_values(range(5, 105))
    arm, _ = treatment(analyse(experiment(*numbers), flat))
    assert arm.posterior and arm.posterior.prior is None and arm.posterior.data_weight == 1.0


def test_a_metric_where_lower_is_better_turns_every_answer_round() -> None:
    higher = Settings(methodology="bayesian", flat_prior=True)
    lower = replace(higher, success="LowerThanBaseline")
    up, down = analyse(experiment(*SHARES), higher), analyse(experiment(*SHARES), lower)
    (arm_up, versus_up), (arm_down, versus_down) = treatment(up), treatment(down)
    assert versus_up.probability_better and versus_down.probability_better
    assert versus_up.probability_better + versus_down.probability_better == pytest.approx(1)
    assert arm_up.probability_best and arm_down.probability_best
    assert arm_up.probability_best + arm_down.probability_best == pytest.approx(1)
    assert versus_up.expected_loss and versus_down.expected_loss
    assert versus_down.expected_loss - versus_up.expected_loss == pytest.approx(80 / 10_002)
    assert (versus_up.verdict, versus_down.verdict) == ("better", "worse")
    assert (up.winner, down.winner) == ("arm-1", "arm-0")


def test_a_one_sided_test_looks_where_success_is() -> None:
    one_sided = Settings(test_direction="one-sided")
    _, up = treatment(analyse(experiment(*SHARES), one_sided))
    _, down = treatment(analyse(experiment(*SHARES), replace(one_sided, success="LowerThanBaseline")))
    assert up.p_value is not None and down.p_value is not None
    assert up.p_value + down.p_value == pytest.approx(1)
    assert up.verdict == "better"
    assert up.relative.interval and up.relative.interval.upper is None
    assert down.relative.interval and down.relative.interval.lower is None


def test_every_arm_is_compared_with_every_other() -> None:
    analysis = analyse(experiment(Proportion(5000, 500), Proportion(5000, 650), Proportion(5000, 560)), Settings())
    assert [[versus.against for versus in arm.versus] for arm in analysis.arms] == [
        ["arm-1", "arm-2"],
        ["arm-0", "arm-2"],
        ["arm-0", "arm-1"],
    ]
    assert analysis.arms[0].versus_baseline is None
    assert analysis.winner == "arm-1"
    assert math.fsum(arm.probability_best or 0 for arm in analysis.arms) == pytest.approx(1)


def test_of_several_better_arms_the_best_wins() -> None:
    up = analyse(experiment(Proportion(5000, 500), Proportion(5000, 620), Proportion(5000, 680)), Settings())
    assert [arm.versus_baseline and arm.versus_baseline.verdict for arm in up.arms] == [None, "better", "better"]
    assert up.winner == "arm-2"
    fewer_is_better = Settings(success="LowerThanBaseline")
    down = analyse(experiment(Proportion(5000, 700), Proportion(5000, 500), Proportion(5000, 580)), fewer_is_better)
    assert down.winner == "arm-1"


def test_an_open_race_has_no_winner() -> None:
    close = experiment(Proportion(2000, 200), Proportion(2000, 206), Proportion(2000, 190))
    for how in (Settings(), Settings(methodology="bayesian")):
        analysis = analyse(close, how)
        assert analysis.winner is None
        assert [arm.versus_baseline.verdict for arm in analysis.arms if arm.versus_baseline] == ["undecided"] * 2


def test_a_mean_looked_at_often_has_a_confidence_sequence_of_its_own() -> None:
    sample = Moments.from_values([float(value % 10) for value in range(5000)])
    arm = analyse(experiment(sample, sample), Settings(sequential=True, decision_units=4000)).arms[0]
    once = analyse(experiment(sample, sample), Settings()).arms[0]
    half_width = reach(5000, alpha=0.05, mixture_variance=tuning(0.05, 2000)) * math.sqrt(sample.variance_of_mean)
    assert arm.confidence_interval and arm.confidence_interval.lower is not None
    assert sample.mean - arm.confidence_interval.lower == pytest.approx(half_width, rel=1e-12)
    assert once.confidence_interval and once.confidence_interval.lower is not None
    assert once.confidence_interval.lower > arm.confidence_interval.lower


def test_looking_often_needs_more_evidence_than_looking_once() -> None:
    clear = experiment(Proportion(10_000, 1000), Proportion(10_000, 1100))
    _, once = treatment(analyse(clear, Settings()))
    _, often = treatment(analyse(clear, Settings(sequential=True)))
    assert (once.verdict, often.verdict) == ("better", "undecided")
    assert once.relative.interval and often.relative.interval
    assert (once.relative.interval.lower or 0) > (often.relative.interval.lower or 0)
    assert often.relative.log_e_value is not None
    assert often.relative.method == "always-valid-log-ratio"
    assert often.relative.estimate == pytest.approx(0.1)


def test_an_early_look_collects_instead_of_claiming() -> None:
    early = analyse(experiment(Proportion(200, 6), Proportion(200, 18)), Settings(sequential=True, margin=0.02))
    arm, versus = treatment(early)
    assert (versus.verdict, versus.p_value, versus.relative.interval) == ("collecting", None, None)
    assert versus.relative.estimate == pytest.approx(2.0)
    assert versus.non_inferiority and versus.non_inferiority.reason == "collecting"
    assert arm.confidence_interval is None
    assert {note.reason for note in arm.notes} == {"collecting"}


def test_a_treatment_that_breaks_everything_is_called_worse_at_any_look() -> None:
    broken = analyse(experiment(Proportion(5000, 400), Proportion(5000, 0)), Settings(sequential=True))
    arm, versus = treatment(broken)
    assert versus.verdict == "worse"
    assert versus.relative.estimate == -1.0
    assert "mean_not_positive" in {note.reason for note in arm.notes}


def test_a_handful_of_conversions_gets_an_exact_test() -> None:
    arm, versus = treatment(analyse(experiment(Proportion(56, 1), Proportion(56, 5)), Settings()))
    assert (versus.absolute.method, versus.relative.method) == ("newcombe-fisher", "score-fisher")
    assert versus.p_value == versus.absolute.p_value
    assert arm.confidence_interval and arm.confidence_interval.lower is not None
    assert arm.confidence_interval.lower > 0


def test_a_covariate_sharpens_the_result_and_shows_how() -> None:
    generator = np.random.default_rng(2)
    samples = []
    for lift in (0.0, 0.3):
        before = generator.normal(10, 3, 500)
        after = 2 + 0.8 * before + lift + generator.normal(0, 2, 500)
        samples.append(CovariateMoments.from_pairs(zip(after, before, strict=True)))
    arm, adjusted = treatment(analyse(experiment(*samples), Settings()))
    raw = [Moments(sample.n, sample.mean, sample.m2) for sample in samples]
    _, plain = treatment(analyse(experiment(*raw), Settings()))
    assert arm.adjustment and arm.adjustment.variance_reduction > 0.4
    assert adjusted.relative.standard_error and plain.relative.standard_error
    assert adjusted.relative.standard_error < 0.8 * plain.relative.standard_error
    assert arm.observed_mean == pytest.approx(samples[1].mean)
    assert arm.mean == pytest.approx(arm.adjustment.estimate.mean)
    assert arm.standard_deviation == pytest.approx(math.sqrt(raw[1].variance)), "units vary as they did"
    assert arm.standard_error == pytest.approx(arm.adjustment.estimate.standard_error)


def test_a_covariate_that_cannot_help_leaves_the_observed_means_and_says_so() -> None:
    few = [CovariateMoments.from_pairs([(y, y + shift) for y in range(40)]) for shift in (0, 1)]
    arm, versus = treatment(analyse(experiment(*few), Settings()))
    plain = [Moments(sample.n, sample.mean, sample.m2) for sample in few]
    assert versus == treatment(analyse(experiment(*plain), Settings()))[1]
    assert [(note.about, note.reason) for note in arm.notes] == [("covariate adjustment", "covariate_unusable")]


def test_a_constant_covariate_equals_no_covariate() -> None:
    samples = [CovariateMoments.from_pairs([(float(y % 7), 4.2) for y in range(n)]) for n in (200, 230)]
    plain = [Moments(sample.n, sample.mean, sample.m2) for sample in samples]
    with_constant, without = analyse(experiment(*samples), Settings()), analyse(experiment(*plain), Settings())
    assert treatment(with_constant)[1] == treatment(without)[1]


def test_percentiles_and_ratios_are_compared_too() -> None:
    generator = np.random.default_rng(9)
    latencies = [QuantileSample.from_values(0.95, generator.lognormal(0, 1, 4000) * scale) for scale in (1.0, 1.5)]
    lower = Settings(success="LowerThanBaseline", methodology="bayesian")
    slower = analyse(experiment(*(sample.quantile() for sample in latencies)), lower)
    assert treatment(slower)[1].verdict == "worse"
    assert isinstance(slower.arms[1].posterior and slower.arms[1].posterior.belief, Normal)
    orders = [RatioMoments.from_pairs([(index % 5 * scale, 1 + index % 3) for index in range(900)]) for scale in (1, 2)]
    assert treatment(analyse(experiment(*orders), Settings()))[1].verdict == "better"


def test_a_guardrail_margin_asks_whether_the_loss_is_tolerable() -> None:
    harmless = experiment(Proportion(80_000, 8000), Proportion(80_000, 7990))
    for looks in (False, True):
        _, versus = treatment(analyse(harmless, Settings(margin=0.08, sequential=looks)))
        assert versus.verdict == "undecided"
        assert versus.non_inferiority and versus.non_inferiority.p_value is not None
        assert versus.non_inferiority.p_value < 0.05
    assert treatment(analyse(harmless, Settings()))[1].non_inferiority is None


def test_a_corrected_level_widens_the_interval_and_rules_the_verdict() -> None:
    significant = experiment(Proportion(10_000, 1000), Proportion(10_000, 1100))
    corrected = {"arm-1": Adjusted(p_value=0.2, alpha=0.01, rejected=False)}
    _, alone = treatment(analyse(significant, Settings()))
    _, among_many = treatment(analyse(significant, Settings(), corrections=corrected))
    assert (alone.verdict, among_many.verdict) == ("better", "undecided")
    assert (among_many.alpha, among_many.adjusted_p_value, among_many.p_value) == (0.01, 0.2, alone.p_value)


@pytest.mark.parametrize("method", ["bonferroni", "holm", "benjamini-hochberg"])
def test_correction_and_repeated_looks_agree_on_what_is_significant(method: Any) -> None:
    questions = [
        Question(
            f"metric-{lift}", tuple(experiment(Proportion(30_000, 3000), Proportion(30_000, 3000 + lift))), looking
        )
        for lift in range(0, 700, 100)
        for looking in [Settings(sequential=True)]
    ]
    for analysis in analyse_together(questions, method=method, scope="metrics").values():
        _, versus = treatment(analysis)
        assert versus.relative.interval
        assert (versus.verdict == "better") == (not versus.relative.interval.contains(0))


def test_without_a_single_baseline_arms_are_described_but_not_judged() -> None:
    arms = [replace(arm, baseline=False) for arm in experiment(*SHARES)]
    analysis = analyse(arms, Settings())
    assert [arm.versus_baseline for arm in analysis.arms] == [None, None]
    assert analysis.winner is None
    assert all(("comparison", "no_baseline") in [(n.about, n.reason) for n in arm.notes] for arm in analysis.arms)
    assert analyse([], Settings()).arms == ()


def test_an_empty_experiment_is_a_page_of_reasons() -> None:
    for empty in (Proportion(0, 0), Moments(0, 0.0, 0.0), RatioMoments.from_pairs([]), Moments.from_values([7.0])):
        arm, versus = treatment(analyse(experiment(empty, empty), Settings()))
        assert arm.mean == (7.0 if empty == Moments.from_values([7.0]) else None)
        assert (arm.standard_deviation, versus.p_value, versus.verdict) == (None, None, "undefined")
        assert ("mean", "too_few_units") in [(note.about, note.reason) for note in arm.notes]


SETTINGS = [
    Settings(),
    Settings(sequential=True, margin=0.02, decision_units=300),
    Settings(methodology="bayesian", success="LowerThanBaseline"),
    Settings(methodology="bayesian", flat_prior=True, test_direction="one-sided"),
    Settings(test_direction="one-sided", success="LowerThanBaseline", margin=0.1, prior_variance=3.0),
    Settings(test_direction="one-sided", sequential=True, alpha=1e-6, credibility=0.999),
]

odd_floats = st.one_of(
    st.floats(-1e3, 1e3),
    st.sampled_from([0.0, 0.0, 1.0, 1e-300, 5e-324, -1e150, 1e150, 1e200, 1.7e308, -1.7e308]),
)
shares = st.integers(0, 400).flatmap(lambda n: st.builds(Proportion, st.just(n), st.integers(0, n)))
numbers = st.builds(Moments.from_values, st.lists(odd_floats, max_size=8))
many_numbers = st.builds(
    lambda value, n, m2: Moments(n, value, m2), odd_floats, st.integers(0, 10**9), st.floats(0, 1.7e308)
)
ratios = st.builds(RatioMoments.from_pairs, st.lists(st.tuples(odd_floats, odd_floats), max_size=8))
quantiles = st.builds(
    lambda values, times, percent: QuantileSample.from_values(percent / 100, values * times).quantile(),
    st.lists(odd_floats, max_size=8),
    st.integers(1, 30),
    st.integers(1, 99),
)
covariates = st.builds(
    lambda pairs, times: CovariateMoments.from_pairs(pairs * times),
    st.lists(st.tuples(odd_floats, odd_floats), max_size=8),
    st.sampled_from([1, 40]),
)
KINDS = (shares, numbers, many_numbers, ratios, quantiles, covariates)


@settings(max_examples=250)
@given(
    st.one_of(*(st.lists(kind, min_size=2, max_size=3) for kind in KINDS)),
    st.sampled_from(SETTINGS),
)
@example([Moments(100, 1.0, 1e-200), Moments(100, 1.0 + 1e-12, 1e-200)], SETTINGS[1])
@example([Moments(100, 1e-300, 1e-310), Moments(100, 1e300, 1e300)], SETTINGS[0])
@example([Moments(2, 0.0, 4.4e306), Moments(2, 0.0, 1.0)], SETTINGS[0])
@example([Moments(100, 1.0, 0.0), Moments(100, 1e-300, 1.0)], SETTINGS[1])
@example([Proportion(39, 37), Proportion(8, 7)], SETTINGS[0])
def test_no_sample_ever_shows_nan_or_infinity(samples: list[Sample], how: Settings) -> None:
    analysis = analyse(experiment(*samples), how)
    for name, value in numbers_in(analysis):
        assert math.isfinite(value), name
    for arm in analysis.arms:
        for versus in arm.versus:
            for effect in (versus.absolute, versus.relative, versus.log_ratio):
                assert (effect.p_value is None) == (effect.reason is not None)
                assert (effect.interval is None) == (effect.reason is not None)
            for chance in (versus.probability_better, versus.p_value, arm.probability_best):
                assert chance is None or 0 <= chance <= 1
            assert versus.expected_loss is None or versus.expected_loss >= 0


def numbers_in(value: Any, name: str = "analysis") -> Iterator[tuple[str, float]]:
    """Every float in a nest of dataclasses and tuples."""
    if isinstance(value, float):
        yield name, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from numbers_in(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from numbers_in(item, f"{name}[{index}]")


def test_another_process_gives_the_same_bits() -> None:
    program = (
        "from flaghoist.statistics.analysis import analyse; from flaghoist.statistics.experiment import Arm, Settings;"
        "from flaghoist.statistics.proportions import Proportion;"
        "arms = [Arm(str(i), '', i == 0, Proportion(1000, 100 + 17 * i), 1000) for i in range(4)];"
        "print(repr(analyse(arms, Settings(sequential=True))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_an_interval_knows_what_it_contains() -> None:
    assert Interval(0.0, None).contains(1e300) and not Interval(0.0, None).contains(-1e-300)
    assert Interval(None, 2.0).contains(2.0) and not Interval(None, 2.0).contains(2.1)
