"""What an experiment must be to mean something, whoever changes it and by whatever road."""

import re
from collections.abc import Mapping
from typing import Any

from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Change, Work
from flaghoist.resources.experimentation.experiments import drafting, fields, pins, preconditions
from flaghoist.resources.experimentation.experiments.schema import plain
from flaghoist.resources.experimentation.experiments.subject import EXPERIMENT, Place, Subject
from flaghoist.resources.experimentation.maintainers import check_maintainer

BANDIT = "mab"
REALLOCATION_MS = HOUR_MS
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,12})?\Z")
_DIRECTIONS = ("one-sided", "two-sided")


def settle(work: Work, address: str, before: Body | None, after: Body) -> None:
    """Fill in a changed draft, pin metrics added to what is running, and count the edits of both."""
    place = Place.of(address)
    if "analysisConfig" in after:
        after["analysisConfig"] = plain(after["analysisConfig"])
    draft, current = after.get("draftIteration"), after.get("currentIteration")
    if draft is not None and draft != (before or {}).get("draftIteration"):
        if after["type"] == BANDIT:
            draft.setdefault("reallocationFrequencyMillis", REALLOCATION_MS)
        drafting.settle(work, place, draft)
    if current is not None and any("_versionId" not in metric for metric in current["metrics"]):
        pins.pin_added(work, place, current)
        preconditions.check_metrics(work, place, after, current)
    _count_edits(before or {}, after)


def check(work: Work, address: str, before: Body | None, after: Body | None) -> None:
    """Refuse an experiment that contradicts itself or its world; raises ``Invalid`` or ``Conflict``."""
    if after is None:
        return
    old = before or {}
    check_maintainer(work, before, after)
    if after.get("analysisConfig") != old.get("analysisConfig"):
        _check_analysis(after.get("analysisConfig") or {})
    if after.get("holdoutId") != old.get("holdoutId"):
        _check_holdout(work, Place.of(address), after.get("holdoutId"))
    if after["type"] == BANDIT and after["methodology"] != "bayesian":
        raise Invalid(f"methodology: a bandit is always bayesian, and cannot be {after['methodology']}")
    for name in ("draftIteration", "currentIteration"):
        if name in after and after[name] != old.get(name):
            _check_iteration(after, after[name])
            preconditions.check_subject(after, after[name])
    if "archivedDate" in after and "archivedDate" not in old:
        _check_archived(work, address, after)
    _check_carried(work, address, old, after)


def refuse_moved_variations(work: Work, change: Change) -> None:
    """Refuse a change of a flag that gives the variations of a running experiment other places: exposures name them."""
    if change.before is None or change.after is None:
        return
    before, after = ([each["_id"] for each in body["variations"]] for body in (change.before, change.after))
    if before == after[: len(before)]:
        return
    flag_key = addresses.name(change.address)
    project = Place.of(change.address).project
    for environment in work.collection("env", project):
        for experiment in work.collection("experiment", environment.address):
            iteration = fields.running(experiment.body)
            if iteration is not None and flag_key in iteration["flags"]:
                raise Conflict(
                    f"experiment '{experiment.body['key']}' is running on this flag in '{environment.body['key']}' and "
                    "knows its variations by their order: stop the experiment before reordering or removing variations"
                )


def _count_edits(before: Body, after: Body) -> None:
    known = {each["_id"]: each for each in _open_iterations(before)}
    for iteration in _open_iterations(after):
        old = known.get(iteration["_id"])
        if old is not None and iteration != old:
            iteration["version"] = old["version"] + 1


def _open_iterations(body: Body) -> list[Body]:
    return [body[name] for name in ("draftIteration", "currentIteration") if name in body]


def _check_iteration(experiment: Body, iteration: Body) -> None:
    single, funnel = iteration.get("primarySingleMetricKey"), iteration.get("primaryFunnelKey")
    if single and funnel:
        raise Invalid("'primarySingleMetricKey' and 'primaryFunnelKey' exclude one another; give one of them")
    if not (single or funnel) and experiment["methodology"] != "export_only":
        raise Invalid("no metric decides: give 'primarySingleMetricKey' or 'primaryFunnelKey'")
    if experiment["type"] == BANDIT and not single:
        raise Invalid("a bandit goes by one metric: give 'primarySingleMetricKey'")
    if experiment["type"] != BANDIT and "reallocationFrequencyMillis" in iteration:
        raise Invalid("'reallocationFrequencyMillis' belongs to bandits: leave it out, or set 'type' to mab")
    if iteration.get("reallocationFrequencyMillis", 1) < 1:
        raise Invalid("'reallocationFrequencyMillis' must be at least 1 millisecond")


def _check_analysis(config: Mapping[str, Any]) -> None:
    for name in ("bayesianThreshold", "significanceThreshold"):
        text = config.get(name)
        if text is not None and not (_NUMBER.match(text) and float(text) <= 100):
            raise Invalid(
                f'analysisConfig.{name} must be a number from 0 to 100 written as text, such as "95", not "{text[:40]}"'
            )
    if config.get("significanceThreshold") is not None and float(config["significanceThreshold"]) == 0:
        raise Invalid("analysisConfig.significanceThreshold must be above 0: nothing is ever that significant")
    direction = config.get("testDirection")
    if direction is not None and direction not in _DIRECTIONS:
        raise Invalid(f"analysisConfig.testDirection must be {' or '.join(_DIRECTIONS)}, not '{direction[:40]}'")


def _check_holdout(work: Work, place: Place, holdout_id: str | None) -> None:
    if holdout_id is None:
        return
    known = [holdout.body["_id"] for holdout in work.collection("holdout", place.environment)]
    if holdout_id not in known:
        raise Invalid(f"holdoutId: there is no holdout '{holdout_id}' in '{place.environment_key}'")


def _check_archived(work: Work, address: str, experiment: Body) -> None:
    key = addresses.name(address)
    if fields.running(experiment):
        raise Conflict("an experiment that is running cannot be archived: stop the iteration first")
    place = Place.of(address)
    for layer in work.collection("layer", place.project):
        here = layer.body.get("environments", {}).get(place.environment_key) or {}
        if any(reservation["experimentKey"] == key for reservation in here.get("reservations", ())):
            name = addresses.name(layer.address)
            raise Conflict(f"experiment '{key}' is in the layer '{name}': remove it from the layer before archiving it")


def _check_carried(work: Work, address: str, before: Body, after: Body) -> None:
    """What begins to run must already be in its flag, and what stops must have ended: instructions see to both."""
    current = after.get("currentIteration") or {}
    if current.get("status") == "stopped" and "endedAt" not in current:
        raise Conflict("the iteration has not ended: stop it with stopIteration")
    was = fields.running(before)
    if current.get("status") != "running" or (was and was["_id"] == current["_id"]):
        return
    ((flag_key, flag),) = current["flags"].items()
    rule = Subject.of(work, Place.of(address), flag_key).rule(flag["ruleId"])
    if rule.allocation.get("type") != EXPERIMENT or rule.seed != current.get("seed"):
        raise Conflict(f"the flag '{flag_key}' does not carry this iteration: start it with startIteration")
