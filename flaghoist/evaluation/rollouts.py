"""A rollout: contexts shared out among results by where they fall."""

from collections.abc import Mapping, Sequence

from flaghoist.evaluation.bucketing import Bucketing, Place, begin, placer
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.references import Attributes


class Rollout:
    """Which result each context gets.

    ``key_of`` is the kind whose key it goes by, None where it is another attribute: who knows the key's text finds its
    place from ``begun``, and the result ``at`` that place, sooner than ``to`` does.
    """

    __slots__ = ("_absent", "_beyond", "_kind", "_place", "_read", "_steps", "begun", "key_of")

    def __init__(self, bucketing: Bucketing, steps: Sequence[tuple[Place, Result]], absent: Result) -> None:
        """``steps`` are results, each with what the places of its share come before.

        ``absent`` goes to contexts that lack the kind asked for.
        """
        self._kind, self._read, seed, is_by_key = bucketing
        self._place = placer(seed)
        self.begun = begin(seed)
        self.key_of = self._kind if is_by_key else None
        self._steps = steps
        self._beyond = steps[-1][1]  # shares that do not add up to the whole leave the rest to the last
        self._absent = absent

    def to(self, kinds: Mapping[str, Attributes]) -> Result:
        """The result for one context; raises ``Malformed`` if what it goes by cannot name an attribute."""
        attributes = kinds.get(self._kind)
        if attributes is None:
            return self._absent
        return self.at(self._place(self._read(attributes)))

    def at(self, place: Place) -> Result:
        """The result for contexts at a place."""
        for below, result in self._steps:
            if place < below:
                return result
        return self._beyond


Served = Result | Rollout
"""What a rule or the fallthrough serves."""


def chosen(served: Served, kinds: Mapping[str, Attributes]) -> Result:
    """What of it one context gets; raises as ``Rollout.to`` does."""
    return served.to(kinds) if isinstance(served, Rollout) else served
