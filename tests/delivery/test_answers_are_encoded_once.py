"""Answers for one context are put together from parts that were encoded before, and nobody can tell."""

import asyncio
import json as plain_json
from typing import Any

import pytest
from flag_worlds import World, in_the_suite, worlds
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.base import json
from flaghoist.delivery import phrases
from flaghoist.delivery.answers import SLICE
from flaghoist.delivery.snapshot import Snapshot
from flaghoist.delivery.source import Payload, Update
from flaghoist.evaluation.context import Context, parse_context
from flaghoist.evaluation.ruleset import Ruleset

AUDIENCES = ("environment_id", "mobile", None)
ANN = parse_context({"kind": "user", "key": "ann"})
BOB = parse_context({"kind": "user", "key": "bob"})


def expected(flags: World, segments: World, context: Context, audience: Any, form: str) -> bytes:
    """The same answer by the long road: everything evaluated, made a document, and encoded."""
    everything = Ruleset.build(flags, segments).evaluate_all(context, for_client=audience)
    if form == "values":
        return json.encode({key: evaluated.result.value for key, evaluated in everything.items()})
    versions = {key: _version(flags, segments, [("flags", key)], set()) for key in everything}
    return json.encode(
        {
            key: evaluated.document(version=versions[key], with_reason=form == "reasoned")
            for key, evaluated in everything.items()
        }
    )


def _version(flags: World, segments: World, names: list[tuple[str, str]], known: set[tuple[str, str]]) -> int:
    """The versions of a flag and all it leads to, each counted once."""
    total = 0
    for kind, key in names:
        document = (flags if kind == "flags" else segments).get(key)
        if (kind, key) in known or document is None:
            continue
        known.add((kind, key))
        further = [("flags", each["key"]) for each in document.get("prerequisites", ())]
        for rule in document.get("rules", ()):
            for clause in rule["clauses"]:
                if clause["op"] == "segmentMatch":
                    further.extend(("segments", value) for value in clause["values"])
        total += document["version"] + _version(flags, segments, further, known)
    return total


def told(snapshot: Snapshot, context: Context, audience: Any, form: Any) -> bytes:
    return asyncio.run(snapshot.answers(audience, form).to(context)).content


@in_the_suite
@given(worlds(), worlds(), st.data())
def test_answers_are_the_bytes_of_the_long_road_also_after_changes(world: World, later: World, data: Any) -> None:
    flags, segments = _decodable(world["flags"]), _decodable(world["segments"])
    snapshot = Snapshot.build(Payload(0, flags, segments))
    for seq in range(1, 4):
        for document in world["contexts"]:
            context = parse_context(document)
            for form in ("detailed", "reasoned", "values"):
                for audience in AUDIENCES:
                    assert told(snapshot, context, audience, form) == expected(flags, segments, context, audience, form)
        kind = data.draw(st.sampled_from(("flags", "segments")))
        items = flags if kind == "flags" else segments
        key = data.draw(st.sampled_from(sorted(later[kind])))
        item = data.draw(st.sampled_from((None, _decodable(later[kind])[key])))
        version = 100 * seq
        snapshot, made = snapshot.updated(
            [Update(kind, key, version, item and {**item, "version": version}, seq)]  # type: ignore[arg-type]
        )
        if made:
            items.pop(key, None)
            if item:
                items[key] = {**item, "version": version}


def _decodable(items: World) -> World:
    decoded: World = json.decode(json.encode(items))
    return decoded


def test_each_outcome_of_a_flag_is_encoded_once_however_many_ask(
    make_flag: Any, make_segment: Any, asks_for_segment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[bytes] = []
    honest = phrases.phrase_of

    def noted(content: bytes) -> phrases.Phrase:
        encoded.append(content)
        return honest(content)

    monkeypatch.setattr(phrases, "phrase_of", noted)
    flags = {
        "all": make_flag("all"),
        "off": make_flag("off", on=False),
        "members": make_flag("members", fallthrough={"variation": 1}, rules=[asks_for_segment("beta")]),
    }
    snapshot = Snapshot.build(Payload(0, flags, {"beta": make_segment("beta", included=["ann"])}))
    for _ in range(3):
        for context in (ANN, BOB):
            told(snapshot, context, "mobile", "detailed")
    assert len(encoded) == 4, "two flags that answer all alike, and one with two outcomes"
    snapshot, _ = snapshot.updated([Update("flags", "off", 9, {**make_flag("off", on=True), "version": 9}, 9)])
    for context in (ANN, BOB):
        told(snapshot, context, "mobile", "detailed")
    assert len(encoded) == 5, "a change costs what has changed"


def test_what_depends_on_nobody_is_one_piece_shared_by_all_answers(make_flag: Any) -> None:
    split = {"rollout": {"variations": [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]}}
    keys = [f"f{number:03}" for number in range(300)]
    flags = {key: make_flag(key, **({"fallthrough": split} if key == "f150" else {})) for key in keys}
    answers = Snapshot.build(Payload(0, flags, {})).answers("mobile", "detailed")
    assert len(answers._pieces) == 3
    assert list(plain_json.loads(asyncio.run(answers.to(ANN)).content)) == keys


def test_a_long_evaluation_lets_others_have_their_turn(make_flag: Any) -> None:
    split = {"rollout": {"variations": [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]}}
    flags = {f"f{number:05}": make_flag(f"f{number:05}", fallthrough=split) for number in range(3 * SLICE)}
    answers = Snapshot.build(Payload(0, flags, {})).answers(None, "values")
    turns = []

    async def count() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def story() -> int:
        counting = asyncio.ensure_future(count())
        body = await answers.to(ANN)
        counting.cancel()
        return len(plain_json.loads(body.content))

    assert asyncio.run(story()) == len(flags)
    assert len(turns) == 2, "one look between each two of three slices"


def test_same_answer_has_the_same_tag_on_every_server_and_another_answer_another(make_flag: Any) -> None:
    targets = [{"variation": 1, "values": ["bob"]}]
    flags = {key: make_flag(key, targets=targets if key == "b" else []) for key in "abc"}

    def tag(context: Context, flags: World) -> str:
        return asyncio.run(Snapshot.build(Payload(0, flags, {})).answers("mobile", "detailed").to(context)).etag

    assert tag(ANN, flags) == tag(ANN, dict(reversed(flags.items())))
    assert tag(ANN, flags) != tag(BOB, flags)
    assert tag(ANN, flags) != tag(ANN, {**flags, "a": {**flags["a"], "version": 2}})


def test_environment_that_is_only_sent_is_never_compiled(make_flag: Any) -> None:
    snapshot = Snapshot.build(Payload(0, {f"f{number}": make_flag(f"f{number}") for number in range(60)}, {}))
    assert snapshot.everything.content
    assert not snapshot.can_answer_soon
    snapshot.compile()
    assert snapshot.can_answer_soon
    after, _ = snapshot.updated([Update("flags", "f0", 9, {**make_flag("f0", on=False), "version": 9}, 9)])
    assert after.can_answer_soon, "what was compiled is shared"
    reloaded = Snapshot.build(Payload(9, {f"f{number}": make_flag(f"f{number}") for number in range(60)}, {}))
    assert not reloaded.can_answer_soon
    assert reloaded.following(after).can_answer_soon
