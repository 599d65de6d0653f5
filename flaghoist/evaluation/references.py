"""Attribute references: how a clause or a rollout names a value inside a context."""

from collections.abc import Mapping
from typing import Any

Path = tuple[str, ...]
Attributes = Mapping[str, Any]


class ReferenceInvalid(ValueError):
    """A text that can never name an attribute."""


def path_of(attribute: str, *, context_kind: str | None) -> Path:
    """The path of an attribute as flags spell it: a reference beside a context kind, a plain name without one.

    Plain names are what flags held before contexts had kinds, so ``/a/b`` there is a name with slashes in it.
    Raises ``ReferenceInvalid``.
    """
    return parse(attribute) if context_kind else literal(attribute)


def parse(reference: str) -> Path:
    """``name`` → ``("name",)``, ``/address/zip~1code`` → ``("address", "zip/code")``; raises ``ReferenceInvalid``."""
    if reference in ("", "/"):
        raise ReferenceInvalid("an attribute reference cannot be empty")
    if not reference.startswith("/"):
        return (reference,)
    return tuple(_unescape(component, reference) for component in reference[1:].split("/"))


def literal(name: str) -> Path:
    """The path of an attribute by its plain name; raises ``ReferenceInvalid`` when it is empty."""
    if not name:
        raise ReferenceInvalid("an attribute name cannot be empty")
    return (name,)


def read(attributes: Attributes, path: Path) -> Any:
    """The value at a path, or None where it is missing, null or inside something other than an object."""
    return descend(attributes.get(path[0]), path[1:])


def descend(value: Any, names: Path) -> Any:
    """What is found by following names from object to object, or None where the way ends."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _unescape(component: str, reference: str) -> str:
    if not component:
        raise ReferenceInvalid(f"attribute reference {reference!r} has a double or trailing slash")
    if component.count("~") != component.count("~0") + component.count("~1"):
        raise ReferenceInvalid(f"attribute reference {reference!r} has a '~' that is not followed by 0 or 1")
    return component.replace("~1", "/").replace("~0", "~")
