"""One flag as client-side SDKs are told of it: each of its answers encoded once, when it is first given."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

from flaghoist.base import json
from flaghoist.evaluation.compiled import Flag
from flaghoist.evaluation.evaluated import evaluated
from flaghoist.evaluation.ruleset import Answer

Form = Literal["detailed", "reasoned", "values"]
Phrase = tuple[bytes, bytes]
"""A member of a JSON object, or several with commas between, and a digest of it."""

Name = int | tuple[int, tuple[str, ...]]
"""What a phrase is known by: the identity of a result, beside it the prerequisites evaluated if there are any.

Results are built with their flag and live as long as it does.
"""

DIGEST_BYTES = 8


class Phrases:
    """What can be said of one flag in one form."""

    __slots__ = ("_form", "flag", "known", "version")

    def __init__(self, flag: Flag, version: int, form: Form) -> None:
        self.flag = flag
        self.version = version
        self._form = form
        self.known: dict[Name, Phrase] = {}

    def of(self, answer: Answer) -> Phrase:
        """The flag's key with what it answers."""
        result, prerequisites = answer
        name: Name = (id(result), prerequisites) if prerequisites else id(result)
        known = self.known.get(name)
        if known is not None:
            return known
        phrase = phrase_of(json.encode(self.flag.key) + b":" + json.encode(_FORMS[self._form](self, answer)))
        # All but those that tell of a look-up of big segments: they are built anew each time.
        if "bigSegmentsStatus" not in result.reason:
            self.known[name] = phrase
        return phrase


def phrase_of(encoded: bytes) -> Phrase:
    """The bytes with their digest."""
    return encoded, hashlib.blake2b(encoded, digest_size=DIGEST_BYTES).digest()


def _detailed(phrases: Phrases, answer: Answer) -> Any:
    return evaluated(phrases.flag, *answer).document(version=phrases.version)


def _reasoned(phrases: Phrases, answer: Answer) -> Any:
    return evaluated(phrases.flag, *answer).document(version=phrases.version, with_reason=True)


def _value(_phrases: Phrases, answer: Answer) -> Any:
    return answer[0].value


_FORMS: Mapping[Form, Callable[[Phrases, Answer], Any]] = {
    "detailed": _detailed,
    "reasoned": _reasoned,
    "values": _value,
}
