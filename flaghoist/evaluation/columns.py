"""Clauses that compare one attribute in one way: which rules find what they look for in a value, by one look-up."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from flaghoist.evaluation.compiled import Clause
from flaghoist.evaluation.operators import ORDERS, Order

Bits = int
"""Rules, each by its bit."""
Rules = list[int]
_Asking = Mapping[Clause, Rules]
_Find = Callable[[Any], Bits]


class Column:
    """The clauses with one attribute and one operator, and the rules that ask them."""

    def __init__(self, operator: str, clauses: _Asking, rules: int) -> None:
        """Each rule asks one of the clauses at most; ``rules`` is how many there are in all."""
        self._find = _FINDERS[operator](clauses, rules)
        self._negated = bits_of((rule for clause, asking in clauses.items() if clause.negate for rule in asking), rules)
        self._others = (1 << rules) - 1 ^ bits_of((rule for asking in clauses.values() for rule in asking), rules)

    def holding(self, value: Any) -> Bits:
        """All rules but those that ask something of the value that is not so."""
        if value is None:  # what a context does not say matches neither a clause nor its negation
            return self._others
        if value.__class__ is not list:
            return self._others | self._find(value) ^ self._negated
        found = 0
        for each in value:
            found |= self._find(each)
        return self._others | found ^ self._negated


def is_kept_in_columns(clause: Clause) -> bool:
    """Whether there is a look-up for what a clause asks."""
    return clause.column is not None and clause.column[2] in _FINDERS


def bits_of(places: Iterable[int], count: int) -> Bits:
    """An integer of ``count`` bits in which those at the places are set."""
    octets = bytearray(count // 8 + 1)
    for place in places:
        octets[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(octets, "little")


class _Texts:
    """Which rules look for a text."""

    def __init__(self, clauses: _Asking, rules: int) -> None:
        by_text: dict[str, Rules] = defaultdict(list)
        for clause, asking in clauses.items():
            for value in {value for value in clause.wanted if isinstance(value, str)}:
                by_text[value] += asking
        self.lengths = sorted({len(text) for text in by_text})
        self._rules = rules
        # The bits of a text that few look for would be mostly zeros.
        self._finding: dict[str, Bits | Rules] = {
            text: asking if 64 * len(asking) < rules else bits_of(asking, rules) for text, asking in by_text.items()
        }

    def find(self, text: Any) -> Bits:
        if text.__class__ is not str:
            return 0
        found = self._finding.get(text, 0)
        return found if isinstance(found, int) else bits_of(found, self._rules)


def _listed(clauses: _Asking, rules: int) -> _Find:
    return _Texts(clauses, rules).find


def _beginning(clauses: _Asking, rules: int) -> _Find:
    texts = _Texts(clauses, rules)
    return lambda value: _any(texts, [value[:length] for length in texts.lengths] if value.__class__ is str else [])


def _ending(clauses: _Asking, rules: int) -> _Find:
    texts = _Texts(clauses, rules)

    def find(value: Any) -> Bits:
        if value.__class__ is not str:
            return 0
        return _any(texts, [value[len(value) - length :] for length in texts.lengths if length <= len(value)])

    return find


def _any(texts: _Texts, parts: list[str]) -> Bits:
    found = 0
    for part in parts:
        found |= texts.find(part)
    return found


def _ordered(order: Order) -> Callable[[_Asking, int], _Find]:
    """Rules in the order of their limits: those whose limit a value keeps are all up to some place, or all from it."""
    is_upper = order.compare(0, 1)
    cut = bisect_right if is_upper is not order.compare(0, 0) else bisect_left

    def finder(clauses: _Asking, rules: int) -> _Find:
        limited: list[tuple[Any, int]] = [
            (limit, rule)
            for clause, asking in clauses.items()
            if (limit := order.limit(clause.wanted)) is not None
            for rule in asking
        ]
        limited.sort(key=itemgetter(0))
        limits, asking = [limit for limit, _ in limited], [rule for _, rule in limited]

        def find(value: Any) -> Bits:
            place = order.place(value)
            if place is None:
                return 0
            at = cut(limits, place)
            return bits_of(asking[at:] if is_upper else asking[:at], rules)

        return find

    return finder


_FINDERS: Mapping[str, Callable[[_Asking, int], _Find]] = {
    "in": _listed,
    "startsWith": _beginning,
    "endsWith": _ending,
    **{name: _ordered(order) for name, order in ORDERS.items()},
}
