"""The shape of an experiment's check-list and of a sample size worked out."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.rest.shapes import Links

ItemStatus = Literal["done", "waiting", "todo", "problem"]


class ItemRep(msgspec.Struct, rename="camel", kw_only=True):
    """One thing that must hold: ``waiting`` for the world, ``todo`` by somebody, or a ``problem`` with what came.

    ``at`` is when it was last seen, in milliseconds, ``count`` how often; ``next`` says what to do about it.
    ``refusesStart`` marks what starting would be refused for, in the same words.
    """

    key: str
    title: str
    status: ItemStatus
    sentence: str
    refuses_start: bool = False
    next: str | UnsetType = UNSET
    at: int | UnsetType = UNSET
    count: int | UnsetType = UNSET


class TreatmentCountRep(msgspec.Struct, rename="camel"):
    """How many units a treatment has had, and, for a metric, how many of them had an event, and how many events."""

    id: str = msgspec.field(name="_id")
    name: str
    units: int
    events: int | UnsetType = UNSET
    units_with_event: int | UnsetType = UNSET


class MetricCountRep(msgspec.Struct, rename="camel"):
    """What has been counted for a metric so far; ``leftOut`` is what arrived and does not count."""

    key: str
    name: str
    primary: bool
    events: int
    left_out: int
    treatments: list[TreatmentCountRep]


class SeenRep(msgspec.Struct, rename="camel", kw_only=True):
    """What traffic has told of a flag and a metric over some days."""

    days: float
    evaluations: int
    units: int
    units_per_day: float | UnsetType = UNSET
    mean: float | UnsetType = UNSET
    standard_deviation: float | UnsetType = UNSET


class PlanRep(msgspec.Struct, rename="camel", kw_only=True):
    """Units that it takes to show a relative difference, in all treatments together, and in how many days."""

    lift: float
    units: int
    days: float | UnsetType = UNSET


class SampleSizeRep(msgspec.Struct, rename="camel", kw_only=True):
    """How large an experiment has to be: with which power, at which level, for which differences.

    ``mean`` is the baseline's, which for a share (``isShare``) says all; ``detectableLift`` is the smallest difference
    that the units so far would show.
    """

    sentence: str
    is_share: bool
    power: float
    alpha: float
    plans: list[PlanRep]
    mean: float | UnsetType = UNSET
    standard_deviation: float | UnsetType = UNSET
    units: int | UnsetType = UNSET
    units_per_day: float | UnsetType = UNSET
    detectable_lift: float | UnsetType = UNSET
    seen: SeenRep | UnsetType = UNSET


class ReadinessRep(msgspec.Struct, rename="camel", kw_only=True):
    """Whether an experiment may start and what it has collected; ``countedAt`` is when that was so, in milliseconds."""

    links: Links = msgspec.field(name="_links")
    status: Literal["not_started", "running", "stopped"]
    may_start: bool
    refusals: list[str]
    items: list[ItemRep]
    treatments: list[TreatmentCountRep]
    metrics: list[MetricCountRep]
    exposures_without_unit: int
    counted_at: int
    iteration_id: str | UnsetType = UNSET
    sample_size: SampleSizeRep | UnsetType = UNSET
