"""Instructions about the flags that must serve a variation first."""

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft


class NewPrerequisite(msgspec.Struct, rename="camel"):
    """A flag, and which of its variations is asked for."""

    key: str
    variation_id: str


@VERBS
def add_prerequisite(draft: Draft, *, key: str, variation_id: str) -> None:
    if _find(draft, key) is not None:
        raise Invalid(f"flag '{key}' is a prerequisite already; change it by updatePrerequisite")
    draft.config["prerequisites"].append({"key": key, "variationId": variation_id})


@VERBS
def remove_prerequisite(draft: Draft, *, key: str) -> None:
    draft.config["prerequisites"] = [each for each in draft.config["prerequisites"] if each["key"] != key]


@VERBS
def replace_prerequisites(draft: Draft, *, prerequisites: list[NewPrerequisite]) -> None:
    draft.config["prerequisites"] = [msgspec.to_builtins(prerequisite) for prerequisite in prerequisites]


@VERBS
def update_prerequisite(draft: Draft, *, key: str, variation_id: str) -> None:
    prerequisite = _find(draft, key)
    if prerequisite is None:
        raise Invalid(f"flag '{key}' is no prerequisite; add it by addPrerequisite")
    prerequisite.pop("variation", None)
    prerequisite["variationId"] = variation_id


def _find(draft: Draft, key: str) -> Body | None:
    prerequisites: list[Body] = draft.config["prerequisites"]
    return next((prerequisite for prerequisite in prerequisites if prerequisite["key"] == key), None)
