"""What a webhook is, and who guards each of its fields."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import guarded
from flaghoist.rest.policies import Statement
from flaghoist.rest.shapes import AccessRep, Links


class Webhook(msgspec.Struct, rename="camel", kw_only=True):
    """A webhook as stored; with a secret its deliveries are signed. Without statements it hears of every change."""

    id: str = msgspec.field(name="_id")
    name: Annotated[str, guarded("updateName")] = ""
    url: Annotated[str, guarded("updateUrl")]
    secret: Annotated[str | UnsetType, guarded("updateSecret")] = UNSET
    statements: Annotated[list[Statement] | None, guarded("updateStatements")] = None
    on: Annotated[bool, guarded("updateOn")]
    tags: Annotated[list[str], guarded("updateTags")] = []


class WebhookPost(msgspec.Struct, rename="camel", kw_only=True):
    """A webhook to be created; one that is to sign and brings no secret is given one."""

    url: str
    sign: bool
    on: bool
    name: str | None = None
    secret: str | None = None
    statements: list[Statement] | None = None
    tags: list[str] | None = None


class WebhookRep(msgspec.Struct, rename="camel", kw_only=True):
    """A webhook as answered; the secret is for those who may change it."""

    links: Links = msgspec.field(name="_links")
    access: AccessRep = msgspec.field(name="_access")
    id: str = msgspec.field(name="_id")
    name: str
    url: str
    secret: str | UnsetType = UNSET
    statements: list[Statement]
    on: bool
    tags: list[str]


class WebhooksRep(msgspec.Struct, rename="camel"):
    """All webhooks."""

    links: Links = msgspec.field(name="_links")
    items: list[WebhookRep]
