"""Flags as the API answers with them."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.resources.flagging.flags.schema import (
    ConfigMigrationSettings,
    CustomProperty,
    Defaults,
    MigrationSettings,
    Prerequisite,
    Rule,
    Serve,
    Target,
    Variation,
)
from flaghoist.rest.shapes import AccessRep, ClientSideAvailability, LinkRep, Links, MemberSummaryRep


class VariationSummaryRep(msgspec.Struct, rename="camel", kw_only=True):
    """How one variation is served in an environment: counts, and its share of the fallthrough."""

    rules: int
    null_rules: int
    targets: int
    context_targets: int
    is_fallthrough: bool | UnsetType = UNSET
    is_off: bool | UnsetType = UNSET
    rollout: int | UnsetType = UNSET
    bucket_by: str | UnsetType = UNSET


class FlagSummaryRep(msgspec.Struct, rename="camel"):
    """An environment's part in a few numbers; variations by their index."""

    variations: dict[str, VariationSummaryRep]
    prerequisites: int


class FlagConfigRep(msgspec.Struct, rename="camel", kw_only=True):
    """What a flag does in one environment; a summary leaves out targets, rules and prerequisites."""

    on: bool
    archived: bool
    salt: str
    sel: str
    last_modified: int
    version: int
    targets: list[Target] | UnsetType = UNSET
    context_targets: list[Target] | UnsetType = UNSET
    rules: list[Rule] | UnsetType = UNSET
    fallthrough: Serve | UnsetType = UNSET
    off_variation: int | UnsetType = UNSET
    prerequisites: list[Prerequisite] | UnsetType = UNSET
    site: LinkRep = msgspec.field(name="_site")
    access: AccessRep | UnsetType = msgspec.field(name="_access", default=UNSET)
    environment_name: str = msgspec.field(name="_environmentName")
    track_events: bool
    track_events_fallthrough: bool
    summary: FlagSummaryRep = msgspec.field(name="_summary")
    migration_settings: ConfigMigrationSettings | UnsetType = UNSET


class MaintainerTeamRep(msgspec.Struct, rename="camel"):
    """The team that maintains a flag."""

    key: str
    name: str
    links: Links = msgspec.field(name="_links")


class LegacyExperimentsRep(msgspec.Struct, rename="camel"):
    """What older clients ask for; experiments have operations of their own."""

    baseline_idx: int
    items: list[Any]


class FlagRep(msgspec.Struct, rename="camel", kw_only=True):
    """A flag as answered."""

    links: Links = msgspec.field(name="_links")
    access: AccessRep | UnsetType = msgspec.field(name="_access", default=UNSET)
    name: str
    kind: str
    description: str
    key: str
    version: int = msgspec.field(name="_version")
    creation_date: int
    include_in_snippet: bool
    client_side_availability: ClientSideAvailability
    variations: list[Variation]
    variation_json_schema: dict[str, Any] | None = None
    temporary: bool
    tags: list[str]
    maintainer_id: str | UnsetType = UNSET
    maintainer: MemberSummaryRep | UnsetType = msgspec.field(name="_maintainer", default=UNSET)
    maintainer_team_key: str | UnsetType = UNSET
    maintainer_team: MaintainerTeamRep | UnsetType = msgspec.field(name="_maintainerTeam", default=UNSET)
    goal_ids: list[str] = []
    experiments: LegacyExperimentsRep
    custom_properties: dict[str, CustomProperty]
    archived: bool
    archived_date: int | UnsetType = UNSET
    deprecated: bool
    deprecated_date: int | UnsetType = UNSET
    defaults: Defaults
    purpose: str | UnsetType = msgspec.field(name="_purpose", default=UNSET)
    migration_settings: MigrationSettings | UnsetType = UNSET
    environments: dict[str, FlagConfigRep] | UnsetType = UNSET


class FlagsRep(msgspec.Struct, rename="camel"):
    """A page of flags."""

    links: Links = msgspec.field(name="_links")
    items: list[FlagRep]
    total_count: int


class FlagStatusRep(msgspec.Struct, rename="camel", kw_only=True):
    """How much a flag is used in an environment, and the default that code gives."""

    links: Links | UnsetType = msgspec.field(name="_links", default=UNSET)
    name: str
    last_requested: str | UnsetType = UNSET
    default: Any = UNSET


class FlagStatusesRep(msgspec.Struct, rename="camel"):
    """The statuses of all flags in an environment."""

    links: Links = msgspec.field(name="_links")
    items: list[FlagStatusRep]


class FlagStatusAcrossRep(msgspec.Struct, rename="camel"):
    """The statuses of one flag by environment."""

    links: Links = msgspec.field(name="_links")
    key: str
    environments: dict[str, FlagStatusRep]
