"""An event that was sent to several inboxes counts as it was first received, whichever of them is moved on first."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attribution_rules import Payload, Sent, Told, attribute
from event_road import HOUR_MS, NOON, FakeClock, new_environment
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.sharing import Shared
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import activity, superseded
from flaghoist.store.facts.answer import Answer
from flaghoist.store.facts.engines.duckdb import DuckdbEngine
from flaghoist.store.facts.engines.port import Session
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Dataset, Lake
from flaghoist.store.facts.question import Iteration, Measure, Question
from flaghoist.store.inbox import Inbox
from flaghoist.store.migrations import migrate
from flaghoist.store.nudges import Alone as NobodyToNudge

INBOXES = 3
STEP_MS = 1_000
BOUGHT = Measure(event_key="bought", numeric=True, aggregation="sum", window_end_ms=4 * STEP_MS)


@dataclass
class Crossroads:
    """Inboxes that feed one lake, each of them moved on when a test says so."""

    clock: FakeClock
    database: Database
    lake: Lake
    facts: Facts
    inboxes: list[Inbox]
    compactors: list[Compactor]

    def send(self, inbox: int, environment: str, events: Sequence[dict[str, Any]], *, payload_id: str = "") -> None:
        ids = tuple((place, event["eventId"]) for place, event in enumerate(events) if "eventId" in event)
        body = json.dumps(events).encode()
        batch = Batch(environment, "server", body, len(events), payload_id=payload_id, event_ids=ids)
        self.inboxes[inbox].accept(batch).result(10)

    def move_on(self, inbox: int) -> None:
        self.compactors[inbox].move_on(is_awaited=False)


@pytest.fixture(scope="module")
def crossroads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossroads]:
    folder, fake = tmp_path_factory.mktemp("crossroads"), FakeClock(NOON)
    with pytest.MonkeyPatch.context() as patch, closing(Database(sqlite_url(folder))) as database:
        patch.setattr(clock, "now_ms", fake.now_ms)
        migrate(database)
        inboxes = [Inbox(folder / f"inbox-{number}") for number in range(INBOXES)]
        lake = Lake(folder / "lake", database)
        facts = Facts(lake, database, spill=folder / "spill")
        compactors = [
            Compactor(inbox, lake, database, max_lateness_ms=0, sharing=Shared(inbox, database, NobodyToNudge()))
            for inbox in inboxes
        ]
        for compactor in compactors:
            compactor.begin()
        yield Crossroads(fake, database, lake, facts, inboxes, compactors)
        for inbox in inboxes:
            inbox.close()
        facts.close()
        lake.close()


@dataclass(frozen=True)
class Sending:
    """Some events on their way to an inbox, and which inboxes are moved on before the next."""

    inbox: int
    events: tuple[int, ...]
    payload: int | None
    """The payload whose id they have: then they are all of its events; else each has an id of its own."""
    moved_on: tuple[int, ...]


@dataclass(frozen=True)
class World:
    """What there is to send, how it is sent, and in which order inboxes are moved on in the end."""

    events: tuple[Sent, ...]
    sendings: tuple[Sending, ...]
    order: tuple[int, ...]
    ended: int | None
    """After how many sendings the iteration ends."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Payloads of an SDK, sent again whole, and events of a pipeline, sent again in other batches."""
    sent = st.builds(
        Sent,
        contexts=st.sampled_from("abc").map(lambda key: {"user": key}),
        variation=st.sampled_from([None, None, 0, 1]),
        value=st.integers(1, 9).map(Fraction),
    )
    payloads = draw(st.lists(st.lists(sent, min_size=1, max_size=4), min_size=2, max_size=4))
    events = [event for payload in payloads for event in payload]
    ends = [sum(map(len, payloads[: number + 1])) for number in range(len(payloads))]
    whole = [tuple(range(end - len(payload), end)) for end, payload in zip(ends, payloads, strict=True)]
    by_payload = draw(st.lists(st.booleans(), min_size=len(payloads), max_size=len(payloads)))
    single = [at for places, together in zip(whole, by_payload, strict=True) if not together for at in places]
    inbox = st.integers(0, INBOXES - 1)

    def sending(number: int | None) -> Sending:
        payload = number if number is not None and by_payload[number] else None
        if number is not None:
            places = whole[number]
        else:
            places = tuple(draw(st.lists(st.sampled_from(single), min_size=1, max_size=5, unique=True)))
        moved_on = draw(st.lists(inbox, max_size=2, unique=True))
        return Sending(draw(inbox), places, payload, tuple(moved_on))

    again = [number if by_payload[number] else None for number in draw(st.lists(st.integers(0, len(payloads) - 1)))]
    numbers: list[int | None] = [*range(len(payloads)), *again]
    return World(
        tuple(events),
        tuple(sending(number) for number in draw(st.permutations(numbers))),
        tuple(draw(st.permutations(range(INBOXES)))),
        draw(st.none() | st.integers(1, 8)),
    )


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_whatever_is_sent_twice_and_moved_on_in_whatever_order(crossroads: Crossroads, world: World) -> None:
    environment, began = new_environment(), crossroads.clock.at_ms + HOUR_MS
    first_received: dict[int, int] = {}
    for number, sending in enumerate(world.sendings):
        crossroads.clock.at_ms = began + number * STEP_MS
        _send(crossroads, environment, world, sending)
        for at in sending.events:
            first_received.setdefault(at, number)
        for inbox in sending.moved_on:
            crossroads.move_on(inbox)
    for inbox in world.order:
        crossroads.move_on(inbox)
    payloads = [
        Payload(
            began + number * STEP_MS,
            tuple(world.events[at] for at in sending.events if first_received[at] == number),
        )
        for number, sending in enumerate(world.sendings)
    ]
    ended = None if world.ended is None else began + world.ended * STEP_MS
    iteration = Iteration(
        environment_id=environment, flag_key="checkout", unit_kind="user", started_at=began, ended_at=ended
    )
    _check(
        crossroads.facts.answer(Question(iteration=iteration, measure=BOUGHT)), attribute(payloads, iteration, BOUGHT)
    )
    with crossroads.database.read() as connection:
        tallied = activity.event(connection, environment, "custom", "bought")
    purchases = sum(world.events[at].variation is None for at in first_received)
    assert (tallied.events if tallied else 0) == purchases


class Interrupted:
    """DuckDB, with something that happens once a question has begun to read."""

    def __init__(self, engine: DuckdbEngine, meanwhile: Callable[[], None]) -> None:
        self._engine, self._meanwhile = engine, meanwhile

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self._engine.session() as session:
            yield self._interrupted(session)

    def close(self) -> None:
        self._engine.close()

    def _interrupted(self, session: Session) -> Session:
        source = session.source

        def interrupted(paths: Sequence[str], dataset: Dataset) -> str:
            self._meanwhile()
            return source(paths, dataset)

        session.source = interrupted  # type: ignore[method-assign]
        return session


def test_a_question_sees_what_is_moved_on_meanwhile_whole_or_not_at_all(crossroads: Crossroads, tmp_path: Path) -> None:
    environment = new_environment()
    started = crossroads.clock.at_ms = crossroads.clock.at_ms + HOUR_MS
    shown, sold = Sent({"user": "bob"}, variation=1), Sent({"user": "bob"}, value=Fraction(5))
    early = [_event(Sent({"user": "ann"}, variation=0)), _event(Sent({"user": "ann"}, value=Fraction(3)))]
    crossroads.send(0, environment, early)
    again = {**_event(sold), "eventId": "sold"}
    crossroads.send(1, environment, [_event(shown), again, _event(sold)])
    crossroads.clock.at_ms += STEP_MS
    crossroads.send(0, environment, [again])
    crossroads.move_on(0)
    engine = Interrupted(DuckdbEngine(spill=tmp_path / "spill"), lambda: crossroads.move_on(1))
    facts = Facts(crossroads.lake, crossroads.database, spill=tmp_path / "beside", engine=engine)
    question = Question(
        iteration=Iteration(environment_id=environment, flag_key="checkout", unit_kind="user", started_at=started),
        measure=BOUGHT,
    )
    answer = facts.answer(question)
    assert ([arm.events for arm in answer.arms], answer.left_out.not_exposed) == ([1], 1)
    answer = facts.answer(question)
    assert ([arm.events for arm in answer.arms], answer.left_out.not_exposed) == ([1, 2], 0)
    facts.close()


def test_what_is_said_of_copies_is_forgotten_with_them(crossroads: Crossroads) -> None:
    environment = new_environment()
    crossroads.clock.at_ms += HOUR_MS
    purchase = {**_event(Sent({"user": "ann"}, value=Fraction(3))), "eventId": "sold"}
    for inbox in (1, 0):
        crossroads.send(inbox, environment, [purchase])
        crossroads.clock.at_ms += STEP_MS
    crossroads.move_on(0)
    crossroads.move_on(1)
    assert _superseded(crossroads, environment) == 1
    crossroads.clock.at_ms += 3 * DAY_MS
    crossroads.lake.forget(before=crossroads.clock.at_ms - 5 * DAY_MS)
    assert _superseded(crossroads, environment) == 1
    for _ in range(2):  # once for the files, then for what was said of them
        crossroads.lake.forget(before=crossroads.clock.at_ms - DAY_MS)
    assert _superseded(crossroads, environment) == 0


def _superseded(crossroads: Crossroads, environment: str) -> int:
    with crossroads.database.read() as connection:
        return len(superseded.marks(connection, environment))


def _send(crossroads: Crossroads, environment: str, world: World, sending: Sending) -> None:
    events = [_event(world.events[at]) for at in sending.events]
    if sending.payload is None:
        events = [{**event, "eventId": f"event-{at}"} for at, event in zip(sending.events, events, strict=True)]
    payload_id = "" if sending.payload is None else f"payload-{sending.payload}"
    crossroads.send(sending.inbox, environment, events, payload_id=payload_id)


def _event(sent: Sent) -> dict[str, Any]:
    event: dict[str, Any] = {"contextKeys": sent.contexts, "creationDate": sent.created_at}
    if sent.variation is None:
        return {**event, "kind": "custom", "key": "bought", "metricValue": float(sent.value or 0)}
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    return {**event, "kind": "feature", "key": "checkout", "variation": sent.variation, "reason": reason}


def _check(answer: Answer, told: Told) -> None:
    assert dict(answer.traffic.units) == told.traffic
    assert answer.traffic.contaminated == told.contaminated
    assert {name: count for name, count in asdict(answer.left_out).items() if count} == dict(+told.left_out)
    assert {arm.variation: arm.events for arm in answer.arms if arm.events} == dict(+told.events)
    assert {arm.variation: arm.total for arm in answer.arms if arm.traffic} == {
        variation: float(sum(values)) for variation, values in told.values.items()
    }
