"""Instructions about a flag itself, in all environments alike."""

from typing import Literal

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.resources.flagging.flags.instructions.draft import VERBS, Draft

Reach = Literal["usingMobileKey", "usingEnvironmentId"]


@VERBS
def update_name(draft: Draft, *, value: str) -> None:
    draft.flag["name"] = value


@VERBS
def update_description(draft: Draft, *, value: str) -> None:
    draft.flag["description"] = value


@VERBS
def add_tags(draft: Draft, *, values: list[str]) -> None:
    present = {tag.lower() for tag in draft.flag["tags"]}
    draft.flag["tags"] += [value for value in values if value.lower() not in present]


@VERBS
def remove_tags(draft: Draft, *, values: list[str]) -> None:
    gone = {value.lower() for value in values}
    draft.flag["tags"] = [tag for tag in draft.flag["tags"] if tag.lower() not in gone]


@VERBS
def make_flag_permanent(draft: Draft) -> None:
    draft.flag["temporary"] = False


@VERBS
def make_flag_temporary(draft: Draft) -> None:
    draft.flag["temporary"] = True


@VERBS
def remove_maintainer(draft: Draft) -> None:
    draft.flag.pop("maintainerId", None)
    draft.flag.pop("maintainerTeamKey", None)


@VERBS
def update_maintainer_member(draft: Draft, *, value: str) -> None:
    remove_maintainer(draft)
    draft.flag["maintainerId"] = value


@VERBS
def update_maintainer_team(draft: Draft, *, value: str) -> None:
    remove_maintainer(draft)
    draft.flag["maintainerTeamKey"] = value


@VERBS
def turn_on_client_side_availability(draft: Draft, *, value: Reach) -> None:
    draft.flag["clientSideAvailability"][value] = True


@VERBS
def turn_off_client_side_availability(draft: Draft, *, value: Reach) -> None:
    draft.flag["clientSideAvailability"][value] = False


@VERBS
def add_custom_properties(draft: Draft, *, key: str, name: str, values: list[str]) -> None:
    present = draft.flag["customProperties"].get(key, {}).get("value", [])
    draft.flag["customProperties"][key] = {"name": name, "value": list(dict.fromkeys([*present, *values]))}


@VERBS
def replace_custom_properties(draft: Draft, *, key: str, values: list[str], name: str = "") -> None:
    present = draft.flag["customProperties"].get(key, {})
    draft.flag["customProperties"][key] = {"name": name or present.get("name", key), "value": values}


@VERBS
def remove_custom_properties(draft: Draft, *, key: str, values: list[str]) -> None:
    properties: Body = draft.flag["customProperties"]
    if key not in properties:
        raise Invalid(f"there is no custom property '{key}'; possible: {', '.join(properties) or 'none'}")
    kept = [value for value in properties[key]["value"] if value not in values]
    if kept:
        properties[key]["value"] = kept
    else:
        del properties[key]
