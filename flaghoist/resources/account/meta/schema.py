"""What the API answers about itself."""

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links


class RootRep(msgspec.Struct):
    """Where to begin: a link for each kind of resource."""

    links: Links


class CallerIdentityRep(msgspec.Struct, rename="camel", kw_only=True):
    """Who is asking; only what applies to the credential is there."""

    account_id: str
    auth_kind: str
    token_kind: str | UnsetType = UNSET
    token_id: str | UnsetType = UNSET
    token_name: str | UnsetType = UNSET
    member_id: str | UnsetType = UNSET
    service_token: bool | UnsetType = UNSET
    environment_id: str | UnsetType = UNSET
    environment_name: str | UnsetType = UNSET
    project_id: str | UnsetType = UNSET
    project_name: str | UnsetType = UNSET
    expires_at: int | UnsetType = UNSET


class VersionsRep(msgspec.Struct, rename="camel"):
    """Which versions of the API there are, and which one this request speaks."""

    valid_versions: list[int]
    latest_version: int
    current_version: int
    beta: bool


class IpListRep(msgspec.Struct, rename="camel"):
    """Networks: where the server listens, and where its own calls come from."""

    addresses: list[str]
    outbound_addresses: list[str]
