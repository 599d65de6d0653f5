"""Whoever asks for what has been accepted is answered, however fast more goes on arriving."""

import itertools

from event_road import Road

from flaghoist.store.facts import progress
from flaghoist.store.inbox import Accepted

ENOUGH = 20


def test_a_question_does_not_wait_for_what_arrived_after_it(road: Road, environment: str) -> None:
    numbers = itertools.count()
    event = {"kind": "custom", "key": "bought", "contextKeys": {"user": "ann"}, "creationDate": road.clock.at_ms}

    def place() -> int:
        outcome = road.send(environment, [event])
        assert isinstance(outcome, Accepted)
        return outcome.position

    def send_another(stage: str) -> None:
        if stage == "parsed" and next(numbers) < ENOUGH:
            road.clock.at_ms += 1
            sent.append(place())

    sent = [place() for _ in range(3)]
    compactor = road.new_compactor(stage=send_another)
    for _ in range(3):
        asked_for = sent[-1]
        already = len(sent)
        compactor.flush()
        with road.database.read() as connection:
            assert progress.reached(connection, road.inbox.id) >= asked_for
        assert len(sent) <= already + 2, "it went on and on"
