"""What a change did, in words: the verb of its title, and one line for each difference."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from flaghoist.base import json
from flaghoist.core import addresses, milestones
from flaghoist.core.journal import Change

_ENVIRONMENTS = "environments"
_SHOWN_MAX = 200
_NOUNS = {"token": "access token"}
_VERBS = {
    "updateApiKey": "reset the SDK key of",
    "updateMobileKey": "reset the mobile key of",
    "resetAccessToken": "reset the access token",
}
_SWITCHES = {"on": ("Turned on", "Turned off"), "archived": ("Archived", "Restored")}
_FOLLOWING = frozenset({"archivedDate", "deprecatedDate", "lastModified"})  # say nothing that their cause does not
_IDENTITIES = (("_id",), ("key",), ("contextKind", "variation"), ("variation",), ("id",))
_MISSING = object()


def verb(change: Change) -> str:
    """What comes between who and what: ``turned on the flag``, ``changed the name of``."""
    noun = _NOUNS.get(change.kind, change.kind.replace("-", " "))
    if change.before is None:
        return f"created the {noun}"
    if change.after is None:
        return f"deleted the {noun}"
    if step := milestones.verb(change):
        return step
    actions = {access.action for access in change.accesses}
    if len(actions) != 1:
        return f"updated the {noun}"
    (action,) = actions
    if action in _VERBS:
        return _VERBS[action]
    if re.fullmatch(r"update\w*Name", action):
        return "changed the name of"
    return _switched(change, noun) or f"updated the {noun}"


def lines(change: Change, environment_name: Callable[[str], str]) -> list[str]:
    """Each difference between before and after in markdown; a creation or deletion has none to tell."""
    if change.before is None or change.after is None:
        return []
    told = milestones.lines(change)
    known = milestones.told(change)
    found = [each for each in _differences(change.before, change.after, ()) if each.path[0] not in known]
    touched = {each.path[1] for each in found if _is_within_environment(each)}
    project = addresses.project_of(change.address)
    for each in found:
        inside = _is_within_environment(each)
        where = f" in `{environment_name(f'{project}:env/{each.path[1]}')}`" if inside and len(touched) > 1 else ""
        local = each._replace(path=each.path[2:]) if inside else each
        told += [f"{line}{where}" for line in _Teller(change.after, change.before).lines(local)]
    return told


class _Difference(NamedTuple):
    """A place in a body, and what was and is there."""

    path: tuple[str, ...]
    before: Any
    after: Any


def _differences(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[_Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [name for name in {**after, **before} if name not in _FOLLOWING]:
            yield from _differences(before.get(name, _MISSING), after.get(name, _MISSING), (*path, name))
        return
    yield _Difference(path, before, after)


def _is_within_environment(difference: _Difference) -> bool:
    return len(difference.path) > 2 and difference.path[0] == _ENVIRONMENTS


def _switched(change: Change, noun: str) -> str:
    """Turning on and off and putting away have words of their own, if it is all that happened."""
    assert change.before is not None and change.after is not None
    leaves = list(_differences(change.before, change.after, ()))
    names = {each.path[-1] for each in leaves}
    values = {each.after for each in leaves} if all(isinstance(each.after, bool) for each in leaves) else set()
    if len(names) != 1 or len(values) != 1:
        return ""
    (name,), (value,) = names, values
    if name == "archived":
        return f"archived the {noun}" if value else f"restored the {noun}"
    if name != "on":
        return ""
    if change.kind == "flag":
        return f"turned on the {noun}" if value else f"turned off the {noun}"
    return f"enabled the {noun}" if value else f"disabled the {noun}"


class _Teller:
    """Puts differences of one document into words; it knows the variations that numbers stand for."""

    def __init__(self, after: dict[str, Any], before: dict[str, Any]) -> None:
        self._variations = after.get("variations") or before.get("variations") or []

    def lines(self, difference: _Difference) -> list[str]:
        """One line, or one for each element of a list that came, went or changed."""
        path, before, after = difference
        if isinstance(before, list) or isinstance(after, list):
            return self._list_lines(path, _listed(before), _listed(after))
        label, name = _label(path), path[-1]
        if name in _SWITCHES and isinstance(after, bool):
            switched = _SWITCHES[name][0 if after else 1]
            return [f"{switched} the {_label(path[:-1])}" if path[:-1] else switched]
        if before is _MISSING or before is None:
            return [f"Set the {label} to {self._shown(name, after)}"]
        if after is _MISSING or after is None:
            return [f"Removed the {label} ~~{self._shown(name, before)}~~"]
        return [f"Changed the {label} from ~~{self._shown(name, before)}~~ to {self._shown(name, after)}"]

    def _list_lines(self, path: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]) -> list[str]:
        noun = _singular(_label(path))
        old, new = _by_identity(before), _by_identity(after)
        told: list[str] = []
        for identity, item in new.items():
            if identity not in old:
                told.append(f"Added {noun} {self._shown(path[-1], item)}")
            elif old[identity] != item:
                here = (*path[:-1], f"{_singular(path[-1])} {self._shown(path[-1], item)}")
                for inner in _differences(old[identity], item, here):
                    told += self.lines(inner)
        told += [
            f"Removed {noun} ~~{self._shown(path[-1], item)}~~" for identity, item in old.items() if identity not in new
        ]
        return told or [f"Reordered the {_label(path)}"]

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, dict):
            value = self._named(value)
        elif name in ("variation", "offVariation", "onVariation") and isinstance(value, int):
            value = self._variation(value)
        elif name == "weight" and isinstance(value, int | float):
            value = f"{value / 1000:g}%"
        text = value if isinstance(value, str) else json.encode(value).decode()
        text = " ".join(text.replace("`", "'").split())
        return f"`{text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + '…'}`"

    def _named(self, item: dict[str, Any]) -> Any:
        """What to call an object: its name or key, its variation, or itself."""
        for name in ("name", "key", "description"):
            if isinstance(item.get(name), str) and item[name]:
                return item[name]
        if isinstance(item.get("variation"), int):
            return self._variation(item["variation"])
        if isinstance(item.get("variations"), list):
            return self._shares(item["variations"])
        return {name: value for name, value in item.items() if not name.startswith("_")}

    def _shares(self, weighted: list[dict[str, Any]]) -> str:
        """A rollout: ``true 90%, false 10%``."""
        parts = [(self._variation(each["variation"]), each["weight"] / 1000) for each in weighted]
        return ", ".join(
            f"{name if isinstance(name, str) else json.encode(name).decode()} {share:g}%" for name, share in parts
        )

    def _variation(self, index: int) -> Any:
        if not 0 <= index < len(self._variations):
            return index
        variation = self._variations[index]
        return variation.get("name") or variation.get("value")


def _listed(value: Any) -> Sequence[Any]:
    if value is _MISSING or value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _by_identity(items: Sequence[Any]) -> dict[str, Any]:
    """Items by what makes each the same before and after: an id or key, a place if all have none, or the value."""
    return {_identity(item): item for item in items}


def _identity(item: Any) -> str:
    if isinstance(item, dict):
        for names in _IDENTITIES:
            if all(name in item for name in names):
                return "\0".join(str(item[name]) for name in names)
    return json.encode(item).decode()


def _label(path: Sequence[str]) -> str:
    """``("approvalSettings", "minNumApprovals")`` → ``approval settings min num approvals``."""
    return " ".join([_words(name) for name in path])


def _words(name: str) -> str:
    if "`" in name:
        return name
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.lstrip("_")).lower()


def _singular(label: str) -> str:
    if label.endswith("ies"):
        return f"{label[:-3]}y"
    return label[:-1] if label.endswith("s") and not label.endswith("ss") else label
