"""JSON in and out, strict where strictness protects the customer."""

import json
import math
from typing import Any

import msgspec

from flaghoist.base.errors import Invalid

DEPTH_MAX = 64
_encoder = msgspec.json.Encoder()

encode = _encoder.encode
decode = msgspec.json.decode


def decode_strict(raw: bytes) -> Any:
    """A management body: UTF-8, no repeated member, no NaN or infinity, bounded depth.

    Raises ``Invalid`` with what is wrong and where.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"the body is not valid UTF-8: byte {error.start}") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Invalid(f"the body is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise Invalid(f"the body is nested deeper than {DEPTH_MAX} levels") from None
    except ValueError as error:  # an integer of thousands of digits
        raise Invalid(f"the body has a number that cannot be read: {error}") from None
    _check_depth(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Invalid(f"the member '{repeated}' appears twice in one object")
    return members


def _no_constant(name: str) -> float:
    raise Invalid(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Invalid(f"the number {text[:40]} is too large")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise Invalid(f"the body is nested deeper than {DEPTH_MAX} levels")
