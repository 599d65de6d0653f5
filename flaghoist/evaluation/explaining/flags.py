"""Why a flag serves this context that: each step of the decision, taken in the order of evaluation and written down."""

from collections.abc import Callable

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.big_segments import Memberships
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.explaining.rollouts import explain_served
from flaghoist.evaluation.explaining.segments import Segments
from flaghoist.evaluation.explaining.trace import Explanation, FlagTrace, PrerequisiteTrace, RuleTrace, TargetTrace
from flaghoist.evaluation.flags import compile_rule, compile_sound_flag
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.targets import compile_targets, in_order, targeted

Find = Callable[[str], wire.Item | None]
"""Finds a flag or a segment by key, as SDKs receive it."""


def explain(
    flag_key: str, context: Context, *, flags: Find, segments: Find, memberships: Memberships | None = None
) -> Explanation:
    """What a context gets, and why: the very value, variation and reason that ``Ruleset.evaluate`` answers.

    Only the flags and segments that the decision meets are looked for.
    """
    item = _present(flags(flag_key))
    if item is None:
        return Explanation(value=None, variation=None, reason=reasons.FLAG_NOT_FOUND.reason)
    decision = _Decision(context, flags, Segments(context.kinds, segments, memberships))
    result = decision.result(flag_key, item)
    return Explanation(
        value=result.value,
        variation=result.variation,
        reason=result.reason,
        flag=decision.traces.pop(flag_key),
        prerequisites=decision.traces,
        segments=decision.segments.traces,
    )


class _Decision:
    """The flags met while one is explained to one context."""

    def __init__(self, context: Context, flags: Find, segments: Segments) -> None:
        self.traces: dict[str, FlagTrace] = {}
        self.segments = segments
        self._kinds = context.kinds
        self._find = flags
        self._known: dict[str, Result] = {}
        self._path: tuple[str, ...] = ()

    def result(self, flag_key: str, item: wire.Item) -> Result:
        """The answer as SDKs report it."""
        try:
            result = self._flag(flag_key, item)
        except (wire.Malformed, RecursionError):
            return reasons.MALFORMED_FLAG
        status = self.segments.big_segments_status
        return result if status is None else reasons.with_big_segments_status(result, status)

    def _flag(self, flag_key: str, item: wire.Item) -> Result:
        """One flag, explained once however many depend on it. Raises ``Malformed`` like its evaluation."""
        if flag_key in self._known:
            return self._known[flag_key]
        trace = self.traces[flag_key] = FlagTrace(key=flag_key, on=False, reason=reasons.MALFORMED_FLAG.reason)
        fault = fault_of(flag_key, item)
        if fault is not None:
            trace.malformed = fault
            return reasons.MALFORMED_FLAG
        trace.on = wire.truth(item, "on")
        try:
            result = self._decided(trace, item)
        except wire.Malformed as malformed:
            trace.malformed = str(malformed)
            raise
        if result == reasons.MALFORMED_FLAG:
            trace.malformed = f"what the {trace.decided_by} serves is no variation of this flag"
        trace.value, trace.variation, trace.reason = result.value, result.variation, result.reason
        self._known[flag_key] = result
        return result

    def _decided(self, trace: FlagTrace, item: wire.Item) -> Result:
        outcomes = Outcomes(item)
        if not trace.on:
            trace.decided_by = "off"
            return outcomes.off(reasons.off())
        result = self._unmet(trace, item, outcomes) or self._targeted(trace, item, outcomes)
        trace.rules = [
            RuleTrace(index=index, id=wire.text(rule, "id")) for index, rule in enumerate(wire.items(item, "rules"))
        ]
        return result or self._ruled(trace, item, outcomes) or self._fallen_through(trace, item, outcomes)

    def _unmet(self, trace: FlagTrace, item: wire.Item, outcomes: Outcomes) -> Result | None:
        before = self._path
        self._path = (*before, wire.required_text(item, "key"))
        for prerequisite in wire.items(item, "prerequisites"):
            key, variation = wire.required_text(prerequisite, "key"), wire.required_whole(prerequisite, "variation")
            step = PrerequisiteTrace(key=key, variation=variation)
            trace.prerequisites.append(step)
            self._ask(step)
            if step.outcome != "met":
                trace.decided_by = "prerequisite"
                self._path = before
                return outcomes.off(reasons.prerequisite_failed(key))
        self._path = before
        return None

    def _ask(self, step: PrerequisiteTrace) -> None:
        if step.key in self._path:
            step.outcome = "circle"
            raise wire.Malformed(f"flag {self._path[-1]!r} depends on itself through prerequisite {step.key!r}")
        other = _present(self._find(step.key))
        if other is None:
            step.outcome = "missing"
        elif fault_of(step.key, other) is not None:
            self._flag(step.key, other)
        elif not wire.truth(other, "on"):
            step.outcome = "off"
        else:
            step.served = self._flag(step.key, other).variation
            step.outcome = "met" if step.served == step.variation else "otherVariation"

    def _targeted(self, trace: FlagTrace, item: wire.Item, outcomes: Outcomes) -> Result | None:
        for target in in_order(item):
            attributes = self._kinds.get(target.kind)
            key = None if attributes is None else attributes["key"]
            trace.targets.append(
                TargetTrace(
                    context_kind=target.kind,
                    variation=target.variation,
                    key_count=len(target.keys),
                    key=key,
                    matched=key is not None and key in target.keys,
                )
            )
        result = targeted(compile_targets(item, outcomes), self._kinds)
        if result is not None:
            trace.decided_by = "target"
        return result

    def _ruled(self, trace: FlagTrace, item: wire.Item, outcomes: Outcomes) -> Result | None:
        for step, rule in zip(trace.rules, wire.items(item, "rules"), strict=True):
            step.answer = "malformed"
            if not self.segments.clauses(wire.required_items(rule, "clauses"), step.clauses):
                step.answer = "notMatched"
                continue
            step.answer, trace.decided_by = "matched", "rule"
            reason = reasons.rule_match(step.index, step.id)
            result, step.served = explain_served(outcomes, rule, reason, kinds=self._kinds)
            return result
        return None

    def _fallen_through(self, trace: FlagTrace, item: wire.Item, outcomes: Outcomes) -> Result:
        trace.decided_by = "fallthrough"
        choice = wire.inner(item, "fallthrough") or {}
        result, trace.fallthrough = explain_served(outcomes, choice, reasons.fallthrough(), kinds=self._kinds)
        return result


def fault_of(flag_key: str, item: wire.Item) -> str | None:
    """What is wrong with a flag that no context can be served: ``rules[2]: 'op' is missing``."""
    try:
        compile_sound_flag(flag_key, item)
    except wire.Malformed as malformed:
        return f"{_place(item)}{malformed}"
    return None


def _place(item: wire.Item) -> str:
    """The first rule that cannot be compiled, if it is a rule."""
    try:
        outcomes = Outcomes(item)
        for index, rule in enumerate(wire.items(item, "rules")):
            try:
                compile_rule(index, rule, outcomes)
            except wire.Malformed:
                return f"rules[{index}]: "
    except wire.Malformed:
        return ""
    return ""


def _present(item: wire.Item | None) -> wire.Item | None:
    return None if item is None or item.get("deleted") else item
