"""Shapes that many families share in what they answer."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class LinkRep(msgspec.Struct):
    """A relation to another resource; ``href`` is relative to the host."""

    href: str | UnsetType = UNSET
    type: str | UnsetType = UNSET


Links = dict[str, LinkRep]


class AccessRep(msgspec.Struct):
    """What the caller may do with the resource, each with the statement that decided."""

    denied: list[dict[str, Any]]
    allowed: list[dict[str, Any]]


class MemberSummaryRep(msgspec.Struct, rename="camel"):
    """Who somebody is, in a few members."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    role: str
    email: str
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


class ClientSideAvailability(msgspec.Struct, rename="camel"):
    """Which client-side SDKs may see a flag."""

    using_mobile_key: bool = True
    using_environment_id: bool = False
