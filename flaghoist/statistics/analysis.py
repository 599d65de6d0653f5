"""Everything one metric's samples tell about an experiment's arms, in one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flaghoist.statistics import odds
from flaghoist.statistics.bayesian import Posterior
from flaghoist.statistics.comparison import Comparison, compare
from flaghoist.statistics.cuped import Adjustment
from flaghoist.statistics.estimates import Estimate, Interval, Reason
from flaghoist.statistics.experiment import Arm, Settings, baseline_of
from flaghoist.statistics.multiplicity import Adjusted
from flaghoist.statistics.readings import Reading, read


@dataclass(frozen=True)
class Note:
    """Which number is missing, and why."""

    about: str
    reason: Reason


@dataclass(frozen=True)
class ArmAnalysis:
    """One arm: `mean` is by the chosen methodology, `observed_mean` and `standard_deviation` (per unit) as counted.

    `versus_baseline` is `None` for the baseline itself; `versus` holds the comparison with every other arm.
    """

    id: str
    name: str
    baseline: bool
    exposed: int
    units: int
    mean: float | None
    observed_mean: float | None
    standard_deviation: float | None
    standard_error: float | None
    confidence_interval: Interval | None
    credible_interval: Interval | None
    posterior: Posterior | None
    probability_best: float | None
    adjustment: Adjustment | None
    versus_baseline: Comparison | None
    versus: tuple[Comparison, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Analysis:
    """Every arm in the order given; `winner` is the id of the arm that may be called best, if any."""

    settings: Settings
    arms: tuple[ArmAnalysis, ...]
    winner: str | None


def analyse(arms: Sequence[Arm], settings: Settings, *, corrections: Mapping[str, Adjusted] | None = None) -> Analysis:
    """Read one metric's samples, one per arm and all of one kind; the same arguments give the same bits.

    `corrections`, by arm id, carry the levels that replace `alpha` when many comparisons are made at once:
    `families.analyse_together` finds them.
    """
    assert len({type(arm.sample) for arm in arms}) <= 1, "all arms of a metric carry samples of one kind"
    readings = read(arms, settings)
    chances = _chances_best(readings, settings)
    results = tuple(
        _analyse_arm(reading, readings, chance, settings, corrections or {})
        for reading, chance in zip(readings, chances, strict=True)
    )
    return Analysis(settings, results, _winner(results, settings))


def _analyse_arm(
    reading: Reading,
    readings: Sequence[Reading],
    chance_best: float | None,
    settings: Settings,
    corrections: Mapping[str, Adjusted],
) -> ArmAnalysis:
    arm, posterior = reading.arm, reading.posterior
    baseline = baseline_of([other.arm for other in readings])
    correction = corrections.get(arm.id)
    versus = {
        index: compare(other, reading, settings, correction)
        for index, other in enumerate(readings)
        if other is not reading
    }
    versus_baseline = None if baseline is None else versus.get(baseline)
    known = reading.estimate.reason is None
    believed = posterior is not None and settings.methodology == "bayesian"
    return ArmAnalysis(
        id=arm.id,
        name=arm.name,
        baseline=arm.baseline,
        exposed=arm.exposed,
        units=reading.estimate.n,
        mean=posterior.belief.mean if posterior and believed else _mean(reading.estimate),
        observed_mean=_mean(reading.observed),
        standard_deviation=reading.observed.standard_deviation if known else None,
        standard_error=reading.estimate.standard_error if known else None,
        confidence_interval=reading.confidence_interval(settings),
        credible_interval=posterior.belief.highest_density(settings.credibility) if posterior else None,
        posterior=posterior,
        probability_best=chance_best,
        adjustment=reading.adjustment,
        versus_baseline=versus_baseline,
        versus=tuple(versus.values()),
        notes=tuple(_notes(reading, versus_baseline, has_baseline=baseline is not None)),
    )


def _mean(sample: Estimate) -> float | None:
    """A mean is known from one unit on, though its spread is not."""
    return None if sample.n == 0 or sample.reason in ("not_finite", "denominator_zero") else sample.mean


def _chances_best(readings: Sequence[Reading], settings: Settings) -> list[float | None]:
    """Each arm's probability to be best; unknown for all while it is unknown for one."""
    beliefs = [reading.belief for reading in readings if reading.belief is not None]
    if not beliefs or len(beliefs) < len(readings):
        return [None] * len(readings)
    if not settings.higher_is_better:
        beliefs = [belief.mirrored() for belief in beliefs]
    return list(odds.probability_best(beliefs))


def _winner(arms: Sequence[ArmAnalysis], settings: Settings) -> str | None:
    """Bayesian: the arm best with the asked credibility. Frequentist: the best mean of those significantly better."""
    if settings.methodology == "bayesian":
        sure = (
            arm for arm in arms if arm.probability_best is not None and arm.probability_best >= settings.credibility
        )
        return next((arm.id for arm in sure), None)
    better = [arm for arm in arms if arm.versus_baseline and arm.versus_baseline.verdict == "better"]
    direction = 1 if settings.higher_is_better else -1
    return max(better, key=lambda arm: direction * (arm.mean or 0.0)).id if better else None


def _notes(reading: Reading, versus_baseline: Comparison | None, *, has_baseline: bool) -> list[Note]:
    """Every number of this arm that could not be given."""
    missing: list[tuple[str, Reason | None]] = [
        ("mean", reading.estimate.reason),
        ("covariate adjustment", reading.unadjusted_because),
        ("posterior", None if reading.posterior else reading.estimate.reason or "zero_variance"),
        ("comparison", None if has_baseline else "no_baseline"),
    ]
    if versus_baseline:
        posterior = versus_baseline.posterior_relative
        missing += [
            ("absolute difference", versus_baseline.absolute.reason),
            ("relative difference", versus_baseline.relative.reason),
            ("log ratio", versus_baseline.log_ratio.reason),
            ("posterior relative difference", posterior.reason if posterior else None),
        ]
    return [Note(about, reason) for about, reason in missing if reason]
