"""Which finer actions a change of rules needs, where only their descriptions or their tracking differ."""

from typing import Any

from flaghoist.core.resource import Body

_FINER = {"description": "updateFlagRuleDescription", "trackEvents": "updateTrackEvents"}
_NONE: frozenset[str] = frozenset()


def refine(name: str, before: Any, after: Any) -> frozenset[str]:
    """The actions that turn some rules into others; none, which means the usual guard, for any other member."""
    if name != "rules":
        return _NONE
    old: list[Body] = before or []
    new: list[Body] = after or []
    if [rule["_id"] for rule in old] != [rule["_id"] for rule in new]:
        return frozenset({"updateRules"})
    actions: set[str] = set()
    for was, is_now in zip(old, new, strict=True):
        for member in {**was, **is_now}:
            if was.get(member) != is_now.get(member):
                actions.add(_FINER.get(member, "updateRules"))
    return frozenset(actions)
