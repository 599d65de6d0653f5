"""What must hold before an iteration starts; each refusal says what to do about it."""

from collections.abc import Mapping
from typing import Any

from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments import drafting, pins
from flaghoist.resources.experimentation.experiments.subject import EXPERIMENT, Place, Subject

HOSTED = "launchdarkly"
_HOSTED_SOURCES = frozenset({HOSTED, "launchdarkly-hosted"})


def check(work: Work, address: str, experiment: Body, subject: Subject) -> None:
    """Refuse to start what cannot be measured; raises ``Invalid`` for the experiment, ``Conflict`` for its world.

    The iteration is settled; ``experiment`` has it as its current one.
    """
    iteration = experiment["currentIteration"]
    check_subject(experiment, iteration)
    check_traffic(iteration)
    check_flag(subject)
    check_rule(subject, iteration)
    check_others(work, address, experiment, subject)
    check_unit(work, subject.place, iteration["randomizationUnit"])
    check_metrics(work, subject.place, experiment, iteration)


def check_subject(experiment: Body, iteration: Body) -> None:
    """What an experiment has tested once, it tests for good: its results tell one story."""
    known = [experiment[name] for name in ("draftIteration", "currentIteration") if name in experiment]
    for other in [*known, *experiment["previousIterations"]]:
        if "startedAt" in other and other["flags"].keys() != iteration["flags"].keys():
            raise Invalid(
                f"flags: this experiment has tested the flag '{', '.join(other['flags'])}' and stays with it; to test "
                "another, create another experiment"
            )


def check_metrics(work: Work, place: Place, experiment: Body, iteration: Body) -> None:
    """Refuse metrics that cannot be analysed: archived, of another unit, or with their events elsewhere."""
    for asked, metric in pins.documents(work, place, iteration):
        check_metric(experiment, iteration, asked, metric)


def check_metric(experiment: Body, iteration: Body, asked: Body, metric: Document) -> None:
    """Refuse one metric, brought in by the entry ``asked``, that cannot be analysed."""
    key = metric.body["key"]
    if metric.body["archived"]:
        raise Conflict(f"metrics: '{key}' is archived; restore it, or leave it out")
    unit = iteration["randomizationUnit"]
    if asked.get("analysisUnit") not in (None, "", unit):
        # Finer or coarser units than the randomized one need other statistics than each unit's own value.
        raise Invalid(
            f"metrics: '{key}' cannot be analysed by {asked['analysisUnit']} where {unit} is randomized; leave out "
            "its 'analysisUnit'"
        )
    units = pins.units_of(metric.body)
    if unit not in units:
        raise Invalid(
            f"metrics: '{key}' is analysed by {', '.join(units)}, not by {unit}; add {unit} to its analysisUnits"
        )
    source = (metric.body.get("dataSource") or {"key": HOSTED})["key"]
    if experiment["dataSource"] == HOSTED and source not in _HOSTED_SOURCES:
        raise Invalid(f"metrics: the events of '{key}' are in '{source}', and the experiment's dataSource is {HOSTED}")


def check_traffic(iteration: Body) -> None:
    """Refuse an iteration that nobody would be in."""
    if not any(drafting.percent_of(treatment) for treatment in iteration["treatments"]):
        raise Invalid("treatments: nobody would be in the experiment; give at least one an allocationPercent above 0")


def check_flag(subject: Subject) -> None:
    """Refuse a flag that serves nobody, or that experiments may not touch."""
    place = subject.place.environment_key
    if subject.flag.body["archived"]:
        raise Conflict(f"the flag '{subject.key}' is archived: restore it first")
    if subject.flag.body.get("purpose") == "migration":
        raise Conflict(f"the flag '{subject.key}' is a migration flag, and those cannot be tested: use another flag")
    if not subject.config["on"]:
        raise Conflict(f"the flag '{subject.key}' is off in '{place}': turn it on first")


def check_rule(subject: Subject, iteration: Body) -> None:
    """Refuse a rule that serves nobody, or that another rollout holds."""
    rule_id = iteration["flags"][subject.key]["ruleId"]
    rule = subject.rule(rule_id)
    if rule.content.get("disabled"):
        raise Conflict(f"the rule '{rule_id}' of the flag '{subject.key}' is disabled: enable it first")
    kind = rule.allocation.get("type")
    if kind not in (None, EXPERIMENT):
        raise Conflict(
            f"the rule '{rule_id}' of the flag '{subject.key}' is in a rollout of type {kind}: let that end, or stop it"
        )


def check_others(work: Work, address: str, experiment: Body, subject: Subject) -> None:
    """No other experiment may run on the rule, nor anywhere on the flag if either takes its data elsewhere."""
    rule_id = experiment["currentIteration"]["flags"][subject.key]["ruleId"]
    for other in work.collection("experiment", subject.place.environment):
        iteration = other.body.get("currentIteration") or {}
        flag = iteration.get("flags", {}).get(subject.key)
        if other.address == address or flag is None or iteration["status"] != "running":
            continue
        key = addresses.name(other.address)
        if flag["ruleId"] == rule_id:
            raise Conflict(
                f"experiment '{key}' is running on the rule '{rule_id}' of the flag '{subject.key}': stop that, or "
                "test on another rule"
            )
        if _is_elsewhere(other.body) or _is_elsewhere(experiment):
            raise Conflict(
                f"experiment '{key}' is running on the flag '{subject.key}', and one of the two is analysed outside of "
                "this server: stop that, or use another flag"
            )


def _is_elsewhere(experiment: Mapping[str, Any]) -> bool:
    return bool(experiment["methodology"] == "export_only" or experiment["dataSource"] != HOSTED)


def check_unit(work: Work, place: Place, unit: str) -> None:
    """Refuse a unit that the project does not randomize by."""
    known = [each["randomizationUnit"] for each in drafting.units(work, place)]
    if known and unit not in known:
        raise Invalid(
            f"randomizationUnit: '{unit}' is not among the units of this project ({', '.join(known)}); choose one of "
            "them, or add it in the experimentation settings"
        )
