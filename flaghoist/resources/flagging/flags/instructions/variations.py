"""Instructions about the values a flag may have."""

from typing import Any

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Invalid
from flaghoist.resources.flagging.flags import targeting
from flaghoist.resources.flagging.flags import variations as listed
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft


@VERBS
def add_variation(draft: Draft, *, value: Any, name: str = "", description: str = "") -> None:
    draft.variations.append({"_id": ids.random_uuid(), "value": value, "name": name, "description": description})


@VERBS
def remove_variation(draft: Draft, *, variation_id: str) -> None:
    gone = draft.variation(variation_id)
    used = [f"defaults.{name}" for name, index in draft.flag["defaults"].items() if index == gone]
    for key, config in draft.flag["environments"].items():
        used += [f"environments.{key}.{place}" for place, index in targeting.uses(config) if index == gone]
    if used:
        raise Invalid(f"the variation is in use and cannot be removed: {', '.join(used[:5])}")
    kept = [variation for index, variation in enumerate(draft.variations) if index != gone]
    draft.flag = {**targeting.carry(draft.flag, {"variations": kept}), "variations": kept}


@VERBS
def update_variation(
    draft: Draft,
    *,
    variation_id: str,
    value: Any = msgspec.UNSET,
    name: str | None = None,
    description: str | None = None,
) -> None:
    changes = {"value": value, "name": name, "description": description}
    given = {member: change for member, change in changes.items() if change not in (None, msgspec.UNSET)}
    draft.variations[draft.variation(variation_id)].update(given)


@VERBS
def update_default_variation(
    draft: Draft, *, on_variation_value: Any = msgspec.UNSET, off_variation_value: Any = msgspec.UNSET
) -> None:
    given = {"onVariation": on_variation_value, "offVariation": off_variation_value}
    for name, value in given.items():
        if value is not msgspec.UNSET:
            draft.flag["defaults"][name] = listed.index_of_value(draft.variations, value)
