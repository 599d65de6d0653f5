"""The server and the script that goes with a download agree on experiments of every kind, odd ones included."""

import csv
import io
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from flaghoist.base import json as wire
from flaghoist.resources.experimentation import reading
from flaghoist.resources.experimentation.reading import Correction
from flaghoist.resources.experimentation.results import report, reproduce, sums
from flaghoist.resources.experimentation.results.arithmetic import samples, shares
from flaghoist.statistics import families
from flaghoist.statistics.analysis import Analysis, analyse
from flaghoist.statistics.experiment import Arm, Sample, Settings
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import QuantileSample
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.statistics.sample_ratio import sample_ratio

KINDS = ("share", "mean", "ratio", "percentile")
SIZES = (0, 1, 2, 5, 30, 150, 1000)
METHODS = ("bonferroni", "holm", "benjamini-hochberg")
SCOPES = ("variations", "metrics", "variations-and-metrics")


@pytest.mark.parametrize("seed", range(60))
def test_both_roads_lead_to_the_same_figures(seed: int) -> None:
    chance = np.random.default_rng(seed)
    correction = Correction(chance.choice(METHODS), chance.choice(SCOPES)) if chance.random() < 0.5 else None
    common = {
        "methodology": str(chance.choice(["bayesian", "frequentist"])),
        "alpha": float(chance.choice([0.01, 0.05, 0.1])),
        "credibility": float(chance.choice([0.8, 0.9, 0.95])),
        "test_direction": str(chance.choice(["one-sided", "two-sided"])),
        "sequential": bool(chance.random() < 0.4),
    }
    sizes = [int(each) for each in chance.choice(SIZES, size=chance.integers(2, 5))]
    baseline, ended = int(chance.integers(len(sizes))), bool(chance.random() < 0.5)
    questions = [
        families.Question(
            f"/m{number}",
            _arms(chance, str(chance.choice(KINDS)), sizes, baseline),
            Settings(success=chance.choice(["HigherThanBaseline", "LowerThanBaseline"]), **common),  # type: ignore[arg-type]
        )
        for number in range(chance.integers(1, 4))
    ]
    served = _served(questions, correction)
    ratio = sample_ratio(sizes, [1.0] * len(sizes), ended=ended)

    design = _design(questions, correction, ended=ended)
    metrics = [samples.metric_of(plan, design, _read_back(questions)) for plan in design["metrics"]]
    compared: list[tuple[str, Any, Any, bool]] = []
    for told, own in zip(_told(served, questions[0]), reproduce.figures(metrics)["treatments"], strict=True):
        reproduce.compare(told, own, told["treatmentName"], compared)
    told_ratio = json.loads(wire.encode(report.sample_ratio(ratio, [arm.id for arm in questions[0].arms])))
    reproduce.compare(told_ratio, shares.sample_ratio(metrics[0], design), "sample ratio", compared)
    assert len(compared) > 30
    assert [each for each in compared if not each[3]] == []


def _arms(chance: np.random.Generator, kind: str, sizes: list[int], baseline: int) -> tuple[Arm, ...]:
    made = [_sample(chance, kind, size) for size in sizes]
    events = [each.successes if isinstance(each, Proportion) else int(chance.integers(3 * each.n + 1)) for each in made]
    return tuple(
        Arm(f"t{at}", f"T{at}", at == baseline, sample, size, count)
        for at, (sample, size, count) in enumerate(zip(made, sizes, events, strict=True))
    )


def _sample(chance: np.random.Generator, kind: str, size: int) -> Any:
    if kind == "share":
        return Proportion(size, int(chance.binomial(size, chance.choice([0.0, 0.004, 0.2, 0.7, 1.0]))))
    values = chance.lognormal(chance.uniform(-3, 4), chance.choice([0.1, 1.0, 2.0]), size) - chance.choice([0.0, 1.0])
    if chance.random() < 0.1:
        values = np.full(size, 3.7)
    if kind == "mean":
        return Moments.from_values(values)
    if kind == "ratio":
        return RatioMoments.from_pairs(zip(values, chance.poisson(chance.choice([0.0, 0.5, 3.0]), size), strict=True))
    return QuantileSample.from_values(0.9, values).quantile()


def _served(questions: list[families.Question], correction: Correction | None) -> Analysis:
    first = questions[0]
    if correction is None:
        return analyse(first.arms, first.settings)
    return families.analyse_together(questions, method=correction.method, scope=correction.scope)[first.metric]


def _told(analysis: Analysis, question: families.Question) -> list[dict[str, Any]]:
    counted: Any = {arm.id: SimpleNamespace(events=arm.events, total=_total(arm.sample)) for arm in question.arms}
    told = report.treatments(analysis, counted, {arm.id: arm.sample for arm in question.arms}, traffic=True)
    return list(json.loads(wire.encode(told)))


def _total(sample: Sample) -> float:
    match sample:
        case Proportion():
            return float(sample.successes)
        case Moments():
            return sample.n * sample.mean
        case RatioMoments():
            return sample.n * sample.mean_n
    return 1.5


def _design(questions: list[families.Question], correction: Correction | None, *, ended: bool) -> dict[str, Any]:
    arms = questions[0].arms
    return {
        "ended": ended,
        "treatments": [{"id": each.id, "name": each.name, "baseline": each.baseline, "share": 1.0} for each in arms],
        "metrics": [
            {
                "key": question.metric[1:],
                "group": "",
                "settings": reading.described(question.settings, correction),
                "decisionUnits": question.settings.decision_units,
                "priorVariance": 0.04 if isinstance(question.arms[0].sample, Proportion) else 0.16,
            }
            for question in questions
        ],
    }


def _read_back(questions: list[families.Question]) -> list[dict[str, Any]]:
    """The sums as they come out of a file."""
    rows = [
        {
            "metric": question.metric[1:],
            "group": "",
            "treatmentId": arm.id,
            "treatment": arm.name,
            "exposed": arm.exposed,
            "events": arm.events,
            "sum": _total(arm.sample),
            **sums.of(arm.sample),
        }
        for question in questions
        for arm in question.arms
    ]
    written = io.StringIO()
    table = csv.DictWriter(written, list(dict.fromkeys(name for row in rows for name in row)))
    table.writeheader()
    table.writerows(rows)
    read = csv.DictReader(io.StringIO(written.getvalue()))
    return [{name: samples.number(name, text) for name, text in row.items()} for row in read]
