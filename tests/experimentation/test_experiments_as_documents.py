"""Experiments as other parts of the server meet them: by address, as stored, on a store of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core.actor import server
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.patches import Patch
from flaghoist.core.work import Work
from flaghoist.resources import families
from flaghoist.resources.experimentation.experiments.conduct import conduct
from flaghoist.resources.experimentation.iteration import IterationPlan
from flaghoist.resources.experimentation.versions import read_version
from flaghoist.store.database import Database
from flaghoist.store.documents import Document, Documents

PROJECT = "proj/web"
ENVIRONMENT = f"{PROJECT}:env/test"
FLAG = f"{PROJECT}:env/*:flag/button"
COLOUR = f"{ENVIRONMENT}:experiment/colour"
CATALOGUE = Catalogue(resource for family in families() for resource in family.resources)
Answer = TypeVar("Answer")


@dataclass
class World:
    """A store with one project, its flag and its metric."""

    database: Database
    documents: Documents = field(default_factory=Documents)

    def act(self, deed: Callable[[Work], Answer]) -> Answer:
        """One transaction of the server's own."""

        def write(connection: Any) -> Answer:
            return deed(
                Work(
                    connection=connection,
                    documents=self.documents,
                    catalogue=CATALOGUE,
                    actor=server(),
                    writing=True,
                )
            )

        answer: Answer = self.database.write(write)
        return answer


def build(work: Work) -> None:
    work.make("proj", {}, {"key": "web", "name": "Web"})
    work.make("env", {"projectKey": "web"}, {"key": "test", "name": "Test", "color": "f5a623"})
    metric = {"key": "sold", "name": "Sold", "kind": "custom", "eventKey": "sold"}
    work.make("metric", {"projectKey": "web"}, metric)
    variations = [{"value": "blue"}, {"value": "green"}, {"value": "grey"}]
    work.make("flag", {"projectKey": "web"}, {"key": "button", "name": "Button", "variations": variations})
    instruct(work, FLAG, {"kind": "turnFlagOn"})
    ids = [each["_id"] for each in work.read(FLAG).body["variations"]]
    treatments = [
        {"name": name, "baseline": at == 0, "allocationPercent": percent, "parameters": [parameter]}
        for at, (name, percent) in enumerate([("Green", "30"), ("Blue", "10")])
        for parameter in [{"flagKey": "button", "variationId": ids[1 - at]}]
    ]
    iteration = {
        "hypothesis": "Green sells more",
        "metrics": [{"key": "sold"}],
        "primarySingleMetricKey": "sold",
        "treatments": treatments,
        "flags": {"button": {"ruleId": "fallthrough", "notInExperimentVariationId": ids[2]}},
        "attributes": ["country"],
    }
    params = {"projectKey": "web", "environmentKey": "test"}
    config = {"significanceThreshold": "1"}
    work.make("experiment", params, {"key": "colour", "name": "C", "iteration": iteration, "analysisConfig": config})


def instruct(work: Work, address: str, *instructions: dict[str, Any]) -> Document:
    body = {"environmentKey": "test", "instructions": list(instructions)}
    return work.patch(address, Patch("semantic", body, "", "test", list(instructions)))


def started(work: Work) -> Document:
    return conducted(work, {"kind": "startIteration"})


def conducted(work: Work, instruction: dict[str, Any]) -> Document:
    experiment = work.read(COLOUR)
    patch = Patch("semantic", {}, instructions=[instruction])
    after = patch.apply(CATALOGUE["experiment"], experiment.body)
    assert after is not None
    return conduct(work, experiment, after, patch)


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.act(build)
    return made


def test_analysis_reads_what_was_promised_at_the_start(world: World) -> None:
    experiment = world.act(started)
    metric = f"{PROJECT}:metric/sold"
    world.act(lambda work: work.patch(metric, Patch("merge", {"eventKey": "sold-out"})))
    world.act(lambda work: instruct(work, COLOUR, {"kind": "updateName", "value": "Hue"}))
    body = world.act(lambda work: work.read(COLOUR)).body
    iteration = body["currentIteration"]
    plan = IterationPlan.of(body, iteration)
    assert (plan.id, plan.experiment_key, plan.kind) == (iteration["_id"], "colour", "experiment")
    assert (plan.flag_key, plan.rule_id, plan.unit) == ("button", "fallthrough", "user")
    assert (plan.started_at_ms, plan.ended_at_ms) == (experiment.updated_at, None)
    assert [(each.name, each.variation, each.share) for each in plan.treatments] == [
        ("Green", 1, 0.75),
        ("Blue", 0, 0.25),
    ]
    assert (plan.baseline.name, plan.attributes) == ("Green", ("country",))
    assert [each and each.name for each in map(plan.treatment_of, range(3))] == ["Blue", "Green", None]
    assert (plan.methodology, plan.analysis_config) == ("frequentist", {"significanceThreshold": "1"})
    (pinned,) = plan.metrics
    assert (pinned.key, pinned.analysis_unit, pinned.primary, pinned.group) == ("sold", "user", True, "")
    counted = world.act(lambda work: read_version(work, metric, pinned.version_id))
    assert counted.body["eventKey"] == "sold", "as it was at the start"
    rollout = world.act(lambda work: work.whole(FLAG)).body["environments"]["test"]["fallthrough"]["rollout"]
    assert rollout["seed"] == plan.seed


def test_an_iteration_remembers_the_places_that_variations_had_when_it_ran(world: World) -> None:
    first = world.act(started).body["currentIteration"]
    stop = {"kind": "stopIteration", "winningTreatmentId": first["treatments"][0]["_id"]}
    world.act(lambda work: conducted(work, stop))
    move = [{"op": "move", "from": "/variations/2", "path": "/variations/0"}]
    world.act(lambda work: work.patch(FLAG, Patch("json", move)))
    body = world.act(lambda work: conducted(work, {"kind": "saveAndStartNewIteration"})).body
    places = [
        [each.variation for each in IterationPlan.of(body, iteration).treatments]
        for iteration in (*body["previousIterations"], body["currentIteration"])
    ]
    assert places == [[1, 0], [2, 1]]
    rollout = world.act(lambda work: work.whole(FLAG)).body["environments"]["test"]["fallthrough"]["rollout"]
    shares = [(each["variation"], each["weight"]) for each in rollout["variations"]]
    assert shares == [(2, 30_000), (1, 10_000), (0, 60_000)]


def test_only_the_road_that_changes_the_flag_too_starts_an_iteration(world: World) -> None:
    with pytest.raises(Conflict, match="does not carry this iteration: start it with startIteration"):
        world.act(lambda work: instruct(work, COLOUR, {"kind": "startIteration"}))
    assert "currentIteration" not in world.act(lambda work: work.read(COLOUR)).body


def test_other_edits_by_address_are_free(world: World) -> None:
    world.act(lambda work: instruct(work, COLOUR, {"kind": "updateName", "value": "Hue"}))
    assert world.act(lambda work: work.read(COLOUR)).body["name"] == "Hue"


def test_the_default_unit_is_the_project_s(world: World) -> None:
    units = [{"randomizationUnit": "user", "default": False}, {"randomizationUnit": "device", "default": True}]
    address = f"{PROJECT}:experimentation-settings/settings"
    settings = Document(address, "experimentation-settings", PROJECT, 1, 1, 0, 0, {"randomizationUnits": units})
    world.act(lambda work: world.documents.put(work.connection, settings, seq=1_000))
    ids = [each["_id"] for each in world.act(lambda work: work.read(FLAG)).body["variations"]]
    params = {"projectKey": "web", "environmentKey": "test"}
    treatment = {"name": "Blue", "baseline": True, "allocationPercent": "9"}
    iteration = {
        "hypothesis": "H",
        "metrics": [{"key": "sold", "primary": True}],
        "treatments": [{**treatment, "parameters": [{"flagKey": "button", "variationId": ids[0]}]}],
        "flags": {"button": {"ruleId": "fallthrough"}},
    }
    made = world.act(lambda work: work.make("experiment", params, {"key": "x", "name": "X", "iteration": iteration}))
    assert made.body["draftIteration"]["randomizationUnit"] == "device"


def test_an_experiment_in_a_layer_cannot_be_archived(world: World) -> None:
    reservations = [{"experimentKey": "colour", "flagKey": "button", "reservationPercent": 25}]
    body = {"key": "checkout", "name": "Checkout", "environments": {"test": {"reservations": reservations}}}
    layer = Document(f"{PROJECT}:layer/checkout", "layer", PROJECT, 1, 1, 0, 0, body)
    world.act(lambda work: world.documents.put(work.connection, layer, seq=1_000))
    archive = {"kind": "archiveExperiment"}
    with pytest.raises(Conflict, match="in the layer 'checkout': remove it from the layer"):
        world.act(lambda work: instruct(work, COLOUR, archive))
    emptied = Document(layer.address, "layer", PROJECT, 2, 2, 0, 0, {**body, "environments": {}})
    world.act(lambda work: world.documents.put(work.connection, emptied, seq=1_001))
    assert world.act(lambda work: instruct(work, COLOUR, archive)).body["archivedDate"] > 0


def test_a_holdout_must_exist_to_hold_an_experiment(world: World) -> None:
    held = {"holdoutId": {"operation": "add", "value": "h-1"}}
    hold = {"kind": "updateExperimentFields", "value": held}
    with pytest.raises(Invalid, match="there is no holdout 'h-1'"):
        world.act(lambda work: instruct(work, COLOUR, hold))
    holdout = Document(f"{ENVIRONMENT}:holdout/h", "holdout", ENVIRONMENT, 1, 1, 0, 0, {"_id": "h-1", "key": "h"})
    world.act(lambda work: world.documents.put(work.connection, holdout, seq=1_000))
    assert world.act(lambda work: instruct(work, COLOUR, hold)).body["holdoutId"] == "h-1"


def test_experiments_go_with_their_environment(world: World) -> None:
    world.act(
        lambda work: work.make("env", {"projectKey": "web"}, {"key": "other", "name": "Other", "color": "000000"})
    )
    world.act(lambda work: work.delete(ENVIRONMENT))
    assert world.act(lambda work: work.find(COLOUR)) is None
