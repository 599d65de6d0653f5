"""How an edited experiment is put in its place: what starts takes hold of its flag, what stops lets go of it."""

import secrets

from flaghoist.core.patches import Patch
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation import allocation
from flaghoist.resources.experimentation.experiments import drafting, fields, preconditions
from flaghoist.resources.experimentation.experiments.subject import EXPERIMENT, Place, Rule, Subject, rollout_of

_SEEDS = 2**31 - 1


def conduct(work: Work, experiment: Document, after: Body, patch: Patch) -> Document:
    """Save an experiment after instructions, with what they entail for its flag; all of it holds or none.

    A flag lets go of a rule only when no experiment runs on it. So what stops is saved as stopped before its flag is
    changed, and what starts is saved as running after.
    """
    stopping, starting = fields.running(experiment.body), fields.running(after)
    if _same(stopping, starting):
        return work.save(experiment, after, patch=patch)
    work.require("updateExperiment", experiment.address)
    if stopping is not None:
        _end(after, stopping["_id"], work.now)
    if starting is None:
        assert stopping is not None
        stopped = work.save(experiment, after, patch=patch)
        _serve_winner(work, stopped)
        return stopped
    if stopping is not None:
        experiment = work.save(experiment, _stopped(experiment.body, after))
    _launch(work, experiment, after, replaced=stopping)
    return work.save(experiment, after, patch=patch)


def _same(one: Body | None, other: Body | None) -> bool:
    return (one and one["_id"]) == (other and other["_id"])


def _iterations(body: Body) -> list[Body]:
    return [*body["previousIterations"], *([body["currentIteration"]] if "currentIteration" in body else [])]


def _end(after: Body, iteration_id: str, now: int) -> None:
    for iteration in _iterations(after):
        if iteration["_id"] == iteration_id:
            iteration["endedAt"] = now


def _stopped(before: Body, after: Body) -> Body:
    """Between two iterations: the one has stopped, the other has not started."""
    ended = next(each for each in _iterations(after) if each["_id"] == before["currentIteration"]["_id"])
    return {**before, "currentIteration": ended}


def _serve_winner(work: Work, experiment: Document) -> None:
    iteration = experiment.body["currentIteration"]
    place = Place.of(experiment.address)
    ((flag_key, flag),) = iteration["flags"].items()
    subject = Subject.find(work, place, flag_key)
    if subject is None:
        return
    winner = subject.variation(iteration["winningTreatmentId"], "winningTreatmentId")
    edits = subject.serving(flag["ruleId"], winner)
    subject.edit(work, edits, f"Experiment '{experiment.body['name']}' has ended")


def _launch(work: Work, experiment: Document, after: Body, *, replaced: Body | None) -> None:
    """Give an iteration everything that it starts with, and its flag the rollout."""
    iteration, place = after["currentIteration"], Place.of(experiment.address)
    drafting.settle(work, place, iteration)
    ((flag_key, flag),) = iteration["flags"].items()
    subject = Subject.of(work, place, flag_key)
    preconditions.check(work, experiment.address, after, subject)
    rule = subject.rule(flag["ruleId"])
    kept = _kept_seed(rule, iteration, replaced)
    iteration["seed"] = 1 + secrets.randbelow(_SEEDS) if kept is None else kept
    rollout = rollout_of(
        _slices(rule, iteration, keep=kept is not None),
        outside=subject.variation(flag["notInExperimentVariationId"], "notInExperimentVariationId"),
        unit=iteration["randomizationUnit"],
        seed=iteration["seed"],
        can_reshuffle=iteration["canReshuffleTraffic"],
    )
    edits = [*_letting_go(subject, flag, replaced), *subject.carrying(flag["ruleId"], rollout)]
    subject.edit(work, edits, f"Experiment '{after['name']}' has started")
    flag["flagConfigVersion"] = Subject.of(work, place, flag_key).version
    iteration["startedAt"] = work.now
    iteration["methodology"] = after["methodology"]
    if "analysisConfig" in after:
        iteration["analysisConfig"] = after["analysisConfig"]


def _letting_go(subject: Subject, flag: Body, replaced: Body | None) -> list[Body]:
    """An experiment that goes over to another rule leaves the old one to what those outside of it were served."""
    before = replaced["flags"][subject.key] if replaced else flag
    if before["ruleId"] == flag["ruleId"]:
        return []
    variation = subject.variation(before["notInExperimentVariationId"], "notInExperimentVariationId")
    return subject.serving(before["ruleId"], variation)


def _kept_seed(rule: Rule, iteration: Body, replaced: Body | None) -> int | None:
    """The seed to go on with, so that units stay where they are: only if nothing but the shares may change."""
    if replaced is None or iteration["canReshuffleTraffic"] or rule.allocation.get("type") != EXPERIMENT:
        return None
    (before,), (flag,) = replaced["flags"].values(), iteration["flags"].values()
    same_unit = replaced["randomizationUnit"] == iteration["randomizationUnit"]
    return rule.seed if same_unit and before["ruleId"] == flag["ruleId"] else None


def _slices(rule: Rule, iteration: Body, *, keep: bool) -> list[allocation.Slice]:
    treatments = iteration["treatments"]
    weights = allocation.weights([drafting.percent_of(treatment) for treatment in treatments])
    shares = {treatment["variation"]: weight for treatment, weight in zip(treatments, weights, strict=False)}
    if keep:
        return allocation.regrown(rule.slices, shares)
    if iteration["canReshuffleTraffic"]:
        return allocation.side_by_side(shares)
    return allocation.in_bands(shares)
