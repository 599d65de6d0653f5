"""What an experiment's numbers amount to: the arm to be called best, and one sentence that says what to conclude."""

from flaghoist.statistics.analysis import Analysis, ArmAnalysis
from flaghoist.statistics.comparison import Comparison
from flaghoist.statistics.effects import Effect
from flaghoist.statistics.sample_ratio import MISMATCH_ERROR, SampleRatio
from flaghoist.statistics.sequential import EVENTS_MIN, UNITS_MIN

_TOO_LITTLE = "Too little has been counted for a verdict"
_P_TOLD_MIN = 0.0001


def winner(analysis: Analysis, ratio: SampleRatio) -> ArmAnalysis | None:
    """The arm that may be called best, once every arm has been measured and units arrive in the promised shares."""
    if ratio.status == "error" or not all(arm.units for arm in analysis.arms):
        return None
    return next((arm for arm in analysis.arms if arm.id == analysis.winner), None)


def sentence(analysis: Analysis, ratio: SampleRatio) -> str:
    """What to conclude, and how sure that is."""
    if ratio.status == "error":
        return (
            "Do not trust these numbers: units did not arrive in the promised shares "
            f"({_mismatch(ratio)}). Find the cause first."
        )
    if not any(arm.exposed for arm in analysis.arms):
        return "Nobody has been exposed yet."
    if unseen := [_quoted(arm) for arm in analysis.arms if not arm.units]:
        return f"No verdict yet: nobody has been measured in {_joined(unseen)}."
    best, is_bayesian = winner(analysis, ratio), analysis.settings.methodology == "bayesian"
    if best is None:
        return _leading(analysis) if is_bayesian else _undecided(analysis)
    return _most_probable(best) if is_bayesian else _better(best)


def _mismatch(ratio: SampleRatio) -> str:
    """The number that told of it: while an experiment runs and once it has ended, these are two."""
    if ratio.p_value is None or ratio.probability_of_mismatch >= MISMATCH_ERROR:
        return f"probability of mismatch {_chance(ratio.probability_of_mismatch)}"
    return f"chi-square {_p(ratio.p_value)}"


def _most_probable(best: ArmAnalysis) -> str:
    against = best.versus_baseline
    chance = f"best with probability {_chance(best.probability_best)}"
    if against is None:
        return f"{_quoted(best)}, the baseline, is {chance}."
    return f"{_quoted(best)} is better than the baseline: {_listed(_change(against.posterior_relative), chance)}."


def _better(best: ArmAnalysis) -> str:
    assert best.versus_baseline is not None, "the baseline is not compared with itself"
    return f"{_quoted(best)} is better than the baseline: {_figures(best.versus_baseline)}."


def _leading(analysis: Analysis) -> str:
    known = [(arm.probability_best, _quoted(arm)) for arm in analysis.arms if arm.probability_best is not None]
    if not known:
        return f"{_TOO_LITTLE}."
    probability, name = max(known)
    asked = f"{100 * analysis.settings.credibility:g}%"
    return f"No verdict yet: {name} leads, best with probability {_chance(probability)} where {asked} is asked for."


def _undecided(analysis: Analysis) -> str:
    treatments = [(_quoted(arm), arm.versus_baseline) for arm in analysis.arms if arm.versus_baseline is not None]
    verdicts = {against.verdict for _, against in treatments}
    if verdicts <= {"collecting", "undefined"}:
        needed = f": it takes {UNITS_MIN} units and about {EVENTS_MIN} events of each treatment"
        return f"{_TOO_LITTLE}{needed if 'collecting' in verdicts else ''}."
    worse = [f"{name} is worse, {_figures(against)}" for name, against in treatments if against.verdict == "worse"]
    if verdicts == {"worse"}:
        return f"The baseline is best: {'; '.join(worse)}."
    others = _joined([name for name, against in treatments if against.verdict != "worse"])
    open_ = f"{others} {_not_shown(analysis, several=len(worse) + 1 < len(treatments))}"
    return f"No verdict yet: {'; '.join([*worse, open_])}."


def _not_shown(analysis: Analysis, *, several: bool) -> str:
    """What has not been found of some treatments; a one-sided test looks in one direction only."""
    if analysis.settings.test_direction == "one-sided":
        return f"{'are' if several else 'is'} not significantly better than the baseline"
    return f"{'do' if several else 'does'} not differ significantly from the baseline"


def _figures(against: Comparison) -> str:
    if against.adjusted_p_value is None:
        surety = _p(against.p_value)
    else:
        surety = f"{_p(against.adjusted_p_value)} after correction"
    return _listed(_change(against.relative), surety)


def _chance(probability: float | None) -> str:
    """A probability that is never told as certain."""
    assert probability is not None, "a verdict rests on a probability"
    return "over 99.9%" if probability > 0.999 else f"{probability:.1%}"


def _p(value: float | None) -> str:
    assert value is not None, "a verdict rests on a p-value"
    return f"p = {value:.2g}" if value >= _P_TOLD_MIN else f"p < {_P_TOLD_MIN}"


def _change(effect: Effect | None) -> str:
    """A relative difference with its interval, as far as either is known."""
    if effect is None or effect.estimate is None:
        return ""
    lower, upper = (effect.interval.lower, effect.interval.upper) if effect.interval else (None, None)
    if lower is not None and upper is not None:
        return f"{effect.estimate:+.1%} (between {lower:+.1%} and {upper:+.1%})"
    if lower is not None:
        return f"{effect.estimate:+.1%} (at least {lower:+.1%})"
    return f"{effect.estimate:+.1%}" if upper is None else f"{effect.estimate:+.1%} (at most {upper:+.1%})"


def _listed(*parts: str) -> str:
    return ", ".join([part for part in parts if part])


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _quoted(arm: ArmAnalysis) -> str:
    return f"“{arm.name}”"
