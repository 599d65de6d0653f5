"""What an environment is sent as: the same state gives the same bytes, and a change costs one item."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.base.bodies import Body
from flaghoist.delivery.snapshot import Snapshot
from flaghoist.delivery.source import Payload, Update


def flag(key, version, *values):
    return {"key": key, "version": version, "on": True, "variations": [*values], "fallthrough": {"variation": 0}}


def test_change_encodes_one_item_and_shares_the_others():
    before = Snapshot.build(Payload(10, {"a": flag("a", 1, "x"), "b": flag("b", 2, "y")}, {"a": {"version": 3}}))
    after, made = before.updated([Update("flags", "a", 11, flag("a", 11, "z"), 11)])
    assert len(made) == 1
    assert after.item("flags", "b") is before.item("flags", "b")
    assert after.item("segments", "a") is before.item("segments", "a")
    assert json.loads(after.everything.content)["flags"]["a"]["variations"] == ["z"]
    assert json.loads(before.everything.content)["flags"]["a"]["variations"] == ["x"]


def test_same_state_has_the_same_bytes_whatever_led_to_it():
    one = Snapshot.build(Payload(10, {"b": flag("b", 2, "y"), "a": flag("a", 11, "z")}, {}))
    other, _ = Snapshot.build(Payload(1, {}, {})).updated(
        [Update("flags", "a", 11, flag("a", 11, "z"), 11), Update("flags", "b", 2, flag("b", 2, "y"), 12)]
    )
    assert (one.everything.content, one.everything.etag) == (other.everything.content, other.everything.etag)


def test_large_body_is_compressed_once_however_many_ask_at_once():
    body = Body(b"[" + b"1," * 200_000 + b"1]")

    async def story():
        return await asyncio.gather(*(body.gzipped() for _ in range(20)))

    answers = asyncio.run(story())
    assert all(answer is answers[0] for answer in answers)


def test_copies_of_everything_are_let_go_while_nobody_asks_and_are_the_same_again():
    snapshot = Snapshot.build(Payload(10, {f"f{number}": flag(f"f{number}", 1, "x") for number in range(99)}, {}))
    polled, opening, compressed = (
        snapshot.everything.content,
        snapshot.put,
        asyncio.run(snapshot.everything.gzipped()),
    )
    snapshot.rest()
    assert snapshot.put is opening, "asked for since the last rest"
    snapshot.rest()
    snapshot.rest()
    assert snapshot.everything.content == polled
    assert snapshot.everything.content is not polled
    assert snapshot.put == opening
    assert asyncio.run(snapshot.everything.gzipped()) is compressed, "small, and asked for by nearly all"


# Numbers of changes, each to one of few keys, deleting now and then; values often the same as before.
changes = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 0, 1, 1.0, True])), max_size=12)


@given(changes=changes, repeated=st.lists(st.integers(0, 11), max_size=4), loaded_at=st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_law_updates_told_again_end_in_the_state_of_the_store(changes, repeated, loaded_at):
    """Told in order, from wherever and with whatever repeated, all changes end in what the store holds."""
    updates = [
        Update("flags", key, seq, None if value is None else flag(key, seq, value), seq)
        for seq, (key, value) in enumerate(changes, start=1)
    ]
    snapshot = Snapshot.build(Payload(loaded_at, _stored(updates[:loaded_at]), {}))
    for position, update in enumerate(updates):
        heard_before = [updates[earlier] for earlier in repeated if earlier < position]
        snapshot, made = snapshot.updated([*heard_before, update])
        assert not made or update.seq > loaded_at
    assert _values(json.loads(snapshot.everything.content)["flags"]) == _values(_stored(updates))


def _stored(updates):
    latest = {update.key: update.item for update in updates}
    return {key: item for key, item in latest.items() if item is not None}


def _values(items):
    # As text, since in Python 1 == 1.0 == True. Versions are left out: a change to the same is not taken in.
    return {key: json.dumps(item["variations"]) for key, item in items.items()}
