"""The questions in ClickHouse's SQL."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from flaghoist.store.facts.engines.translation import Dialect


def _path(names: Sequence[str], bind: Callable[[str], str]) -> str:
    return ", ".join(bind(name) for name in names)


CLICKHOUSE = Dialect(
    name="clickhouse",
    words={
        "whole_of": "toInt128(round({0}))",
        "place_of": "(bitShiftLeft(toInt128({0}), 80) + bitShiftLeft(toInt128({1}), 16) + coalesce({2}, 0))",
        "moment_of": "toInt64(bitShiftRight({0}, 80))",
        "position_of": "toInt64(bitAnd(bitShiftRight({0}, 16), 18446744073709551615))",
        "variation_of": "toInt16(bitAnd({0}, 65535))",
        "json_at": "(CASE WHEN isValidJSON({0}) THEN nullIf(JSONExtractRaw({0}, {1}), '') END)",
        "text_at": """(CASE WHEN NOT isValidJSON({0}) THEN NULL
            WHEN JSONType({0}, {1}) = 'String' THEN JSONExtractString({0}, {1})
            WHEN JSONType({0}, {1}) = 'Null' THEN NULL
            ELSE nullIf(JSONExtractRaw({0}, {1}), '') END)""",
    },
    functions={
        exp.LogicalOr: "max({0})",
        exp.SplitPart: "splitByString({1}, assumeNotNull({0}))[{2}]",
        exp.BitwiseAnd: "bitAnd({0}, {1})",
        exp.BitwiseOr: "bitOr({0}, {1})",
        exp.BitwiseLeftShift: "bitShiftLeft({0}, {1})",
        exp.BitwiseRightShift: "bitShiftRight({0}, {1})",
    },
    types={
        "VARCHAR": "Nullable(String)",
        "TEXT": "Nullable(String)",
        "BOOLEAN": "Nullable(Bool)",
        "TINYINT": "Nullable(Int8)",
        "SMALLINT": "Nullable(Int16)",
        "BIGINT": "Nullable(Int64)",
        "UBIGINT": "Nullable(UInt64)",
        "DOUBLE": "Nullable(Float64)",
    },
    bind=lambda name, _: f"{{{name}:String}}",
    path=_path,
)
