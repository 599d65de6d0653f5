"""Filters of a metric: decided with the very operators of flags, once per distinct value, then applied in SQL."""

from collections.abc import Callable
from typing import Any

import msgspec

from flaghoist.base import json
from flaghoist.evaluation.clauses import compile_clauses
from flaghoist.evaluation.compiled import Trail
from flaghoist.store.facts import scan
from flaghoist.store.facts.engines.port import Session
from flaghoist.store.facts.question import Filter

_ASKED = "it"
_KEY = "unit_key"
_SEGMENT_MATCH = "segmentMatch"  # events know nothing of segments


class FilterTables:
    """The leaves of some filters as tables of the values that fit, made while their condition is written."""

    def __init__(self, session: Session, events: str, parameters: dict[str, Any], unit_kind: str) -> None:
        """``events`` is a query for the events in question, with its ``parameters``."""
        self._session = session
        self._events = events
        self._parameters = parameters
        self._unit_kind = unit_kind
        self._leaves = 0

    def condition(self, filters: tuple[Filter, ...]) -> str:
        """A condition in SQL on the columns of an outcome: all filters hold."""
        return " AND ".join([self._condition(each) for each in filters]) or "true"

    def _condition(self, node: Filter) -> str:
        if node.kind not in ("and", "or"):
            return self._leaf(node)
        parts = [self._condition(child) for child in node.filters] or ["true"]
        joined = f" {node.kind.upper()} ".join(parts)
        return f"(NOT ({joined}))" if node.negate else f"({joined})"

    def _leaf(self, leaf: Filter) -> str:
        value = self._value(leaf)
        if value is None or leaf.op == _SEGMENT_MATCH:
            return "false"
        distinct = f"SELECT DISTINCT {value} AS value FROM ({self._events}) AS of_kind"
        texts = [text for (text,) in self._session.rows(distinct, self._parameters) if text is not None]
        fits = _comparison(leaf)
        as_json = _key_as_json if value == _KEY else _as_it_is
        fitting = sorted(text for text in texts if fits(as_json(text)))
        table = f"leaf_{self._leaves}"
        self._leaves += 1
        self._session.keep_rows(table, {"value": "VARCHAR"}, [(text,) for text in fitting])
        # A value that is not there is null; null in a list is null, which must not turn true when a group is negated.
        return f"coalesce({value} IN (SELECT value FROM {table}), false)"

    def _value(self, leaf: Filter) -> str | None:
        """What a leaf looks at, in SQL: a JSON text, or the unit's key; null where the event does not say."""
        if leaf.kind == "eventProperty":
            return _extract("properties", scan.pointer_to((leaf.attribute,)))
        inner = scan.pointer(leaf.attribute)
        if inner == "/key":
            return _KEY if leaf.context_kind == self._unit_kind else None
        return _extract("context", scan.pointer_to((leaf.context_kind,)) + inner)


def _extract(column: str, json_pointer: str) -> str:
    return f"json_at({column}, {scan.text(json_pointer)})"


def _key_as_json(key: str) -> str:
    return json.encode(key).decode()


def _as_it_is(text: str) -> str:
    return text


def _comparison(leaf: Filter) -> Callable[[str], bool]:
    """Whether a JSON text fits a leaf: what a flag's clause would say of an attribute with that value."""
    clause = {
        "contextKind": _ASKED,
        "attribute": _ASKED,
        "op": leaf.op,
        "values": list(leaf.values),
        "negate": leaf.negate,
    }
    matches = compile_clauses([clause])
    trail = Trail({}, {}, None)

    def fits(text: str) -> bool:
        try:
            return matches({_ASKED: {_ASKED: json.decode(text)}}, trail)
        except (msgspec.DecodeError, RecursionError):
            return False

    return fits
