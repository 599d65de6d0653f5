"""New flags: from what a client posts, what the project sets as defaults, and the flag they are a clone of."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags import targeting, variations
from flaghoist.resources.flagging.flags.schema import (
    CustomProperty,
    Defaults,
    MigrationSettings,
    Prerequisite,
    Variation,
)
from flaghoist.rest.shapes import ClientSideAvailability
from flaghoist.rest.verbs import checked_key

Made = tuple[Mapping[str, str], Body]
_CASES = {
    "camelCase": "[a-z][a-zA-Z0-9]*",
    "upperCamelCase": "[A-Z][a-zA-Z0-9]*",
    "snakeCase": "[a-z0-9]+(_[a-z0-9]+)*",
    "kebabCase": "[a-z0-9]+(-[a-z0-9]+)*",
    "constantCase": "[A-Z0-9]+(_[A-Z0-9]+)*",
}


class FlagPost(msgspec.Struct, rename="camel", kw_only=True):
    """A flag to be created; without variations it is boolean, without a name it is called like its key."""

    key: str
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    variations: list[Variation] | UnsetType = UNSET
    defaults: Defaults | UnsetType = UNSET
    temporary: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    custom_properties: dict[str, CustomProperty] | UnsetType = UNSET
    client_side_availability: ClientSideAvailability | UnsetType = UNSET
    include_in_snippet: bool | UnsetType = UNSET
    maintainer_id: str | UnsetType = UNSET
    maintainer_team_key: str | UnsetType = UNSET
    purpose: Literal["migration", "holdout"] | UnsetType = UNSET
    migration_settings: MigrationSettings | UnsetType = UNSET
    initial_prerequisites: list[Prerequisite] = []
    is_flag_on: bool = False


def make(work: Work, params: Mapping[str, str], post: FlagPost) -> Made:
    """The path parameters and body of a new flag."""
    project = work.read(f"proj/{params['projectKey']}")
    flag = _given(work, project, post)
    defaults = project.body["flagDefaults"]
    flag = {
        "temporary": defaults["temporary"],
        "tags": defaults["tags"],
        "clientSideAvailability": _availability(post, project),
        **_values(flag, post, project),
        **flag,
    }
    flag["environments"] = _begun(work, project, flag, post)
    return {"featureFlagKey": post.key}, flag


def clone(work: Work, params: Mapping[str, str], post: FlagPost, original_key: str) -> Made:
    """The same for a flag that begins as another, targeting and all; what the client posts comes before that."""
    project = work.read(f"proj/{params['projectKey']}")
    address = _address(project, original_key)
    if work.find(address) is None:
        raise NotFound(f"clone: there is no flag '{original_key}' in project '{params['projectKey']}'")
    work.require("cloneFlag", address)
    original = work.whole(address).body
    if post.variations is not UNSET or post.purpose is not UNSET:
        raise Invalid("a clone has the variations and the purpose of its original; leave them out")
    kept = ("maintainerId", "maintainerTeamKey", "archived", "deprecated")
    copied = {name: value for name, value in original.items() if name not in kept}
    copied["environments"] = {
        key: _anew(config, _address(project, post.key), key) for key, config in original["environments"].items()
    }
    return {"featureFlagKey": post.key}, {**copied, **_given(work, project, post)}


def _given(work: Work, project: Document, post: FlagPost) -> Body:
    """What the client says itself, with a name and a maintainer."""
    given: Body = msgspec.to_builtins(post)
    for name in ("initialPrerequisites", "isFlagOn", "includeInSnippet"):
        given.pop(name, None)
    _require_conventional(checked_key(post.key, "flag"), project)
    given.setdefault("name", post.key)
    if "maintainerTeamKey" not in given and work.actor.member is not None:
        given.setdefault("maintainerId", work.actor.member_id)
    return given


def _require_conventional(key: str, project: Document) -> None:
    """Go on only with a key as the project wants keys to be."""
    convention = project.body.get("namingConvention", {})
    prefix, case = convention.get("prefix", ""), convention.get("case", "")
    if not key.startswith(prefix):
        raise Invalid(f"key: in this project the keys of flags begin with '{prefix}', and '{key}' does not")
    if case in _CASES and not re.fullmatch(_CASES[case], key.removeprefix(prefix)):
        raise Invalid(f"key: in this project the keys of flags are written in {case}, and '{key}' is not")


def _values(flag: Body, post: FlagPost, project: Document) -> Body:
    """Variations and defaults where the client gives none."""
    if post.purpose == "migration":
        return _stages(post)
    if post.migration_settings is not UNSET:
        raise Invalid("migrationSettings: only for flags with the purpose 'migration'")
    if post.variations is not UNSET:
        return {"defaults": {"onVariation": 0, "offVariation": len(post.variations) - 1}}
    preset = project.body["flagDefaults"]["booleanDefaults"]
    defaults = {name: preset[name] for name in ("onVariation", "offVariation")}
    return {"variations": variations.new_boolean(preset), "defaults": defaults}


def _stages(post: FlagPost) -> Body:
    if post.variations is not UNSET or post.defaults is not UNSET:
        raise Invalid("a migration flag has the variations of its stages; leave out 'variations' and 'defaults'")
    settings = post.migration_settings
    if settings is UNSET:
        raise Invalid("migrationSettings: say how many stages the migration has, by 'stageCount': 2, 4 or 6")
    if (settings.stage_count == 6) is (settings.context_kind is UNSET):
        raise Invalid("migrationSettings.contextKind: needed for a migration of six stages, and only there")
    return {
        "variations": variations.new_stages(settings.stage_count),
        "defaults": {"onVariation": 0, "offVariation": 0},
    }


def _availability(post: FlagPost, project: Document) -> Body:
    """What the older member asks for, else what the project was set to."""
    preset: Body = project.body["defaultClientSideAvailability"]
    if post.include_in_snippet is not UNSET:
        return {**preset, "usingEnvironmentId": post.include_in_snippet}
    return preset


def _begun(work: Work, project: Document, flag: Body, post: FlagPost) -> Body:
    """What the flag does in each environment, where that is more than nothing."""
    if not post.is_flag_on and not post.initial_prerequisites:
        return {}
    address = _address(project, post.key)
    begun = {"on": post.is_flag_on, "prerequisites": msgspec.to_builtins(post.initial_prerequisites)}
    keys = [environment.body["key"] for environment in work.collection("env", project.address)]
    return {key: {**targeting.starting(address, flag, key), **begun} for key in keys}


def _anew(config: Body, address: str, environment_key: str) -> Body:
    """An original's part as a clone's own: other salt, other ids, no experiments."""
    plain = targeting.without_experiments(config)
    rules = [targeting.without_ids(rule) for rule in plain["rules"]]
    return {**plain, "rules": rules, "salt": targeting.mark("salt", address, environment_key)}


def _address(project: Document, flag_key: str) -> str:
    return f"{project.address}:env/*:flag/{flag_key}"
