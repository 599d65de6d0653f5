"""Instructions about single contexts and the variations they are served."""

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft

USER = "user"


class NewTarget(msgspec.Struct, rename="camel"):
    """Keys of one kind for a variation."""

    variation_id: str
    values: list[str]
    context_kind: str = USER


class NewUserTarget(msgspec.Struct, rename="camel"):
    """User keys for a variation."""

    variation_id: str
    values: list[str]


@VERBS
def add_targets(draft: Draft, *, values: list[str], variation_id: str, context_kind: str = USER) -> None:
    _add(draft.config, context_kind, draft.variation(variation_id), values)


@VERBS
def add_user_targets(draft: Draft, *, values: list[str], variation_id: str) -> None:
    _add(draft.config, USER, draft.variation(variation_id), values)


@VERBS
def remove_targets(draft: Draft, *, values: list[str], variation_id: str, context_kind: str = USER) -> None:
    _remove(draft.config, context_kind, draft.variation(variation_id), values)


@VERBS
def remove_user_targets(draft: Draft, *, values: list[str], variation_id: str) -> None:
    _remove(draft.config, USER, draft.variation(variation_id), values)


@VERBS
def clear_targets(draft: Draft, *, variation_id: str) -> None:
    index, config = draft.variation(variation_id), draft.config
    for field in ("targets", "contextTargets"):
        config[field] = [target for target in config[field] if target["variation"] != index]


@VERBS
def clear_user_targets(draft: Draft, *, variation_id: str) -> None:
    index, config = draft.variation(variation_id), draft.config
    config["targets"] = [target for target in config["targets"] if target["variation"] != index]


@VERBS
def replace_targets(draft: Draft, *, targets: list[NewTarget]) -> None:
    config = draft.config
    config["targets"], config["contextTargets"] = [], []
    for target in targets:
        _add(config, target.context_kind, draft.variation(target.variation_id), target.values)


@VERBS
def replace_user_targets(draft: Draft, *, targets: list[NewUserTarget]) -> None:
    config = draft.config
    given = {draft.variation(target.variation_id): target.values for target in targets}
    missing = [variation["_id"] for index, variation in enumerate(draft.variations) if index not in given]
    if missing:
        raise Invalid(f"'targets' must have an entry for each variation; missing: {', '.join(missing)}")
    config["targets"] = []
    for index, values in given.items():
        _add(config, USER, index, values)


def _add(config: Body, context_kind: str, index: int, values: list[str]) -> None:
    for target in _entries(config, context_kind):
        if target["contextKind"] == context_kind and target["variation"] == index:
            target["values"] = list(dict.fromkeys([*target["values"], *values]))
            return
    _entries(config, context_kind).append({"contextKind": context_kind, "variation": index, "values": list(values)})


def _remove(config: Body, context_kind: str, index: int, values: list[str]) -> None:
    for target in _entries(config, context_kind):
        if target["contextKind"] == context_kind and target["variation"] == index:
            target["values"] = [value for value in target["values"] if value not in set(values)]


def _entries(config: Body, context_kind: str) -> list[Body]:
    found: list[Body] = config["targets" if context_kind == USER else "contextTargets"]
    return found
