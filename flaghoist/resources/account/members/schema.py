"""What a member is, and who guards each of its fields."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import Links

BaseRole = Literal["no_access", "reader", "writer", "admin", "owner"]


class Member(msgspec.Struct, rename="camel", kw_only=True):
    """A member as stored; ``customRoles`` holds ids of roles."""

    id: str = msgspec.field(name="_id")
    email: Annotated[str, Meta(min_length=3, max_length=254, pattern="^[^@\\s]+@[^@\\s]+$")]
    first_name: Annotated[str, guarded("updateName")] = ""
    last_name: Annotated[str, guarded("updateName")] = ""
    role: Annotated[BaseRole, guarded("updateRole")] = "reader"
    custom_roles: Annotated[list[str], guarded("updateCustomRole")] = []
    role_attributes: Annotated[dict[str, list[str]], guarded("updateMemberRoleAttributes")] = {}
    pending_invite: bool = msgspec.field(name="_pendingInvite", default=False)
    verified: bool = msgspec.field(name="_verified", default=True)
    mfa: str = "disabled"


class MemberTeamRep(msgspec.Struct, rename="camel"):
    """A team somebody is in."""

    links: Links = msgspec.field(name="_links")
    key: str
    name: str
    custom_role_keys: list[str]


class MemberRep(msgspec.Struct, rename="camel", kw_only=True):
    """A member as answered; ``roleAttributes`` only when asked for."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    email: str
    first_name: str
    last_name: str
    role: str
    custom_roles: list[str]
    pending_invite: bool = msgspec.field(name="_pendingInvite")
    verified: bool = msgspec.field(name="_verified")
    mfa: str
    last_seen: int = msgspec.field(name="_lastSeen")
    last_seen_metadata: dict[str, Any] | UnsetType = msgspec.field(name="_lastSeenMetadata", default=UNSET)
    teams: list[MemberTeamRep]
    permission_grants: list[dict[str, Any]]
    creation_date: int
    version: int
    role_attributes: dict[str, list[str]] | UnsetType = UNSET


class MembersRep(msgspec.Struct, rename="camel"):
    """A page of members."""

    links: Links = msgspec.field(name="_links")
    items: list[MemberRep]
    total_count: int
