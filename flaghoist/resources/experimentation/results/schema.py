"""The shape of results: LaunchDarkly's former results answers, and what we add to them."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links


class IntervalRep(msgspec.Struct):
    """A range of plausible values; an absent end lies at infinity."""

    lower: float | UnsetType = UNSET
    upper: float | UnsetType = UNSET


class DistributionRep(msgspec.Struct):
    """What is believed of an arm's mean: ``normal`` with mu and sigma, or ``beta`` with alpha and beta."""

    kind: str
    parameters: dict[str, float]


class EffectRep(msgspec.Struct, rename="camel"):
    """A comparison on one scale, with the method that made it; ``reason`` says why a number is missing."""

    method: str
    estimate: float | UnsetType = UNSET
    standard_error: float | UnsetType = UNSET
    ci: IntervalRep | UnsetType = UNSET
    statistic: float | UnsetType = UNSET
    p_value: float | UnsetType = UNSET
    degrees_of_freedom: float | UnsetType = UNSET
    log_e_value: float | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class RelativeDifferenceRep(msgspec.Struct, rename="camel"):
    """How much an arm differs from another, as a share of the other's mean."""

    from_treatment_id: str
    value: float | UnsetType = UNSET
    lower: float | UnsetType = UNSET
    upper: float | UnsetType = UNSET
    variance: float | UnsetType = UNSET


class ComparisonRep(msgspec.Struct, rename="camel"):
    """An arm against the baseline: effects on every scale, and the level they were judged at."""

    against: str
    verdict: str
    alpha: float
    relative_difference: EffectRep
    absolute_difference: EffectRep
    log_ratio: EffectRep
    p_value: float | UnsetType = UNSET
    adjusted_p_value: float | UnsetType = UNSET


class NoteRep(msgspec.Struct):
    """Which number is missing, and why."""

    about: str
    reason: str


class SampleRep(msgspec.Struct, rename="camel"):
    """The sums behind a treatment's figures.

    ``share``: units, and those with an event; ``mean``: mean and sum of squared deviations of the units' values;
    ``ratio``: these of numerator and denominator, and their sum of co-deviations; ``percentile``: the values found at
    the ranks that the interval needs.
    """

    kind: str
    n: int
    with_event: int | UnsetType = UNSET
    mean: float | UnsetType = UNSET
    squared_deviations: float | UnsetType = UNSET
    denominator_mean: float | UnsetType = UNSET
    denominator_squared_deviations: float | UnsetType = UNSET
    co_deviations: float | UnsetType = UNSET
    level: float | UnsetType = UNSET
    value: float | UnsetType = UNSET
    lower: float | UnsetType = UNSET
    upper: float | UnsetType = UNSET
    complete: bool | UnsetType = UNSET


class TreatmentResultRep(msgspec.Struct, rename="camel"):
    """One treatment: what was counted, what is believed, and how it compares."""

    treatment_id: str
    treatment_name: str
    baseline: bool
    units: int
    event_values_sum: float
    events: int
    notes: list[NoteRep]
    relative_differences: list[RelativeDifferenceRep]
    traffic: int | UnsetType = UNSET
    mean: float | UnsetType = UNSET
    data_mean: float | UnsetType = UNSET
    data_std_dev: float | UnsetType = UNSET
    standard_error: float | UnsetType = UNSET
    credible_interval: IntervalRep | UnsetType = UNSET
    confidence_interval: IntervalRep | UnsetType = UNSET
    p_best: float | UnsetType = UNSET
    p_beat_baseline: float | UnsetType = UNSET
    expected_loss: float | UnsetType = UNSET
    expected_loss_relative: float | UnsetType = UNSET
    distribution: DistributionRep | UnsetType = UNSET
    model: str | UnsetType = UNSET
    bayesian_normal: dict[str, float] | UnsetType = UNSET
    bayesian_beta: dict[str, float] | UnsetType = UNSET
    frequentist: ComparisonRep | UnsetType = UNSET
    sample: SampleRep | UnsetType = UNSET


class SlicedResultsRep(msgspec.Struct, rename="camel"):
    """The treatments among the units that share an attribute's value; all units where there is no attribute."""

    treatment_results: list[TreatmentResultRep]
    attribute: str | UnsetType = UNSET
    attribute_value: str | UnsetType = UNSET


class MetricSeenRep(msgspec.Struct):
    """Whether an event of the metric has counted, and when the newest was received, in milliseconds."""

    ever: bool
    timestamp: int | UnsetType = UNSET


class SampleRatioRep(msgspec.Struct, rename="camel"):
    """Whether units arrived in the promised shares: both ways to tell, and what they say."""

    observed: dict[str, int]
    expected: dict[str, float]
    status: str
    log_bayes_factor: float
    probability_of_mismatch: float
    p_value: float | UnsetType = UNSET
    chi_square: float | UnsetType = UNSET


class HealthRep(msgspec.Struct):
    """One check of the experiment's data: ``ok``, ``waiting``, ``warn`` or ``error``, in plain words."""

    check: str
    status: str
    message: str


class LeftOutRep(msgspec.Struct):
    """How much was left out for one reason, and why."""

    reason: str
    count: int
    message: str


class WinsorizedRep(msgspec.Struct):
    """Where units' values were capped, and how many units each cap touched."""

    raised: int
    lowered: int
    lower: float | UnsetType = UNSET
    upper: float | UnsetType = UNSET


class SymbolRep(msgspec.Struct):
    """A symbol of a formula: its name in the lines, how it is written, and what it stands for."""

    token: str
    symbol: str
    meaning: str


class FormulaRep(msgspec.Struct):
    """How a figure is worked out; ``lines`` hold symbols as ``{token}``. Effects name theirs by scale and method."""

    figure: str
    method: str
    name: str
    lines: list[str]
    symbols: list[SymbolRep]
    source: str


class VerdictRep(msgspec.Struct, rename="camel"):
    """What to conclude, in one sentence."""

    sentence: str
    winning_treatment_id: str | UnsetType = UNSET


class ResultsRep(msgspec.Struct, rename="camel"):
    """The results of one metric in one iteration.

    ``dataThrough`` is when the newest counted fact was received, ``finalAt`` from when on none can be added.
    ``treatmentResults`` repeats the first of ``results`` where nothing is sliced, as older clients read it there.
    """

    links: Links = msgspec.field(name="_links")
    iteration_id: str
    iteration_status: str
    metric: dict[str, Any]
    methodology: str
    settings: dict[str, Any]
    metric_seen: MetricSeenRep
    probability_of_mismatch: float
    results: list[SlicedResultsRep]
    sample_ratio: SampleRatioRep
    contaminated: dict[str, float]
    left_out: dict[str, int]
    left_out_in_words: list[LeftOutRep]
    slices_omitted: int
    formulas: list[FormulaRep]
    health: list[HealthRep]
    verdict: VerdictRep
    data_through: int
    inputs_hash: str
    final_at: int | UnsetType = UNSET
    winsorized: WinsorizedRep | UnsetType = UNSET
    treatment_results: list[TreatmentResultRep] | UnsetType = UNSET


class MetricResultsRep(msgspec.Struct):
    """One metric of an iteration; without results where it is measured elsewhere."""

    key: str
    primary: bool
    group: str | UnsetType = UNSET
    results: ResultsRep | UnsetType = UNSET


class EveryMetricRep(msgspec.Struct, rename="camel"):
    """The results of every metric of an iteration, all read at the same moment."""

    links: Links = msgspec.field(name="_links")
    iteration_id: str
    metrics: list[MetricResultsRep]


class MetricGroupResultsRep(msgspec.Struct):
    """The results of each metric of a group, in the group's order."""

    links: Links = msgspec.field(name="_links")
    metrics: list[dict[str, Any]]


class PointRep(msgspec.Struct, rename="camel"):
    """What was known at the end of one bucket of time."""

    since: int
    until: int
    treatment_results: list[TreatmentResultRep]


class SeriesRep(msgspec.Struct, rename="camel"):
    """The same results as they came to be."""

    links: Links = msgspec.field(name="_links")
    iteration_id: str
    bucket: str
    cumulative: bool
    series: list[PointRep]
