"""The questions in Trino's SQL."""

from collections.abc import Callable, Sequence

from flaghoist.base import json
from flaghoist.store.facts.engines.translation import Dialect


def literal(value: str) -> str:
    """A text in Trino's SQL, where only the quote itself is special."""
    return "'" + value.replace("'", "''") + "'"


def _path(names: Sequence[str], bind: Callable[[str], str]) -> str:
    return bind("$" + "".join(f"[{json.encode(name).decode()}]" for name in names))


TRINO = Dialect(
    name="trino",
    words={
        "whole_of": "CAST({0} AS DECIMAL(38, 0))",
        "place_of": """CAST(ROW({0}, {1}, coalesce({2}, 0))
            AS ROW(moment BIGINT, position BIGINT, variation INTEGER))""",
        "moment_of": "({0}).moment",
        "position_of": "({0}).position",
        "variation_of": "({0}).variation",
        "json_at": "json_format(json_extract(TRY(json_parse({0})), {1}))",
        "text_at": """coalesce(json_extract_scalar(TRY(json_parse({0})), {1}),
            nullif(json_format(json_extract(TRY(json_parse({0})), {1})), 'null'))""",
    },
    types={
        "UBIGINT": "BIGINT",  # which unit is which is all that matters
        # Not every catalog that can hold kept tables knows the smaller ones.
        "SMALLINT": "INTEGER",
        "TINYINT": "INTEGER",
        "TEXT": "VARCHAR",
    },
    bind=lambda _, value: literal(value),
    path=_path,
)
