"""What an explanation is made of: every question that was asked of a context, in order, and how it was answered.

A mapping by key holds the flags and segments that were met on the way, each once, however often they were asked.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

Answer = Literal["matched", "notMatched", "malformed"]

Because = Literal[
    "fits",
    "noneFits",
    "kindMissing",
    "attributeMissing",
    "wrongType",
    "noUsableValues",
    "unknownOperator",
    "inSegment",
    "inNoSegment",
    "malformed",
]
"""Why a clause answers as it does, before ``negate`` turns it round (the first two, the types and the segments).

``wrongType``: the operator can make nothing of the context's value; ``noUsableValues``: of none of its own.
"""


class _Shape(msgspec.Struct, rename="camel"):
    pass


class SegmentAsked(_Shape, kw_only=True):
    """One segment that a clause asked for; ``member`` is null where there is no such segment."""

    key: str
    member: bool | None


class ClauseTrace(_Shape, kw_only=True):
    """One clause: what it asks, what the context says (absent: nothing), and the answer.

    ``asked`` is false where another clause had settled the matter before: its answer changes nothing. ``fitting`` are
    those of its values that the context's value fits. Of long lists of values the first ones are shown.
    """

    context_kind: str
    attribute: str
    op: str
    negate: bool
    values: list[Any]
    value_count: int
    value: Any = UNSET
    fitting: list[Any] = []
    segments: list[SegmentAsked] = []
    asked: bool = True
    answer: Answer = "malformed"
    because: Because = "malformed"
    malformed: str | UnsetType = UNSET


class ShareTrace(_Shape, kw_only=True):
    """The buckets from ``above`` (inclusive) to ``below`` (exclusive), and the variation they are served."""

    variation: int
    weight: int
    above: float
    below: float
    untracked: bool


class RolloutTrace(_Shape, kw_only=True):
    """How a context's share was found: ``bucket`` is where SHA-1 of ``seed.value`` puts it, between 0 and 1.

    ``bucket`` is absent where the context has no such kind: it is in the first share. A value that is neither text nor
    an integer (``hashed`` is false) falls into bucket 0.
    """

    kind: Literal["rollout", "experiment"]
    context_kind: str
    attribute: str
    seed: str
    value: Any = UNSET
    hashed: bool = False
    bucket: float | UnsetType = UNSET
    shares: list[ShareTrace] = []
    chosen: int = 0
    in_experiment: bool = False


class ServedTrace(_Shape, kw_only=True):
    """What a rule or the fallthrough serves, directly or by a rollout."""

    variation: int | None = None
    rollout: RolloutTrace | UnsetType = UNSET
    malformed: str | UnsetType = UNSET


class RuleTrace(_Shape, kw_only=True):
    """One rule: it matches when all of its clauses do; ``notReached`` where something before it decided."""

    index: int
    id: str | None
    answer: Literal["matched", "notMatched", "malformed", "notReached"] = "notReached"
    clauses: list[ClauseTrace] = []
    served: ServedTrace | UnsetType = UNSET


class TargetTrace(_Shape, kw_only=True):
    """One list of keys; ``key`` is the context's own of that kind, null where it has none."""

    context_kind: str
    variation: int
    key_count: int
    key: str | None
    matched: bool


class PrerequisiteTrace(_Shape, kw_only=True):
    """One prerequisite: the variation it must serve, the one it served, and what followed."""

    key: str
    variation: int
    served: int | None = None
    outcome: Literal["met", "otherVariation", "off", "missing", "malformed", "circle"] = "malformed"


class FlagTrace(_Shape, kw_only=True):
    """One flag, in the order in which it looks at a context."""

    key: str
    on: bool
    value: Any = None
    variation: int | None = None
    reason: dict[str, Any]
    decided_by: Literal["off", "prerequisite", "target", "rule", "fallthrough", "malformed"] = "malformed"
    malformed: str | UnsetType = UNSET
    prerequisites: list[PrerequisiteTrace] = []
    targets: list[TargetTrace] = []
    rules: list[RuleTrace] = []
    fallthrough: ServedTrace | UnsetType = UNSET


class SegmentRuleTrace(_Shape, kw_only=True):
    """One rule of a segment, with the share of contexts it takes where it takes not all (``weight``, in 1/100,000)."""

    index: int
    answer: Literal["matched", "notMatched", "outsideShare", "malformed", "notReached"] = "notReached"
    clauses: list[ClauseTrace] = []
    weight: int | UnsetType = UNSET
    rollout: RolloutTrace | UnsetType = UNSET


class BigSegmentTrace(_Shape, kw_only=True):
    """What the store of big segments answered; ``listed`` is null where it does not know the context."""

    context_kind: str
    reference: str | None
    status: str | None = None
    listed: bool | None = None


class SegmentTrace(_Shape, kw_only=True):
    """One segment: who is named decides first, then its rules."""

    key: str
    member: bool = False
    decided_by: Literal["included", "excluded", "rule", "nothing", "store", "malformed"] = "malformed"
    malformed: str | UnsetType = UNSET
    listed_kind: str | UnsetType = UNSET
    big: BigSegmentTrace | UnsetType = UNSET
    rules: list[SegmentRuleTrace] = []


class Explanation(_Shape, kw_only=True):
    """The answer that SDKs give, and the way to it; ``flag`` is absent where there is no such flag."""

    value: Any
    variation: int | None
    reason: dict[str, Any]
    flag: FlagTrace | UnsetType = UNSET
    prerequisites: dict[str, FlagTrace] = {}
    segments: dict[str, SegmentTrace] = {}
