"""How many units an experiment needs, what it can show with those it has, and how long that takes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from flaghoist.core.resource import Body
from flaghoist.resources.experimentation import reading
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.statistics.experiment import Settings
from flaghoist.statistics.power import Design, detectable_lift, units_needed
from flaghoist.store.facts.answer import Arm

POWER = 0.8
LIFTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Relative differences that a plan is made for unless somebody asks for another."""

_LIFT_MIN = 1e-6


@dataclass(frozen=True, slots=True)
class Baseline:
    """A metric before it is changed; a share has no ``standard_deviation`` of its own."""

    mean: float
    standard_deviation: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What is asked of an experiment; ``shares`` are the treatments' parts of it, the baseline's first (they sum to 1).

    ``units`` of all treatments have come so far, ``per_day`` of them come in a day (None where nobody knows).
    """

    methodology: str
    config: Mapping[str, Any]
    shares: tuple[float, ...]
    power: float = POWER
    units: int = 0
    per_day: float | None = None

    @property
    def pair(self) -> float:
        """The part of the experiment that the baseline and the smallest treatment are: the comparison that lasts."""
        return self.shares[0] + min(self.shares[1:])

    @property
    def settings(self) -> Settings:
        """How results are to be read."""
        return reading.settings_of(self.methodology, self.config, higher_is_better=True)

    @property
    def alpha(self) -> float:
        """The level; with a flat prior, P(better) > c is a one-sided test at the level 1 - c."""
        settings = self.settings
        return 1 - settings.credibility if settings.methodology == "bayesian" else settings.alpha


def baseline(measure: Measure, arms: Sequence[Arm]) -> Baseline | None:
    """What a metric is among the units of some arms; None where that is unknown or its spread is not that of a mean."""
    if measure.denominator is not None or measure.percentile is not None or measure.absent is None:
        return None
    if measure.is_proportion:
        shares = [arm.proportion for arm in arms if arm.proportion is not None]
        share = reduce(lambda one, other: one.merge(other), shares) if shares else None
        return Baseline(share.share, None) if share and 0 < share.share < 1 else None
    found = reduce(lambda one, other: one.merge(other), [arm.moments for arm in arms]) if arms else None
    if found is None or found.mean <= 0 or found.variance <= 0:
        return None
    return Baseline(found.mean, math.sqrt(found.variance))


def sample_size(trial: Trial, known: Baseline, lifts: Sequence[float] = LIFTS) -> Body:
    """``SampleSizeRep`` without what was seen."""
    design = _design(trial, known)
    plans = [plan for lift in lifts for plan in [_plan(trial, design, lift)] if plan is not None]
    detectable = detectable_lift(design, trial.units * trial.pair) if trial.units else None
    shown: Body = {
        "isShare": known.standard_deviation is None,
        "power": trial.power,
        "alpha": design.alpha,
        "mean": known.mean,
        "plans": plans,
        "sentence": _sentence(trial, plans, detectable, asked=lifts[0] if len(lifts) == 1 else None),
    }
    optional = {
        "standardDeviation": known.standard_deviation,
        "units": trial.units or None,
        "unitsPerDay": trial.per_day,
        "detectableLift": detectable,
    }
    return {**shown, **{name: value for name, value in optional.items() if value is not None}}


def _design(trial: Trial, known: Baseline) -> Design:
    settings = trial.settings
    is_bayesian = settings.methodology == "bayesian"
    smallest = min(trial.shares[1:])
    return Design(
        mean=known.mean,
        standard_deviation=known.standard_deviation,
        alpha=trial.alpha,
        power=trial.power,
        alternative="greater" if is_bayesian or settings.test_direction == "one-sided" else "two-sided",
        comparisons=len(trial.shares) - 1 if reading.correction_of(trial.config) and not is_bayesian else 1,
        treatment_share=smallest / trial.pair,
        decision_units=settings.decision_units if settings.sequential and not is_bayesian else None,
    )


def _plan(trial: Trial, design: Design, lift: float) -> Body | None:
    needed = units_needed(design, max(lift, _LIFT_MIN))
    if needed is None:
        return None
    units = math.ceil(needed / trial.pair)
    if trial.per_day is None or trial.per_day <= 0:
        return {"lift": lift, "units": units}
    return {"lift": lift, "units": units, "days": max(0.0, (units - trial.units) / trial.per_day)}


def _sentence(trial: Trial, plans: Sequence[Body], detectable: float | None, *, asked: float | None) -> str:
    if asked is not None:
        if not plans:
            return f"No number of units shows a difference of {_percent(asked)}: the metric cannot become that large."
        return f"{_takes(trial, plans[0])}."
    told = []
    if detectable is not None:
        told.append(
            f"The {trial.units:,} units so far would show a difference of {_percent(detectable)} or more with "
            f"{_percent(trial.power)} power"
        )
    further = next((plan for plan in reversed(plans) if detectable is None or plan["lift"] < detectable), None)
    if further is not None:
        told.append(_takes(trial, further))
    return "".join(f"{sentence}. " for sentence in told).strip()


def _takes(trial: Trial, plan: Body) -> str:
    sentence = (
        f"It takes {plan['units']:,} units in all treatments to show a difference of {_percent(plan['lift'])} "
        f"with {_percent(trial.power)} power"
    )
    if "days" not in plan or trial.per_day is None:
        return sentence
    days = math.ceil(plan["days"])
    more = " more" if trial.units else ""
    return f"{sentence}: {days:,}{more} {'day' if days == 1 else 'days'} at {trial.per_day:,.0f} units a day"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
