"""What a flag is, what it does in one environment, and who guards each of its fields."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import ClientSideAvailability

# Clients clear an optional text by null, so null is taken wherever a text may be absent; it is not stored.
Text = str | None | UnsetType
Tag = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_.\-]+$", max_length=64)]


class Variation(msgspec.Struct, rename="camel", kw_only=True):
    """One of the values a flag may have."""

    id: str | UnsetType = msgspec.field(name="_id", default=UNSET)
    value: Any
    name: Text = UNSET
    description: Text = UNSET


class Clause(msgspec.Struct, rename="camel", kw_only=True):
    """A condition on one attribute of a context."""

    id: str | UnsetType = msgspec.field(name="_id", default=UNSET)
    context_kind: str | UnsetType | None = UNSET
    attribute: str
    op: str
    values: list[Any]
    negate: bool = False


class WeightedVariation(msgspec.Struct, rename="camel", kw_only=True):
    """A variation's share of a rollout, in thousandths of a percent; untracked shares are outside the experiment."""

    variation: int
    weight: Annotated[int, Meta(ge=0, le=100_000)]
    untracked: bool | UnsetType = msgspec.field(name="_untracked", default=UNSET)


class ExperimentAllocation(msgspec.Struct, rename="camel", kw_only=True):
    """What makes a rollout an experiment: who is left out gets the default variation."""

    default_variation: int
    can_reshuffle: bool = True
    type: str | UnsetType = UNSET


class Rollout(msgspec.Struct, rename="camel", kw_only=True):
    """Shares of traffic, given out by the hash of an attribute of one kind of context."""

    variations: list[WeightedVariation]
    experiment_allocation: ExperimentAllocation | UnsetType | None = UNSET
    seed: int | UnsetType | None = UNSET
    bucket_by: Text = UNSET
    context_kind: Text = UNSET


class Serve(msgspec.Struct, rename="camel", kw_only=True):
    """Either one variation, by its index, or a rollout over several."""

    variation: int | UnsetType | None = UNSET
    rollout: Rollout | UnsetType | None = UNSET


class Rule(msgspec.Struct, rename="camel", kw_only=True):
    """What contexts that meet all clauses are served."""

    id: str | UnsetType = msgspec.field(name="_id", default=UNSET)
    variation: int | UnsetType | None = UNSET
    rollout: Rollout | UnsetType | None = UNSET
    clauses: list[Clause]
    track_events: bool = False
    description: Text = UNSET
    ref: Text = UNSET
    disabled: bool | UnsetType = UNSET


class Target(msgspec.Struct, rename="camel", kw_only=True):
    """The keys of single contexts of one kind that are served a variation."""

    context_kind: str = "user"
    variation: int
    values: list[str]


class Prerequisite(msgspec.Struct, rename="camel", kw_only=True):
    """Another flag that must serve a variation first; whoever knows only the variation's id may give that instead."""

    key: str
    variation: int | UnsetType = UNSET
    variation_id: str | UnsetType = UNSET


class ConfigMigrationSettings(msgspec.Struct, rename="camel", kw_only=True):
    """How often a migration compares its two sides: once in so many reads."""

    check_ratio: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class FlagConfig(msgspec.Struct, rename="camel", kw_only=True):
    """What a flag does in one environment."""

    on: Annotated[bool, guarded("updateOn")] = False
    salt: Annotated[str, guarded("updateFlagSalt")]
    targets: Annotated[list[Target], guarded("updateTargets")] = []
    context_targets: Annotated[list[Target], guarded("updateTargets")] = []
    rules: Annotated[list[Rule], guarded("updateRules")] = []
    fallthrough: Annotated[Serve, guarded("updateFallthrough")]
    off_variation: Annotated[int | UnsetType | None, guarded("updateOffVariation")] = UNSET
    prerequisites: Annotated[list[Prerequisite], guarded("updatePrerequisites")] = []
    track_events: Annotated[bool, guarded("updateTrackEvents")] = False
    track_events_fallthrough: Annotated[bool, guarded("updateFlagFallthroughTrackEvents")] = False
    migration_settings: Annotated[ConfigMigrationSettings | UnsetType, guarded("updateFlagConfigMigrationSettings")] = (
        UNSET
    )


class Defaults(msgspec.Struct, rename="camel"):
    """The indices of the variations that a new environment serves when the flag is on, and when it is off."""

    on_variation: int
    off_variation: int


class CustomProperty(msgspec.Struct, rename="camel"):
    """Values that tie a flag to something outside, such as the issues of a tracker."""

    name: str
    value: list[str]


class MigrationSettings(msgspec.Struct, rename="camel", kw_only=True):
    """How many stages a migration has; six move data of one kind of context."""

    stage_count: Literal[2, 4, 6]
    context_kind: str | UnsetType = UNSET


class Flag(msgspec.Struct, rename="camel", kw_only=True):
    """A flag as stored; each environment's part is kept apart, and one never touched is not kept at all."""

    key: str
    name: Annotated[str, Meta(min_length=1, max_length=256), guarded("updateName")]
    description: Annotated[str | None, guarded("updateDescription")] = ""
    variations: Annotated[list[Variation], guarded("updateFlagVariations")]
    defaults: Annotated[Defaults, guarded("updateFlagDefaultVariations")]
    temporary: Annotated[bool, guarded("updateTemporary")] = True
    tags: Annotated[list[Tag], guarded("updateTags")] = []
    maintainer_id: Annotated[Text, guarded("updateMaintainer")] = UNSET
    maintainer_team_key: Annotated[Text, guarded("updateMaintainer")] = UNSET
    custom_properties: Annotated[dict[str, CustomProperty], guarded("updateFlagCustomProperties")] = {}
    client_side_availability: Annotated[ClientSideAvailability, guarded("updateClientSideFlagAvailability")] = (
        msgspec.field(default_factory=ClientSideAvailability)
    )
    include_in_snippet: bool = False
    archived: Annotated[bool, guarded("updateGlobalArchived")] = False
    archived_date: int | UnsetType | None = UNSET
    deprecated: Annotated[bool, guarded("updateDeprecated")] = False
    deprecated_date: int | UnsetType | None = UNSET
    purpose: Literal["migration", "holdout"] | UnsetType = UNSET
    migration_settings: MigrationSettings | UnsetType = UNSET
    environments: dict[str, FlagConfig] = {}
