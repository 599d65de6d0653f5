"""The thing somebody wants to act upon, with what a policy may ask about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from flaghoist.policy.resource_types import NAMELESS_TYPES

_NO_PROPERTIES: Mapping[str, object] = MappingProxyType({})


class Segment(NamedTuple):
    """One step of an address: a resource, its tags and its properties.

    A property's value is text, a number, a truth value, or a collection of them (``view``: the views a flag is in).
    """

    type: str
    name: str
    tags: frozenset[str] = frozenset()
    properties: Mapping[str, object] = _NO_PROPERTIES

    def __str__(self) -> str:
        return f"{self.type}/{self.name}" if self.name else self.type


@dataclass(frozen=True, slots=True)
class Target:
    """A resource and the resources it lies in, from parent to child.

    A parent named ``*`` stands for every one of its kind: ``proj/web:env/*:flag/checkout`` is the flag in all its
    environments, and the target of acts such as renaming it.
    """

    segments: tuple[Segment, ...]
    types: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", tuple([segment.type for segment in self.segments]))

    @classmethod
    def of(cls, *steps: tuple[str, str]) -> "Target":
        """A target from (type, name) pairs: ``Target.of(("proj", "web"), ("env", "production"))``.

        Use it where a name may be any text (a context key, an e-mail address): no character has a meaning here.
        """
        return cls(tuple([Segment(type_, name) for type_, name in steps]))

    @classmethod
    def parse(cls, address: str) -> "Target":
        """The target that an address spells: ``proj/web:env/production:flag/checkout``. Raises ValueError."""
        steps = []
        for part in address.split(":"):
            type_, slash, name = part.partition("/")
            if not type_ or bool(name) is (type_ in NAMELESS_TYPES) or bool(slash) is not bool(name):
                raise ValueError(f"{part!r} in address {address!r} is not of the form type/name")
            steps.append((type_, name))
        return cls.of(*steps)

    def with_traits(
        self, type_: str, *, tags: Iterable[str] = (), properties: Mapping[str, object] | None = None
    ) -> "Target":
        """The same target, one of its steps with tags and properties for qualifiers to ask about."""
        assert type_ in self.types, f"{self} has no {type_}"
        carried = frozenset(tags)
        known = properties or _NO_PROPERTIES
        return Target(
            tuple([Segment(type_, each.name, carried, known) if each.type == type_ else each for each in self.segments])
        )

    def __str__(self) -> str:
        return ":".join([str(segment) for segment in self.segments])
