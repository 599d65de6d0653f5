"""Flags: off, prerequisites, targets, rules, fallthrough, in this order."""

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.clauses import compile_clauses
from flaghoist.evaluation.compiled import Decide, Flag, Kinds, Matcher, Serve, Trail
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.prerequisites import compile_prerequisites
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.targets import compile_targets


def compile_flag(key: str, flag: wire.Item) -> Flag:
    """A flag as SDKs receive it, made ready for evaluation; a malformed one answers ``MALFORMED_FLAG`` to servers."""
    try:
        return compile_sound_flag(key, flag)
    except wire.Malformed:
        return Flag(key=key, version=0, on=False, decide=lambda kinds, trail: reasons.MALFORMED_FLAG)


def compile_sound_flag(key: str, flag: wire.Item) -> Flag:
    """A flag made ready for evaluation. Raises ``Malformed``."""
    using_environment_id, using_mobile_key = _availability(flag)
    return Flag(
        key=key,
        version=wire.whole(flag, "version") or 0,
        on=wire.truth(flag, "on"),
        decide=_compile_decision(flag),
        track_events=wire.truth(flag, "trackEvents"),
        debug_events_until_date=wire.number(flag, "debugEventsUntilDate"),
        using_environment_id=using_environment_id,
        using_mobile_key=using_mobile_key,
    )


def _availability(flag: wire.Item) -> tuple[bool, bool]:
    """Whether browsers and mobile apps may see the flag; older flags only say so of browsers."""
    availability = wire.inner(flag, "clientSideAvailability")
    if availability is None:
        return wire.truth(flag, "clientSide"), True
    return wire.truth(availability, "usingEnvironmentId"), wire.truth(availability, "usingMobileKey")


def _compile_decision(flag: wire.Item) -> Decide:
    outcomes = Outcomes(flag)
    unmet = compile_prerequisites(flag, outcomes)
    targeted = compile_targets(flag, outcomes)
    rules = [compile_rule(index, rule, outcomes) for index, rule in enumerate(wire.items(flag, "rules"))]
    fallthrough = outcomes.served(
        wire.inner(flag, "fallthrough") or {}, reasons.fallthrough(), tracked=wire.truth(flag, "trackEventsFallthrough")
    )
    if not wire.truth(flag, "on"):
        off = outcomes.off(reasons.off())
        return lambda kinds, trail: off

    if unmet is None and targeted is None and not rules:
        return lambda kinds, trail: fallthrough(kinds)

    def decide(kinds: Kinds, trail: Trail) -> Result:
        if unmet is not None:
            result = unmet(kinds, trail)
            if result is not None:
                return result
        if targeted is not None:
            result = targeted(kinds)
            if result is not None:
                return result
        for first, others, serve in rules:
            if first(kinds, trail) and (others is None or others(kinds, trail)):
                return serve(kinds)
        return fallthrough(kinds)

    return decide


def compile_rule(index: int, rule: wire.Item, outcomes: Outcomes) -> tuple[Matcher, Matcher | None, Serve]:
    """The first clause, which decides most cases, the others if there are any, and what the rule serves.

    Raises ``Malformed``.
    """
    reason = reasons.rule_match(index, wire.text(rule, "id"))
    clauses = wire.required_items(rule, "clauses")
    others = compile_clauses(clauses[1:]) if len(clauses) > 1 else None
    return compile_clauses(clauses[:1]), others, outcomes.served(rule, reason, tracked=wire.truth(rule, "trackEvents"))
