"""Reading the fields of flags and segments as they travel to SDKs, each with its one allowed type."""

from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]

_BEYOND = 1 << 63


class Malformed(Exception):
    """Customer data that breaks the model; an evaluation that meets it answers ``MALFORMED_FLAG``."""


def text(item: Item, name: str) -> str | None:
    """A string, or None where it is absent or null; raises ``Malformed``, as all below do."""
    value = item.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Malformed(f"{name!r} must be a string")


def whole(item: Item, name: str) -> int | None:
    """An integer of 64 bits, or None where it is absent or null."""
    value = item.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and -_BEYOND <= value < _BEYOND):
        return value
    raise Malformed(f"{name!r} must be an integer of 64 bits")


def number(item: Item, name: str) -> int | float | None:
    """A number, or None where it is absent or null."""
    value = item.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Malformed(f"{name!r} must be a number")


def truth(item: Item, name: str) -> bool:
    """True or false; false where it is absent or null."""
    value = item.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Malformed(f"{name!r} must be true or false")


def inner(item: Item, name: str) -> Item | None:
    """A JSON object, or None where it is absent or null."""
    value = item.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise Malformed(f"{name!r} must be a JSON object")


def values(item: Item, name: str) -> list[Any]:
    """A list of anything; empty where it is absent or null."""
    value = item.get(name)
    if value is None or isinstance(value, list):
        return value or []
    raise Malformed(f"{name!r} must be a list")


def items(item: Item, name: str) -> list[Item]:
    """A list of JSON objects; empty where it is absent or null."""
    found = values(item, name)
    if all(isinstance(each, dict) for each in found):
        return found
    raise Malformed(f"{name!r} must be a list of JSON objects")


def texts(item: Item, name: str) -> list[str]:
    """A list of strings; empty where it is absent or null."""
    found = values(item, name)
    if all(isinstance(each, str) for each in found):
        return found
    raise Malformed(f"{name!r} must be a list of strings")


def required_text(item: Item, name: str) -> str:
    """A string that must be there."""
    value = text(item, name)
    if value is None:
        raise Malformed(f"{name!r} is missing")
    return value


def required_whole(item: Item, name: str) -> int:
    """An integer that must be there."""
    value = whole(item, name)
    if value is None:
        raise Malformed(f"{name!r} is missing")
    return value


def required_items(item: Item, name: str) -> list[Item]:
    """A list of JSON objects that must be there: SDKs disagree on what its absence means."""
    if item.get(name) is None:
        raise Malformed(f"{name!r} is missing")
    return items(item, name)


def required_values(item: Item, name: str) -> list[Any]:
    """A list that must be there."""
    if item.get(name) is None:
        raise Malformed(f"{name!r} is missing")
    return values(item, name)
