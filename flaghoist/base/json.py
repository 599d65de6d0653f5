"""JSON in and out, strict where strictness protects the customer."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from flaghoist.base.errors import Invalid

DEPTH_MAX = 64
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_encoder = msgspec.json.Encoder()

encode = _encoder.encode
decode = msgspec.json.decode


def decode_strict(raw: bytes) -> Any:
    """A management body: UTF-8, no repeated member, no NaN or infinity, bounded depth, no text that cannot be stored.

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
    check_depth(value)
    if "\\u" in text:  # the only way to write what a text must not hold
        _check_texts(value)
    return value


def check_depth(value: Any) -> None:
    """Refuse what is nested deeper than anything the API knows; raises ``Invalid``."""
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise Invalid(f"the body is nested deeper than {DEPTH_MAX} levels")


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


def _check_texts(value: Any) -> None:
    """Half of a surrogate pair has no UTF-8, and PostgreSQL keeps no NUL."""
    ahead = [value]
    while ahead:
        item = ahead.pop()
        ahead.extend(_children(item))
        for text in item if isinstance(item, dict) else (item,):
            if isinstance(text, str) and _UNSTORABLE.search(text):
                raise Invalid(f"the text {json.dumps(text[:40])} has a NUL or half of a surrogate pair in it")


def _children(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
