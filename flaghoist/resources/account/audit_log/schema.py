"""What an entry of the audit log looks like."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links


class AccessedRep(msgspec.Struct):
    """An action that a change needed, and where."""

    action: str
    resource: str


class SubjectRep(msgspec.Struct):
    """Who acted, by the name people know."""

    name: str
    links: Links | UnsetType = msgspec.field(name="_links", default=UNSET)


class AuthorRep(msgspec.Struct, rename="camel"):
    """The member who acted."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    email: str
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


class TokenUsedRep(msgspec.Struct, rename="camel"):
    """The access token that was used."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    name: str
    ending: str
    service_token: bool


class TargetRep(msgspec.Struct):
    """What was changed."""

    links: Links = msgspec.field(name="_links")
    name: str
    resources: list[str]


class ParentRep(msgspec.Struct):
    """What the target lies in."""

    links: Links = msgspec.field(name="_links")
    name: str
    resource: str


class RelatedRep(msgspec.Struct):
    """A flag, experiment or AI Config that the change is about."""

    key: str


class EntryRep(msgspec.Struct, rename="camel", kw_only=True):
    """An entry as lists show it; ``description`` is markdown, one bullet for each difference."""

    links: Links = msgspec.field(name="_links")
    id: str = msgspec.field(name="_id")
    account_id: str = msgspec.field(name="_accountId")
    date: int
    accesses: list[AccessedRep]
    kind: str
    name: str
    description: str
    short_description: str
    comment: str | UnsetType = UNSET
    subject: SubjectRep
    member: AuthorRep | UnsetType = UNSET
    token: TokenUsedRep | UnsetType = UNSET
    title_verb: str
    title: str
    target: TargetRep
    parent: ParentRep | UnsetType = UNSET
    related_flag: RelatedRep | UnsetType = UNSET
    related_experiment: RelatedRep | UnsetType = UNSET
    related_ai_config: RelatedRep | UnsetType = msgspec.field(name="relatedAIConfig", default=UNSET)


class WholeEntryRep(EntryRep, rename="camel", kw_only=True):
    """An entry with the document before and after, and the patch that was sent."""

    delta: list[Any] | UnsetType = UNSET
    merge: Any = UNSET
    previous_version: dict[str, Any] | UnsetType = UNSET
    current_version: dict[str, Any] | UnsetType = UNSET


class EntriesRep(msgspec.Struct):
    """Some entries, newest first; ``_links.next`` leads to older ones."""

    links: Links = msgspec.field(name="_links")
    items: list[EntryRep]


class CountRep(msgspec.Struct):
    """How many changes there were from a time on, in milliseconds."""

    timestamp: int
    count: int


class CountsRep(msgspec.Struct, rename="camel"):
    """Changes counted by equal stretches of time."""

    buckets: list[CountRep]
    total_count: int
    bucket_interval_ms: int
