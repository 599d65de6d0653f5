"""May these numbers be believed? Each check in plain words."""

from typing import Any

from flaghoist.base.clock import rfc3339
from flaghoist.statistics.sample_ratio import SampleRatio
from flaghoist.store.facts.answer import Answer

CONTAMINATED_WARN, CONTAMINATED_ERROR = 0.01, 0.10
Body = dict[str, Any]


def checks(
    answer: Answer, ratio: SampleRatio, *, unit: str, event_key: str, numeric: bool, running: bool, started_at: int
) -> list[Body]:
    """Every check of one metric in one iteration, which started at a time in milliseconds."""
    return [
        _exposures(answer, unit, running=running),
        _shares(answer, ratio),
        _contamination(answer),
        _events(answer, event_key, unit),
        *([_values(answer, event_key)] if numeric else []),
        *_late(answer),
        *_forgotten(answer, started_at),
    ]


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


def _forgotten(answer: Answer, started_at: int) -> list[Body]:
    if answer.forgotten_before is None or answer.forgotten_before <= started_at:
        return []
    day = rfc3339(answer.forgotten_before)[:10]
    message = (
        f"what arrived before {day} was deleted for its age (event_retention_days): these figures are those of a test "
        "that began on that day; whoever was exposed before then counts from their first exposure since"
    )
    return [_check("retention", "warn", message)]


def _check(name: str, status: str, message: str) -> Body:
    return {"check": name, "status": status, "message": message}
