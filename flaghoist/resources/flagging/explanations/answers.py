"""What is asked for an explanation, and what is answered."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.evaluation.explaining.trace import Explanation


class ExplainPost(msgspec.Struct, rename="camel"):
    """One context, as SDKs send it: of a single kind, or of several (``multi``)."""

    context: Any


class ExplainMatrixPost(msgspec.Struct, rename="camel", kw_only=True):
    """Several contexts; all of the project's environments, unless some are named."""

    contexts: list[Any]
    environments: list[str] | UnsetType = UNSET


class RuleLabel(msgspec.Struct, rename="camel", kw_only=True):
    """A rule as people know it; ``index`` is its place among those that SDKs receive, null while it is disabled."""

    id: str = msgspec.field(name="_id")
    description: str
    index: int | None


class FlagLabel(msgspec.Struct, rename="camel", kw_only=True):
    """A flag as people know it: its name, its variations by name (or else value), its rules."""

    name: str
    variations: list[str]
    rules: list[RuleLabel]


class ExplanationRep(Explanation, rename="camel", kw_only=True):
    """An explanation, with where it holds and how people call what it is about."""

    environment_key: str
    context_key: str
    archived: bool
    variation_name: str | UnsetType = UNSET
    labels: dict[str, FlagLabel]


class MatrixCell(ExplanationRep, rename="camel", kw_only=True):
    """The explanation for one of several contexts, told by its place in the request."""

    context_index: int


class ExplainMatrixRep(msgspec.Struct, rename="camel"):
    """One explanation for each context in each environment: by context, then by environment."""

    items: list[MatrixCell]
