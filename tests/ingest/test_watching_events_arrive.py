"""What a person sees who watches events arrive: each once, with what became of it, and never more than can be read."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from event_road import NOON, FakeClock

from flaghoist.base import json as base_json
from flaghoist.base.clock import HOUR_MS
from flaghoist.ingest.recent import KEPT_BODIES, KEPT_BYTES, KEPT_BYTES_IN_ALL, KEPT_MS, Recent
from flaghoist.ingest.watch import Wanted, show
from flaghoist.store.batches import Batch, Marks
from flaghoist.store.inbox import Accepted, Duplicate
from flaghoist.store.position import first_at

HERE = "0123456789abcdef01234567"
ANN = {"contextKeys": {"user": "ann"}}
BOUGHT = {"kind": "custom", "key": "bought", "metricValue": 9.5, "data": {"plan": "pro"}, **ANN}


class Watched:
    """An environment, what came into it, and a person who looks."""

    def __init__(self, fake_clock: FakeClock) -> None:
        self.clock = fake_clock
        self.recent = Recent()
        self._slots = 0

    def send(self, *events: Any, body: bytes | None = None, repeats: frozenset[int] = frozenset(), **batch: Any) -> int:
        """A body that the inbox accepts; gives its position."""
        self._slots += 1
        position = first_at(self.clock.at_ms) + (self._slots << 14)
        raw = json.dumps(events).encode() if body is None else body
        sent = Batch(HERE, batch.pop("source", "server"), raw, len(events), **batch)
        self.recent.note(sent, Accepted(position, repeats))
        return position

    def look(self, *, most: int = 100, max_lateness_ms: int = HOUR_MS, **wanted: Any) -> tuple[list[Any], int]:
        """The events shown, as JSON, and how many were skipped."""

        async def taken() -> Any:
            return await self.recent.watcher(HERE).take(0.01)

        arrivals, lost = asyncio.run(taken())
        events, skipped = show(arrivals, Wanted(**wanted), most=most, max_lateness_ms=max_lateness_ms)
        assert self.recent.watching
        return [json.loads(base_json.encode(event)) for event in events], skipped + lost


@pytest.fixture
def watched(fake_clock: FakeClock) -> Watched:
    return Watched(fake_clock)


def test_an_event_is_shown_with_whom_it_is_about_and_where_it_came_from(watched: Watched) -> None:
    context = {"kind": "multi", "user": {"key": "ann", "anonymous": True}, "org": {"key": "acme", "plan": "pro"}}
    event = {"kind": "custom", "key": "bought", "creationDate": NOON - 5, "context": context, "metricValue": 3}
    position = watched.send(event, agent="PythonClient/9.20.0", wrapper="openfeature/1.0")
    assert watched.look() == (
        [
            {
                "id": str(position),
                "receivedAt": NOON,
                "kind": "custom",
                "key": "bought",
                "fate": "accepted",
                "source": {"door": "server", "sdk": "PythonClient/9.20.0", "wrapper": "openfeature/1.0"},
                "createdAt": NOON - 5,
                "contexts": [{"kind": "user", "key": "ann", "anonymous": True}, {"kind": "org", "key": "acme"}],
                "metricValue": 3,
                "received": event,
            }
        ],
        0,
    )


def test_evaluations_say_what_was_served_why_and_whether_an_experiment_counts_it(watched: Watched) -> None:
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    feature = {
        "kind": "feature",
        "key": "checkout",
        "variation": 1,
        "value": "new",
        "default": "old",
        "version": 7,
        **ANN,
    }
    counters = [{"variation": 0, "value": "old", "count": 98}, {"value": "old", "unknown": True, "count": 1}]
    summary = {"kind": "summary", "features": {"checkout": {"counters": counters}}}
    watched.send({**feature, "reason": reason}, {**feature, "reason": {"kind": "OFF"}}, summary)
    exposed, off, summarized = watched.look()[0]
    assert exposed["evaluations"] == [
        {
            "flag": "checkout",
            "variation": 1,
            "value": "new",
            "default": "old",
            "version": 7,
            "reason": reason,
            "exposure": True,
        }
    ]
    assert "exposure" not in off["evaluations"][0]
    assert summarized["evaluations"] == [
        {"flag": "checkout", "variation": 0, "value": "old", "count": 98},
        {"flag": "checkout", "value": "old"},
    ]


def test_what_was_not_taken_says_why(watched: Watched) -> None:
    watched.send(
        BOUGHT,
        {"kind": "custom", "key": "bought"},
        {"kind": "custom", "key": "bought", "metricValue": "much", **ANN},
        {"kind": "of tomorrow"},
        5,
        {"kind": "debug", "key": "checkout", **ANN},
        {"kind": "custom", "key": "bought", "eventId": "e-1", **ANN},
        repeats=frozenset({6}),
    )
    watched.recent.note(Batch(HERE, "server", json.dumps([BOUGHT]).encode(), 1, payload_id="p"), Duplicate())
    watched.recent.refused(Batch(HERE, "client", b"", 0), "the body is not valid JSON")
    watched.send(body=b"not gzip", marks=Marks.GZIP)
    shown = [(event["kind"], event["fate"], event.get("reason")) for event in watched.look()[0]]
    assert shown == [
        ("custom", "accepted", None),
        ("custom", "rejected", "unknown_unit"),
        ("custom", "rejected", "bad_value"),
        ("of tomorrow", "rejected", "unknown_kind"),
        ("unknown", "rejected", "bad_event"),
        ("debug", "ignored", None),
        ("custom", "rejected", "duplicate"),
        ("custom", "rejected", "duplicate"),
        ("request", "rejected", "unreadable"),
        ("request", "rejected", "unreadable"),
    ]
    assert all(event["why"] for event in watched.look()[0][1:])


def test_lateness_is_judged_as_when_the_event_is_counted(watched: Watched) -> None:
    late = {**BOUGHT, "creationDate": NOON - 2 * HOUR_MS}
    marks = Marks.BY_CREATION | Marks.LINES | Marks.GZIP
    body = gzip.compress(
        "\n".join(json.dumps(event) for event in (late, BOUGHT, {**late, "creationDate": NOON})).encode()
    )
    watched.send(1, 2, 3, body=body, marks=marks, source="import")
    assert [event.get("reason") for event in watched.look()[0]] == ["too_old", "bad_time", None]
    assert [event.get("reason") for event in watched.look(max_lateness_ms=3 * HOUR_MS)[0]] == [None, "bad_time", None]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({"kinds": frozenset({"click"})}, ["cta"]),
        ({"kinds": frozenset({"unknown"})}, ["odd"]),
        ({"key": "OUGH"}, ["bought", "Rethought"]),
        ({"key": "checkout"}, [None]),
        ({"text": "ann"}, ["bought"]),
        ({"text": "ACME"}, ["Rethought"]),
        ({"text": "\N{LATIN SMALL LETTER U WITH DIAERESIS}rich"}, ["cta"]),
        ({"text": "plan"}, []),
        ({"fates": frozenset({"rejected"})}, ["odd"]),
    ],
)
def test_filters_look_at_kind_key_contexts_and_fate(watched: Watched, wanted: Any, keys: list[str | None]) -> None:
    watched.send(
        BOUGHT,
        {
            "kind": "click",
            "key": "cta",
            "context": {"kind": "user", "key": "x", "city": "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich"},
        },
        {"kind": "custom", "key": "Rethought", "contextKeys": {"org": "acme-1"}},
        {"kind": "summary", "features": {"new-checkout": {"counters": []}}},
        {"kind": "of tomorrow", "key": "odd"},
    )
    assert [event.get("key") for event in watched.look(**wanted)[0]] == keys


def test_whoever_comes_back_sees_only_what_is_new(watched: Watched) -> None:
    watched.send(BOUGHT, {**BOUGHT, "key": "second"})
    watched.send({**BOUGHT, "key": "third"})
    first, second, third = watched.look()[0]
    assert [event["key"] for event in watched.look(after=int(first["id"]))[0]] == ["second", "third"]
    assert [event["key"] for event in watched.look(after=int(second["id"]))[0]] == ["third"]
    assert watched.look(after=int(third["id"]))[0] == []


def test_too_many_are_thinned_evenly_and_counted(watched: Watched) -> None:
    for start in range(0, 3000, 1000):
        watched.send(*[{**BOUGHT, "key": f"event {start + number}"} for number in range(1000)])
    shown, skipped = watched.look(most=30)
    assert len(shown) == 30 and len(shown) + skipped == 3000
    numbers = [int(event["key"].removeprefix("event ")) for event in shown]
    assert numbers == sorted(numbers) and numbers[0] < 200 and numbers[-1] > 2800
    rare, left_out = watched.look(most=30, key="event 2999")
    assert ([event["key"] for event in rare], left_out) == (["event 2999"], 0), "a key is found among all of them"


def test_what_is_kept_is_bounded_and_its_loss_is_told(watched: Watched) -> None:
    for number in range(KEPT_BODIES + 10):
        watched.send({**BOUGHT, "key": f"event {number}"})
    shown, _ = watched.look()
    assert [event["key"] for event in shown] == [f"event {number}" for number in range(10, KEPT_BODIES + 10)]
    watched.send(*[BOUGHT] * 7, body=b" " * (KEPT_BYTES + 1))
    assert watched.look() == ([], 0), "one that is larger than all that is kept leaves nothing"

    watched.send(BOUGHT)
    watched.clock.at_ms += KEPT_MS + 1
    assert watched.look() == ([], 0), "what came long ago is not news"


def test_many_environments_together_hold_no_more_than_a_few_megabytes(watched: Watched) -> None:
    large, environments = b" " * (KEPT_BYTES - 1024), KEPT_BYTES_IN_ALL // KEPT_BYTES + 3
    watched.send(BOUGHT)
    for number in range(environments):
        watched.recent.note(Batch(f"{number:024x}", "server", large, 1), Accepted(first_at(NOON), frozenset()))
    assert watched.look() == ([], 0), "the one that was silent longest is forgotten"
    watched.send(BOUGHT)
    assert len(watched.look()[0]) == 1


def test_a_reader_who_falls_behind_is_told_how_much_was_lost(watched: Watched) -> None:
    async def slow_reader() -> Any:
        watcher = watched.recent.watcher(HERE)
        for _ in range(KEPT_BODIES + 3):
            watched.send(BOUGHT, BOUGHT)
        return await watcher.take(0.01)

    arrivals, lost = asyncio.run(slow_reader())
    assert (len(arrivals), lost) == (KEPT_BODIES, 6)


def test_a_body_that_unfolds_to_gigabytes_is_not_unfolded_for_watchers(watched: Watched) -> None:
    bomb = gzip.compress(b"[" + b" " * (50 << 20) + b"1]", 1)
    watched.send(1, body=bomb, marks=Marks.GZIP)
    assert watched.look() == ([], 1)


def test_long_events_are_shown_without_their_json(watched: Watched) -> None:
    watched.send({**BOUGHT, "data": "x" * 20_000})
    ((event,), _) = watched.look()
    assert "data" not in event and "received" not in event and event["contexts"] == [{"kind": "user", "key": "ann"}]


def test_a_body_nested_beyond_reason_is_shown_like_any_other(watched: Watched) -> None:
    deep = b'[{"kind":"custom","key":"k","data":' + b"[" * 5000 + b"]" * 5000 + b"}]"
    watched.send(1, body=deep)
    ((event,), _) = watched.look()
    assert event["fate"] == "rejected"
