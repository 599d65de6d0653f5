"""What an environment is, and who guards each of its fields."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import AccessRep, Links

APPROVED_KINDS = ("aiconfig", "segment")
"""What else than flags may need approvals, each with settings of its own."""


class ApprovalSettings(msgspec.Struct, rename="camel"):
    """Whether changes need a second pair of eyes here, and whose."""

    required: bool = False
    bypass_approvals_for_pending_changes: bool = False
    min_num_approvals: Annotated[int, Meta(ge=1, le=5)] = 1
    can_review_own_request: bool = False
    can_apply_declined_changes: bool = True
    auto_apply_approved_changes: bool | UnsetType | None = UNSET
    service_kind: str = "launchdarkly"
    service_config: dict[str, Any] = {}
    required_approval_tags: list[str] | None = []
    service_kind_configuration_id: str | UnsetType = UNSET


class ApprovalSettingsRep(ApprovalSettings, rename="camel"):
    """Approval settings as answered, where no tags are an empty list."""

    required_approval_tags: list[str] = []


class ExpiringKey(msgspec.Struct, rename="camel"):
    """An SDK key that has been reset and still works until a time, in milliseconds."""

    value: str
    expires_at: int


class Environment(msgspec.Struct, rename="camel", kw_only=True):
    """An environment as stored; its ``_id`` is the client-side ID."""

    id: str = msgspec.field(name="_id")
    key: str
    api_key: str
    mobile_key: str
    expiring_api_keys: list[ExpiringKey] = msgspec.field(default_factory=list)
    name: Annotated[str, guarded("updateName")]
    color: Annotated[str, Meta(pattern="^[0-9a-fA-F]{6}$"), guarded("updateColor")]
    default_ttl: Annotated[int, Meta(ge=0, le=60), guarded("updateTtl")] = 0
    secure_mode: Annotated[bool, guarded("updateSecureMode")] = False
    default_track_events: Annotated[bool, guarded("updateDefaultTrackEvents")] = False
    require_comments: Annotated[bool, guarded("updateRequireComments")] = False
    confirm_changes: Annotated[bool, guarded("updateConfirmChanges")] = False
    tags: Annotated[list[str], guarded("updateTags")] = []
    critical: Annotated[bool, guarded("updateCritical")] = False
    approval_settings: Annotated[ApprovalSettings, guarded("updateApprovalSettings")] = msgspec.field(
        default_factory=ApprovalSettings
    )
    resource_approval_settings: Annotated[dict[str, ApprovalSettings], guarded("updateApprovalSettings")] = (
        msgspec.field(default_factory=lambda: {kind: ApprovalSettings() for kind in APPROVED_KINDS})
    )


class Source(msgspec.Struct):
    """The environment a new one is a copy of; ``version`` must be its own, where given."""

    key: str
    version: int | UnsetType = UNSET


class EnvironmentPost(msgspec.Struct, rename="camel"):
    """An environment to be created."""

    name: str
    key: str
    color: Annotated[str, Meta(pattern="^[0-9a-fA-F]{6}$")]
    default_ttl: int | UnsetType = UNSET
    secure_mode: bool | UnsetType = UNSET
    default_track_events: bool | UnsetType = UNSET
    confirm_changes: bool | UnsetType = UNSET
    require_comments: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    critical: bool | UnsetType = UNSET
    source: Source | UnsetType = UNSET


class EnvironmentRep(msgspec.Struct, rename="camel"):
    """An environment as answered; the SDK key is masked without ``viewSdkKey``."""

    links: Links = msgspec.field(name="_links")
    access: AccessRep = msgspec.field(name="_access")
    id: str = msgspec.field(name="_id")
    key: str
    name: str
    api_key: str
    mobile_key: str
    color: str
    default_ttl: int
    secure_mode: bool
    default_track_events: bool
    require_comments: bool
    confirm_changes: bool
    tags: list[str]
    critical: bool
    approval_settings: ApprovalSettingsRep
    resource_approval_settings: dict[str, ApprovalSettingsRep]


class EnvironmentsRep(msgspec.Struct, rename="camel"):
    """A page of environments."""

    links: Links = msgspec.field(name="_links")
    items: list[EnvironmentRep]
    total_count: int
