"""The events that SDKs and importers send, as they appear on the wire; members that nobody uses are not named."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from flaghoist.base.errors import Invalid

_BOM = b"\xef\xbb\xbf"


class ContextEvent(msgspec.Struct, tag_field="kind", rename="camel", gc=False):
    """What all events about contexts have in common."""

    creation_date: float | None = None
    context: dict[str, Any] | None = None
    context_keys: dict[str, str] | None = None
    user: dict[str, Any] | None = None
    user_key: str | None = None


class Reason(msgspec.Struct, rename="camel", gc=False):
    """Why an evaluation came out as it did."""

    kind: str | None = None
    rule_id: str | None = None
    in_experiment: bool | None = None


class Feature(ContextEvent, tag="feature", kw_only=True):
    """One evaluation; an exposure if it was in an experiment. The last three members come from importers only."""

    key: str
    variation: int | None = None
    version: int | None = None
    default: Raw = Raw(b"")
    reason: Reason | None = None
    sampling_ratio: float | None = None
    exclude_from_summaries: bool | None = None
    treatment_id: str | None = None
    iteration_id: str | None = None
    event_id: str | None = None


class Custom(ContextEvent, tag="custom", kw_only=True):
    """Something the customer tracks, with or without a number."""

    key: str
    metric_value: float | None = None
    data: Raw = Raw(b"")
    url: str | None = None
    sampling_ratio: float | None = None
    event_id: str | None = None


class Click(ContextEvent, tag="click", kw_only=True):
    """A click that a click metric waits for; the key is the metric's."""

    key: str
    url: str | None = None


class Pageview(ContextEvent, tag="pageview", kw_only=True):
    """A visit that a page view metric waits for; the key is the metric's."""

    key: str
    url: str | None = None


class ClickPageview(ContextEvent, tag="click_pageview"):
    """A visit to a page where a click would count; not a conversion."""


class Identify(ContextEvent, tag="identify"):
    """A context with all its attributes."""

    event_id: str | None = None


class Index(ContextEvent, tag="index"):
    """A context seen for the first time in a while, with all its attributes."""


class Debug(ContextEvent, tag="debug"):
    """A copy of a feature event for a person watching; never analysed."""


class Alias(ContextEvent, tag="alias"):
    """Two users that are one; a thing of the time before contexts."""


class MigrationOperation(ContextEvent, tag="migration_op"):
    """A read or write during a migration; its flag evaluation is in the summary."""


class Count(msgspec.Struct, gc=False):
    """How often one variation was served; without a variation, the caller's default was."""

    count: int
    variation: int | None = None


class Evaluated(msgspec.Struct, rename="camel", gc=False):
    """What a summary says of one flag."""

    counters: list[Count]
    default: Raw = Raw(b"")
    context_kinds: list[str] | None = None


class Summary(ContextEvent, tag="summary", kw_only=True):
    """How often each flag was evaluated since the last one."""

    features: dict[str, Evaluated]


class DiagnosticInit(msgspec.Struct, tag_field="kind", tag="diagnostic-init"):
    """An SDK has started."""


class Diagnostic(msgspec.Struct, tag_field="kind", tag="diagnostic", rename="camel"):
    """How an SDK fares."""

    dropped_events: int | None = None


class DiagnosticCombined(msgspec.Struct, tag_field="kind", tag="diagnostic-combined", rename="camel"):
    """Both of the above, from old browsers."""

    dropped_events: int | None = None


class RelayMetrics(msgspec.Struct, tag_field="kind", tag="relayMetrics"):
    """How a relay proxy is used."""


Event = (
    Feature
    | Custom
    | Click
    | Pageview
    | ClickPageview
    | Identify
    | Index
    | Debug
    | Alias
    | MigrationOperation
    | Summary
    | DiagnosticInit
    | Diagnostic
    | DiagnosticCombined
    | RelayMetrics
)
BY_KIND: dict[str, Any] = {kind.__struct_config__.tag: kind for kind in Event.__args__}

_many = msgspec.json.Decoder(list[Event])
_one = msgspec.json.Decoder(Event)
_raws = msgspec.json.Decoder(list[Raw])
# What msgspec raises on bytes that it cannot or will not read.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def split(body: bytes, *, lines: bool = False) -> list[Raw]:
    """The events of a body, each unread: a JSON array, one object alone, or an object a line.

    Raises ``Invalid`` when the body as a whole is none of these.
    """
    try:
        return _split(body, lines=lines)
    except UNREADABLE:
        pass
    try:
        return _split(_repaired(body, lines=lines), lines=lines)
    except UNREADABLE as error:
        raise Invalid(f"the body is not valid JSON: {error}") from None


def is_array(body: bytes) -> bool:
    """Whether a body that ``split`` can read is an array, not one object alone."""
    return body.removeprefix(_BOM).lstrip()[:1] == b"["


def read(body: bytes, *, lines: bool = False) -> Sequence[Event | Raw]:
    """The events of a body; those that are not as they should be come unread. Raises ``Invalid`` like ``split``."""
    if not lines:
        try:
            return _many.decode(body)
        except UNREADABLE:
            pass
    return [read_one(raw) or raw for raw in split(body, lines=lines)]


def read_one(raw: Raw | bytes) -> Event | None:
    """One event, or None when it is not as it should be."""
    try:
        event: Event = _one.decode(raw)
    except UNREADABLE:
        return None
    return event


def _split(body: bytes, *, lines: bool) -> list[Raw]:
    if lines:
        return [msgspec.json.decode(line, type=Raw) for line in body.splitlines() if line.strip()]
    if is_array(body):
        return _raws.decode(body)
    msgspec.json.decode(body, type=dict[str, Raw])  # an object, or it raises
    return [Raw(body)]


def _repaired(body: bytes, *, lines: bool) -> bytes:
    """JSON with what browsers let through and a strict reader refuses: half characters, NaN, a byte order mark."""
    body = body.removeprefix(_BOM)
    if lines:
        return b"\n".join(_repaired(line, lines=False) for line in body.splitlines() if line.strip())
    try:
        value = json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _: None)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not valid JSON: {error}") from None
