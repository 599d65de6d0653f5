"""Why a clause matches or not: the same answer as evaluation, with what it was asked of."""

from typing import Any

from flaghoist.evaluation import operators, references, wire
from flaghoist.evaluation.clauses import compile_clauses
from flaghoist.evaluation.compiled import Kinds, Trail
from flaghoist.evaluation.context import USER
from flaghoist.evaluation.explaining.trace import Because, ClauseTrace

VALUES_SHOWN = 50


def begin(clause: wire.Item, *, asked: bool) -> ClauseTrace:
    """What a sound clause asks, not yet answered."""
    values = wire.required_values(clause, "values")
    return ClauseTrace(
        context_kind=wire.text(clause, "contextKind") or USER,
        attribute=wire.text(clause, "attribute") or "",
        op=wire.required_text(clause, "op"),
        negate=wire.truth(clause, "negate"),
        values=values[:VALUES_SHOWN],
        value_count=len(values),
        asked=asked,
    )


def settle(step: ClauseTrace, clause: wire.Item, kinds: Kinds, trail: Trail) -> bool:
    """Ask a clause the way evaluation does, and say why it answers so. Raises ``Malformed`` like its evaluation."""
    try:
        matched = compile_clauses([clause])(kinds, trail)
    except wire.Malformed as malformed:
        step.malformed = str(malformed)
        raise
    step.answer = "matched" if matched else "notMatched"
    return matched


def tell(step: ClauseTrace, clause: wire.Item, kinds: Kinds) -> None:
    """Why a clause about an attribute answers as it does."""
    try:
        path = references.path_of(step.attribute, context_kind=wire.text(clause, "contextKind"))
    except references.ReferenceInvalid:
        step.because = "malformed" if step.context_kind in kinds else "kindMissing"
        return
    if path == ("kind",):
        step.value = list(kinds)
    elif step.context_kind not in kinds:
        step.because = "kindMissing"
        return
    else:
        value = references.read(kinds[step.context_kind], path)
        if value is None:
            step.because = "attributeMissing"
            return
        step.value = value
    step.because = _because(step, wire.required_values(clause, "values"))


def _because(step: ClauseTrace, wanted: list[Any]) -> Because:
    if not operators.known(step.op):
        return "unknownOperator"
    own = step.value if isinstance(step.value, list) else [step.value]
    step.fitting = [value for value in wanted if _fits(step.op, own, value)][:VALUES_SHOWN]
    if step.fitting:
        return "fits"
    if own and not any(operators.reads(step.op, value) for value in own):
        return "wrongType"
    if not any(operators.wants(step.op, value) for value in wanted):
        return "noUsableValues"
    return "noneFits"


def _fits(op: str, own: list[Any], wanted: Any) -> bool:
    comparison = operators.compile_comparison(op, [wanted])
    return any(comparison.text(value) if isinstance(value, str) else comparison.other(value) for value in own)
