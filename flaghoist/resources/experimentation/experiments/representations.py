"""The shapes in which experiments and iterations are answered."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.resources.experimentation.experiments.schema import (
    AnalysisConfig,
    DataSource,
    ExperimentType,
    Methodology,
    Parameter,
    Status,
)
from flaghoist.rest.shapes import AccessRep, Links

Mutable = dict[str, list[str]] | UnsetType


class TreatmentRep(msgspec.Struct, rename="camel", kw_only=True):
    """A treatment as answered; its id is its variation's."""

    id: str = msgspec.field(name="_id")
    name: str
    allocation_percent: str
    baseline: bool
    parameters: list[Parameter]


class TestedFlagRep(msgspec.Struct, rename="camel", kw_only=True):
    """The rule of a flag that an iteration tests."""

    links: Links = msgspec.field(name="_links")
    targeting_rule: str
    targeting_rule_description: str | UnsetType = UNSET
    targeting_rule_clauses: list[Any] | UnsetType = UNSET
    flag_config_version: int
    not_in_experiment_variation_id: str


class IterationMetricRep(msgspec.Struct, rename="camel", kw_only=True):
    """A metric or metric group of an iteration, in the version that it is analysed by."""

    key: str
    version_id: str = msgspec.field(name="_versionId")
    name: str
    kind: str
    links: Links = msgspec.field(name="_links")
    is_group: bool | UnsetType = UNSET
    is_numeric: bool | UnsetType = UNSET
    unit_aggregation_type: str | UnsetType = UNSET
    analysis_type: str | UnsetType = UNSET
    event_key: str | UnsetType = UNSET
    analysis_unit: str | UnsetType = UNSET
    analysis_units: list[str] | UnsetType = UNSET
    name_in_group: str | UnsetType = UNSET
    metrics: "list[IterationMetricRep] | UnsetType" = UNSET


class FunnelRep(msgspec.Struct, rename="camel", kw_only=True):
    """The funnel that decides."""

    key: str
    name: str
    kind: str
    links: Links = msgspec.field(name="_links")
    metrics: list[IterationMetricRep]


class IterationRep(msgspec.Struct, rename="camel", kw_only=True):
    """An iteration as answered. Times are in milliseconds."""

    id: str = msgspec.field(name="_id")
    hypothesis: str
    status: Status
    version: int
    created_at: int
    started_at: int | UnsetType = UNSET
    ended_at: int | UnsetType = UNSET
    winning_treatment_id: str | UnsetType = UNSET
    winning_reason: str | UnsetType = UNSET
    can_reshuffle_traffic: bool
    randomization_unit: str
    reallocation_frequency_millis: int | UnsetType = UNSET
    attributes: list[str]
    flags: dict[str, TestedFlagRep]
    metrics: list[IterationMetricRep]
    primary_metric: IterationMetricRep | UnsetType = UNSET
    primary_single_metric: IterationMetricRep | UnsetType = UNSET
    primary_funnel: FunnelRep | UnsetType = UNSET
    secondary_metrics: list[IterationMetricRep] | UnsetType = UNSET
    treatments: list[TreatmentRep] | UnsetType = UNSET


class MutableFieldsRep(msgspec.Struct):
    """What can be done to which field in each status: field → operations."""

    not_started: Mutable = UNSET
    running: Mutable = UNSET
    stopped: Mutable = UNSET


class ExperimentRep(msgspec.Struct, rename="camel", kw_only=True):
    """An experiment as answered; expanded members are there where asked for."""

    links: Links = msgspec.field(name="_links")
    access: AccessRep = msgspec.field(name="_access")
    id: str = msgspec.field(name="_id")
    key: str
    name: str
    description: str | UnsetType = UNSET
    maintainer_id: str = msgspec.field(name="_maintainerId")
    creation_date: int = msgspec.field(name="_creationDate")
    environment_key: str
    methodology: Methodology
    data_source: DataSource
    archived_date: int | UnsetType = UNSET
    tags: list[str]
    holdout_id: str | UnsetType = UNSET
    type: ExperimentType
    current_iteration: IterationRep | UnsetType = UNSET
    draft_iteration: IterationRep | UnsetType = UNSET
    previous_iterations: list[IterationRep] | UnsetType = UNSET
    analysis_config: AnalysisConfig | UnsetType = UNSET
    mutable_fields_by_status: MutableFieldsRep | UnsetType = UNSET


class ExperimentsRep(msgspec.Struct, rename="camel"):
    """A page of experiments."""

    items: list[ExperimentRep]
    total_count: int = msgspec.field(name="total_count")
    links: Links = msgspec.field(name="_links")
