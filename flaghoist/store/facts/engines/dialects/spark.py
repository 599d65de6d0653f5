"""The questions in Spark's SQL."""

from collections.abc import Callable, Sequence

from flaghoist.store.facts.engines.translation import Dialect


def _path(names: Sequence[str], bind: Callable[[str], str]) -> str:
    return bind("$" + "".join(f'["{name}"]' if "'" in name else f"['{name}']" for name in names))


SPARK = Dialect(
    name="spark",
    words={
        "whole_of": "CAST({0} AS DECIMAL(38, 0))",
        "place_of": "named_struct('moment', {0}, 'position', {1}, 'variation', CAST(coalesce({2}, 0) AS INT))",
        "moment_of": "({0}).moment",
        "position_of": "({0}).position",
        "variation_of": "CAST(({0}).variation AS SMALLINT)",
        "json_at": "to_json(variant_get(try_parse_json({0}), {1}, 'variant'))",
        "text_at": "variant_get(try_parse_json({0}), {1}, 'string')",
    },
    types={
        "UBIGINT": "DECIMAL(20, 0)",  # as Spark reads unsigned numbers of 64 bits
        "VARCHAR": "STRING",
        "TEXT": "STRING",
    },
    bind=lambda name, _: f":{name}",
    path=_path,
)
