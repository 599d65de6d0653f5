"""Who a flag is evaluated for: one or more kinds of context, read once from JSON."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flaghoist.evaluation import references

USER = "user"
MULTI = "multi"

_KIND = re.compile(r"[A-Za-z0-9._-]+")
_LEGACY_TEXTS = ("name", "firstName", "lastName", "email", "avatar", "ip", "country")
_LEGACY_NOT_CUSTOM = frozenset({"kind", "key", "anonymous", "_meta", *_LEGACY_TEXTS})


class ContextInvalid(ValueError):
    """A context that no flag can be evaluated for; the message names the offending property."""


@dataclass(frozen=True, slots=True)
class Context:
    """The attributes of each kind present, by kind, in alphabetical order of the kinds.

    Each kind's attributes always hold ``kind``, ``key`` and ``anonymous``, never ``_meta``.
    """

    kinds: Mapping[str, Mapping[str, Any]]

    @property
    def keys(self) -> dict[str, str]:
        """The key of each kind present: ``{"org": "o1", "user": "u1"}``."""
        return {kind: attributes["key"] for kind, attributes in self.kinds.items()}

    @property
    def canonical_key(self) -> str:
        """The fully-qualified key: a lone user's key as it is, ``kind:key`` pairs joined with ``:`` otherwise."""
        if len(self.kinds) == 1 and USER in self.kinds:
            return str(self.kinds[USER]["key"])
        return ":".join(f"{kind}:{_escape(key)}" for kind, key in self.keys.items())

    def value(self, reference: str, *, kind: str = USER) -> Any:
        """What an attribute reference names in one kind, or None; raises ``ReferenceInvalid``."""
        path = references.parse(reference)
        attributes = self.kinds.get(kind)
        return None if attributes is None else references.read(attributes, path)

    def secure_mode_hash(self, sdk_key: str) -> str:
        """The proof that a server with this SDK key vouches for this context: HMAC-SHA256, lower-case hexadecimal."""
        return hmac.new(sdk_key.encode(), self.canonical_key.encode(), hashlib.sha256).hexdigest()


def parse_context(document: object) -> Context:
    """A context from decoded JSON: a single kind, ``multi``, or a user of the time before kinds.

    Raises ``ContextInvalid``.
    """
    if not isinstance(document, dict):
        raise ContextInvalid("a context must be a JSON object")
    if "kind" not in document:
        return Context({USER: _legacy_user(document)})
    kind: str = document["kind"]
    if kind == MULTI:
        return Context(_several(document))
    return Context({kind: _single(kind, document)})


def _several(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    kinds = {kind: _single(kind, inner) for kind, inner in sorted(document.items()) if kind != "kind"}
    if not kinds:
        raise ContextInvalid("a multi-kind context must contain at least one kind")
    return kinds


def _single(kind: str, document: object) -> dict[str, Any]:
    if kind != USER:
        _check_kind(kind)
    if not isinstance(document, dict):
        raise ContextInvalid(f"context of kind {kind!r} must be a JSON object")
    attributes = {**document, "kind": kind}
    key = attributes.get("key")
    if not isinstance(key, str) or not key:
        raise ContextInvalid(f"context of kind {kind!r} must have a non-empty string as its 'key'")
    _check_text(attributes, "name")
    # Absent means false, and clauses may ask for it.
    if not isinstance(attributes.setdefault("anonymous", False), bool):
        raise ContextInvalid("'anonymous' must be true or false")
    if "_meta" in attributes:
        _check_meta(attributes.pop("_meta"))
    return attributes


def _legacy_user(document: dict[str, Any]) -> dict[str, Any]:
    """A user without kind: custom attributes are nested, and only here may the key be empty."""
    custom = document.get("custom") or {}
    if not isinstance(custom, dict):
        raise ContextInvalid("'custom' must be a JSON object")
    attributes = {name: value for name, value in custom.items() if name not in _LEGACY_NOT_CUSTOM}
    for name in _LEGACY_TEXTS:
        _check_text(document, name)
        attributes[name] = document.get(name)
    key, anonymous = document.get("key"), document.get("anonymous")
    if not isinstance(key, str):
        raise ContextInvalid("a user must have a string as its 'key'")
    if anonymous is not None and not isinstance(anonymous, bool):
        raise ContextInvalid("'anonymous' must be true or false")
    return {**attributes, "kind": USER, "key": key, "anonymous": bool(anonymous)}


def _check_kind(kind: str) -> None:
    if not isinstance(kind, str):
        raise ContextInvalid("'kind' must be a string")
    if kind in ("kind", MULTI) or not _KIND.fullmatch(kind):
        raise ContextInvalid(
            f"{kind!r} cannot be a context kind: use letters, digits, '.', '_' and '-', and neither 'kind' nor 'multi'"
        )


def _check_text(attributes: dict[str, Any], name: str) -> None:
    value = attributes.get(name)
    if value is not None and not isinstance(value, str):
        raise ContextInvalid(f"{name!r} must be a string")


def _check_meta(meta: object) -> None:
    if meta is None:
        return
    if not isinstance(meta, dict):
        raise ContextInvalid("'_meta' must be a JSON object")
    private = meta.get("privateAttributes") or []
    if not isinstance(private, list) or not all(isinstance(reference, str) for reference in private):
        raise ContextInvalid("'privateAttributes' must be a list of strings")


def _escape(key: str) -> str:
    return key.replace("%", "%25").replace(":", "%3A")
