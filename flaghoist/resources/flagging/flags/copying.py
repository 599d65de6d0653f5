"""What a flag does in one environment, copied to another."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.base.errors import Conflict, Invalid, NotFound
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Facet, Work
from flaghoist.resources.flagging.flags import targeting

Part = Literal[
    "updateOn",
    "updateRules",
    "updateFallthrough",
    "updateOffVariation",
    "updatePrerequisites",
    "updateTargets",
    "updateFlagConfigMigrationSettings",
]
PARTS: dict[Part, tuple[str, ...]] = {
    "updateOn": ("on",),
    "updateRules": ("rules",),
    "updateFallthrough": ("fallthrough",),
    "updateOffVariation": ("offVariation",),
    "updatePrerequisites": ("prerequisites",),
    "updateTargets": ("targets", "contextTargets"),
    "updateFlagConfigMigrationSettings": ("migrationSettings",),
}
"""The members that each action stands for."""


class CopyEnd(msgspec.Struct, rename="camel"):
    """An environment to copy from or to, at the version the client has seen."""

    key: str
    current_version: int | UnsetType = UNSET


class FlagCopy(msgspec.Struct, rename="camel", kw_only=True):
    """What to copy from where to where: everything, only some parts, or all but some."""

    source: CopyEnd
    target: CopyEnd
    comment: str = ""
    included_actions: list[Part] | UnsetType = UNSET
    excluded_actions: list[Part] | UnsetType = UNSET


def copy(work: Work, flag: Document, asked: FlagCopy) -> Document:
    """Copy within a whole flag; raises ``Conflict`` where an end is not at the version the client has seen."""
    if asked.included_actions is not UNSET and asked.excluded_actions is not UNSET:
        raise Invalid("'includedActions' and 'excludedActions' exclude one another; give one of them")
    facets = work.facets(flag)
    source = _end(work, flag, facets, asked.source, "source")
    target = _end(work, flag, facets, asked.target, "target")
    work.require("copyFlagConfigFrom", flag.address.replace("env/*", f"env/{asked.source.key}"))
    work.require("copyFlagConfigTo", flag.address.replace("env/*", f"env/{asked.target.key}"))
    names = [name for action in _actions(asked) for name in PARTS[action]]
    copied = {name: value for name, value in _portable(source).items() if name in names}
    kept = {name: value for name, value in target.items() if name not in names}
    work.comment = asked.comment
    environments = {**flag.body["environments"], asked.target.key: {**kept, **copied}}
    return work.save(flag, {**flag.body, "environments": environments})


def _end(work: Work, flag: Document, facets: dict[str, Facet], end: CopyEnd, side: str) -> Body:
    if end.key not in facets:
        raise NotFound(f"{side}.key: there is no environment '{end.key}'; possible: {', '.join(facets)}")
    version = work.facet_version(flag, facets[end.key])
    if end.current_version not in (UNSET, version):
        raise Conflict(
            f"{side}.currentVersion: the flag is at version {version} in '{end.key}', not {end.current_version}",
            code="optimistic_locking_error",
        )
    return facets[end.key].body


def _actions(asked: FlagCopy) -> list[Part]:
    if asked.included_actions is not UNSET:
        return asked.included_actions
    excluded = asked.excluded_actions or []
    return [action for action in PARTS if action not in excluded]


def _portable(config: Body) -> Body:
    """A part that can live elsewhere: experiments stay where they are, and rules get ids of their own."""
    plain = targeting.without_experiments(config)
    return {**plain, "rules": [targeting.without_ids(rule) for rule in plain["rules"]]}
