"""Filters of a metric: decided with the very operators of flags, once per distinct value, then applied in SQL."""

from collections.abc import Callable
from typing import Any

import duckdb
import msgspec

from flaghoist.base import json
from flaghoist.evaluation.clauses import compile_clauses
from flaghoist.evaluation.compiled import Trail
from flaghoist.store.facts import scan
from flaghoist.store.facts.question import Filter

_ASKED = "it"
_SEGMENT_MATCH = "segmentMatch"  # events know nothing of segments


class FilterTables:
    """The leaves of some filters as tables of the values that fit, made while their condition is written."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, events: str, parameters: dict[str, Any], unit_kind: str
    ) -> None:
        """``events`` is a query for the events in question, with its ``parameters``."""
        self._cursor = cursor
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
        distinct = f"SELECT DISTINCT {value} AS value FROM ({self._events})"
        texts = [text for (text,) in self._cursor.execute(distinct, self._parameters).fetchall() if text is not None]
        fits = _comparison(leaf)
        fitting = sorted(text for text in texts if fits(text))
        table = f"leaf_{self._leaves}"
        self._leaves += 1
        self._cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest($1::VARCHAR[]) AS value", [fitting]
        )
        # A value that is not there is null; null in a list is null, which must not turn true when a group is negated.
        return f"coalesce({value} IN (SELECT value FROM {table}), false)"

    def _value(self, leaf: Filter) -> str | None:
        """The JSON text that a leaf looks at, in SQL; null where the event does not say."""
        if leaf.kind == "eventProperty":
            return _extract("properties", scan.pointer_to((leaf.attribute,)))
        inner = scan.pointer(leaf.attribute)
        if inner == "/key":
            return "to_json(unit_key)::VARCHAR" if leaf.context_kind == self._unit_kind else None
        return _extract("context", scan.pointer_to((leaf.context_kind,)) + inner)


def _extract(column: str, json_pointer: str) -> str:
    literal = "'" + json_pointer.replace("'", "''") + "'"
    return f"(CASE WHEN json_valid({column}) THEN json_extract({column}, {literal})::VARCHAR END)"


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
