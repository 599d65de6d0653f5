"""Targets: contexts that are served a variation because of who they are."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import NamedTuple

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.compiled import Kinds
from flaghoist.evaluation.context import USER
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.reasons import Result

Targeted = Callable[[Kinds], Result | None]


def compile_targets(flag: wire.Item, outcomes: Outcomes) -> Targeted | None:
    """A look-up by key, or None when nobody is targeted. Raises ``Malformed``."""
    steps = [
        (kind, _results(targets, outcomes)) for kind, targets in groupby(in_order(flag), key=lambda target: target.kind)
    ]
    if not steps:
        return None
    if len(steps) == 1:
        ((only_kind, only_results),) = steps
        return lambda kinds: only_results.get(kinds[only_kind]["key"]) if only_kind in kinds else None

    def targeted(kinds: Kinds) -> Result | None:
        for kind, results in steps:
            if kind in kinds:
                result = results.get(kinds[kind]["key"])
                if result is not None:
                    return result
        return None

    return targeted


class Target(NamedTuple):
    """Keys of one kind that are served one variation."""

    kind: str
    variation: int
    keys: list[str]


def in_order(flag: wire.Item) -> list[Target]:
    """Who comes first: ``targets`` holds the keys of users, and ``contextTargets``, once it says anything, the order.

    A user entry there only points to the first of ``targets`` with the same variation. Raises ``Malformed``.
    """
    users = [_target(target, USER) for target in wire.items(flag, "targets")]
    contexts = [
        _target(target, wire.text(target, "contextKind") or USER) for target in wire.items(flag, "contextTargets")
    ]
    if not contexts:
        return users
    first_users = {target.variation: target for target in reversed(users)}
    return [
        first_users.get(target.variation, target._replace(keys=[])) if target.kind == USER else target
        for target in contexts
    ]


def _target(target: wire.Item, kind: str) -> Target:
    return Target(kind, wire.required_whole(target, "variation"), wire.texts(target, "values"))


def _results(targets: Iterable[Target], outcomes: Outcomes) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for target in targets:
        result = outcomes.variation(target.variation, reasons.target_match())
        for key in target.keys:
            results.setdefault(key, result)
    return results
