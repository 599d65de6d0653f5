"""What one body mentions, gathered before it is counted: many events of a body name few different keys."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flaghoist.ingest.contexts import Subject
from flaghoist.store.facts.tally import Tally


@dataclass(slots=True)
class Mentions:
    """``known`` is the last that was told of each context, by kind and key."""

    known: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    """Kinds of contexts, several of them joined by commas."""
    _happened: Counter[tuple[str, str]] = field(default_factory=Counter)
    _with_number: set[tuple[str, str]] = field(default_factory=set)
    _named: set[tuple[str, str, str]] = field(default_factory=set)

    def note(self, subject: Subject) -> None:
        """Some event is about these contexts."""
        self.kinds.add(subject.kinds)
        if subject.attributes:
            for kind, key in subject.units:
                attributes = subject.attributes.get(kind)
                if attributes:
                    self.known[kind, key] = attributes

    def happened(self, kind: str, key: str, subject: Subject, *, with_number: bool) -> None:
        """Somebody did something."""
        self.note(subject)
        self._happened[kind, key] += 1
        self._named.add((kind, key, subject.kinds))
        if with_number:
            self._with_number.add((kind, key))

    def count(self, tally: Tally, environment: str, at: int) -> None:
        """Add all of it to the tally of an environment, as of a time (milliseconds)."""
        for (kind, key), events in self._happened.items():
            tally.happened(environment, kind, key, events, at)
        for kind, key in self._with_number:
            tally.carried_number(environment, kind, key, at)
        for kind, key, unit_kinds in self._named:
            tally.named_unit(environment, kind, key, unit_kinds.split(","), at)
        for unit_kind in {unit_kind for kinds in self.kinds for unit_kind in kinds.split(",")}:
            tally.named_kind(environment, unit_kind, at)
