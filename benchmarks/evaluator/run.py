"""How many evaluations a second, beside the official Python server SDK's evaluator, in one run on one core."""

import argparse
import random
import time
from collections.abc import Callable
from typing import Any

from ldclient import Context as OfficialContext
from ldclient.impl.evaluator import Evaluator
from ldclient.impl.events.types import EventFactory
from ldclient.impl.model import FeatureFlag, Segment

from flaghoist.evaluation.context import parse_context
from flaghoist.evaluation.ruleset import Ruleset

FLAG_KEY = "checkout"
CONTEXT_COUNT = 2_000
MANY = 500

Work = Callable[[], Any]


def main() -> None:
    """Check that both evaluators agree, then time them turn by turn and print the best of each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10)
    rounds = arguments.parse_args().rounds

    flags = {FLAG_KEY: checkout_flag(FLAG_KEY), "base": base_flag()}
    segments = {"beta": beta_segment()}
    documents = context_documents()
    ours, theirs = evaluators(flags, segments, documents)
    mismatches = sum(
        (result.value, result.variation, result.reason) != (detail.value, detail.variation_index, detail.reason)
        for result, detail in zip(ours(), theirs(), strict=True)
    )
    print(f"{mismatches} mismatches of {CONTEXT_COUNT} in value, variation and reason")

    line("evaluations/s", race(ours, theirs, rounds), per=CONTEXT_COUNT, unit="rate")

    many = {f"flag-{number}": checkout_flag(f"flag-{number}") for number in range(MANY)} | {"base": base_flag()}
    line(f"{MANY} flags, one context", race(*all_flags(many, segments, documents[1]), rounds), per=1, unit="ms")

    flag = flags[FLAG_KEY]
    compiling = race(lambda: Ruleset.build({FLAG_KEY: flag}, {}), lambda: FeatureFlag(flag), rounds * 20)
    line("compile one flag", compiling, per=1, unit="µs")
    parsing = race(
        lambda: [parse_context(document) for document in documents],
        lambda: [OfficialContext.from_dict(document) for document in documents],
        rounds,
    )
    line("read one context", parsing, per=CONTEXT_COUNT, unit="µs")


def evaluators(flags: dict[str, Any], segments: dict[str, Any], documents: list[dict[str, Any]]) -> tuple[Work, Work]:
    """One flag for every context, by either evaluator."""
    ruleset = Ruleset.build(flags, segments)
    contexts = [parse_context(document) for document in documents]
    evaluator, events = official(flags, segments), EventFactory(True)
    flag = FeatureFlag(flags[FLAG_KEY])
    their_contexts = [OfficialContext.from_dict(document) for document in documents]
    return (
        lambda: [ruleset.evaluate(FLAG_KEY, context) for context in contexts],
        lambda: [evaluator.evaluate(flag, context, events).detail for context in their_contexts],
    )


def all_flags(flags: dict[str, Any], segments: dict[str, Any], document: dict[str, Any]) -> tuple[Work, Work]:
    """Every flag for one context, as client-side endpoints need it."""
    ruleset, context = Ruleset.build(flags, segments), parse_context(document)
    evaluator, events = official(flags, segments), EventFactory(True)
    their_flags = [FeatureFlag(flag) for flag in flags.values()]
    their_context = OfficialContext.from_dict(document)
    return (
        lambda: ruleset.evaluate_all(context),
        lambda: [evaluator.evaluate(flag, their_context, events) for flag in their_flags],
    )


def official(flags: dict[str, Any], segments: dict[str, Any]) -> Evaluator:
    """The official SDK's evaluator over the same flags and segments."""
    flags_there = {key: FeatureFlag(flag) for key, flag in flags.items()}
    segments_there = {key: Segment(segment) for key, segment in segments.items()}
    return Evaluator(flags_there.get, segments_there.get, lambda key: (None, "HEALTHY"))


def race(ours: Work, theirs: Work, rounds: int) -> tuple[float, float]:
    """The best time of each in seconds; they take turns, so that a noisy machine disturbs both alike."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for number, work in enumerate((ours, theirs)):
            begun = time.perf_counter()
            work()
            best[number] = min(best[number], time.perf_counter() - begun)
    return best[0], best[1]


def line(question: str, seconds: tuple[float, float], *, per: int, unit: str) -> None:
    """One line of the report."""
    ours, theirs = (second / per for second in seconds)
    show = {
        "rate": lambda value: f"{1 / value:10,.0f}   ",
        "ms": lambda value: f"{value * 1e3:10.2f} ms",
        "µs": lambda value: f"{value * 1e6:10.2f} µs",
    }[unit]
    print(f"{question:24} ours {show(ours)}   official {show(theirs)}   {theirs / ours:5.1f}x")


def checkout_flag(key: str) -> dict[str, Any]:
    """A flag of middling complexity: a prerequisite, 2×50 targets, 5 rules with 9 clauses, an experiment."""
    shares = [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]
    rules: list[list[dict[str, Any]]] = [
        [clause("country", "in", ["NZ", "AU"]), clause("version", "semVerGreaterThan", ["3.4.0"])],
        [clause("", "segmentMatch", ["beta"]), clause("plan", "in", ["free"], negate=True)],
        [clause("groups", "in", ["staff", "qa"]), clause("email", "endsWith", ["@example.com"])],
        [clause("age", "greaterThanOrEqual", [65]), clause("country", "in", ["FI", "SE", "NO"])],
        [clause("email", "contains", ["+test"])],
    ]
    return {
        "key": key,
        "version": 7,
        "on": True,
        "salt": "a1b2c3d4",
        "variations": ["control", "treatment", "off"],
        "offVariation": 2,
        "prerequisites": [{"key": "base", "variation": 0}],
        "targets": [
            {"variation": variation, "values": [f"target-{variation}-{number}" for number in range(50)]}
            for variation in (0, 1)
        ],
        "contextTargets": [],
        "rules": [
            {"id": f"rule-{index}", "variation": index % 2, "clauses": clauses} for index, clauses in enumerate(rules)
        ],
        "fallthrough": {"rollout": {"kind": "experiment", "contextKind": "user", "seed": 61, "variations": shares}},
    }


def base_flag() -> dict[str, Any]:
    """The prerequisite: simply on."""
    return {
        "key": "base",
        "version": 1,
        "on": True,
        "variations": [True, False],
        "fallthrough": {"variation": 0},
        "salt": "s",
    }


def beta_segment() -> dict[str, Any]:
    """Forty testers, and everyone of one company."""
    return {
        "key": "beta",
        "version": 1,
        "salt": "s",
        "included": [f"user-{number * 50}" for number in range(40)],
        "rules": [{"id": "r", "clauses": [clause("company", "in", ["Initech"])]}],
    }


def clause(attribute: str, op: str, values: list[Any], *, negate: bool = False) -> dict[str, Any]:
    """A clause about a user."""
    return {"contextKind": "user", "attribute": attribute, "op": op, "values": values, "negate": negate}


def context_documents() -> list[dict[str, Any]]:
    """Users of every sort: targeted, in the segment, matching each rule, and mostly none of these."""
    chance = random.Random(11)
    return [
        {
            "kind": "user",
            "key": f"target-{number % 2}-{number % 50}" if chance.random() < 0.05 else f"user-{number}",
            "country": chance.choice(["NZ", "AU", "FI", "DE", "US", "GB", "FR", "JP"]),
            "version": f"{chance.randrange(1, 6)}.{chance.randrange(9)}.{chance.randrange(9)}",
            "plan": chance.choice(["free", "pro", "team"]),
            "groups": chance.sample(["staff", "qa", "sales", "ops", "legal", "press"], k=2),
            "email": f"user{number}{chance.choice(['', '', '+test'])}@{chance.choice(['example.com', 'mail.test'])}",
            "age": chance.randrange(16, 90),
            "company": chance.choice(["Initech", "Acme", "Globex", "Umbrella"]),
        }
        for number in range(CONTEXT_COUNT)
    ]


if __name__ == "__main__":
    main()
