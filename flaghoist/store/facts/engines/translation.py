"""The questions in the dialect of another engine: one text, translated statement by statement.

What dialects share is sqlglot's business. What they spell each in their own way (the ``words`` of the questions, types,
a few functions) stands as templates in one place for each dialect: ``{0}`` is the first argument.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp

_AT_POINTER = ("json_at", "text_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine spells the questions."""

    name: str
    """As sqlglot calls it."""
    words: Mapping[str, str]
    functions: Mapping[type[exp.Expr], str] = field(default_factory=dict)
    """What sqlglot does not spell as this engine needs it."""
    types: Mapping[str, str]
    """Types of the lake and of the questions, as DuckDB calls them."""
    bind: Callable[[str, str], str]
    """How a parameter with a name and a text is written; the text itself only where quoting is free of traps."""
    path: Callable[[Sequence[str], Callable[[str], str]], str]
    """How the way to a member of a JSON object is written: the names on it, and how to write a text."""

    def translate(self, query: str, tables: Mapping[str, str], parameters: Mapping[str, str]) -> "Statement":
        """A query, with the engine's own sources in place of some tables."""
        return _Translation(self, tables, parameters).of(query)

    def column(self, kind: str) -> str:
        """A column's type, given as DuckDB calls it."""
        return self.types.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Statement:
    """What to send to an engine."""

    sql: str
    parameters: dict[str, str]


class _Translation:
    def __init__(self, dialect: Dialect, tables: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        self._dialect = dialect
        self._tables = tables
        self._parameters = parameters
        self._bound: dict[str, str] = {}

    def of(self, query: str) -> Statement:
        tree = _parsed(query).copy()
        # Inner expressions first: a template takes its arguments as they are written in the end.
        for node in reversed(list(tree.walk())):
            spelled = self._spelled(node)
            if spelled is not None:
                node.replace(spelled)
        return Statement(tree.sql(dialect=self._dialect.name, pretty=True), self._bound)

    def _spelled(self, node: exp.Expr) -> exp.Expr | None:
        """What to put in a node's place, if anything."""
        if isinstance(node, exp.Placeholder):
            return exp.Var(this=self._bind(node.name, self._parameters[node.name]))
        if isinstance(node, exp.Table) and node.name in self._tables:
            return exp.alias_(exp.Table(this=exp.Var(this=self._tables[node.name])), node.alias_or_name, table=True)
        if isinstance(node, exp.Column) and node.table and not node.is_star and isinstance(node.parent, exp.Select):
            return exp.alias_(node.copy(), node.name)  # ClickHouse would name it after its table as well
        if isinstance(node, exp.DataType):
            own = self._dialect.types.get(node.sql(dialect="duckdb"))
            return None if own is None else exp.Var(this=own)
        if isinstance(node, exp.Anonymous):
            return self._word(node)
        template = self._dialect.functions.get(type(node))
        return None if template is None else self._filled(template, list(node.iter_expressions()))

    def _word(self, node: exp.Anonymous) -> exp.Expr:
        word = node.name.lower()
        template = self._dialect.words[word]
        if word not in _AT_POINTER:
            return self._filled(template, node.expressions)
        text, pointer = node.expressions
        return self._filled(template, [text, exp.Var(this=self._path(pointer.name))])

    def _filled(self, template: str, arguments: Sequence[exp.Expr]) -> exp.Expr:
        return exp.Var(this=template.format(*(each.sql(dialect=self._dialect.name) for each in arguments)))

    def _path(self, pointer: str) -> str:
        names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
        return self._dialect.path(names, lambda value: self._bind(f"at_{len(self._bound)}", value))

    def _bind(self, name: str, value: str) -> str:
        self._bound[name] = value
        return self._dialect.bind(name, value)


@lru_cache(maxsize=512)
def _parsed(query: str) -> exp.Expr:
    return sqlglot.parse_one(query, dialect="duckdb")
