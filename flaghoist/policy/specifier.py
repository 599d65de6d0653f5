"""Which resources a statement speaks of: ``proj/*;mobile:env/production:flag/checkout-*;beta``.

A specifier spells resources from parent to child, each as ``type/name`` with optional qualifiers after a ``;``:

* ``beta,gamma``: it carries both tags. Tags are compared without regard to case and may hold a ``*``.
* ``{critical:true}``: it has this property. ``view:checkout-team`` needs no braces.
* ``${roleAttribute/NAME}`` in a name or qualifier stands for each value the actor's attribute has.

A ``*`` stands for any characters of one name: ``proj/*`` is every project and none of their environments. ``*`` alone
is every resource there is, at any depth. Names are compared with regard to case.

A target may have a parent named ``*``, the flag in all its environments being ``proj/web:env/*:flag/checkout``. Any
pattern for that parent matches it, qualifiers or not, be the statement one that allows or one that denies: such an act
touches every environment, so whoever may act on the flag in one of them may do it, and whoever is barred in one of them
may not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from flaghoist.policy.glob import glob
from flaghoist.policy.resource_types import NAMELESS_TYPES, RESOURCE_TYPES, closest_type
from flaghoist.policy.target import Segment, Target

EVERYTHING = "*"

_ROLE_ATTRIBUTE = re.compile(r"\$\{roleAttribute/([^{}]+)\}")


class SpecifierInvalid(ValueError):
    """A text that specifies no resource; the message says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Step:
    """One resource of a specifier, its name and qualifiers still patterns."""

    type: str
    name: str
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Specifier:
    """A well-formed specifier. ``attributes`` are the role attributes it needs before it can match."""

    text: str
    steps: tuple[Step, ...]
    attributes: frozenset[str] = frozenset()

    @staticmethod
    @lru_cache(maxsize=8192)
    def parse(text: str) -> "Specifier":
        """What the text specifies; raises SpecifierInvalid."""
        if text == EVERYTHING:
            return Specifier(text, ())
        steps: list[Step] = []
        for part in _parts(text):
            steps.append(_step(part, tuple([step.type for step in steps]), text))
        return Specifier(text, tuple(steps), frozenset(_ROLE_ATTRIBUTE.findall(text)))

    @property
    def types(self) -> tuple[str, ...]:
        """The types from parent to child; empty for ``*``, which spans them all."""
        return tuple([step.type for step in self.steps])

    def matches(self, target: Target) -> bool:
        """Whether the target is among the resources specified; never while role attributes are unresolved."""
        if self.attributes:
            return False
        return not self.steps or (self.types == target.types and steps_test(self)(target.segments))

    def resolved(self, attributes: Mapping[str, Sequence[str]]) -> tuple["Specifier", ...]:
        """This specifier once for each value of the role attributes in it: none, if one of them has no value.

        A value may hold ``*`` and qualifiers of its own (``web-*``, ``*;mobile``), but it cannot reach beyond its step:
        a value that would change the kind of resource is passed over.
        """
        if not self.attributes:
            return (self,)
        names = sorted(self.attributes)
        filled = []
        for values in product(*[attributes.get(name, ()) for name in names]):
            specifier = self._filled_with(dict(zip(names, values, strict=True)))
            if specifier is not None:
                filled.append(specifier)
        return tuple(filled)

    def _filled_with(self, values: Mapping[str, str]) -> "Specifier | None":
        text = _ROLE_ATTRIBUTE.sub(lambda found: values[found[1]], self.text)
        try:
            specifier = Specifier.parse(text)
        except SpecifierInvalid:
            return None  # attribute values are free text, written without a look at the roles that will use them
        return specifier if specifier.types == self.types and not specifier.attributes else None

    def __str__(self) -> str:
        return self.text


def steps_test(specifier: Specifier) -> Callable[[tuple[Segment, ...]], bool]:
    """The specifier compiled: tells matches among the steps of targets that have the specifier's own types."""
    tests = []
    for index, step in enumerate(specifier.steps):
        test = _step_test(step)
        if test is None:
            continue
        is_parent = index < len(specifier.steps) - 1
        tests.append((index, _any_or(test) if is_parent else test))
    if not tests:
        return lambda _segments: True
    if len(tests) == 1:
        [(only_index, only_test)] = tests
        return lambda segments: only_test(segments[only_index])
    return lambda segments: _all_hold(tests, segments)


def _all_hold(tests: list[tuple[int, Callable[[Segment], bool]]], segments: tuple[Segment, ...]) -> bool:
    for index, test in tests:  # noqa: SIM110  a generator costs more than the tests themselves
        if not test(segments[index]):
            return False
    return True


def _any_or(test: Callable[[Segment], bool]) -> Callable[[Segment], bool]:
    return lambda segment: segment.name == "*" or test(segment)


def _step_test(step: Step) -> Callable[[Segment], bool] | None:
    """The test one step of a target must pass, or None when everything passes."""
    tests: list[Callable[[Segment], bool]] = []
    if step.name != "*":
        name = glob(step.name)
        tests.append(lambda segment: name(segment.name))
    tests += [_tag_test(tag.lower()) for tag in step.tags]
    tests += [_property_test(key, glob(value)) for key, value in step.properties]
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda segment: _passes(segment, tests)


def _passes(segment: Segment, tests: list[Callable[[Segment], bool]]) -> bool:
    for test in tests:  # noqa: SIM110  a generator costs more than the tests themselves
        if not test(segment):
            return False
    return True


def _tag_test(tag: str) -> Callable[[Segment], bool]:
    matches = glob(tag)
    return lambda segment: tag in segment.tags or any(map(matches, map(str.lower, segment.tags)))


def _property_test(key: str, matches: Callable[[str], bool]) -> Callable[[Segment], bool]:
    return lambda segment: key in segment.properties and _holds(segment.properties[key], matches)


def _holds(value: object, matches: Callable[[str], bool]) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return any(_holds(each, matches) for each in value)
    return matches(str(value).lower() if isinstance(value, bool) else str(value))


def _parts(text: str) -> list[str]:
    """The text cut at each ``:`` between parent and child: not in braces, and not the one in ``;view:KEY``."""
    parts: list[str] = []
    for piece in _cut(text, ":", text):
        named_view = parts and re.search(r"[;,]\s*view\Z", parts[-1])
        if named_view and "/" not in _ROLE_ATTRIBUTE.sub("", piece):
            parts[-1] += ":" + piece
        else:
            parts.append(piece)
    return parts


def _step(part: str, parents: tuple[str, ...], text: str) -> Step:
    head, *groups = _cut(part, ";", text)
    # The published API description spells ``proj/*:env/*;qa_*:/flag/*``, so a slash before a type is let pass.
    type_, _, name = head.removeprefix("/").partition("/")
    _check_type(type_, parents, text)
    if not name and type_ not in NAMELESS_TYPES:
        raise SpecifierInvalid(f"{type_!r} in {text!r} has no name; write '{type_}/*' for every {type_}")
    if set(_ROLE_ATTRIBUTE.sub("", name)) & set("{}"):
        raise SpecifierInvalid(f"name {name!r} in {text!r} holds a brace; a role attribute is ${{roleAttribute/NAME}}")
    tags: list[str] = []
    properties: list[tuple[str, str]] = []
    for group in groups:
        for qualifier in _cut(group, ",", text):
            _add_qualifier(qualifier.strip(), tags, properties, text)
    return Step(type_, name or "*", tuple(tags), tuple(properties))


def _check_type(type_: str, parents: tuple[str, ...], text: str) -> None:
    if "${" in type_:
        raise SpecifierInvalid(f"{text!r} has a role attribute for a type; it can stand in a name or a qualifier")
    if type_ not in RESOURCE_TYPES:
        closest = closest_type(type_)
        cure = f"; did you mean {closest!r}?" if closest else ""
        raise SpecifierInvalid(f"unknown resource type {type_!r} in {text!r}{cure}")
    if parents not in RESOURCE_TYPES[type_]:
        chain = [f"{parent}/*" for parent in RESOURCE_TYPES[type_][0]]
        cure = ":".join([*chain, type_ if type_ in NAMELESS_TYPES else f"{type_}/…"])
        raise SpecifierInvalid(f"{type_!r} is out of place in {text!r}; write '{cure}'")


def _add_qualifier(qualifier: str, tags: list[str], properties: list[tuple[str, str]], text: str) -> None:
    braced = qualifier.startswith("{") and qualifier.endswith("}")
    if not braced and not qualifier.startswith("view:"):
        if not qualifier or set(_ROLE_ATTRIBUTE.sub("", qualifier)) & set("{}"):
            raise SpecifierInvalid(
                f"qualifier {qualifier!r} in {text!r} is neither a tag nor of the form {{property:value}}"
            )
        tags.append(qualifier)
        return
    key, _, value = (qualifier[1:-1] if braced else qualifier).partition(":")
    if not key.strip() or not value.strip():
        raise SpecifierInvalid(f"qualifier {qualifier!r} in {text!r} is not of the form {{property:value}}")
    properties.append((key.strip(), value.strip()))


def _cut(part: str, separator: str, text: str) -> list[str]:
    """The part cut at each separator outside braces."""
    pieces = [""]
    depth = 0
    for character in part:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            break
        if character == separator and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    if depth:
        raise SpecifierInvalid(f"the braces in {text!r} do not pair up")
    return pieces
