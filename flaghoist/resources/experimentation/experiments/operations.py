"""Experiments: create, read, list, change, start and stop, draft iterations."""

from collections.abc import Mapping
from typing import Any

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses, patches
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments import drafting, fields, rendering, rules
from flaghoist.resources.experimentation.experiments.conduct import conduct
from flaghoist.resources.experimentation.experiments.instructions import VERBS
from flaghoist.resources.experimentation.experiments.listing import LISTING
from flaghoist.resources.experimentation.experiments.overview import BriefsRep, brief
from flaghoist.resources.experimentation.experiments.representations import (
    ExperimentRep,
    ExperimentsRep,
    IterationRep,
)
from flaghoist.resources.experimentation.experiments.schema import Experiment, ExperimentPost, IterationInput, plain
from flaghoist.resources.experimentation.experiments.subject import Place
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.verbs import Verbs, checked_key, listed, visible

FAMILY = Family("Experiments")
_COLLECTION = "/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments"
_ITEM = f"{_COLLECTION}/{{experimentKey}}"
_EVERYTHING = frozenset(rendering.EXPANDS)


def _new(work: Work, _params: Mapping[str, str], post: ExperimentPost) -> tuple[Mapping[str, str], Body]:
    body = plain(post)
    if body.get("type") == "holdout":
        raise Invalid("type: a holdout is created as such, at .../holdouts")
    default = "bayesian" if body.get("type") == rules.BANDIT else "frequentist"
    body = {"methodology": default, "maintainerId": work.actor.member_id, **body}
    del body["iteration"]
    fresh = {"_id": ids.object_id(), "draftIteration": drafting.drafted(post.iteration)}
    return {"experimentKey": checked_key(post.key, "experiment")}, {**body, **fresh}


EXPERIMENT = FAMILY.resource(
    Resource(
        kind="experiment",
        address="proj/{projectKey}:env/{environmentKey}:experiment/{experimentKey}",
        parent="proj/{projectKey}:env/{environmentKey}",
        schema=Experiment,
        create_action="createExperiment",
        delete_action="updateExperimentArchived",  # experiments go only with their environment, which has its own
        post=ExperimentPost,
        make=_new,
        render=rendering.render,
        settle=rules.settle,
        check=rules.check,
        immutable=frozenset({"key", "_id", "type", "dataSource"}),
        instructions=VERBS,
        reacts={"flag": rules.refuse_moved_variations},
    )
)


class _Experiments(Verbs):
    """Instructions are carried out with what they entail; other patches reach the experiment's own fields."""

    def patch(self, work: Work, call: Call) -> Body:
        """An experiment changed, started or stopped."""
        patch = patches.read(call.body, call.content_type)
        experiment = work.read(self.resource.address_of(call.params))
        _require_some_right(work, experiment)
        if patch.dialect == "semantic":
            changed = _instructed(work, experiment, patch)
        else:
            changed = work.patch(experiment.address, patch)
            fields.refuse_beyond(experiment.body, changed.body)
        return self.resource.render(call.look(work, detail=True), changed)


_Experiments(
    family=FAMILY,
    resource=EXPERIMENT,
    collection=_COLLECTION,
    item=_ITEM,
    rep=ExperimentRep,
    collection_rep=ExperimentsRep,
    listing=LISTING,
    expands=rendering.EXPANDS,
).declare(list_="getExperiments", create="createExperiment", get="getExperiment", patch="patchExperiment")


@FAMILY.view(
    "/api/v2/projects/{projectKey}/experiments",
    "getExperimentsAnyEnv",
    returns=ExperimentsRep,
    query=(
        ("limit", "integer"), ("offset", "integer"), ("filter", "string"), ("expand", "string"),
        ("lifecycleState", "string"),
    ),
)  # fmt: skip
def list_everywhere(work: Work, call: Call) -> Body:
    """List the experiments of all environments of a project"""
    project = work.read(f"proj/{call.params['projectKey']}")
    found = [
        experiment
        for environment in work.collection("env", project.address)
        for experiment in work.collection(EXPERIMENT.kind, environment.address)
    ]
    shown = visible(work, EXPERIMENT, found, project.address)
    return listed(work, call, LISTING, shown, EXPERIMENT.render)


@FAMILY.command("POST", f"{_ITEM}/iterations", "createIteration", body=IterationInput, returns=IterationRep)
def draft_iteration(work: Work, call: Call) -> Body:
    """Draft the next iteration of an experiment; it takes the place of a draft that is there"""
    experiment = work.read(EXPERIMENT.address_of(call.params))
    work.require("updateExperiment", experiment.address)
    if "archivedDate" in experiment.body:
        raise Conflict("an archived experiment takes no new iterations: restore it first")
    draft = drafting.drafted(call.body)
    changed = work.save(experiment, {**experiment.body, "draftIteration": draft})
    look = call.look(work, detail=True)
    place = Place.of(changed.address)
    return rendering.iteration(look, place, changed.body["draftIteration"], expands=_EVERYTHING)


@FAMILY.view(
    "/internal/projects/{projectKey}/environments/{environmentKey}/experiments",
    "getExperimentsInBrief",
    returns=BriefsRep,
    ours=True,
)
def list_in_brief(work: Work, call: Call) -> Body:
    """List all experiments of an environment in brief, the newest first"""
    environment = work.read(EXPERIMENT.parent_of(call.params))
    shown = visible(work, EXPERIMENT, work.collection(EXPERIMENT.kind, environment.address), environment.address)
    project = addresses.project_of(environment.address)
    return {"items": [brief(work, project, each) for each in reversed(shown)]}


def _require_some_right(work: Work, experiment: Document) -> None:
    """Whoever may change nothing here is told so, and not how the experiment stands."""
    actions = set(EXPERIMENT.guards.values())
    if not any(work.allows(action, experiment.address).allowed for action in actions):
        work.require("updateExperiment", experiment.address)


def _instructed(work: Work, experiment: Document, patch: patches.Patch) -> Document:
    work.comment = patch.comment or _justification(patch)
    after = patch.apply(EXPERIMENT, experiment.body)
    assert after is not None, "no instruction deletes an experiment"
    return conduct(work, experiment, after, patch)


def _justification(patch: patches.Patch) -> str:
    """Why another iteration takes the place of the one running, for the audit log."""
    said: list[Any] = [each.get("changeJustification") for each in patch.instructions if isinstance(each, dict)]
    return next((text for text in said if isinstance(text, str)), "")
