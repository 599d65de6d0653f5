"""What all flags of an environment answer one context, put together from phrases that are encoded already."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from flaghoist.base.bodies import Body, tag_of
from flaghoist.delivery.blocks import Block
from flaghoist.delivery.phrases import Form, Phrase, Phrases, phrase_of
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.ruleset import Audience, Ruleset

# Flags decided between two looks at the event loop: some milliseconds, however many flags there are. They also are
# what is made anew when one of them changes.
SLICE = 500

_OPEN: Phrase = (b"", b"")


class Made(NamedTuple):
    """What has been made for answers, to be used again as far as nothing has changed."""

    phrases: Mapping[str, Phrases]
    blocks: Mapping[tuple[Phrases, ...], Block]


NOTHING_MADE = Made({}, {})


class Answers:
    """The answers to one audience (None: a server, which may see all) in one form, for one state of an environment.

    Neighbouring flags that answer everybody alike share one phrase; the others are decided for each context.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        audience: Audience | None,
        form: Form,
        version_of: Callable[[str], int],
        *,
        earlier: Made,
    ) -> None:
        """``earlier`` is what was made for an earlier state: that of flags that have not changed goes on being used."""
        self._ruleset = ruleset
        phrases: dict[str, Phrases] = {}
        for flag in ruleset.shown(audience):
            version, known = version_of(flag.key), earlier.phrases.get(flag.key)
            is_same = known is not None and known.flag is flag and known.version == version
            phrases[flag.key] = known if known and is_same else Phrases(flag, version, form)
        self._pieces: list[Phrase] = []
        # Where in the pieces the flags that are open lie side by side: from a place to another.
        self._open: list[tuple[int, int]] = []
        members: list[Phrases] = []
        for is_open, several in groupby(self._fixed(phrases.values()), key=lambda each: each[1] is None):
            if is_open:
                begin = len(members)
                members.extend(each for each, _ in several)
                place = len(self._pieces)
                self._pieces.extend([_OPEN] * (len(members) - begin))
                self._open.append((place, len(self._pieces)))
            else:
                self._pieces.append(phrase_of(b",".join([fixed[0] for _, fixed in several if fixed])))
        self._blocks = [
            earlier.blocks.get(few) or Block(few)
            for start in range(0, len(members), SLICE)
            for few in [tuple(members[start : start + SLICE])]
        ]
        self.made = Made(phrases, {block.members: block for block in self._blocks})

    async def to(self, context: Context) -> Body:
        """The JSON of every flag by its key, in order of the keys."""
        asking = self._ruleset.asking(context)
        found: list[Phrase] = []
        for block in self._blocks:
            if found:
                await asyncio.sleep(0)
            found += block.phrases(asking)
        pieces = self._filled(found)
        encoded, digests = map(itemgetter(0), pieces), map(itemgetter(1), pieces)
        return Body(b"{%b}" % b",".join(encoded), etag=tag_of(b"".join(digests)), is_sent_once=True)

    def _filled(self, found: list[Phrase]) -> list[Phrase]:
        """All pieces, with what was found in the open places."""
        if len(found) == len(self._pieces):
            return found
        pieces, taken = self._pieces.copy(), 0
        for begin, end in self._open:
            pieces[begin:end] = found[taken : taken + end - begin]
            taken += end - begin
        return pieces

    def _fixed(self, phrases: Iterable[Phrases]) -> Iterable[tuple[Phrases, Phrase | None]]:
        """Each flag with what it answers everybody, None if it depends."""
        for each in phrases:
            answer = self._ruleset.answer_to_all(each.flag)
            yield each, None if answer is None else each.of(answer)
