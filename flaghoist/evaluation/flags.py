"""Flags: off, prerequisites, targets, rules, fallthrough, in this order."""

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.clauses import all_of, compile_clause
from flaghoist.evaluation.compiled import Decide, Flag, Kinds, Matcher, Plan, Rule, Trail
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.prerequisites import Unmet, compile_prerequisites
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.rollouts import Served, chosen
from flaghoist.evaluation.targets import compile_targets, targeted


def compile_flag(key: str, flag: wire.Item) -> Flag:
    """A flag as SDKs receive it, made ready for evaluation; a malformed one answers ``MALFORMED_FLAG`` to servers."""
    try:
        return compile_sound_flag(key, flag)
    except wire.Malformed:
        return Flag(key=key, version=0, on=False, decide=lambda kinds, trail: reasons.MALFORMED_FLAG)


def compile_sound_flag(key: str, flag: wire.Item) -> Flag:
    """A flag made ready for evaluation. Raises ``Malformed``."""
    using_environment_id, using_mobile_key = _availability(flag)
    decide, plan = _compile_decision(flag)
    return Flag(
        key=key,
        version=wire.whole(flag, "version") or 0,
        on=wire.truth(flag, "on"),
        decide=decide,
        plan=plan,
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


def _compile_decision(flag: wire.Item) -> tuple[Decide, Plan | None]:
    outcomes = Outcomes(flag)
    unmet = compile_prerequisites(flag, outcomes)
    targets = compile_targets(flag, outcomes)
    rules = tuple(compile_rule(index, rule, outcomes) for index, rule in enumerate(wire.items(flag, "rules")))
    fallthrough = outcomes.served(
        wire.inner(flag, "fallthrough") or {}, reasons.fallthrough(), tracked=wire.truth(flag, "trackEventsFallthrough")
    )
    if not wire.truth(flag, "on"):
        off = outcomes.off(reasons.off())
        return (lambda kinds, trail: off), None
    plan = Plan(targets, rules, fallthrough)
    return (_following(plan), plan) if unmet is None else (_once_met(unmet, _following(plan)), None)


def compile_rule(index: int, rule: wire.Item, outcomes: Outcomes) -> Rule:
    """What a rule asks and serves. Raises ``Malformed``."""
    reason = reasons.rule_match(index, wire.text(rule, "id"))
    clauses = tuple(compile_clause(clause) for clause in wire.required_items(rule, "clauses"))
    return Rule(clauses, outcomes.served(rule, reason, tracked=wire.truth(rule, "trackEvents")))


def _once_met(unmet: Unmet, follow: Decide) -> Decide:
    def decide(kinds: Kinds, trail: Trail) -> Result:
        result = unmet(kinds, trail)
        return follow(kinds, trail) if result is None else result

    return decide


def _following(plan: Plan) -> Decide:
    targets, rules, fallthrough = plan
    asked = [_asked(rule) for rule in rules]
    if not targets and not rules:
        return lambda kinds, trail: chosen(fallthrough, kinds)

    def decide(kinds: Kinds, trail: Trail) -> Result:
        if targets:
            result = targeted(targets, kinds)
            if result is not None:
                return result
        for first, others, served in asked:
            if first(kinds, trail) and (others is None or others(kinds, trail)):
                return chosen(served, kinds)
        return chosen(fallthrough, kinds)

    return decide


def _asked(rule: Rule) -> tuple[Matcher, Matcher | None, Served]:
    """The first clause, which decides most cases, the others if there are any, and what the rule serves."""
    matchers = [clause.matches for clause in rule.clauses]
    return all_of(matchers[:1]), all_of(matchers[1:]) if len(matchers) > 1 else None, rule.served
