"""Conditions on contexts: which of them SDKs can evaluate."""

import re

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.evaluation import patterns

OPERATORS = (
    "in", "endsWith", "startsWith", "matches", "contains", "lessThan", "lessThanOrEqual", "greaterThan",
    "greaterThanOrEqual", "before", "after", "segmentMatch", "semVerEqual", "semVerLessThan", "semVerGreaterThan",
)  # fmt: skip


def require_valid(clause: Body, place: str) -> None:
    """Go on only with a known operator, an attribute, and patterns that compile; raises ``Invalid``."""
    operator = clause["op"]
    if operator not in OPERATORS:
        raise Invalid(f"{place}.op: unknown operator '{operator}'; possible: {', '.join(OPERATORS)}")
    if operator != "segmentMatch" and clause["attribute"] in ("", "/"):
        raise Invalid(f"{place}.attribute: name the attribute to look at")
    if operator == "segmentMatch" and not all(isinstance(value, str) for value in clause["values"]):
        raise Invalid(f"{place}.values: segments are named by their keys")
    if operator == "matches":
        for index, pattern in enumerate(clause["values"]):
            _require_pattern(pattern, f"{place}.values[{index}]")


def _require_pattern(pattern: object, place: str) -> None:
    if not isinstance(pattern, str):
        raise Invalid(f"{place}: a pattern is text")
    if len(pattern) > patterns.LENGTH_MAX:
        raise Invalid(f"{place}: the pattern has {len(pattern)} characters, more than {patterns.LENGTH_MAX}")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Invalid(f"{place}: the pattern cannot be compiled: {error}") from None
