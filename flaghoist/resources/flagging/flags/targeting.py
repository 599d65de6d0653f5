"""What a flag does in one environment, as plain values: where it begins, what it refers to, how it follows its flag."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from flaghoist.core.resource import Body
from flaghoist.core.work import Document
from flaghoist.resources.flagging.flags import variations

WHOLE = 100_000
"""All of the traffic, in thousandths of a percent."""


def untouched(flag: Document, environment_key: str) -> Body:
    """What a flag does in an environment where nothing has been set yet: it is off, and its defaults are in place."""
    return starting(flag.address, flag.body, environment_key)


def starting(address: str, flag: Body, environment_key: str) -> Body:
    """The same of a flag that is only about to be."""
    return {
        "on": False,
        "salt": mark("salt", address, environment_key),
        "targets": [],
        "contextTargets": [],
        "rules": [],
        "fallthrough": _fallthrough(flag),
        "offVariation": flag["defaults"]["offVariation"],
        "prerequisites": [],
        "trackEvents": False,
        "trackEventsFallthrough": False,
    }


def mark(purpose: str, address: str, environment_key: str) -> str:
    """32 hexadecimal digits that differ for each flag, environment and purpose, and never change."""
    return hashlib.sha256(f"{purpose} {address} {environment_key}".encode()).hexdigest()[:32]


def serves(config: Body) -> Iterator[tuple[str, Body]]:
    """Everything that serves a variation or a rollout, with its place in the environment."""
    for index, rule in enumerate(config["rules"]):
        yield f"rules[{index}]", rule
    yield "fallthrough", config["fallthrough"]


def uses(config: Body) -> Iterator[tuple[str, int]]:
    """Every variation that somebody may be served, by index, with the place that refers to it."""
    if "offVariation" in config:
        yield "offVariation", config["offVariation"]
    for place, serve in serves(config):
        yield from ((place, index) for index in served(serve))
        allocation = serve.get("rollout", {}).get("experimentAllocation")
        if allocation:
            yield place, allocation["defaultVariation"]
    for field in ("targets", "contextTargets"):
        yield from ((f"{field}[{index}]", target["variation"]) for index, target in enumerate(config[field]))


def served(serve: Body) -> list[int]:
    """The variations that a rule or the fallthrough serves; one without a share of the rollout is served to nobody."""
    if "rollout" in serve:
        return [share["variation"] for share in serve["rollout"]["variations"] if share["weight"]]
    return [serve["variation"]]


def carry(before: Body, after: Body) -> Body:
    """A flag before an edit in the indices of the variations after it; it means the same as before."""
    moves = variations.moves(before["variations"], after["variations"])
    if all(old == new for old, new in moves.items()):
        return before
    return {
        **before,
        "defaults": {name: moves.get(index, variations.GONE) for name, index in before["defaults"].items()},
        "environments": {name: moved(config, moves) for name, config in before["environments"].items()},
    }


def moved(config: Body, moves: Mapping[int, int]) -> Body:
    """An environment's part with every index moved."""
    result = {
        **config,
        "rules": [_moved_serve(rule, moves) for rule in config["rules"]],
        "fallthrough": _moved_serve(config["fallthrough"], moves),
        "targets": [_moved(target, moves) for target in config["targets"]],
        "contextTargets": [_moved(target, moves) for target in config["contextTargets"]],
    }
    if "offVariation" in config:
        result["offVariation"] = moves.get(config["offVariation"], variations.GONE)
    return result


def rollout(weights: Mapping[int, int], *, context_kind: str = "user", bucket_by: str = "") -> Body:
    """A rollout by index; who is given no attribute to bucket by is bucketed by key."""
    shares = [{"variation": index, "weight": weight} for index, weight in weights.items()]
    return {"variations": shares, "contextKind": context_kind, **({"bucketBy": bucket_by} if bucket_by else {})}


def seeded_like(before: Body | None, rollout: Body) -> Body:
    """A rollout with the seed of an earlier one that shared out by the same attribute; experiments keep theirs."""
    if before is None or "experimentAllocation" in before or "seed" not in before:
        return rollout
    same_unit = all(before.get(name) == rollout.get(name) for name in ("contextKind", "bucketBy"))
    return {**rollout, "seed": before["seed"]} if same_unit else rollout


def without_experiments(config: Body) -> Body:
    """An environment's part for use elsewhere: rollouts of experiments become plain ones with the same shares."""
    return {
        **config,
        "rules": [_plain(rule) for rule in config["rules"]],
        "fallthrough": _plain(config["fallthrough"]),
    }


def without_ids(rule: Body) -> Body:
    """A rule to be used elsewhere: it and its clauses get new ids there."""
    clauses = [{name: value for name, value in clause.items() if name != "_id"} for clause in rule["clauses"]]
    return {**{name: value for name, value in rule.items() if name != "_id"}, "clauses": clauses}


def _fallthrough(flag: Body) -> Body:
    """A migration is steered by cohorts, so it begins with a rollout; any other flag serves one variation."""
    on = flag["defaults"]["onVariation"]
    if flag.get("purpose") != "migration":
        return {"variation": on}
    weights = {index: WHOLE if index == on else 0 for index in range(len(flag["variations"]))}
    return {"rollout": rollout(weights, context_kind=flag["migrationSettings"].get("contextKind", "user"))}


def _moved(holder: Body, moves: Mapping[int, int]) -> Body:
    return {**holder, "variation": moves.get(holder["variation"], variations.GONE)}


def _moved_serve(serve: Body, moves: Mapping[int, int]) -> Body:
    if "rollout" not in serve:
        return _moved(serve, moves)
    shares: list[Any] = [_moved(share, moves) for share in serve["rollout"]["variations"]]
    kept = [share for share in shares if share["weight"] or share["variation"] != variations.GONE]
    changed = {**serve["rollout"], "variations": kept}
    if "experimentAllocation" in changed:
        allocation = changed["experimentAllocation"]
        place = moves.get(allocation["defaultVariation"], variations.GONE)
        changed["experimentAllocation"] = {**allocation, "defaultVariation": place}
    return {**serve, "rollout": changed}


def _plain(serve: Body) -> Body:
    if "experimentAllocation" not in serve.get("rollout", {}):
        return serve
    weights: dict[int, int] = {}
    for share in serve["rollout"]["variations"]:
        weights[share["variation"]] = weights.get(share["variation"], 0) + share["weight"]
    kind = serve["rollout"].get("contextKind", "user")
    return {**serve, "rollout": rollout(dict(sorted(weights.items())), context_kind=kind)}
