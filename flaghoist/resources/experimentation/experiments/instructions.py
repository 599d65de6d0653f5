"""The verbs of an experiment; what starting and stopping does to its flag is done once all are through."""

from flaghoist.base import clock
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core.instructions import Instructions
from flaghoist.core.resource import Body
from flaghoist.resources.experimentation.experiments import fields
from flaghoist.resources.experimentation.experiments.drafting import copied
from flaghoist.resources.experimentation.experiments.schema import FieldUpdate

VERBS = Instructions("experiment")


@VERBS
def update_name(experiment: Body, *, value: str) -> None:
    """Give it another name."""
    _change(experiment, {"name": FieldUpdate("update", value)})


@VERBS
def update_description(experiment: Body, *, value: str) -> None:
    """Describe it in other words."""
    _change(experiment, {"description": FieldUpdate("update", value)})


@VERBS
def update_experiment_fields(experiment: Body, *, value: dict[str, FieldUpdate]) -> None:
    """Change several fields at once, as far as its status allows."""
    _change(experiment, value)


@VERBS
def start_iteration(experiment: Body, *, change_justification: str = "") -> None:
    """Start the draft; what was running until then is stopped without a winner."""
    require_active(experiment)
    if fields.running(experiment) and not change_justification:
        raise Invalid(
            "an iteration is running: say in 'changeJustification' why another one takes its place, or stop it first"
        )
    draft = experiment.pop("draftIteration", None)
    if draft is None:
        raise Conflict("there is no draft to start: create an iteration first, or use saveAndStartNewIteration")
    _begin(experiment, draft, change_justification)


@VERBS
def stop_iteration(experiment: Body, *, winning_treatment_id: str, winning_reason: str = "") -> None:
    """Stop what is running; the winner is then served to the whole audience of the rule."""
    current = fields.running(experiment)
    if current is None or "startedAt" not in current:
        raise Conflict("no iteration is running, so there is none to stop")
    treatments = {treatment["_id"]: treatment["name"] for treatment in current["treatments"]}
    if winning_treatment_id not in treatments:
        possible = ", ".join(f"'{name}': {treatment_id}" for treatment_id, name in treatments.items())
        raise Invalid(f"winningTreatmentId: there is no treatment '{winning_treatment_id}'; possible: {possible}")
    current |= {"status": "stopped", "winningTreatmentId": winning_treatment_id, "winningReason": winning_reason}


@VERBS
def save_and_start_new_iteration(
    experiment: Body, *, change_justification: str = "", value: dict[str, FieldUpdate] | None = None
) -> None:
    """Stop what is running without a winner, and start a changed copy of it."""
    require_active(experiment)
    current = experiment.get("currentIteration")
    if current is None:
        raise Conflict("nothing has been started yet: use updateExperimentFields and startIteration")
    draft = copied(current)
    fields.change(experiment, draft, value or {}, "not_started")
    _begin(experiment, draft, change_justification)


@VERBS
def archive_experiment(experiment: Body) -> None:
    """Put it away."""
    if fields.running(experiment):
        raise Conflict("an experiment that is running cannot be archived: stop the iteration first")
    experiment.setdefault("archivedDate", clock.now_ms())


@VERBS
def restore_experiment(experiment: Body) -> None:
    """Bring it back."""
    experiment.pop("archivedDate", None)


def _change(experiment: Body, updates: dict[str, FieldUpdate]) -> None:
    status = fields.status_of(experiment)
    iteration = experiment.get("currentIteration" if status == "running" else "draftIteration")
    fields.change(experiment, iteration, updates, status)


def require_active(experiment: Body) -> None:
    """Refuse to start what has been put away."""
    if experiment.get("archivedDate"):
        raise Conflict("an archived experiment cannot be started: restore it first")


def _begin(experiment: Body, iteration: Body, justification: str) -> None:
    current = experiment.pop("currentIteration", None)
    if current is not None and "startedAt" not in current:
        raise Conflict("one patch can start one iteration only; send another patch for the next")
    if current is not None:
        experiment["previousIterations"].append({**current, "status": "stopped"})
    if justification:
        iteration["changeJustification"] = justification
    experiment["currentIteration"] = {**iteration, "status": "running"}
