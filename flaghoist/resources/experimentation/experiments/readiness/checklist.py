"""The check-list of an experiment: each thing that must hold, how it stands, and what to do about it."""

from collections.abc import Iterator
from decimal import Decimal

from flaghoist.base.clock import DAY_MS, HOUR_MS, MINUTE_MS
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.experimentation.experiments import drafting, preconditions
from flaghoist.resources.experimentation.experiments.readiness import signs
from flaghoist.resources.experimentation.experiments.readiness.setup import Setup, Watched, refusal
from flaghoist.resources.experimentation.experiments.readiness.signs import Counted
from flaghoist.resources.experimentation.experiments.subject import EXPERIMENT, Subject
from flaghoist.resources.experimentation.iteration import FALLTHROUGH
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.store.facts.activity import EventActivity

_SETTLING_MS = MINUTE_MS
"""How long after a start evaluations may still be told of that happened before it."""


def items(work: Work, setup: Setup, counted: Counted | None) -> list[Body]:
    """Everything on the list, in the order in which it is set up; what has stopped is only counted."""
    if setup.status == "stopped":
        return [*_exposures(work, setup, counted)]
    return [
        *_refused_alone(setup),
        _flag(setup),
        *_rule(setup),
        _treatments(setup),
        _unit(work, setup),
        *(_metric(work, setup, each) for each in setup.metrics),
        _evaluations(work, setup),
        *_exposures(work, setup, counted),
    ]


def _item(key: str, title: str, status: str, sentence: str, **more: object) -> Body:
    """``ItemRep``; what is empty is left out."""
    shown = {"key": key, "title": title, "status": status, "sentence": sentence}
    return {**shown, **{name: value for name, value in more.items() if value not in (None, "", False)}}


def _refused(key: str, title: str, said: str, **more: object) -> Body:
    return _item(key, title, "todo", said, refusesStart=True, **more)


def _refused_alone(setup: Setup) -> Iterator[Body]:
    titles = {"archived": "Archive", "design": "Design", "subject": "Flag under test"}
    for key, title in titles.items():
        if key in setup.refusals:
            yield _refused(key, title, setup.refusals[key])


def _flag(setup: Setup) -> Body:
    title, subject, place = "Flag", setup.subject, setup.place.environment_key
    if subject is None:
        return _item("flag", title, "problem", f"There is no flag '{setup.flag_key}'.", next="Test another flag.")
    said = refusal(preconditions.check_flag, subject)
    if not said:
        return _item("flag", title, "done", f"The flag '{subject.key}' is on in '{place}'.")
    if setup.status == "running":
        return _item("flag", title, "problem", f"{_sentence(said)} Until then nobody is exposed.")
    return _refused("flag", title, said)


def _rule(setup: Setup) -> Iterator[Body]:
    subject, title = setup.subject, "Rule"
    if subject is None:
        return
    if "rule" in setup.refusals:
        yield _refused("rule", title, setup.refusals["rule"])
        return
    name = _rule_name(setup, subject)
    if setup.status != "running":
        yield _item("rule", title, "done", f"{name} will serve the experiment's rollout from the start.")
    elif _serves_rollout(setup, subject):
        yield _item("rule", title, "done", f"{name} serves the experiment's rollout.")
    else:
        yield _item(
            "rule",
            title,
            "problem",
            f"{name} no longer serves the experiment's rollout.",
            next="Start a new iteration.",
        )


def _serves_rollout(setup: Setup, subject: Subject) -> bool:
    rule_id = setup.iteration["flags"][subject.key]["ruleId"]
    if refusal(subject.rule, rule_id):
        return False
    rule = subject.rule(rule_id)
    is_ours = rule.allocation.get("type") == EXPERIMENT and rule.seed == setup.iteration["seed"]
    return is_ours and not rule.content.get("disabled")


def _rule_name(setup: Setup, subject: Subject) -> str:
    flag = setup.iteration["flags"][subject.key]
    if flag["ruleId"] == FALLTHROUGH:
        return "The default rule"
    return f"The rule '{flag.get('targetingRuleDescription') or flag['ruleId']}'"


def _treatments(setup: Setup) -> Body:
    if "treatments" in setup.refusals:
        return _refused("treatments", "Treatments", setup.refusals["treatments"])
    shares = [(each["name"], drafting.percent_of(each), each["baseline"]) for each in setup.iteration["treatments"]]
    listed = ", ".join(
        f"{percent.normalize():f}% '{name}'{' (baseline)' if baseline else ''}" for name, percent, baseline in shares
    )
    outside = 100 - sum((percent for _, percent, _ in shares), Decimal(0))
    left = f"; {outside.normalize():f}% of the audience take no part" if outside else ""
    return _item("treatments", "Treatments", "done", f"{listed}{left}.")


def _unit(work: Work, setup: Setup) -> Body:
    """Whether the unit may be randomized, and whether SDKs name it at all."""
    title, unit = "Randomization unit", setup.unit
    if "unit" in setup.refusals:
        return _refused("unit", title, setup.refusals["unit"])
    seen = signs.context_kinds(work, setup.environment.body["_id"])
    if seen and unit not in seen:
        said = f"SDKs name {', '.join(sorted(seen))}, but no {unit} yet: whoever has none takes no part."
        return _item("unit", title, "problem", said, next=_naming(setup))
    return _item("unit", title, "done", f"Each {unit} stays with one treatment.", at=seen.get(unit))


def _naming(setup: Setup) -> str:
    return f"Evaluate the flag with a context that has the kind {setup.unit}."


def _metric(work: Work, setup: Setup, metric: Watched) -> Body:
    """One metric: whether it may be used, and what has been seen of its events in this environment."""
    key, title = f"metric:{metric.measure.key}", f"Metric {metric.document.body['name']}"
    if metric.refusal:
        return _refused(key, title, metric.refusal)
    if not metric.measure.is_counted_here:
        said = f"'{metric.measure.key}' is measured outside Flaghoist and has no results here."
        return _item(key, title, "problem", said)
    measures = [metric.measure, *([metric.measure.denominator] if metric.measure.denominator else [])]
    found = [_events(work, setup, key, title, each) for each in measures]
    return next((item for item in found if item["status"] != "done"), found[0])


def _events(work: Work, setup: Setup, key: str, title: str, measure: Measure) -> Body:
    name, place = measure.event_key, setup.place.environment_key
    seen = signs.event(work, setup.environment.body["_id"], measure.event_kind, name)
    if seen is None:
        return _item(
            key, title, "waiting", f"No event '{name}' has arrived in '{place}' yet.", next=_sending(setup, measure)
        )
    more = {"at": seen.last_seen, "count": seen.events}
    if _has_lapsed(seen, seen.unit_kinds.get(setup.unit)):
        named = ", ".join(seen.unit_kinds) or "nobody"
        said = f"Events '{name}' arrive, but name {named}, not {setup.unit}: they cannot be attributed."
        return _item(key, title, "problem", said, next=f"Track with a context that has the kind {setup.unit}.", **more)
    if measure.is_numeric and _has_lapsed(seen, seen.last_value_at):
        said = f"Events '{name}' arrive without a number, and the metric needs one."
        return _item(key, title, "problem", said, next=_sending(setup, measure), **more)
    if work.now - seen.last_seen > DAY_MS:
        said = f"No event '{name}' has arrived in '{place}' in the last 24 hours."
        return _item(key, title, "waiting", said, next="Check that the code that sends it is in use.", **more)
    number = " and a number" if measure.is_numeric else ""
    return _item(key, title, "done", f"Events '{name}' arrive, with a context of kind {setup.unit}{number}.", **more)


def _has_lapsed(seen: EventActivity, last: int | None) -> bool:
    """Whether the newest events lack what events had until then, if they ever did."""
    return last is None or seen.last_seen - last > HOUR_MS


def _sending(setup: Setup, measure: Measure) -> str:
    if measure.event_kind != "custom":
        return "Open a page that it is about in a browser with the JavaScript SDK."
    number = ", with the number as metric value" if measure.is_numeric else ""
    return f"Call track('{measure.event_key}') in your code for a context of kind {setup.unit}{number}."


def _evaluations(work: Work, setup: Setup) -> Body:
    title, flag, place = "Evaluations", setup.flag_key, setup.place.environment_key
    seen = signs.evaluations(work, setup.environment.body["_id"], flag)
    asking = f"Call variation('{flag}') in your code with an SDK key of '{place}'."
    if seen.last is None:
        return _item("evaluations", title, "waiting", f"No SDK has evaluated '{flag}' in '{place}' yet.", next=asking)
    if not seen.lately:
        said = f"No SDK has evaluated '{flag}' in '{place}' in the last 24 hours."
        return _item("evaluations", title, "waiting", said, next=asking, at=seen.last)
    times = "once" if seen.lately == 1 else f"{seen.lately:,} times"
    said = f"SDKs evaluated '{flag}' {times} in the last 24 hours."
    return _item("evaluations", title, "done", said, at=seen.last, count=seen.lately)


def _exposures(work: Work, setup: Setup, counted: Counted | None) -> Iterator[Body]:
    """Who took part so far, and whom it was not known of."""
    if counted is None or setup.plan is None:
        return
    traffic = counted.traffic
    units = sum(traffic.units.values())
    if units:
        arms = ", ".join(f"{traffic.units.get(each.variation, 0):,} '{each.name}'" for each in setup.plan.treatments)
        more = {"at": traffic.last_exposure_at, "count": units}
        yield _item("exposures", "Exposures", "done", f"{units:,} {setup.unit} contexts take part: {arms}.", **more)
    else:
        yield _nobody(work, setup, setup.plan.started_at_ms)
    if traffic.exposures_without_unit:
        said = f"{traffic.exposures_without_unit:,} exposures name no {setup.unit}: they count for nobody."
        count = traffic.exposures_without_unit
        yield _item("withoutUnit", "Unknown units", "problem", said, next=_naming(setup), count=count)


def _nobody(work: Work, setup: Setup, started_at: int) -> Body:
    """Nobody takes part: because nobody came, or although somebody did."""
    title = "Exposures"
    if setup.status != "running":
        return _item("exposures", title, "problem", f"No {setup.unit} was exposed.")
    last = signs.evaluations(work, setup.environment.body["_id"], setup.flag_key).last
    if last is None or last < started_at + _SETTLING_MS:
        return _item("exposures", title, "waiting", f"No {setup.unit} has been exposed yet.")
    said = f"SDKs evaluate '{setup.flag_key}', but nobody takes part."
    cure = f"Check that their contexts have the kind {setup.unit}, and that no other rule or target takes them first."
    return _item("exposures", title, "problem", said, next=cure, at=last)


def _sentence(refusal_: str) -> str:
    return f"{refusal_[:1].upper()}{refusal_[1:]}."
