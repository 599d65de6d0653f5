"""What an experiment and its iterations are, as stored and as posted."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flaghoist.core.resource import guarded

# Null means absent, since that is what some clients send for what they leave out.
Text = str | UnsetType | None
Status = Literal["not_started", "running", "stopped"]
Methodology = Literal["bayesian", "frequentist", "export_only"]
ExperimentType = Literal["experiment", "mab", "holdout"]
DataSource = Literal["launchdarkly", "snowflake", "databricks", "redshift"]


class AnalysisConfig(msgspec.Struct, rename="camel"):
    """How results are judged, kept as it was sent: numbers are texts."""

    bayesian_threshold: Text = UNSET
    significance_threshold: Text = UNSET
    test_direction: Text = UNSET
    multiple_comparison_correction_method: Literal["bonferroni", "benjamini-hochberg"] | UnsetType | None = UNSET
    multiple_comparison_correction_scope: (
        Literal["variations", "variations-and-metrics", "metrics"] | UnsetType | None
    ) = UNSET
    sequential_testing_enabled: bool | UnsetType | None = UNSET


class MetricInput(msgspec.Struct, rename="camel"):
    """A metric or metric group to watch; ``primary`` is the older way to name the primary one."""

    key: str
    is_group: bool = False
    primary: bool | UnsetType | None = UNSET
    analysis_unit: Text = UNSET


class Parameter(msgspec.Struct, rename="camel"):
    """The variation of a flag that a treatment serves."""

    flag_key: str
    variation_id: str


class TreatmentInput(msgspec.Struct, rename="camel"):
    """A treatment to test; ``allocationPercent`` is a number written as text."""

    name: str
    baseline: bool
    allocation_percent: str
    parameters: list[Parameter]


class FlagInput(msgspec.Struct, rename="camel"):
    """The rule of a flag to test on (``fallthrough`` for the default rule), and what those outside are served."""

    rule_id: str
    flag_config_version: int | UnsetType | None = UNSET
    not_in_experiment_variation_id: Text = UNSET


class IterationInput(msgspec.Struct, rename="camel", kw_only=True):
    """An iteration to be drafted."""

    hypothesis: str
    metrics: list[MetricInput]
    treatments: list[TreatmentInput]
    flags: dict[str, FlagInput]
    can_reshuffle_traffic: bool | UnsetType | None = UNSET
    primary_single_metric_key: Text = UNSET
    primary_funnel_key: Text = UNSET
    randomization_unit: Text = UNSET
    reallocation_frequency_millis: int | UnsetType | None = UNSET
    covariate_id: Text = UNSET
    attributes: list[str] | UnsetType | None = UNSET


class ExperimentPost(msgspec.Struct, rename="camel", kw_only=True):
    """An experiment to be created, with its first iteration as a draft."""

    name: Annotated[str, Meta(min_length=1)]
    key: str
    iteration: IterationInput
    description: Text = UNSET
    maintainer_id: Text = UNSET
    holdout_id: Text = UNSET
    tags: list[str] | UnsetType | None = UNSET
    methodology: Methodology | UnsetType | None = UNSET
    analysis_config: AnalysisConfig | UnsetType | None = UNSET
    data_source: DataSource | UnsetType | None = UNSET
    type: ExperimentType | UnsetType | None = UNSET


def plain(value: Any) -> Any:
    """What was read of a client's JSON, as JSON without its nulls."""
    return _without_null(msgspec.to_builtins(value))


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(each) for name, each in value.items() if each is not None}
    return [_without_null(each) for each in value] if isinstance(value, list) else value


class FieldUpdate(msgspec.Struct):
    """One change that ``updateExperimentFields`` makes."""

    operation: Literal["add", "update", "remove"]
    value: Any = UNSET


class Treatment(TreatmentInput, rename="camel", kw_only=True):
    """A treatment as stored: ``_id`` is its variation's, ``variation`` the place of that in the flag."""

    id: str = msgspec.field(name="_id", default="")
    variation: int = 0


class FlagUse(FlagInput, rename="camel", kw_only=True):
    """The rule that is tested on, as it stood when the iteration was last settled."""

    targeting_rule_description: str | UnsetType = UNSET
    targeting_rule_clauses: list[Any] | UnsetType = UNSET


class IterationMetric(msgspec.Struct, rename="camel", kw_only=True):
    """A metric or metric group in the version that the iteration is analysed by; a group's hold their ``metrics``."""

    key: str
    is_group: bool = False
    analysis_unit: str | UnsetType = UNSET
    version_id: str | UnsetType = msgspec.field(name="_versionId", default=UNSET)
    name: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    is_numeric: bool | UnsetType = UNSET
    unit_aggregation_type: str | UnsetType = UNSET
    analysis_type: str | UnsetType = UNSET
    event_key: str | UnsetType = UNSET
    analysis_units: list[str] | UnsetType = UNSET
    name_in_group: str | UnsetType = UNSET
    metrics: "list[IterationMetric] | UnsetType" = UNSET


class Iteration(msgspec.Struct, rename="camel", kw_only=True):
    """One run of an experiment, or the draft of one. From its start it says all that its analysis rests on.

    ``version`` counts its edits; ``seed`` places units in the rollout; ``methodology`` and ``analysisConfig`` are the
    experiment's at the start. Times are in milliseconds.
    """

    id: str = msgspec.field(name="_id")
    hypothesis: str
    status: Status = "not_started"
    version: int = 0
    created_at: int
    started_at: int | UnsetType = UNSET
    ended_at: int | UnsetType = UNSET
    randomization_unit: str = ""
    can_reshuffle_traffic: bool = True
    treatments: list[Treatment]
    flags: dict[str, FlagUse]
    metrics: list[IterationMetric]
    primary_single_metric_key: str | UnsetType = UNSET
    primary_funnel_key: str | UnsetType = UNSET
    attributes: list[str] = []
    winning_treatment_id: str | UnsetType = UNSET
    winning_reason: str | UnsetType = UNSET
    change_justification: str | UnsetType = UNSET
    reallocation_frequency_millis: int | UnsetType = UNSET
    covariate_id: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    methodology: Methodology | UnsetType = UNSET
    analysis_config: AnalysisConfig | UnsetType = UNSET


_edit = guarded("updateExperiment")


class Experiment(msgspec.Struct, rename="camel", kw_only=True):
    """An experiment as stored. A draft that is started becomes the current iteration, and that a previous one."""

    id: str = msgspec.field(name="_id")
    key: str
    type: ExperimentType = "experiment"
    data_source: Annotated[DataSource, _edit] = "launchdarkly"
    name: Annotated[str, Meta(min_length=1), _edit]
    description: Annotated[str | UnsetType, _edit] = UNSET
    tags: Annotated[list[str], _edit] = []
    maintainer_id: Annotated[str, _edit] = ""
    methodology: Annotated[Methodology, _edit]
    analysis_config: Annotated[AnalysisConfig | UnsetType, _edit] = UNSET
    holdout_id: Annotated[str | UnsetType, _edit] = UNSET
    archived_date: Annotated[int | UnsetType, guarded("updateExperimentArchived")] = UNSET
    draft_iteration: Annotated[Iteration | UnsetType, _edit] = UNSET
    current_iteration: Annotated[Iteration | UnsetType, _edit] = UNSET
    previous_iterations: Annotated[list[Iteration], _edit] = []
