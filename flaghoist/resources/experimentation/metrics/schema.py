"""What a metric is, and who guards each of its fields."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.resources.experimentation.event_filters import EventFilter
from flaghoist.rest.shapes import AccessRep, LinkRep, Links, MemberSummaryRep

# Null and empty mean absent, since that is what clients send to clear a field.
Text = str | UnsetType | None
Count = int | UnsetType | None
Percent = int | float | UnsetType | None
Truth = bool | UnsetType | None
Aggregation = Literal["average", "sum", "count_distinct"]


class UrlMatcher(msgspec.Struct):
    """A page to watch: ``url`` for exact and canonical, ``substring`` and ``pattern`` for the kinds named like them."""

    kind: Literal["exact", "canonical", "substring", "regex"]
    url: Text = UNSET
    substring: Text = UNSET
    pattern: Text = UNSET


class EventDefault(msgspec.Struct):
    """Whether units without events are left out (``disabled``) or count as zero."""

    disabled: bool | None = False
    value: int | float | UnsetType | None = UNSET


class DataSource(msgspec.Struct, rename="camel"):
    """Where the events come from; ``launchdarkly`` means what SDKs and importers send here."""

    key: str
    environment_key: Text = UNSET
    name: Text = msgspec.field(name="_name", default=UNSET)
    integration_key: Text = msgspec.field(name="_integrationKey", default=UNSET)


class Denominator(msgspec.Struct, rename="camel"):
    """What a ratio metric divides by: the total of other events of the same units. Windows are in milliseconds."""

    event_name: str
    is_numeric: bool | None = False
    unit_aggregation_type: Aggregation | None = "sum"
    unit_aggregation_field: Text = UNSET
    value_column: Text = UNSET
    data_source: DataSource | UnsetType | None = UNSET
    filters: EventFilter | UnsetType | None = UNSET
    window_start_offset: Count = UNSET
    window_end_offset: Count = UNSET
    winsor_lower_percentile: Percent = UNSET
    winsor_upper_percentile: Percent = UNSET
    winsor_include_imputed: Truth = UNSET


class MetricFields(msgspec.Struct, rename="camel", kw_only=True):
    """What can be said about a metric. Windows are in milliseconds, percentiles between 0 and 100.

    ``analysisUnits`` is the newer name of ``randomizationUnits``.
    """

    key: str
    kind: Literal["custom", "click", "pageview", "trace"]
    name: Annotated[Text, guarded("updateName")] = UNSET
    description: Annotated[Text, guarded("updateDescription")] = UNSET
    category: Annotated[Text, guarded("updateDescription")] = UNSET
    tags: Annotated[list[str] | None, guarded("updateTags")] = []
    view_keys: Annotated[list[str] | UnsetType | None, guarded("updateTags")] = UNSET
    maintainer_id: Annotated[Text, guarded("updateMaintainer")] = UNSET
    maintainer_team_key: Annotated[Text, guarded("updateMaintainer")] = UNSET
    event_key: Annotated[Text, guarded("updateEventKey")] = UNSET
    selector: Annotated[Text, guarded("updateSelector")] = UNSET
    urls: Annotated[list[UrlMatcher] | UnsetType | None, guarded("updateUrls")] = UNSET
    trace_query: Annotated[Text, guarded("updateEventKey")] = UNSET
    trace_value_location: Annotated[Text, guarded("updateEventKey")] = UNSET
    data_source: Annotated[DataSource | UnsetType | None, guarded("updateEventKey")] = UNSET
    value_column: Annotated[Text, guarded("updateEventKey")] = UNSET
    filters: Annotated[EventFilter | UnsetType | None, guarded("updateFilters")] = UNSET
    is_numeric: Annotated[bool | None, guarded("updateNumeric")] = False
    unit: Annotated[Text, guarded("updateNumericUnit")] = UNSET
    success_criteria: Annotated[
        Literal["HigherThanBaseline", "LowerThanBaseline"] | UnsetType | None, guarded("updateNumericSuccess")
    ] = UNSET
    analysis_units: Annotated[list[str] | UnsetType | None, guarded("updateRandomizationUnits")] = UNSET
    randomization_units: Annotated[list[str] | UnsetType | None, guarded("updateRandomizationUnits")] = UNSET
    unit_aggregation_type: Annotated[Aggregation | UnsetType | None, guarded("updateUnitAggregationType")] = UNSET
    unit_aggregation_field: Annotated[Text, guarded("updateUnitAggregationType")] = UNSET
    analysis_type: Annotated[Literal["mean", "percentile"] | None, guarded("updateAnalysisType")] = "mean"
    percentile_value: Annotated[Count, guarded("updateAnalysisType")] = UNSET
    event_default: Annotated[EventDefault | UnsetType | None, guarded("updateEventDefault")] = UNSET
    denominator: Annotated[Denominator | UnsetType | None, guarded("updateMetricDenominator")] = UNSET
    window_start_offset: Annotated[Count, guarded("updateWindowOffset")] = UNSET
    window_end_offset: Annotated[Count, guarded("updateWindowOffset")] = UNSET
    winsor_lower_percentile: Annotated[Percent, guarded("updateAnalysisType")] = UNSET
    winsor_upper_percentile: Annotated[Percent, guarded("updateAnalysisType")] = UNSET
    winsor_include_imputed: Annotated[Truth, guarded("updateAnalysisType")] = UNSET


class MetricPost(MetricFields, kw_only=True):
    """A metric to be created."""


class Metric(MetricFields, kw_only=True):
    """A metric as stored; every version of it can be read back."""

    id: str = msgspec.field(name="_id")
    archived: Annotated[bool | None, guarded("updateArchived")] = False
    archived_at: int | UnsetType = UNSET


class LastModified(msgspec.Struct):
    """When something was last changed, as RFC 3339 text."""

    date: str


class MetricListingRep(MetricFields, kw_only=True):
    """A metric as listed; counts and dates are there where asked for or known."""

    id: str = msgspec.field(name="_id")
    version: int = msgspec.field(name="_version")
    version_id: str = msgspec.field(name="_versionId")
    links: Links = msgspec.field(name="_links")
    site: LinkRep = msgspec.field(name="_site")
    access: AccessRep = msgspec.field(name="_access")
    name: str
    tags: list[str]
    data_source: DataSource
    creation_date: int = msgspec.field(name="_creationDate")
    last_modified: LastModified
    archived: bool
    archived_at: int | UnsetType = UNSET
    analysis_units: list[str]
    maintainer: MemberSummaryRep | UnsetType = msgspec.field(name="_maintainer", default=UNSET)
    maintainer_team: dict[str, Any] | UnsetType = msgspec.field(name="_maintainerTeam", default=UNSET)
    last_seen: int | UnsetType = UNSET
    attached_flag_count: int = msgspec.field(name="_attachedFlagCount")
    active_experiment_count: int
    active_guarded_rollout_count: int
    experiment_count: int | UnsetType = UNSET
    metric_group_count: int | UnsetType = UNSET


class EventSourceRep(msgspec.Struct, rename="camel"):
    """An environment that a metric's events come from, and when the last one did, to the hour."""

    environment_id: str
    environment_key: str
    last_seen: int


class MetricRep(MetricListingRep, kw_only=True):
    """A metric as answered alone."""

    is_active: bool
    is_deleteable: bool = msgspec.field(name="_isDeleteable")
    attached_features: list[dict[str, Any]] = msgspec.field(name="_attachedFeatures")
    experiments: list[dict[str, Any]] | UnsetType = UNSET
    metric_groups: list[dict[str, Any]] | UnsetType = UNSET
    event_sources: list[EventSourceRep] | UnsetType = UNSET
    last_used_in_experiment: dict[str, Any] | UnsetType = UNSET


class MetricsRep(msgspec.Struct, rename="camel"):
    """A page of metrics."""

    links: Links = msgspec.field(name="_links")
    items: list[MetricListingRep]
    total_count: int
