"""Questions asked from several threads while events arrive, files are merged and old ones deleted."""

import threading

from event_road import Road

from flaghoist.store.facts.question import Iteration, Measure, Question

ROUNDS = 24
MINUTES_11_MS = 11 * 60_000


def test_every_answer_is_whole_while_files_come_and_go(sqlite_road: Road, environment: str) -> None:
    road = sqlite_road
    started = road.clock.at_ms
    iteration = Iteration(environment_id=environment, flag_key="f", unit_kind="user", started_at=started)
    question = Question(iteration=iteration, measure=Measure(event_key="bought", aggregation="sum"))
    done = threading.Event()
    seen: list[list[tuple[int, int]]] = [[], []]
    failures: list[BaseException] = []

    def keep_asking(answers: list[tuple[int, int]]) -> None:
        try:
            while not done.is_set():
                answer = road.facts.answer(question)
                answers.append((sum(answer.traffic.units.values()), sum(arm.events for arm in answer.arms)))
        except BaseException as failure:
            failures.append(failure)

    askers = [threading.Thread(target=keep_asking, args=(answers,)) for answers in seen]
    for asker in askers:
        asker.start()
    for number in range(ROUNDS):
        _one_more(road, environment, f"user-{number}")
        while road.lake.merge_one():
            pass
        # So much time passes between rounds that merged files go at once, also from under those who read them.
        road.clock.at_ms += MINUTES_11_MS
        road.lake.sweep()
    done.set()
    for asker in askers:
        asker.join()

    assert failures == []
    assert road.facts.answer(question).traffic.units == {0: ROUNDS}
    for answers in seen:
        assert answers == sorted(answers), "a later answer knew less"
        assert len(answers) > 3
        # Whoever was exposed also bought, in the same payload: no answer saw half of one.
        assert all(units == events for units, events in answers)


def _one_more(road: Road, environment: str, user: str) -> None:
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    who = {"contextKeys": {"user": user}}
    exposed = {"kind": "feature", "key": "f", "variation": 0, "reason": reason, **who}
    road.send(environment, [exposed, {"kind": "custom", "key": "bought", **who}])
    road.compactor.flush()
