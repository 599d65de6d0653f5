"""The variations of a flag: which lists of them are allowed, and how one list relates to another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from flaghoist.base import ids, json
from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body

GONE = -1
"""The index of a variation that no longer exists."""

STAGES = {
    2: ("off", "complete"),
    4: ("off", "shadow", "live", "complete"),
    6: ("off", "dualwrite", "shadow", "live", "rampdown", "complete"),
}
"""The values of a migration flag by its number of stages (launchdarkly.com/docs/home/flags/migration)."""


def kind(variations: Sequence[Body]) -> str:
    """``boolean`` if the values are exactly true and false, else ``multivariate``."""
    return "boolean" if all(isinstance(variation["value"], bool) for variation in variations) else "multivariate"


def require_valid(variations: Sequence[Body], before: Sequence[Body] | None = None) -> None:
    """Go on only with two or more values, all different, of one type, and of the type the flag had before."""
    if len(variations) < 2:
        raise Invalid("variations: a flag has at least two variations")
    types = {value_type(variation["value"]) for variation in variations}
    if len(types) > 1:
        raise Invalid(f"variations: the values must be of one type, not of {', '.join(sorted(types))}")
    if before and types != {value_type(before[0]["value"])}:
        raise Invalid(f"variations: the values of this flag are of type {value_type(before[0]['value'])} for good")
    seen: dict[Any, int] = {}
    for index, variation in enumerate(variations):
        earlier = seen.setdefault(_identity(variation["value"]), index)
        if earlier != index:
            raise Invalid(f"variations[{index}]: has the same value as variations[{earlier}]; values must be unique")


def value_type(value: Any) -> str:
    """Which SDK method reads it: boolean, number, string or JSON."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "JSON"


def index_of_value(variations: Sequence[Body], value: Any) -> int:
    """The index of the variation with a value; raises ``Invalid``."""
    for index, variation in enumerate(variations):
        if _identity(variation["value"]) == _identity(value):
            return index
    raise Invalid(f"no variation of this flag has the value {_shown(value)}")


def index_of_id(variations: Sequence[Body], variation_id: str) -> int:
    """The index of the variation with an id; raises ``Invalid``."""
    for index, variation in enumerate(variations):
        if variation["_id"] == variation_id:
            return index
    raise Invalid(f"no variation has the id '{variation_id}'; possible: {', '.join(_described(variations))}")


def identify(variations: Sequence[Body], before: Sequence[Body]) -> None:
    """Give each variation its id: the one it has, else of the one that had its place, else a new one."""
    used: set[str] = set()
    for variation in variations:
        if not before or variation.get("_id") in used:
            variation.pop("_id", None)
        used.add(variation.get("_id", ""))
    for index, variation in enumerate(variations):
        if "_id" not in variation:
            old = before[index]["_id"] if index < len(before) else ""
            variation["_id"] = ids.random_uuid() if old in used else old
            used.add(variation["_id"])


def moves(before: Sequence[Body], after: Sequence[Body]) -> Mapping[int, int]:
    """Where each index has gone, by the ids; ``GONE`` for a variation that is no more."""
    places = {variation["_id"]: index for index, variation in enumerate(after)}
    return {index: places.get(variation["_id"], GONE) for index, variation in enumerate(before)}


def new_boolean(defaults: Mapping[str, Any]) -> list[Body]:
    """True and false, named as the project's flag defaults say."""
    return [
        {
            "value": value,
            "name": defaults[f"{word}DisplayName"],
            "description": defaults[f"{word}Description"],
        }
        for value, word in ((True, "true"), (False, "false"))
    ]


def new_stages(count: int) -> list[Body]:
    """The variations of a migration flag."""
    return [{"value": stage} for stage in STAGES[count]]


def _identity(value: Any) -> Any:
    """Equal for equal JSON values: 1 is 1.0, true is not 1, and members have no order."""
    if isinstance(value, int | float):
        return value_type(value), value
    if isinstance(value, str):
        return value
    return value_type(value), msgspec.json.encode(value, order="sorted")


def _shown(value: Any) -> str:
    return json.encode(value).decode()[:80]


def _described(variations: Sequence[Body]) -> Iterator[str]:
    return (f"{variation['_id']} ({_shown(variation['value'])})" for variation in variations)
