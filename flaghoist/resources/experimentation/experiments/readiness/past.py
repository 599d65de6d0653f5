"""What traffic has told of a flag and a metric before there is an experiment: the ground on which one is planned."""

from dataclasses import dataclass

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation import asking
from flaghoist.resources.experimentation.experiments.readiness import sample_size, signs
from flaghoist.resources.experimentation.experiments.readiness.sample_size import Baseline
from flaghoist.resources.experimentation.measure import Measure

DAYS = 14


@dataclass(frozen=True, slots=True)
class Past:
    """The units exposed to a flag over some days, and what a metric was among them; None where nothing is known."""

    days: float
    evaluations: int
    units: int
    per_day: float | None
    baseline: Baseline | None

    def shown(self) -> Body:
        """``SeenRep``."""
        told: Body = {"days": self.days, "evaluations": self.evaluations, "units": self.units}
        if self.per_day is not None:
            told["unitsPerDay"] = self.per_day
        if self.baseline is not None:
            told["mean"] = self.baseline.mean
            if self.baseline.standard_deviation is not None:
                told["standardDeviation"] = self.baseline.standard_deviation
        return told


def look_back(work: Work, environment: Document, flag_key: str, unit: str, measure: Measure | None) -> Past:
    """The last two weeks of a flag.

    Units are known where exposures were sent one by one, as in experiments and for tracked flags; evaluations always.
    """
    environment_id = environment.body["_id"]
    evaluated = signs.evaluations(work, environment_id, flag_key, days=DAYS).lately
    everybody = asking.everybody(
        environment_id=environment_id,
        flag_key=flag_key,
        unit=unit,
        since_ms=work.now - DAYS * DAY_MS,
        max_lateness_hours=work.services["settings"].max_lateness_hours,
    )
    if measure is not None and measure.is_counted_here:
        (answer,) = signs.facts(work).answers([asking.of(everybody, measure)])
        traffic, known = answer.traffic, sample_size.baseline(measure, answer.arms)
    else:
        traffic, known = signs.facts(work).traffic(everybody), None
    units, first = sum(traffic.units.values()), traffic.first_exposure_at
    elapsed = work.now - first if first is not None else 0
    per_day = units * DAY_MS / elapsed if elapsed >= HOUR_MS else None
    return Past(elapsed / DAY_MS if units else DAYS, evaluated, units, per_day, known)
