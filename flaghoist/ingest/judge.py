"""Events that are not quite as they should be: read with patience, or refused with a reason."""

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from flaghoist.base import json
from flaghoist.ingest import wire
from flaghoist.store.facts.tally import Drop

EVENT_KEY_LENGTH_MAX = 512
EVENT_ID_LENGTH_MAX = 128
_KEYED = (wire.Feature, wire.Custom, wire.Click, wire.Pageview)


def judge(raw: Raw | bytes) -> "wire.Event | Drop":
    """An event that a strict reader refuses, mended where its meaning is plain; or what is wrong with it."""
    try:
        members = json.decode(raw)
    except wire.UNREADABLE:
        return "bad_event"
    if not isinstance(members, dict):
        return "bad_event"
    kind = members.get("kind")
    if not isinstance(kind, str) or kind not in wire.BY_KIND:
        return "unknown_kind"
    if wire.BY_KIND[kind] in _KEYED and not is_event_key(members.get("key")):
        return "bad_key"
    for name, usable, reason in _CHECKS:
        if members.get(name) is not None and not usable(members[name]):
            return reason
    said = {name: value for name, value in members.items() if value is not None}
    mended = {name: _MENDS[name](value) if name in _MENDS else value for name, value in said.items()}
    try:
        return wire.read_one(json.encode(mended)) or "bad_event"
    except (OverflowError, RecursionError):  # integers beyond 64 bits; depth
        return "bad_event"


def is_event_key(text: object) -> bool:
    """Whether an event may be called so."""
    return isinstance(text, str) and 0 < len(text) <= EVENT_KEY_LENGTH_MAX and "\0" not in text


def is_event_id(value: object) -> bool:
    """Whether an event may be told from others by this."""
    return isinstance(value, str) and 0 < len(value) <= EVENT_ID_LENGTH_MAX


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _key_texts(keys: dict[str, Any]) -> dict[str, str]:
    """Contexts whose keys are texts, or were before somebody's JSON library made numbers of them."""
    return {kind: _key_text(key) for kind, key in keys.items() if isinstance(key, str) or _is_number(key)}


def _key_text(key: Any) -> Any:
    return str(key) if _is_number(key) else key


def _whole(number: Any) -> Any:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _if_whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _if_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _if_number(value: Any) -> float | None:
    return value if _is_number(value) else None


def _if_object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


_CHECKS: tuple[tuple[str, Callable[[Any], bool], Drop], ...] = (
    ("creationDate", _is_number, "bad_time"),
    ("metricValue", _is_number, "bad_value"),
    ("contextKeys", _is_object, "unknown_unit"),
    ("context", _is_object, "unknown_unit"),
    ("user", _is_object, "unknown_unit"),
    ("eventId", is_event_id, "bad_event"),
)
_MENDS: dict[str, Callable[[Any], Any]] = {
    "contextKeys": _key_texts,
    "userKey": _key_text,
    "variation": _whole,
    "version": _if_whole,
    "samplingRatio": _if_number,
    "reason": _if_object,
    "url": _if_text,
}
