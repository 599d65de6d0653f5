"""What an access token is, and who guards each of its fields."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.policies import Statement
from flaghoist.rest.shapes import Links, MemberSummaryRep
from flaghoist.rest.versions import LATEST

BaseRole = Literal["no_access", "reader", "writer", "admin", "owner"]


class Token(msgspec.Struct, rename="camel", kw_only=True):
    """A token as stored, without its secret.

    Its limits are its inline role if it has one, else its custom roles if it has any, else its base role.
    """

    id: str = msgspec.field(name="_id")
    name: Annotated[str, guarded("updateAccessTokenName")] = ""
    description: Annotated[str, guarded("updateAccessTokenDescription")] = ""
    role: Annotated[BaseRole | UnsetType, guarded("updateAccessTokenPolicy")] = UNSET
    custom_role_ids: Annotated[list[str] | UnsetType, guarded("updateAccessTokenPolicy")] = UNSET
    inline_role: Annotated[list[Statement] | UnsetType, guarded("updateAccessTokenPolicy")] = UNSET
    service_token: bool
    default_api_version: int = LATEST
    member_id: str
    owner_id: str
    ending: str
    expiry: Annotated[int | UnsetType, guarded("updateAccessTokenExpiry")] = UNSET


class TokenPost(msgspec.Struct, rename="camel", kw_only=True):
    """A token to be created; without any limits it is a reader."""

    name: str = ""
    description: str = ""
    role: Literal["reader", "writer", "admin"] | UnsetType = UNSET
    custom_role_ids: list[str] | UnsetType = UNSET
    inline_role: list[Statement] | UnsetType = UNSET
    service_token: bool = False
    default_api_version: int = LATEST
    expiry: int | UnsetType = UNSET


class TokenRep(msgspec.Struct, rename="camel", kw_only=True):
    """A token as answered; ``token`` is the whole secret once, at creation or reset, and later its last characters."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    owner_id: str
    member_id: str
    member: MemberSummaryRep | UnsetType = msgspec.field(name="_member", default=UNSET)
    name: str
    description: str
    creation_date: int
    last_modified: int
    role: str | UnsetType = UNSET
    custom_role_ids: list[str] | UnsetType = UNSET
    inline_role: list[Statement] | UnsetType = UNSET
    token: str
    service_token: bool
    default_api_version: int
    last_used: int | UnsetType = UNSET
    expiry: int | UnsetType = UNSET


class TokensRep(msgspec.Struct, rename="camel"):
    """A page of tokens."""

    links: Links = msgspec.field(name="_links")
    items: list[TokenRep]
    total_count: int
