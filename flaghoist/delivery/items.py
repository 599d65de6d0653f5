"""A flag or segment of an environment, ready to be sent as it is and to be evaluated."""

import hashlib
from dataclasses import dataclass, field

from flaghoist.base import json
from flaghoist.delivery.reach import Name, audiences, references
from flaghoist.delivery.source import Document
from flaghoist.evaluation.compiled import Flag, Matcher
from flaghoist.evaluation.flags import compile_flag
from flaghoist.evaluation.ruleset import Audience
from flaghoist.evaluation.segments import compile_segment

DIGEST_BYTES = 16


@dataclass(slots=True)
class Item:
    """One item, encoded once, and compiled once if anybody has it evaluated: most environments only send it."""

    name: Name
    version: int
    encoded: bytes
    digest: bytes
    references: frozenset[Name]
    audiences: frozenset[Audience]
    _flag: Flag | None = field(default=None, repr=False)
    _segment: Matcher | None = field(default=None, repr=False)

    @classmethod
    def of(cls, name: Name, document: Document) -> "Item":
        """An item in the form in which SDKs read it."""
        encoded = json.encode(document)
        seen_by = audiences(document) if name[0] == "flags" else frozenset[Audience]()
        digest = hashlib.blake2b(encoded, digest_size=DIGEST_BYTES).digest()
        return cls(name, document["version"], encoded, digest, references(document), seen_by)

    def is_same(self, document: Document) -> bool:
        """Whether a document says the same but for its version; by bytes, since to Python 1 is 1.0 and True."""
        return json.encode({**document, "version": self.version}) == self.encoded

    @property
    def flag(self) -> Flag:
        """The flag, ready to be evaluated."""
        if self._flag is None:
            self._flag = compile_flag(self.name[1], json.decode(self.encoded))
        return self._flag

    @property
    def segment(self) -> Matcher:
        """The segment, ready to be asked for members."""
        if self._segment is None:
            self._segment = compile_segment(json.decode(self.encoded))
        return self._segment

    @property
    def is_compiled(self) -> bool:
        """Whether evaluating it can begin at once."""
        return self._flag is not None or self._segment is not None

    def compile(self) -> None:
        """Make it ready to be evaluated, in whatever thread."""
        assert self.flag if self.name[0] == "flags" else self.segment
