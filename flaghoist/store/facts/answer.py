"""What the facts say: per variation, the sufficient statistics of one value per unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flaghoist.statistics.cuped import CovariateMoments
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.ratios import RatioMoments


@dataclass(frozen=True, slots=True)
class Arm:
    """One variation.

    ``traffic`` are its exposed units, ``moments`` those that have a value (with defaulted zeros), ``eventing`` those
    with at least one event, and ``events`` all the events counted. ``total`` is the sum of the units' values.
    """

    variation: int
    traffic: int
    eventing: int
    events: int
    moments: Moments
    total: float
    proportion: Proportion | None = None
    """For occurrences: units, and units with an event."""
    quantile: Quantile | None = None
    """For percentiles."""
    ratio: RatioMoments | None = None
    """With a denominator, over all units; or, for metrics without defaulted zeros, of value to having an event."""
    covariate: CovariateMoments | None = None
    """With a covariate: the same units' value before their exposure, 0 where there was no event."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The units that share a value of an attribute; None for those of whom it is not known."""

    value: str | None
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Events that were received but do not count, by the first reason that applies, in this order."""

    events_without_unit: int = 0
    """They name no context of the experiment's kind."""
    not_exposed: int = 0
    """Their unit takes no part."""
    multiple_variations: int = 0
    """Their unit saw several variations, and such units are excluded."""
    filtered: int = 0
    late: int = 0
    """They happened before the end but arrived after it."""
    outside_iteration: int = 0
    before_exposure: int = 0
    before_window: int = 0
    after_window: int = 0
    value_missing: int = 0
    """The metric needs a number, and they carry none."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """The exposures behind an answer."""

    units: Mapping[int, int]
    """Exposed units by first variation, those with several variations included."""
    contaminated: int
    """Units that saw several variations."""
    exposures: int
    """Exposure events, each standing for as many as its sampling ratio says."""
    exposures_without_unit: int
    exposures_without_variation: int
    """Imports that name a variation which the experiment does not know."""
    first_exposure_at: int | None
    last_exposure_at: int | None

    @property
    def contaminated_share(self) -> float:
        """Contaminated units among all units."""
        units = sum(self.units.values())
        return self.contaminated / units if units else 0.0


@dataclass(frozen=True, slots=True)
class Winsorized:
    """Where values were capped, and how many units each cap touched."""

    lower: float | None
    upper: float | None
    raised: int
    lowered: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that inference needs; arms in the order of variations, only those with units."""

    arms: tuple[Arm, ...]
    traffic: Traffic
    left_out: LeftOut
    winsorized: Winsorized | None = None
    slices: tuple[Slice, ...] = ()
    slices_omitted: int = 0
    """Values of the attribute beyond the hundred with the most units."""
    last_event_at: int | None = None
    """When the newest counted event was received."""
    data_through: int = 0
    """Everything received up to here has been analysed."""
    forgotten_before: int | None = None
    """What was received before was deleted for its age, in milliseconds; None if nothing was."""


@dataclass(frozen=True, slots=True)
class UnitsInTime:
    """Units first exposed within ``[since, until)``, by variation."""

    since: int
    until: int
    units: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event as received; ``contexts`` maps kinds to keys, ``properties`` is its ``data``."""

    kind: str
    key: str
    received_at: int
    created_at: int | None
    contexts: Mapping[str, str]
    value: float | None
    url: str | None
    properties: object
