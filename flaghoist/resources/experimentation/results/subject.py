"""Whose results are asked for: an iteration of an experiment, its metrics, and how they are to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flaghoist.base.errors import NotFound
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation import asking, reading
from flaghoist.resources.experimentation.iteration import IterationPlan, MetricPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.reading import Correction
from flaghoist.resources.experimentation.versions import read_version
from flaghoist.rest.operations import Call
from flaghoist.statistics.experiment import Settings
from flaghoist.store.facts.answer import Answer, Arm
from flaghoist.store.facts.question import Question

BELOW = "projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}"
EXPERIMENT = f"/api/v2/{BELOW}"


class Facts(Protocol):
    """Where the counted facts come from."""

    def flush(self) -> None:
        """Take in everything accepted so far."""
        ...

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers to some questions, in order."""
        ...

    def series(self, question: Question, through: Sequence[int]) -> list[tuple[Arm, ...]]:
        """The arms as they stood at several times."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """An iteration of an experiment, and how it is to be read; ``path`` is the experiment's."""

    experiment: Document
    environment_id: str
    iteration: Body
    plan: IterationPlan
    correction: Correction | None
    path: str

    def metrics(self, key: str, group: str = "") -> list[MetricPlan]:
        """The metrics of a key, or those of a group; raises ``NotFound`` naming those there are."""
        found = [each for each in self.plan.metrics if (each.group == group if group else each.key == key)]
        if not found:
            known = ", ".join(sorted({each.group or each.key for each in self.plan.metrics})) or "none"
            raise NotFound(f"this iteration does not measure '{group or key}'; it measures {known}")
        return found if group else found[:1]

    def measure(self, work: Work, metric: MetricPlan) -> Measure:
        """The metric in the version that the iteration pinned at its start: later edits do not change its results."""
        return Measure.of(read_version(work, self.address(metric), metric.version_id).body)

    def address(self, metric: MetricPlan) -> str:
        """Where the metric is."""
        return f"{addresses.project_of(self.experiment.address)}:metric/{metric.key}"

    def counted_here(self, work: Work) -> list[MetricPlan]:
        """The iteration's metrics that have results here."""
        return [each for each in self.plan.metrics if self.measure(work, each).is_counted_here]

    def question(self, work: Work, measure: Measure, *, slice_by: str | None = None) -> Question:
        """What to ask of the facts about a metric."""
        return asking.ask(
            self.plan,
            measure,
            environment_id=self.environment_id,
            max_lateness_hours=work.services["settings"].max_lateness_hours,
            slice_by=slice_by,
        )

    def settings(self, measure: Measure) -> Settings:
        """How a metric's samples are to be read."""
        plan = self.plan
        return reading.settings_of(plan.methodology, plan.analysis_config, higher_is_better=measure.higher_is_better)


def subject(work: Work, call: Call) -> Subject:
    """The iteration that a request names, or else the current one."""
    params = call.params
    environment = work.read(f"proj/{params['projectKey']}:env/{params['environmentKey']}")
    work.require("viewProject", addresses.parent(environment.address))
    experiment = work.read(f"{environment.address}:experiment/{params['experimentKey']}")
    iteration = _iteration(experiment.body, call.query.text("iterationId"))
    plan = IterationPlan.of(experiment.body, iteration)
    path = EXPERIMENT.format_map(params)
    return Subject(
        experiment, environment.body["_id"], iteration, plan, reading.correction_of(plan.analysis_config), path
    )


def facts_of(work: Work) -> Facts:
    """The facts, as the server keeps them."""
    facts: Facts = work.services["facts"]
    return facts


def _iteration(body: Body, wanted: str) -> Body:
    """The iteration of an id, or else the current one; it must have been started."""
    current = body.get("currentIteration")
    started: list[Body] = [each for each in [current, *body["previousIterations"]] if each and "startedAt" in each]
    if not started:
        raise NotFound(f"the experiment '{body['key']}' has not been started: there are no results yet")
    if not wanted:
        return started[0]
    found = next((each for each in started if each["_id"] == wanted), None)
    if found is None:
        raise NotFound(f"the experiment '{body['key']}' has no started iteration '{wanted}'")
    return found
