"""What makes a draft whole: from what a client sends to an iteration that says what is tested, on whom, by what."""

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flaghoist.base import clock, ids
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.experimentation.experiments import pins
from flaghoist.resources.experimentation.experiments.schema import IterationInput, plain
from flaghoist.resources.experimentation.experiments.subject import Place, Subject

DEFAULT_UNIT = "user"
_PERCENT = re.compile(r"\d{1,3}(\.\d+)?\Z")
_COPIED = (
    "hypothesis", "randomizationUnit", "canReshuffleTraffic", "treatments", "primarySingleMetricKey",
    "primaryFunnelKey", "attributes", "reallocationFrequencyMillis", "covariateId",
)  # fmt: skip


def drafted(post: IterationInput) -> Body:
    """A draft from what was posted; an older client's ``primary`` metric is the primary one."""
    body = plain(post)
    if not body.get("primarySingleMetricKey") and not body.get("primaryFunnelKey"):
        for metric in body["metrics"]:
            if metric.get("primary"):
                body["primaryFunnelKey" if metric["isGroup"] else "primarySingleMetricKey"] = metric["key"]
    return _new(body)


def copied(iteration: Mapping[str, Any]) -> Body:
    """A draft like an iteration that has been started."""
    body = {name: copy.deepcopy(iteration[name]) for name in _COPIED if name in iteration}
    body["flags"] = {
        key: {name: flag[name] for name in ("ruleId", "notInExperimentVariationId") if name in flag}
        for key, flag in iteration["flags"].items()
    }
    body["metrics"] = [
        {name: metric[name] for name in ("key", "isGroup", "analysisUnit") if name in metric}
        for metric in iteration["metrics"]
    ]
    return _new(body)


def settle(work: Work, place: Place, iteration: Body) -> None:
    """Fill in what an iteration leaves out, from its flag, metrics and project, and refuse what cannot be meant.

    Raises ``Invalid`` naming the member. Done for drafts whenever they change, and again at the start.
    """
    iteration["randomizationUnit"] = iteration.get("randomizationUnit") or default_unit(work, place)
    subject = _the_flag(work, place, iteration)
    _settle_treatments(subject, iteration["treatments"])
    _settle_flag(subject, iteration)
    pins.pin(work, place, iteration)


def default_unit(work: Work, place: Place) -> str:
    """The project's default randomization unit."""
    defaults = [each["randomizationUnit"] for each in units(work, place) if each.get("default")]
    return str(defaults[0]) if defaults else DEFAULT_UNIT


def units(work: Work, place: Place) -> list[Body]:
    """The randomization units that a project has settled on, if it has."""
    found = work.find(f"{place.project}:experimentation-settings/settings")
    return list(found.body["randomizationUnits"]) if found else []


def percent_of(treatment: Mapping[str, Any]) -> Decimal:
    """The part of the audience that a treatment gets; raises ``Invalid`` if its text is not a percentage."""
    text = treatment["allocationPercent"]
    if not _PERCENT.match(text):
        raise Invalid(
            f"treatments: the allocationPercent of '{treatment['name']}' must be a number written as text, such as "
            f'"50" or "12.5", not "{text[:40]}"'
        )
    return Decimal(text)


def _new(body: Body) -> Body:
    return {**body, "_id": ids.random_uuid(), "status": "not_started", "createdAt": clock.now_ms()}


def _the_flag(work: Work, place: Place, iteration: Body) -> Subject:
    keys = list(iteration["flags"])
    if len(keys) != 1:
        raise Invalid(f"flags: an experiment tests exactly one flag, not {len(keys)}")
    return Subject.of(work, place, keys[0])


def _settle_treatments(subject: Subject, treatments: list[Body]) -> None:
    """Each treatment serves one variation of the flag, and is known by it."""
    for treatment in treatments:
        parameters = treatment["parameters"]
        if len(parameters) != 1 or parameters[0]["flagKey"] != subject.key:
            raise Invalid(
                f"treatments: '{treatment['name']}' must have one parameter, for the flag '{subject.key}' being tested"
            )
        treatment["_id"] = parameters[0]["variationId"]
        treatment["variation"] = subject.variation(treatment["_id"], f"treatments: '{treatment['name']}'")
    names = [treatment["_id"] for treatment in treatments]
    if len(set(names)) != len(names):
        raise Invalid("treatments: two treatments serve the same variation; give each a variation of its own")
    baselines = [treatment["name"] for treatment in treatments if treatment["baseline"]]
    if len(baselines) != 1:
        listed = ", ".join(f"'{name}'" for name in baselines) or "none"
        raise Invalid(f"treatments: exactly one treatment is the baseline, and here there is {listed}")
    total = sum(percent_of(treatment) for treatment in treatments)
    if total > 100:
        raise Invalid(f"treatments: the allocationPercents sum to {total}, and there is no more than 100")


def _settle_flag(subject: Subject, iteration: Body) -> None:
    flag = iteration["flags"][subject.key]
    rule = subject.rule(flag["ruleId"])
    _check_version(subject, flag)
    flag["flagConfigVersion"] = subject.version
    flag["targetingRuleDescription"] = rule.content.get("description") or ""
    flag["targetingRuleClauses"] = rule.content.get("clauses") or []
    if not flag.get("notInExperimentVariationId"):
        baseline = next(treatment for treatment in iteration["treatments"] if treatment["baseline"])
        flag["notInExperimentVariationId"] = baseline["_id"]
    subject.variation(flag["notInExperimentVariationId"], f"flags.{subject.key}.notInExperimentVariationId")


def _check_version(subject: Subject, flag: Body) -> None:
    """What a client says of the flag's version must be so; what was filled in here is not held against it."""
    filled_in = "targetingRuleClauses" in flag
    if filled_in or flag.get("flagConfigVersion", subject.version) == subject.version:
        return
    raise Conflict(
        f"flags.{subject.key}.flagConfigVersion: the flag is at version {subject.version} in "
        f"'{subject.place.environment_key}', not {flag['flagConfigVersion']}; read it again",
        code="optimistic_locking_error",
    )
