"""Neighbouring flags that look at the context: decided together, and told in phrases that are encoded already."""

from flaghoist.delivery.phrases import Phrase, Phrases
from flaghoist.evaluation.panel import Panel
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.ruleset import Asking

_NO_PHRASE: Phrase = (b"", b"")


class Block:
    """Some flags in order of their keys, the same as long as none of them changes."""

    __slots__ = ("_known", "_panel", "members")

    def __init__(self, members: tuple[Phrases, ...]) -> None:
        self.members = members
        self._panel = Panel([phrases.flag for phrases in members])
        # By the identity of results, which live as long as their flags. Who is asked alone has none yet.
        self._known: dict[int, Phrase] = {id(None): _NO_PHRASE}

    def phrases(self, asking: Asking) -> list[Phrase]:
        """What each flag answers."""
        results, alone = asking.panel(self._panel)
        try:
            found = list(map(self._known.__getitem__, map(id, results)))
        except KeyError:
            self._learn(results)
            found = list(map(self._known.__getitem__, map(id, results)))
        for place in alone:
            phrases = self.members[place]
            found[place] = phrases.of(asking.flag(phrases.flag))
        return found

    def _learn(self, results: list[Result | None]) -> None:
        for phrases, result in zip(self.members, results, strict=True):
            if result is not None:
                self._known[id(result)] = phrases.of((result, ()))
