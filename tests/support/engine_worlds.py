"""One world of shoppers with everything that questions can ask about, and the questions."""

import random
from dataclasses import replace
from typing import Any

from event_road import Road

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store.batches import Marks
from flaghoist.store.facts.question import Filter, Iteration, Measure, Question

FLAG = "checkout"
BOUGHT = 'bought "it\'s"\t\\ 100 %'
PLANS = ("free", "pro", "it's \\ team", "naïve ☃", "")


def live(road: Road, environment: str, *, started: int) -> None:
    """Two days before the experiments start and four after, arriving in many files, on time and late."""
    chance = random.Random(20261123)
    for number in range(24):
        at = started + (number - 8) * 6 * HOUR_MS
        vouched = number % 3 == 0
        events = [_event(chance, at - chance.choice([0, chance.randrange(30 * HOUR_MS)])) for _ in range(60)]
        road.send(environment, events, at=at, marks=Marks.BY_CREATION if vouched else Marks(0))
        if number % 4 == 3:
            road.compactor.flush()


def iterations(environment: str, *, started: int) -> dict[str, Iteration]:
    """By what is special about each."""
    plain = Iteration(
        environment_id=environment, flag_key=FLAG, unit_kind="user", started_at=started, attribution="receipt"
    )
    ended = replace(plain, ended_at=started + 3 * DAY_MS)
    return {
        "by receipt": plain,
        "ended, of one rule": replace(
            ended,
            attribution="as_sent",
            rule="rule-1",
            iteration_id="iteration-2",
            multiple_exposures="exclude",
            treatments=(("variation\\id's", 2),),
        ),
        "by creation, of organisations": replace(
            ended, attribution="creation", unit_kind="org", max_lateness_ms=20 * HOUR_MS
        ),
    }


OCCURRENCE = Measure(event_key=BOUGHT)
COUNT = Measure(event_key=BOUGHT, aggregation="sum")
SUM = Measure(event_key=BOUGHT, numeric=True, aggregation="sum")
MEAN = Measure(event_key=BOUGHT, numeric=True, default_zero=False)
SEEN = Measure(event_key="seen", event_kind="pageview")

_COLOUR = Filter(kind="eventProperty", attribute="co'lour", values=("red", 5))
_CITY = Filter(kind="contextAttribute", attribute="/address/city", context_kind="user", op="startsWith", values=("W",))
_KEY = Filter(kind="contextAttribute", attribute="key", context_kind="user", op="endsWith", values=("3", "7"))
_EITHER = Filter(kind="or", filters=(_COLOUR, replace(_CITY, negate=True)))
_NEITHER = Filter(kind="and", negate=True, filters=(_KEY, _COLOUR))


def questions(environment: str, *, started: int) -> dict[str, Question]:
    """By what is asked."""
    of = iterations(environment, started=started)
    plain, ruled, creation = of.values()
    capped = replace(SUM, winsor_lower=5, winsor_upper=90)
    windowed = replace(MEAN, window_start_ms=HOUR_MS, window_end_ms=2 * DAY_MS)
    fitting = replace(SUM, default_zero=False, percentile=75, filters=(_EITHER, _NEITHER))
    return {
        "occurrence, by plan": Question(iteration=plain, measure=OCCURRENCE, slice_by="plan"),
        "percentile of filtered sums, by plan": Question(iteration=plain, measure=fitting, slice_by="plan"),
        "capped sum with a covariate": Question(iteration=plain, measure=capped, covariate_ms=DAY_MS),
        "funnel in order": Question(iteration=plain, measure=OCCURRENCE, preceded_by=(SEEN,), in_order=True),
        "ratio of capped sums": Question(
            iteration=ruled, measure=replace(capped, winsor_imputed=True), denominator=COUNT
        ),
        "average of units with events, within a window": Question(iteration=creation, measure=windowed),
        "funnel in any order": Question(iteration=creation, measure=COUNT, preceded_by=(SEEN,)),
        "what nobody was shown": Question(
            iteration=replace(plain, flag_key="nobody"), measure=replace(capped, percentile=50), slice_by="plan"
        ),
    }


def _event(chance: random.Random, created_at: int) -> dict[str, Any]:
    number = chance.randrange(60)
    contexts = {"user": f"user-{number}"}
    if number % 4:
        contexts["org"] = f"org-{number % 20}"
    if chance.random() < 0.05:
        contexts.pop("user")
        contexts["device"] = "d"
    event: dict[str, Any] = {"creationDate": created_at}
    if chance.random() < 0.35:
        return event | _exposure(chance, number, contexts)
    if chance.random() < 0.4:
        return event | {"kind": "pageview", "key": "seen", "url": "https://shop.example/", "contextKeys": contexts}
    value = chance.choice([None, 0, round(chance.lognormvariate(3, 2), 2), -chance.random() * 1e-7, chance.random()])
    colour = chance.choice(["red", "blue", 5, 5.5, None, True, ["red"]])
    person = {"key": f"user-{number}", "address": {"city": chance.choice(["Wien", "Würzburg", "Graz"])}}
    context = {"kind": "multi", "user": person, "org": {"key": f"org-{number % 20}"}}
    return event | {
        "kind": "custom",
        "key": BOUGHT,
        "metricValue": value,
        "data": {"co'lour": colour},
        **({"context": context} if chance.random() < 0.5 else {"contextKeys": contexts}),
    }


def _exposure(chance: random.Random, number: int, contexts: dict[str, str]) -> dict[str, Any]:
    variation = number % 3 if chance.random() < 0.95 else chance.randrange(3)
    reason: dict[str, Any] = {"kind": "FALLTHROUGH", "inExperiment": True}
    if chance.random() < 0.7:
        reason = {"kind": "RULE_MATCH", "ruleId": "rule-1", "inExperiment": True}
    known: dict[str, Any] = {kind: {"key": key} for kind, key in contexts.items()}
    if "user" in known and number % 13 != 5:
        known["user"]["plan"] = PLANS[number % 5] if number % 11 else number
    return {
        "kind": "feature",
        "key": FLAG,
        "variation": variation,
        "reason": reason,
        "context": {"kind": "multi", **known} if len(known) > 1 else {"kind": min(known), **known[min(known)]},
    }
