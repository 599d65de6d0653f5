"""What a kind of context is, and who guards it."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.shapes import Links

_edit = guarded("updateContextKind")


class ContextKind(msgspec.Struct, rename="camel"):
    """A kind of context as stored."""

    key: str
    name: Annotated[str, _edit]
    description: Annotated[str, _edit] = ""
    archived: Annotated[bool, _edit] = False


class ContextKindPut(msgspec.Struct, rename="camel"):
    """A kind as a client writes it; ``hideInTargeting`` is an older word for ``archived``."""

    name: str
    description: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    hide_in_targeting: bool | UnsetType = UNSET
    version: int | UnsetType = UNSET


class ContextKindRep(msgspec.Struct, rename="camel"):
    """A kind as answered; ``createdFrom`` tells those that were only seen in events from those somebody made."""

    links: Links = msgspec.field(name="_links")
    key: str
    name: str
    description: str
    version: int
    creation_date: int
    last_modified: int
    created_from: Literal["default", "auto-add", "manual"]
    archived: bool
    hide_in_targeting: bool
    last_seen: int | UnsetType = UNSET


class ContextKindsRep(msgspec.Struct):
    """All kinds of a project."""

    links: Links = msgspec.field(name="_links")
    items: list[ContextKindRep]


class Upserted(msgspec.Struct):
    """That a kind has been written."""

    links: Links = msgspec.field(name="_links")
    status: str
