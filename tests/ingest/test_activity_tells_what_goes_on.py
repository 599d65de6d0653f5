"""What is known of flags, events, kinds of context and SDKs without asking the lake; the same on either store."""

from event_road import NOON, Road

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.ingest.bounded import COUNT_MAX
from flaghoist.store.facts import activity
from flaghoist.store.facts.activity import Evaluations

USER = {"contextKeys": {"user": "ann"}}


def test_flags_remember_when_they_were_asked_for_and_how_often(road: Road, environment: str) -> None:
    for hour, served in enumerate([3, 4]):
        counters = [{"variation": 0, "count": served}, {"count": 1}]
        summary = {"kind": "summary", "features": {"f": {"default": hour, "counters": counters}}}
        road.send(environment, [summary, summary], at=NOON + hour * HOUR_MS)
        road.compactor.flush()
    with road.database.read() as connection:
        known = activity.flag(connection, environment, "f")
        hourly = activity.evaluations(connection, environment, since=NOON, until=NOON + 2 * HOUR_MS)
        assert activity.flags(connection, environment) == {"f": known}
        assert activity.flag(connection, environment, "other") is None
        assert activity.flags(connection, "elsewhere") == {}
    assert known is not None
    assert (known.first_requested, known.last_requested, known.default) == (NOON, NOON + HOUR_MS, 1)
    assert hourly == [
        Evaluations("f", NOON, None, 2),
        Evaluations("f", NOON, 0, 6),
        Evaluations("f", NOON + HOUR_MS, None, 2),
        Evaluations("f", NOON + HOUR_MS, 0, 8),
    ]


def test_events_remember_when_they_came_with_what_and_from_whom(road: Road, environment: str) -> None:
    both = {"contextKeys": {"user": "ann", "org": "acme"}}
    road.send(environment, [{"kind": "custom", "key": "bought", "metricValue": 1, **USER}], at=NOON + 5)
    road.send(environment, [{"kind": "custom", "key": "bought", **both}], at=NOON + HOUR_MS + 7)
    road.send(environment, [{"kind": "click", "key": "cta", **USER}], at=NOON + HOUR_MS + 9)
    road.compactor.flush()
    with road.database.read() as connection:
        bought = activity.event(connection, environment, "custom", "bought")
        newest_first = [(event.kind, event.key) for event in activity.events(connection, environment)]
        kinds = {kind.kind: (kind.first_seen, kind.last_seen) for kind in activity.kinds(connection, environment)}
        assert activity.event(connection, environment, "click", "bought") is None
    assert newest_first == [("click", "cta"), ("custom", "bought")]
    assert bought is not None
    assert (bought.events, bought.first_seen, bought.last_seen) == (2, NOON + 5, NOON + HOUR_MS + 7)
    assert (bought.last_value_at, bought.last_seen_hour) == (NOON + 5, NOON + HOUR_MS)
    assert bought.unit_kinds == {"org": NOON + HOUR_MS + 7, "user": NOON + HOUR_MS + 7}
    assert kinds == {"org": (NOON + HOUR_MS + 7,) * 2, "user": (NOON + 5, NOON + HOUR_MS + 9)}


def test_what_was_left_out_is_counted_by_day_and_reason(road: Road, environment: str) -> None:
    bad_key, bad_value = {"kind": "custom", "key": ""}, {"kind": "custom", "key": "k", "metricValue": "x"}
    road.send(environment, [bad_key, bad_key, bad_value], at=NOON)
    road.send(environment, [bad_key], at=NOON + DAY_MS)
    road.compactor.flush()
    with road.database.read() as connection:
        assert activity.dropped(connection, environment) == {"bad_key": 3, "bad_value": 1}
        assert activity.dropped(connection, environment, since=NOON + DAY_MS) == {"bad_key": 1}


def test_counts_are_forgotten_in_time_but_not_what_was_seen(road: Road, environment: str) -> None:
    summary = {"kind": "summary", "features": {"f": {"counters": [{"variation": 0, "count": 1}]}}}
    for hour in range(2):
        road.send(environment, [summary], at=NOON + hour * HOUR_MS)
    road.compactor.flush()
    road.database.write(lambda connection: activity.forget(connection, before=NOON + HOUR_MS))
    with road.database.read() as connection:
        hourly = activity.evaluations(connection, environment, since=0, until=NOON + DAY_MS)
        known = activity.flag(connection, environment, "f")
    assert [count.hour for count in hourly] == [NOON + HOUR_MS]
    assert known is not None
    assert known.first_requested == NOON


def test_sdks_are_known_by_what_they_call_themselves(road: Road, environment: str) -> None:
    python = {"agent": "PythonClient/9.20.0"}
    road.send(environment, [{"kind": "diagnostic-init", "id": {}}], at=NOON, **python)
    road.send(environment, [{"kind": "diagnostic", "droppedEvents": 3}], at=NOON + 1, **python)
    road.send(environment, [], at=NOON + 2, agent="JSClient/4.0", wrapper="react/1")
    road.compactor.flush()
    with road.database.read() as connection:
        js, known = activity.sdks(connection, environment)
    assert (js.name, js.version, js.wrapper, js.starts) == ("JSClient", "4.0", "react/1", 0)
    assert (known.name, known.version, known.starts, known.dropped_events) == ("PythonClient", "9.20.0", 1, 3)
    assert (known.first_seen, known.last_seen) == (NOON, NOON + 1)


def test_absurd_counts_do_not_stop_the_events_of_others(road: Road, environment: str) -> None:
    for absurd in (2**63 - 1, 10**30):
        counters = [{"variation": 0, "count": absurd}] * 2
        road.send(environment, [{"kind": "summary", "features": {"f": {"default": 1, "counters": counters}}}], at=NOON)
        road.send(environment, [{"kind": "diagnostic", "droppedEvents": absurd}], at=NOON, agent="Odd/1")
    road.send(environment, [{"kind": "custom", "key": "bought", **USER}], at=NOON)
    road.compactor.flush()
    with road.database.read() as connection:
        bought = activity.event(connection, environment, "custom", "bought")
        (hour,) = activity.evaluations(connection, environment, since=NOON, until=NOON + HOUR_MS)
        (odd,) = activity.sdks(connection, environment)
    assert bought is not None
    assert bought.events == 1
    assert (hour.count, odd.dropped_events) == (4 * COUNT_MAX, 2 * COUNT_MAX), "each is believed so far and no further"


def test_the_newest_events_are_shown_as_they_came(road: Road, environment: str) -> None:
    contexts = {"contextKeys": {"user": "ann", "org": "acme"}}
    for number in range(5):
        event = {"kind": "custom", "key": "bought", "metricValue": number, "data": {"n": [number]}, "creationDate": 7}
        road.send(environment, [{**event, **contexts}], at=NOON + number)
        road.compactor.flush()
    newest = road.facts.latest_events(environment, "custom", "bought", since=NOON + 1, limit=3)
    assert [event.received_at for event in newest] == [NOON + 4, NOON + 3, NOON + 2]
    first = newest[0]
    assert (first.contexts, first.value, first.created_at) == ({"user": "ann", "org": "acme"}, 4.0, 7)
    assert first.properties == {"n": [4]}
    assert road.facts.latest_events(environment, "click", "bought", since=NOON) == []


def test_other_rooms_may_record_within_the_same_step(road: Road, environment: str) -> None:
    told: list[tuple[str, str]] = []
    road.compactor = road.new_compactor(
        witnesses=[
            lambda connection, gathered: told.extend(
                (identity.key, str(identity.attributes["plan"])) for identity in gathered.identities[environment]
            )
        ]
    )
    context = {"kind": "user", "key": "ann", "plan": "pro"}
    road.send(environment, [{"kind": "index", "context": context}])
    road.compactor.flush()
    assert told == [("ann", "pro")]


def test_the_background_thread_moves_events_on_by_itself(road: Road, environment: str) -> None:
    road.compactor.start()
    road.send(environment, [{"kind": "custom", "key": "bought", **USER}])
    road.wait_until(lambda: road.facts.latest_events(environment, "custom", "bought", since=0), seconds=20)
    road.compactor.stop()
