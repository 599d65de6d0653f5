"""The operators of clauses: each compares one value of a context with the values of a clause."""

import operator
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flaghoist.evaluation import patterns
from flaghoist.evaluation.dates import parse_date_time
from flaghoist.evaluation.semver import parse_semver


class Comparison(NamedTuple):
    """Whether a value of a context fits any value of the clause: one way for strings, one for all else."""

    text: Callable[[str], bool]
    other: Callable[[Any], bool]


def compile_comparison(operator_name: str, wanted: list[Any]) -> Comparison:
    """The comparison an operator makes; an operator nobody knows fits nothing."""
    return _OPERATORS.get(operator_name, _nothing)(wanted)


def known(operator_name: str) -> bool:
    """Whether there is such an operator."""
    return operator_name in _OPERATORS


def reads(operator_name: str, value: Any) -> bool:
    """Whether an operator can make anything of a value of a context: ``lessThan`` of 3, but not of "3"."""
    if operator_name in _SCALES:
        scale = _SCALES[operator_name]
        return _place(scale.of_text if isinstance(value, str) else scale.of_other, value) is not None
    return isinstance(value, str) or operator_name == "in"


def wants(operator_name: str, value: Any) -> bool:
    """Whether an operator can make anything of a value of a clause: ``matches`` of "^a", but not of "("."""
    readable = reads(operator_name, value)
    return readable and (operator_name != "matches" or patterns.compiled(value) is not None)


def _never(_: Any) -> bool:
    return False


def _nothing(_: list[Any]) -> Comparison:
    return Comparison(_never, _never)


def _in(wanted: list[Any]) -> Comparison:
    # In Python true equals 1, in JSON it does not: booleans are kept apart.
    booleans = frozenset(value for value in wanted if isinstance(value, bool))
    containers = [value for value in wanted if isinstance(value, list | dict)]
    scalars = frozenset(value for value in wanted if not isinstance(value, bool | list | dict))

    def other(value: Any) -> bool:
        if isinstance(value, bool):
            return value in booleans
        if isinstance(value, list | dict):
            return value in containers
        return value in scalars

    return Comparison(scalars.__contains__, other)


def _starts_with(wanted: list[Any]) -> Comparison:
    prefixes = _texts(wanted)
    return Comparison(lambda value: value.startswith(prefixes), _never)


def _ends_with(wanted: list[Any]) -> Comparison:
    suffixes = _texts(wanted)
    return Comparison(lambda value: value.endswith(suffixes), _never)


def _contains(wanted: list[Any]) -> Comparison:
    parts = _texts(wanted)

    def contains(value: str) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost more than the search
            if part in value:
                return True
        return False

    return Comparison(contains, _never)


def _matches(wanted: list[Any]) -> Comparison:
    searches = [search for search in map(patterns.compiled, _texts(wanted)) if search]

    def matches(value: str) -> bool:
        for search in searches:  # noqa: SIM110 - a generator would cost more than the search
            if search(value):
                return True
        return False

    return Comparison(matches, _never)


def _semver_equal(wanted: list[Any]) -> Comparison:
    versions = frozenset(_places(_VERSIONS, wanted))
    return Comparison(lambda value: parse_semver(value) in versions, _never)


Place = Any  # a number, or a version's precedence: whatever one scale can compare
Locate = Callable[[Any], Place | None]


class _Scale(NamedTuple):
    """How values find their place on an axis: None for a type of value that has none."""

    of_text: Locate | None
    of_other: Locate | None


class Order(NamedTuple):
    """Operators of order: a value fits any limit when it fits the most lenient one."""

    scale: _Scale
    compare: Callable[[Place, Place], bool]
    most_lenient: Callable[[Iterable[Place]], Place]

    def limit(self, wanted: Iterable[Any]) -> Place | None:
        """What values are compared with; None if no value can fit."""
        limits = _places(self.scale, wanted)
        return self.most_lenient(limits) if limits else None

    def place(self, value: Any) -> Place | None:
        """What is compared of a value; None if there is no comparison."""
        return _place(self.scale.of_text if isinstance(value, str) else self.scale.of_other, value)


def _ordering(order: Order) -> Callable[[list[Any]], Comparison]:
    scale, compare, _ = order

    def compile_limit(wanted: list[Any]) -> Comparison:
        limit = order.limit(wanted)
        if limit is None:
            return _nothing(wanted)

        def fits(locate: Locate | None) -> Callable[[Any], bool]:
            if locate is None:
                return _never
            return lambda value: (place := locate(value)) is not None and compare(place, limit)

        return Comparison(fits(scale.of_text), fits(scale.of_other))

    return compile_limit


def _places(scale: _Scale, wanted: Iterable[Any]) -> list[Place]:
    located = (_place(scale.of_text if isinstance(value, str) else scale.of_other, value) for value in wanted)
    return [place for place in located if place is not None]


def _place(locate: Locate | None, value: Any) -> Place | None:
    return None if locate is None else locate(value)


def _number(value: Any) -> float | None:
    if value.__class__ is not int and value.__class__ is not float:
        return None
    try:
        return float(value)
    except OverflowError:  # an integer too large for any SDK
        return None


def _texts(wanted: list[Any]) -> tuple[str, ...]:
    return tuple(value for value in wanted if isinstance(value, str))


_NUMBERS = _Scale(None, _number)
_INSTANTS = _Scale(parse_date_time, _number)
_VERSIONS = _Scale(parse_semver, None)

ORDERS: dict[str, Order] = {
    "lessThan": Order(_NUMBERS, operator.lt, max),
    "lessThanOrEqual": Order(_NUMBERS, operator.le, max),
    "greaterThan": Order(_NUMBERS, operator.gt, min),
    "greaterThanOrEqual": Order(_NUMBERS, operator.ge, min),
    "before": Order(_INSTANTS, operator.lt, max),
    "after": Order(_INSTANTS, operator.gt, min),
    "semVerLessThan": Order(_VERSIONS, operator.lt, max),
    "semVerGreaterThan": Order(_VERSIONS, operator.gt, min),
}

_OPERATORS: dict[str, Callable[[list[Any]], Comparison]] = {
    "in": _in,
    "startsWith": _starts_with,
    "endsWith": _ends_with,
    "contains": _contains,
    "matches": _matches,
    "semVerEqual": _semver_equal,
    **{name: _ordering(order) for name, order in ORDERS.items()},
}

_SCALES: dict[str, _Scale] = {"semVerEqual": _VERSIONS, **{name: order.scale for name, order in ORDERS.items()}}
