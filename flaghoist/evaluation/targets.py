"""Targets: contexts that are served a variation because of who they are."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.compiled import Kinds, Targets
from flaghoist.evaluation.context import USER
from flaghoist.evaluation.outcomes import Outcomes
from flaghoist.evaluation.reasons import Result


def compile_targets(flag: wire.Item, outcomes: Outcomes) -> Targets:
    """The results by key of who is targeted. Raises ``Malformed``."""
    return [
        (kind, _results(targets, outcomes)) for kind, targets in groupby(in_order(flag), key=lambda target: target.kind)
    ]


def targeted(targets: Targets, kinds: Kinds) -> Result | None:
    """What a context gets because of its keys, None if nobody targets it."""
    for kind, results in targets:
        attributes = kinds.get(kind)
        if attributes is not None:
            result = results.get(attributes["key"])
            if result is not None:
                return result
    return None


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
