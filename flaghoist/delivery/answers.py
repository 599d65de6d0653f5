"""What all flags of an environment answer one context, put together from phrases that are encoded already."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from flaghoist.base.bodies import Body, tag_of
from flaghoist.delivery.phrases import Form, Name, Phrase, Phrases, phrase_of
from flaghoist.evaluation.compiled import Flag
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.ruleset import Audience, Ruleset

# Flags evaluated between two looks at the event loop: some two milliseconds, however many flags there are.
SLICE = 1_000

_OPEN: Phrase = (b"", b"")


class Answers:
    """The answers to one audience (None: a server, which may see all) in one form, for one state of an environment.

    Neighbouring flags that answer everybody alike share one phrase; the others are evaluated for each context.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        audience: Audience | None,
        form: Form,
        version_of: Callable[[str], int],
        *,
        known: Mapping[str, Phrases],
    ) -> None:
        """``known`` are the phrases of an earlier state: those of flags that have not changed go on being used."""
        self._ruleset = ruleset
        self.phrases: dict[str, Phrases] = {}
        for flag in ruleset.shown(audience):
            version, earlier = version_of(flag.key), known.get(flag.key)
            is_same = earlier is not None and earlier.flag is flag and earlier.version == version
            self.phrases[flag.key] = earlier if earlier and is_same else Phrases(flag, version, form)
        self._pieces: list[Phrase] = []
        self._asked: list[Flag] = []
        self._places: list[tuple[int, Mapping[Name, Phrase], Phrases]] = []
        for is_open, several in groupby(self._fixed(), key=lambda each: each[1] is None):
            if is_open:
                self._leave_open([phrases for phrases, _ in several])
            else:
                self._pieces.append(phrase_of(b",".join([fixed[0] for _, fixed in several if fixed])))

    async def to(self, context: Context) -> Body:
        """The JSON of every flag by its key, in order of the keys."""
        pieces = self._pieces.copy()
        answers = self._ruleset.answers(self._asked, context)
        for start in range(0, len(self._places), SLICE):
            if start:
                await asyncio.sleep(0)
            for (place, known, phrases), answer in zip(self._places[start : start + SLICE], answers, strict=False):
                result, prerequisites = answer
                phrase = None if prerequisites else known.get(id(result))
                pieces[place] = phrase or phrases.of(answer)
        encoded, digests = zip(*pieces, strict=True) if pieces else ((), ())
        return Body(b"{%b}" % b",".join(encoded), etag=tag_of(b"".join(digests)), is_sent_once=True)

    def _fixed(self) -> Iterator[tuple[Phrases, Phrase | None]]:
        """Each flag with what it answers everybody, None if it depends."""
        for phrases in self.phrases.values():
            answer = self._ruleset.answer_to_all(phrases.flag)
            yield phrases, None if answer is None else phrases.of(answer)

    def _leave_open(self, several: list[Phrases]) -> None:
        begin = len(self._pieces)
        self._places.extend((begin + index, phrases.known, phrases) for index, phrases in enumerate(several))
        self._asked.extend(phrases.flag for phrases in several)
        self._pieces.extend([_OPEN] * len(several))
