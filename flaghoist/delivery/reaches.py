"""How far the items of one state of an environment reach, found when asked, and kept while it stays true."""

from collections.abc import Mapping, Set

from flaghoist.delivery.items import Item
from flaghoist.delivery.reach import Name, reach
from flaghoist.evaluation.ruleset import Audience

_NOTHING: frozenset[Name] = frozenset()


class Reaches:
    """What answers rest on, for one flag or for all that an audience sees."""

    def __init__(self, items: Mapping[Name, Item]) -> None:
        self._items = items
        self._of_flags: dict[str, frozenset[Name]] = {}
        self._of_audiences: dict[Audience, frozenset[Name]] = {}

    def after(self, items: Mapping[Name, Item], changed: Set[Name]) -> "Reaches":
        """Those of the next state, in which some items have changed, come or gone; what they do not touch is kept."""
        following = Reaches(items)
        following._of_flags = {key: names for key, names in self._of_flags.items() if names.isdisjoint(changed)}
        if all(_reaches_alike(self._items.get(name), items.get(name)) for name in changed):
            following._of_audiences = self._of_audiences.copy()
        return following

    def concerns(self, audience: Audience) -> frozenset[Name]:
        """All that can make a difference to what an audience sees, including what does not exist yet."""
        if audience not in self._of_audiences:
            seen = (name for name, item in self._items.items() if audience in item.audiences)
            self._of_audiences[audience] = reach(seen, self._referred)
        return self._of_audiences[audience]

    def answer_version(self, flag_key: str) -> int:
        """The versions of a flag and of all that its answers rest on, added up.

        It rises with every change to any of them, and client-side SDKs order by it what they hear. It is the same on
        every server that holds the same items, so that what has not changed keeps its entity tag.
        """
        flag = self._items[("flags", flag_key)]
        if not flag.references:
            return flag.version
        names = self._of_flags.get(flag_key)
        if names is None:
            names = self._of_flags[flag_key] = reach([("flags", flag_key)], self._referred)
        return sum(self._items[name].version for name in names if name in self._items)

    def _referred(self, name: Name) -> frozenset[Name]:
        item = self._items.get(name)
        return _NOTHING if item is None else item.references


def _reaches_alike(one: Item | None, other: Item | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.references == other.references and one.audiences == other.audiences
