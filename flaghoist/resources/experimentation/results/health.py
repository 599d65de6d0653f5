"""May these numbers be believed? Each check in plain words, and one sentence that says what to conclude."""

from typing import Any

from flaghoist.statistics.analysis import Analysis, ArmAnalysis
from flaghoist.statistics.sample_ratio import SampleRatio
from flaghoist.store.facts.answer import Answer

CONTAMINATED_WARN, CONTAMINATED_ERROR = 0.01, 0.10
Body = dict[str, Any]


def checks(
    answer: Answer, ratio: SampleRatio, *, unit: str, event_key: str, numeric: bool, running: bool
) -> list[Body]:
    """Every check of one metric in one iteration."""
    return [
        _exposures(answer, unit, running=running),
        _shares(answer, ratio),
        _contamination(answer),
        _events(answer, event_key, unit),
        *([_values(answer, event_key)] if numeric else []),
        *_late(answer),
    ]


def sentence(analysis: Analysis, answer: Answer, ratio: SampleRatio) -> str:
    """What to conclude, and how sure that is."""
    if ratio.status == "error":
        return (
            "Do not trust these numbers: units did not arrive in the promised shares "
            f"(probability of mismatch {ratio.probability_of_mismatch:.1%}). Find the cause first."
        )
    if not answer.arms:
        return "Nobody has been exposed yet."
    if unseen := [arm.name for arm in analysis.arms if not arm.units]:
        return f"No verdict yet: nobody has been measured in {', '.join(f'“{name}”' for name in unseen)}."
    best = winner(analysis)
    return _decided(best, analysis) if best else _undecided(analysis)


def winner(analysis: Analysis) -> ArmAnalysis | None:
    """The arm that may be called best, once every arm has been measured."""
    if not all(arm.units for arm in analysis.arms):
        return None
    return next((arm for arm in analysis.arms if arm.id == analysis.winner), None)


def _decided(best: ArmAnalysis, analysis: Analysis) -> str:
    against = best.versus_baseline
    if analysis.settings.methodology == "bayesian":
        surety = f"the probability that it is best is {best.probability_best:.1%}"
        if against is None:
            return f"“{best.name}”, the baseline, is best: {surety}."
        effect = against.posterior_relative
    else:
        assert against is not None
        p_value = against.p_value if against.adjusted_p_value is None else against.adjusted_p_value
        surety = f"p = {p_value:.3g}"
        effect = against.relative
    change = "" if effect is None or effect.estimate is None else f" by {effect.estimate:+.1%}"
    interval = effect.interval if effect else None
    if interval is not None and interval.lower is not None and interval.upper is not None:
        change += f" (between {interval.lower:+.1%} and {interval.upper:+.1%})"
    return f"“{best.name}” is better than the baseline{change}: {surety}."


def _undecided(analysis: Analysis) -> str:
    others = [arm for arm in analysis.arms if arm.versus_baseline is not None]
    if analysis.settings.methodology == "bayesian":
        known = [(arm.probability_best, arm.name) for arm in analysis.arms if arm.probability_best is not None]
        if not known:
            return "Too little has been counted for a verdict."
        probability, name = max(known)
        threshold = analysis.settings.credibility
        return f"No verdict yet: “{name}” leads, best with probability {probability:.1%} of the {threshold:.0%} asked."
    worse = [arm.name for arm in others if arm.versus_baseline and arm.versus_baseline.verdict == "worse"]
    if worse and len(worse) == len(others):
        return f"The baseline is better than {', '.join(f'“{name}”' for name in worse)}."
    return "No verdict yet: no treatment differs significantly from the baseline."


def _exposures(answer: Answer, unit: str, *, running: bool) -> Body:
    units = sum(answer.traffic.units.values())
    without = answer.traffic.exposures_without_unit
    if units == 0:
        status = "waiting" if running else "error"
        cause = f"; {without:,} exposures name no context of kind '{unit}'" if without else ""
        return _check("exposures", status, f"no {unit} has been exposed{cause}")
    if without:
        return _check(
            "exposures", "warn", f"{units:,} units exposed; {without:,} exposures name no context of kind '{unit}'"
        )
    return _check("exposures", "ok", f"{units:,} units exposed")


def _shares(answer: Answer, ratio: SampleRatio) -> Body:
    if not answer.traffic.units:
        return _check("sampleRatio", "waiting", "no units to compare with the promised shares")
    message = {
        "ok": "units arrive in the promised shares",
        "warn": "units may not arrive in the promised shares; keep an eye on it",
        "error": "units do not arrive in the promised shares: no number here can be trusted until the cause is found",
    }[ratio.status]
    return _check("sampleRatio", ratio.status, message)


def _contamination(answer: Answer) -> Body:
    share = answer.traffic.contaminated_share
    count = answer.traffic.contaminated
    status = "error" if share >= CONTAMINATED_ERROR else "warn" if share >= CONTAMINATED_WARN else "ok"
    return _check("contamination", status, f"{count:,} units ({share:.1%}) saw several variations")


def _events(answer: Answer, event_key: str, unit: str) -> Body:
    counted = sum(arm.events for arm in answer.arms)
    left = answer.left_out
    if counted:
        return _check("events", "ok", f"{counted:,} events of '{event_key}' counted")
    if left.events_without_unit:
        return _check("events", "error", f"events of '{event_key}' arrive, but none names a context of kind '{unit}'")
    if left.not_exposed or left.before_exposure:
        return _check("events", "warn", f"events of '{event_key}' arrive, but from no unit after its exposure")
    return _check("events", "waiting", f"no event of '{event_key}' has arrived")


def _values(answer: Answer, event_key: str) -> Body:
    missing = answer.left_out.value_missing
    counted = sum(arm.events for arm in answer.arms)
    if not missing:
        return _check("values", "ok", "every counted event carries a number")
    status = "error" if not counted else "warn"
    return _check("values", status, f"{missing:,} events of '{event_key}' carry no metricValue and were left out")


def _late(answer: Answer) -> list[Body]:
    late = answer.left_out.late
    return [_check("lateness", "warn", f"{late:,} events arrived after the end and were left out")] if late else []


def _check(name: str, status: str, message: str) -> Body:
    return {"check": name, "status": status, "message": message}
