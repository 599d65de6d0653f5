"""An experiment as it stands: the iteration that runs or would be started, and why it would not."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from flaghoist.base.errors import Refusal
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments import drafting, fields, instructions, pins, preconditions
from flaghoist.resources.experimentation.experiments.schema import Status
from flaghoist.resources.experimentation.experiments.subject import Place, Subject
from flaghoist.resources.experimentation.iteration import IterationPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.versions import read_version

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Watched:
    """A single metric of an iteration, in the version that counts, and what starting is refused for on its account."""

    document: Document
    measure: Measure
    primary: bool
    refusal: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What an experiment consists of; ``refusals`` are by what they are about, and empty for what has started.

    ``subject`` is None where the flag is gone, ``plan`` where nothing has been started.
    """

    environment: Document
    experiment: Body
    iteration: Body
    status: Status
    subject: Subject | None
    plan: IterationPlan | None
    metrics: tuple[Watched, ...]
    refusals: dict[str, str]

    @property
    def place(self) -> Place:
        """Where the experiment is."""
        return Place.of(f"{self.environment.address}:experiment/{self.experiment['key']}")

    @property
    def flag_key(self) -> str:
        """The key of the flag that is tested, also where that is gone."""
        return next(iter(self.iteration["flags"]), "")

    @property
    def unit(self) -> str:
        """The kind of context that is randomized."""
        return str(self.iteration["randomizationUnit"])

    @property
    def primary(self) -> Watched | None:
        """The metric that decides, or the first of the funnel that does."""
        return next((each for each in self.metrics if each.primary), None)


def set_up(work: Work, environment: Document, experiment: Document) -> Setup:
    """Look at an experiment: what is running, or else its draft, or else what was stopped last."""
    body = copy.deepcopy(experiment.body)
    status = fields.status_of(body)
    place = Place.of(experiment.address)
    refusals: dict[str, str] = {}
    if status == "not_started":
        refusals["archived"] = refusal(instructions.require_active, body)
        refusals["design"] = _bring_forward(work, place, body)
    iteration = body["currentIteration"]
    subject = Subject.find(work, place, next(iter(iteration["flags"]), ""))
    plan = IterationPlan.of(body, iteration) if "startedAt" in iteration else None
    if status == "not_started":
        refusals |= _refusals(work, experiment.address, body, subject)
    metrics = tuple(_started(work, place, plan) if plan else _drafted(work, place, body))
    refusals |= {f"metric:{each.measure.key}": each.refusal for each in metrics}
    told = {about: said for about, said in refusals.items() if said}
    return Setup(environment, body, iteration, status, subject, plan, metrics, told)


def refusal(check: Callable[P, object], *args: P.args, **more: P.kwargs) -> str:
    """What a check refuses, in its own words; empty if it lets pass."""
    try:
        check(*args, **more)
    except Refusal as refused:
        return refused.message
    return ""


def _bring_forward(work: Work, place: Place, body: Body) -> str:
    """Put the draft where starting would put it, filled in as far as it can be; gives what it is refused for."""
    draft = body.pop("draftIteration")
    settled = copy.deepcopy(draft)
    said = refusal(drafting.settle, work, place, settled)
    if "currentIteration" in body:
        body["previousIterations"].append(body["currentIteration"])
    body["currentIteration"] = draft if said else settled
    return said


def _refusals(work: Work, address: str, experiment: Body, subject: Subject | None) -> dict[str, str]:
    iteration = experiment["currentIteration"]
    found = {
        "subject": refusal(preconditions.check_subject, experiment, iteration),
        "treatments": refusal(preconditions.check_traffic, iteration),
        "unit": refusal(preconditions.check_unit, work, Place.of(address), iteration["randomizationUnit"]),
    }
    if subject is None:
        return found
    return {
        **found,
        "flag": refusal(preconditions.check_flag, subject),
        "rule": refusal(preconditions.check_rule, subject, iteration)
        or refusal(preconditions.check_others, work, address, experiment, subject),
    }


def _started(work: Work, place: Place, plan: IterationPlan) -> Iterator[Watched]:
    """The metrics as they were pinned at the start."""
    for metric in plan.metrics:
        document = read_version(work, f"{place.project}:metric/{metric.key}", metric.version_id)
        yield Watched(document, Measure.of(document.body), metric.primary, "")


def _drafted(work: Work, place: Place, experiment: Body) -> Iterator[Watched]:
    """The metrics as they are; one that is gone is told of by the refusal of the design."""
    iteration = experiment["currentIteration"]
    for asked in iteration["metrics"]:
        decides = iteration.get("primaryFunnelKey" if asked["isGroup"] else "primarySingleMetricKey")
        if refusal(pins.documents, work, place, {"metrics": [asked]}):
            continue
        for entry, metric in pins.documents(work, place, {"metrics": [asked]}):
            said = refusal(preconditions.check_metric, experiment, iteration, entry, metric)
            yield Watched(metric, Measure.of(metric.body), decides == asked["key"], said)
