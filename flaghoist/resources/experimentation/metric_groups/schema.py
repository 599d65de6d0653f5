"""What a metric group is, and who guards each of its fields."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import AccessRep, Links, MemberSummaryRep

Text = str | UnsetType | None
GroupKind = Literal["funnel", "standard", "guardrail"]


class Member(msgspec.Struct, rename="camel"):
    """A metric in a group; in a funnel, ``nameInGroup`` is what its step is called."""

    key: str
    name_in_group: str | None = ""


class MetricGroup(msgspec.Struct, rename="camel", kw_only=True):
    """A metric group as stored; the order of its metrics is kept.

    A project has at most one group of kind ``guardrail``: what every rollout shall be watched for.
    """

    id: str = msgspec.field(name="_id")
    key: str
    kind: GroupKind
    name: Annotated[str, guarded("updateMetricGroupName")]
    description: Annotated[Text, guarded("updateMetricGroupDescription")] = UNSET
    maintainer_id: Annotated[Text, guarded("updateMetricGroupMaintainer")] = UNSET
    maintainer_team_key: Annotated[Text, guarded("updateMetricGroupMaintainer")] = UNSET
    tags: Annotated[list[str] | None, guarded("updateMetricGroupTags")] = []
    metrics: Annotated[list[Member], guarded("updateMetricGroupMetrics")]


class MetricGroupPost(msgspec.Struct, rename="camel", kw_only=True):
    """A metric group to be created; without a key it is made from the name."""

    key: Text = UNSET
    name: str
    kind: GroupKind
    description: Text = UNSET
    maintainer_id: Text = UNSET
    maintainer_team_key: Text = UNSET
    tags: list[str] | None = []
    metrics: list[Member]


class MaintainerRep(msgspec.Struct, rename="camel"):
    """Who looks after a group, in the older shape (``member``, ``team``) and the newer one at once."""

    key: str
    kind: Literal["member", "team"]
    new_member: MemberSummaryRep | UnsetType = msgspec.field(name="_member", default=UNSET)
    new_team: dict[str, Any] | UnsetType = msgspec.field(name="_team", default=UNSET)
    member: MemberSummaryRep | UnsetType = UNSET
    team: dict[str, Any] | UnsetType = UNSET


class MetricInGroupRep(msgspec.Struct, rename="camel", kw_only=True):
    """A metric as its group shows it."""

    key: str
    version_id: str = msgspec.field(name="_versionId")
    name: str
    kind: str
    is_numeric: bool
    unit_aggregation_type: str
    analysis_type: str
    event_key: str | UnsetType = UNSET
    links: Links = msgspec.field(name="_links")
    name_in_group: str
    randomization_units: list[str]
    analysis_units: list[str]


class MetricGroupRep(msgspec.Struct, rename="camel", kw_only=True):
    """A metric group as answered."""

    id: str = msgspec.field(name="_id")
    key: str
    name: str
    kind: GroupKind
    description: str | UnsetType = UNSET
    links: Links = msgspec.field(name="_links")
    access: AccessRep = msgspec.field(name="_access")
    tags: list[str]
    creation_date: int = msgspec.field(name="_creationDate")
    last_modified: int = msgspec.field(name="_lastModified")
    maintainer: MaintainerRep
    metrics: list[MetricInGroupRep]
    version: int = msgspec.field(name="_version")
    active_experiment_count: int
    active_guarded_rollout_count: int
    experiment_count: int | UnsetType = UNSET
    experiments: list[dict[str, Any]] | UnsetType = UNSET


class MetricGroupsRep(msgspec.Struct, rename="camel"):
    """A page of metric groups."""

    links: Links = msgspec.field(name="_links")
    items: list[MetricGroupRep]
    total_count: int
