"""Which events a metric counts: conditions on event properties and context attributes, joined by *and* and *or*."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.evaluation.dates import parse_date_time
from flaghoist.evaluation.semver import parse_semver

DECIMALS_MAX = 14
USER = "user"


class EventFilter(msgspec.Struct, rename="camel"):
    """A node of the tree: a ``group`` (``op`` is and, or; ``values`` are nodes) or a condition on one attribute."""

    type: Literal["group", "contextAttribute", "eventProperty"]
    op: str
    values: list[Any]
    negate: bool = False
    attribute: str | UnsetType | None = UNSET
    context_kind: str | UnsetType | None = UNSET


def settled(node: Any, where: str) -> Body:
    """A filter as it is stored: every node complete, nothing empty; raises ``Invalid`` naming the node.

    A condition on a context attribute is about users unless it names another kind.
    """
    try:
        typed = msgspec.convert(node, EventFilter)
    except msgspec.ValidationError as error:
        raise Invalid(f"{where}: {error}") from None
    if not typed.values:
        raise Invalid(f"{where}.values is empty: give at least one value to compare with, or leave the filter out")
    return _group(typed, where) if typed.type == "group" else _condition(typed, where)


def _group(node: EventFilter, where: str) -> Body:
    if node.op not in ("and", "or"):
        raise Invalid(f"{where}.op of a group must be 'and' or 'or', not '{node.op}'")
    if node.attribute or node.context_kind:
        raise Invalid(f"{where} is a group, so it has no attribute and no contextKind: give them to its values")
    parts = [settled(part, f"{where}.values[{index}]") for index, part in enumerate(node.values)]
    return {"type": node.type, "op": node.op, "values": parts, "negate": node.negate}


def _condition(node: EventFilter, where: str) -> Body:
    if not node.attribute:
        what = "context attribute" if node.type == "contextAttribute" else "event property"
        raise Invalid(f"{where}.attribute is missing: name the {what} to look at")
    if node.type == "eventProperty" and node.context_kind:
        raise Invalid(f"{where}.contextKind belongs to conditions on context attributes: leave it out")
    comparison = _OPERATORS.get(node.op)
    if comparison is None:
        raise Invalid(f"{where}.op: unknown operator '{node.op}'; possible: {', '.join(_OPERATORS)}")
    for index, value in enumerate(node.values):
        _check_value(comparison, value, f"{where}.values[{index}]", node.op)
    body: Body = {
        "type": node.type,
        "attribute": node.attribute,
        "op": node.op,
        "values": node.values,
        "negate": node.negate,
    }
    return {**body, "contextKind": node.context_kind or USER} if node.type == "contextAttribute" else body


class _Comparison(NamedTuple):
    """What an operator can be compared with, in a test and in words."""

    takes: Callable[[Any], bool]
    wants: str


def _check_value(comparison: _Comparison, value: Any, where: str, operator: str) -> None:
    if not comparison.takes(value):
        raise Invalid(
            f"{where}: '{operator}' compares with {comparison.wants}, not {msgspec.json.encode(value).decode()}"
        )
    if isinstance(value, float) and _decimals(value) > DECIMALS_MAX:
        raise Invalid(f"{where}: {value!r} has more than {DECIMALS_MAX} decimals; round it")


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and compiles(value)


def _is_instant(value: Any) -> bool:
    return _is_number(value) or (isinstance(value, str) and parse_date_time(value) is not None)


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and parse_semver(value) is not None


def compiles(pattern: str) -> bool:
    """Whether a text is a regular expression."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


_TEXT = _Comparison(_is_text, "text")
_NUMBER = _Comparison(_is_number, "numbers")
_INSTANT = _Comparison(_is_instant, "RFC 3339 date-times or milliseconds")
_VERSION = _Comparison(_is_version, 'semantic versions such as "2.1.0"')

_OPERATORS = {
    "in": _Comparison(_is_scalar, "text, numbers, true or false"),
    "startsWith": _TEXT,
    "endsWith": _TEXT,
    "contains": _TEXT,
    "matches": _Comparison(_is_pattern, "regular expressions"),
    "lessThan": _NUMBER,
    "lessThanOrEqual": _NUMBER,
    "greaterThan": _NUMBER,
    "greaterThanOrEqual": _NUMBER,
    "before": _INSTANT,
    "after": _INSTANT,
    "semVerEqual": _VERSION,
    "semVerLessThan": _VERSION,
    "semVerGreaterThan": _VERSION,
}
