"""Any flag, any context: the answer is the one that the official Python server SDK gives."""

import base64
import hashlib

from flag_worlds import World, in_the_suite, worlds
from hypothesis import given, settings
from ldclient import Context as OfficialContext
from ldclient.client import LDClient
from ldclient.config import Config
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.impl.evaluator import Evaluator
from ldclient.impl.events.types import EventFactory
from ldclient.impl.model import FeatureFlag, Segment
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from flaghoist.evaluation.big_segments import Membership
from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.panel import Panel
from flaghoist.evaluation.ruleset import Ruleset


@in_the_suite
@given(worlds())
def test_value_variation_and_reason_are_those_of_the_official_evaluator(world: World) -> None:
    ruleset = Ruleset.build(world["flags"], world["segments"])
    panel = Panel(ruleset.shown(None))
    store = {_hash(key): Membership(known, world["status"]) for key, known in world["memberships"].items()}
    flags_there = {key: FeatureFlag(flag) for key, flag in world["flags"].items()}
    segments_there = {key: Segment(segment) for key, segment in world["segments"].items()}
    official = Evaluator(
        flags_there.get, segments_there.get, lambda key: (world["memberships"].get(key), world["status"])
    )
    for document in world["contexts"]:
        context = parse_context(document)
        official_context = OfficialContext.from_dict(document)
        assert official_context.valid
        everything = ruleset.evaluate_all(
            context, memberships=lambda key: store.get(key, Membership({}, world["status"]))
        )
        asking = ruleset.asking(context, memberships=lambda key: store.get(key, Membership({}, world["status"])))
        together = dict(zip(sorted(flags_there), asking.panel(panel)[0], strict=True))
        for key, flag in flags_there.items():
            expected = official.evaluate(flag, official_context, EventFactory(False))
            detail = expected.detail
            result = ruleset.evaluate(
                key, context, memberships=lambda key: store.get(key, Membership({}, world["status"]))
            )
            assert (result.value, result.variation, result.reason) == (
                detail.value,
                detail.variation_index,
                detail.reason,
            )
            assert result.is_experiment == bool(EventFactory.is_experiment(flag, detail.reason))
            assert everything[key].result == result
            assert together[key] in (result, None)
            assert list(everything[key].prerequisites) == expected.prerequisites


@in_the_suite
@given(worlds())
def test_what_is_known_without_a_context_is_what_every_context_gets(world: World) -> None:
    ruleset = Ruleset.build(world["flags"], world["segments"])
    known = {flag.key: ruleset.answer_to_all(flag) for flag in ruleset.shown(None)}
    for document in world["contexts"]:
        for key, evaluated in ruleset.evaluate_all(parse_context(document)).items():
            assert known[key] in (None, (evaluated.result, evaluated.prerequisites))


@settings(in_the_suite, max_examples=30)
@given(worlds())
def test_bootstrap_state_is_that_of_the_official_client(world: World) -> None:
    bounded = {key: {**segment, "unbounded": False} for key, segment in world["segments"].items()}
    ruleset = Ruleset.build(world["flags"], bounded)
    store = InMemoryFeatureStore()
    store.init({FEATURES: world["flags"], SEGMENTS: bounded})
    with LDClient(Config("sdk-key", feature_store=store, use_ldd=True, send_events=False)) as client:
        for document in world["contexts"]:
            expected = client.all_flags_state(OfficialContext.from_dict(document), with_reasons=True).to_json_dict()
            state: World = {"$valid": True, "$flagsState": {}}
            for key, evaluated in ruleset.evaluate_all(parse_context(document)).items():
                shown = evaluated.document(version=1, with_reason=True)
                state[key] = shown.pop("value")
                state["$flagsState"][key] = {**shown, "version": shown.pop("flagVersion")}
            for meta in state["$flagsState"].values():
                meta.pop("flagVersion")
            assert state == expected


def _hash(context_key: str) -> str:
    return base64.b64encode(hashlib.sha256(context_key.encode()).digest()).decode()
