"""Clauses: one question each about a context."""

import hashlib
from typing import Any
from weakref import WeakValueDictionary

from flaghoist.evaluation import references, wire
from flaghoist.evaluation.compiled import Clause, Kinds, Matcher, Trail
from flaghoist.evaluation.context import USER
from flaghoist.evaluation.operators import Comparison, compile_comparison

SEGMENT_MATCH = "segmentMatch"
PATTERN_MATCH = "matches"
# Longer lists are asked whether they hold a value: taking them apart for look-ups would hold every value once more.
LISTED_MAX = 64

# Thousands of rules ask the same few questions; those in use are found here by what they ask.
_in_use: WeakValueDictionary[bytes, Clause] = WeakValueDictionary()


def compile_clauses(clauses: list[wire.Item]) -> Matcher:
    """A matcher that holds when every clause holds; with no clause, it always does. Raises ``Malformed``."""
    return all_of([compile_clause(clause).matches for clause in clauses])


def all_of(matchers: list[Matcher]) -> Matcher:
    """A matcher that holds when all hold, asked one after the other."""
    if len(matchers) == 1:
        return matchers[0]

    def match(kinds: Kinds, trail: Trail) -> bool:
        for matches in matchers:  # noqa: SIM110 - a generator would cost more than the clauses
            if not matches(kinds, trail):
                return False
        return True

    return match


def asks_for_segments(clauses: list[wire.Item]) -> bool:
    """Whether any clause leads on to a segment."""
    return any(clause.get("op") == SEGMENT_MATCH for clause in clauses)


def compile_clause(clause: wire.Item) -> Clause:
    """The question that a clause asks, the same for all that ask it. Raises ``Malformed``."""
    operator = wire.required_text(clause, "op")
    negate = wire.truth(clause, "negate")
    wanted = wire.required_values(clause, "values")
    context_kind = wire.text(clause, "contextKind")
    attribute = wire.text(clause, "attribute") or ""
    try:
        asked = repr((operator, negate, wanted, context_kind, attribute))
    except ValueError:  # an integer too long to be written out
        return _compile(operator, wanted, context_kind, attribute, negate=negate)
    name = hashlib.blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    known = _in_use.get(name)
    if known is None:
        known = _in_use[name] = _compile(operator, wanted, context_kind, attribute, negate=negate)
    return known


def _compile(operator: str, wanted: list[Any], context_kind: str | None, attribute: str, *, negate: bool) -> Clause:
    if operator == SEGMENT_MATCH:
        return Clause(_segment_match([key for key in wanted if isinstance(key, str)], negate), is_risky=True)
    kind = context_kind or USER
    try:
        path = references.path_of(attribute, context_kind=context_kind)
    except references.ReferenceInvalid as invalid:
        return Clause(_malformed(kind, str(invalid)), is_risky=True)
    comparison = compile_comparison(operator, wanted)
    is_lasting = operator == PATTERN_MATCH
    if path == ("kind",):
        return Clause(_kind_match(comparison, negate), is_lasting=is_lasting)
    is_listed = operator == "in" and all(isinstance(value, str) for value in wanted)
    if is_listed and len(path) == 1:
        matches = _text_match(kind, path[0], frozenset(wanted), negate)
    else:
        matches = _attribute_match(kind, path, comparison, negate)
    if len(wanted) > LISTED_MAX or (operator == "in" and not is_listed):
        return Clause(matches, is_lasting=is_lasting)
    return Clause(matches, (kind, path, operator), tuple(wanted), negate=negate, is_lasting=is_lasting)


def _segment_match(segment_keys: list[str], negate: bool) -> Matcher:
    def match(kinds: Kinds, trail: Trail) -> bool:
        for key in segment_keys:
            matches = trail.segments.get(key)
            if matches is not None and matches(kinds, trail):
                return not negate
        return negate

    return match


def _kind_match(comparison: Comparison, negate: bool) -> Matcher:
    return lambda kinds, trail: any(map(comparison.text, kinds)) is not negate


def _attribute_match(kind: str, path: references.Path, comparison: Comparison, negate: bool) -> Matcher:
    name, names = path[0], path[1:]
    of_text, of_other = comparison

    def match(kinds: Kinds, trail: Trail) -> bool:
        attributes = kinds.get(kind)
        if attributes is None:
            return False
        value = attributes.get(name)
        if names:
            value = references.descend(value, names)
        if value.__class__ is str:
            return of_text(value) is not negate
        if value is None:  # what a context does not say matches neither a clause nor its negation
            return False
        if value.__class__ is list:
            for each in value:
                if of_text(each) if each.__class__ is str else of_other(each):
                    return not negate
            return negate
        return of_other(value) is not negate

    return match


def _text_match(kind: str, name: str, wanted: frozenset[str], negate: bool) -> Matcher:
    """The commonest clause, made fast: a plain attribute in a list of strings."""

    def match(kinds: Kinds, trail: Trail) -> bool:
        attributes = kinds.get(kind)
        if attributes is None:
            return False
        value = attributes.get(name)
        if value.__class__ is str:
            return (value in wanted) is not negate
        if value is None:
            return False
        if value.__class__ is list:
            for each in value:
                if each.__class__ is str and each in wanted:
                    return not negate
        return negate

    return match


def _malformed(kind: str, why: str) -> Matcher:
    def match(kinds: Kinds, trail: Trail) -> bool:
        if kind not in kinds:
            return False
        raise wire.Malformed(why)

    return match
