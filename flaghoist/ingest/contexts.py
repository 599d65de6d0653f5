"""Whom an event is about: the key of each kind of context, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flaghoist.evaluation import references
from flaghoist.evaluation.context import USER, Context, ContextInvalid, parse_context
from flaghoist.ingest.wire import ContextEvent

KEY_LENGTH_MAX = 4096
KIND_LENGTH_MAX = 256

Units = tuple[tuple[str, str], ...]
"""(kind, key) of every context, sorted by kind."""


@dataclass(slots=True)
class Subject:
    """The contexts of an event; ``attributes`` by kind, where the event carries more than keys."""

    units: Units
    kinds: str
    """All their kinds, joined with commas."""
    attributes: Mapping[str, Mapping[str, Any]] | None = None


def subject_of(event: ContextEvent) -> Subject | None:
    """Whom an event names, in any of the shapes of the last ten years; None when nobody that could be a unit."""
    if event.context is not None and (described := _described(event.context)):
        return described
    if event.user is not None and (described := _described(_legacy_user(event.user))):
        return described
    keys = event.context_keys or (event.user_key and {USER: event.user_key}) or {}
    units = _named(keys)
    return Subject(units, _joined(units)) if units else None


@lru_cache(maxsize=10_000)
def is_kind(text: str) -> bool:
    """Whether a text may be the name of a context kind."""
    try:
        parse_context({"kind": text, "key": "key"})
    except ContextInvalid:
        return False
    return len(text) <= KIND_LENGTH_MAX


def _legacy_user(user: dict[str, Any]) -> dict[str, Any]:
    """A user as it was before contexts had kinds; some senders made a number of its key."""
    key = user.get("key")
    key = str(key) if isinstance(key, int | float) and not isinstance(key, bool) else key
    return {**{name: value for name, value in user.items() if name != "kind"}, "key": key}


def _named(keys: Mapping[str, str]) -> Units:
    if len(keys) == 1:
        ((kind, key),) = keys.items()
        return ((kind, key),) if key and len(key) <= KEY_LENGTH_MAX and is_kind(kind) else ()
    usable = [(kind, key) for kind, key in keys.items() if key and len(key) <= KEY_LENGTH_MAX and is_kind(kind)]
    return tuple(sorted(usable))


def _joined(units: Units) -> str:
    return units[0][0] if len(units) == 1 else ",".join([kind for kind, _ in units])


def _described(document: dict[str, Any]) -> Subject | None:
    try:
        context = parse_context(document)
    except ContextInvalid:
        return None
    units = _named(context.keys)
    if not units:
        return None
    known = {kind: _attributes(context, document, kind) for kind, _ in units}
    return Subject(
        units, _joined(units), {kind: attributes for kind, attributes in known.items() if attributes} or None
    )


def _attributes(context: Context, document: dict[str, Any], kind: str) -> dict[str, Any]:
    """What is known beyond kind and key, without what the context itself calls private."""
    known = {
        name: value
        for name, value in context.kinds[kind].items()
        if value is not None and name not in ("kind", "key") and not (name == "anonymous" and value is False)
    }
    inner = document.get(kind) if document.get("kind") == "multi" else document
    for reference in _private(inner):
        try:
            _remove(known, references.parse(reference))
        except references.ReferenceInvalid:
            continue
    return known


def _private(document: Any) -> list[str]:
    meta = document.get("_meta")
    listed = meta.get("privateAttributes") if isinstance(meta, dict) else document.get("privateAttributeNames")
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _remove(attributes: dict[str, Any], path: references.Path) -> None:
    """Take out what a path names; the objects on the way are copied, since they belong to the event."""
    *outer, last = path
    for name in outer:
        inner = attributes.get(name)
        if not isinstance(inner, dict):
            return
        attributes[name] = dict(inner)
        attributes = attributes[name]
    attributes.pop(last, None)
