"""Flags that depend on other flags: named by key and variation, never in a circle, never left hanging."""

import sys
from collections.abc import Iterator

from flaghoist.base import json
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags import variations


def resolve(work: Work, project: str, environment_key: str, config: Body) -> None:
    """Put indices in place of the variation ids that instructions name; raises ``Invalid``."""
    for index, prerequisite in enumerate(config["prerequisites"]):
        variation_id = prerequisite.pop("variationId", None)
        if variation_id is None:
            continue
        place = f"environments.{environment_key}.prerequisites[{index}]"
        flag = _flag(work, project, prerequisite["key"], place)
        prerequisite["variation"] = variations.index_of_id(flag.body["variations"], variation_id)


def require_sound(work: Work, address: str, environment_key: str, config: Body) -> None:
    """Go on only if every prerequisite serves what is asked of it and does not lead back here.

    One that does not exist (yet) is let through, as Terraform's provider expects: until it does, the flag is off.
    """
    project = addresses.project_of(address)
    keys = [prerequisite["key"] for prerequisite in config["prerequisites"]]
    for index, prerequisite in enumerate(config["prerequisites"]):
        place = f"environments.{environment_key}.prerequisites[{index}]"
        flag = work.find(f"{project}:env/*:flag/{prerequisite['key']}")
        if flag is not None and flag.body["archived"]:
            raise Invalid(f"{place}: flag '{prerequisite['key']}' is archived")
        known = len(flag.body["variations"]) if flag is not None else sys.maxsize
        if not 0 <= prerequisite.get("variation", variations.GONE) < known:
            raise Invalid(f"{place}: flag '{prerequisite['key']}' has no variation {prerequisite.get('variation')}")
        if keys.index(prerequisite["key"]) != index:
            raise Invalid(f"{place}: flag '{prerequisite['key']}' is a prerequisite already")
    own = addresses.name(address)
    circle = _way_back(work, project, environment_key, own, [own], keys)
    if circle:
        raise Invalid(f"environments.{environment_key}.prerequisites: a circle would form: {' → '.join(circle)}")


def require_unneeded(work: Work, address: str) -> None:
    """Go on only if no other flag needs this one; raises ``Conflict`` naming those that do."""
    needing = sorted({f"{flag} in {environment}" for flag, environment, _ in dependents(work, address)})
    if needing:
        raise Conflict(f"Flag is still in use as a prerequisite: {', '.join(needing[:5])}")


def require_variations_unneeded(work: Work, address: str, before: Body, after: Body) -> None:
    """Go on only if no other flag asks for a variation that goes away or gets another index."""
    moves = variations.moves(before["variations"], after["variations"])
    for flag, environment, index in dependents(work, address):
        if moves.get(index) != index:
            raise Conflict(
                f"variations: flag '{flag}' in {environment} has variation {index} of this flag as a prerequisite; "
                "change that first"
            )


def dependents(work: Work, address: str) -> Iterator[tuple[str, str, int]]:
    """The flags that have this one as a prerequisite, archived or not: key, environment and index asked for."""
    key = addresses.name(address)
    sieve = json.encode({"key": key}).decode()[1:-1]
    for found, parts in work.facets_holding("flag", addresses.project_of(address), sieve).items():
        for environment, facet in parts.items():
            for prerequisite in facet.body["prerequisites"]:
                if prerequisite["key"] == key and found != address:
                    yield addresses.name(found), environment, prerequisite["variation"]


def _way_back(
    work: Work, project: str, environment_key: str, own: str, path: list[str], keys: list[str]
) -> list[str] | None:
    """The circle that leads from some keys back to a flag, if there is one."""
    for key in keys:
        if key == own:
            return [*path, key]
        flag = work.find(f"{project}:env/*:flag/{key}")
        if flag is None or key in path:
            continue
        config = work.facets(flag, [environment_key])[environment_key].body
        further = [prerequisite["key"] for prerequisite in config["prerequisites"]]
        circle = _way_back(work, project, environment_key, own, [*path, key], further)
        if circle:
            return circle
    return None


def _flag(work: Work, project: str, key: str, place: str) -> Document:
    flag = work.find(f"{project}:env/*:flag/{key}")
    if flag is None:
        raise Invalid(f"{place}: there is no flag '{key}' in this project")
    return flag
