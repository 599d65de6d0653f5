"""One sentence of a policy: these actions are allowed, or denied, on these resources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

from flaghoist.base.errors import Invalid
from flaghoist.policy.glob import glob
from flaghoist.policy.specifier import Specifier, SpecifierInvalid, steps_test
from flaghoist.policy.target import Segment, Target

Effect = Literal["allow", "deny"]
Attributes = tuple[tuple[str, tuple[str, ...]], ...]
"""Role attributes with their values, sorted by name: hashable, so that what is compiled with them can be kept."""

_FIELDS = ("resources", "notResources", "actions", "notActions")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as written: exactly one of each pair is filled, ``resources`` or ``not_resources``, likewise actions.

    ``not_resources`` speaks of every resource but those, ``not_actions`` of every action but those.
    """

    effect: Effect
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The statement in the API's shape; the empty half of each pair is left out."""
        lists = zip(_FIELDS, (self.resources, self.not_resources, self.actions, self.not_actions), strict=True)
        return {"effect": self.effect, **{field: list(texts) for field, texts in lists if texts}}


def parse_statements(body: object, field: str = "policy") -> tuple[Statement, ...]:
    """The statements in a decoded JSON list; raises Invalid, naming the place: ``policy[2].actions is empty``.

    Actions are an open list, so any text is taken for one; resources must be well-formed specifiers of known types.
    """
    if not isinstance(body, list | tuple):
        raise Invalid(f"{field} is not a list of statements")
    return tuple([_statement(each, f"{field}[{index}]") for index, each in enumerate(body)])


def compiled(statement: Statement, attributes: Attributes = ()) -> "CompiledStatement":
    """The statement made ready for decisions; made once for the same statement and the attributes it needs.

    A specifier whose role attributes have no value matches nothing; under ``not_resources`` that silences the whole
    statement, for an exception that nobody named must not turn into "everything".
    """
    if attributes:
        needed = {
            name for text in statement.resources + statement.not_resources for name in Specifier.parse(text).attributes
        }
        attributes = tuple([pair for pair in attributes if pair[0] in needed])
    return _compiled(statement, attributes)


def attributes_of(values: Mapping[str, Iterable[str]]) -> Attributes:
    """Role attributes in the form that statements are compiled with."""
    return tuple([(name, tuple(values[name])) for name in sorted(values)])


class CompiledStatement:
    """A statement as two questions: is the action among its actions, and the target among its resources?

    The effect is not its business.
    """

    __slots__ = ("_by_types", "_everything", "_negated", "acts")

    def __init__(self, acts: Callable[[str], bool], specifiers: Iterable[Specifier], *, negated: bool) -> None:
        self.acts = acts
        self._negated = negated
        self._everything = False
        self._by_types: dict[tuple[str, ...], list[ResourceTest]] = {}
        for specifier in specifiers:
            self._everything = self._everything or not specifier.steps
            self._by_types.setdefault(specifier.types, []).append(steps_test(specifier))

    def speaks_of(self, action: str, target: Target) -> bool:
        """Whether the statement concerns this action on this target."""
        test = self.test_for(target.types)
        return test is not None and self.acts(action) and test(target.segments)

    def test_for(self, types: tuple[str, ...]) -> "ResourceTest | None":
        """The test for targets of these types, from parent to child; None if no such target can pass."""
        tests = self._by_types.get(types, [])
        if self._everything:
            return None if self._negated else always
        if self._negated:
            return (lambda segments: not _any_holds(tests, segments)) if tests else always
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda segments: _any_holds(tests, segments)


ResourceTest = Callable[[tuple[Segment, ...]], bool]


def always(_segments: tuple[Segment, ...]) -> bool:
    """The test of what is said of everything."""
    return True


def _any_holds(tests: Sequence[ResourceTest], segments: tuple[Segment, ...]) -> bool:
    for test in tests:  # noqa: SIM110  a generator costs more than the tests themselves
        if test(segments):
            return True
    return False


@lru_cache(maxsize=16384)
def _compiled(statement: Statement, attributes: Attributes) -> CompiledStatement:
    values = dict(attributes)
    specifiers = [Specifier.parse(text) for text in statement.resources or statement.not_resources]
    resolved = [specifier.resolved(values) for specifier in specifiers]
    acts = _action_test(statement)
    if statement.not_resources and not all(resolved):
        return CompiledStatement(acts, (), negated=False)
    return CompiledStatement(acts, chain.from_iterable(resolved), negated=bool(statement.not_resources))


def _action_test(statement: Statement) -> Callable[[str], bool]:
    patterns = statement.actions or statement.not_actions
    exact = frozenset([pattern for pattern in patterns if "*" not in pattern])
    globs = [glob(pattern) for pattern in patterns if "*" in pattern]
    listed = _listed(exact, globs)
    return listed if statement.actions else lambda action: not listed(action)


def _listed(exact: frozenset[str], globs: list[Callable[[str], bool]]) -> Callable[[str], bool]:
    if not globs:
        return exact.__contains__
    if len(globs) == 1 and not exact:
        return globs[0]
    return lambda action: action in exact or any(matches(action) for matches in globs)


def _statement(body: object, place: str) -> Statement:
    if not isinstance(body, Mapping):
        raise Invalid(f"{place} is not a statement: an object with effect, resources and actions")
    effect = body.get("effect")
    if effect != "allow" and effect != "deny":
        raise Invalid(f"{place}.effect is {effect!r}; write 'allow' or 'deny'")
    resources, not_resources, actions, not_actions = [_texts(body.get(field), f"{place}.{field}") for field in _FIELDS]
    _check_pair(resources, not_resources, "resources", "notResources", place)
    _check_pair(actions, not_actions, "actions", "notActions", place)
    _check_specifiers(resources, f"{place}.resources")
    _check_specifiers(not_resources, f"{place}.notResources")
    return Statement(effect, resources, not_resources, actions, not_actions)


def _texts(body: object, place: str) -> tuple[str, ...]:
    if body is None:
        return ()
    if not isinstance(body, list | tuple):
        raise Invalid(f"{place} is not a list of texts")
    for index, text in enumerate(body):
        if not isinstance(text, str) or not text:
            raise Invalid(f"{place}[{index}] is {text!r}; it must be a text of at least one character")
    return tuple(body)


def _check_pair(given: tuple[str, ...], negated: tuple[str, ...], name: str, negated_name: str, place: str) -> None:
    if given and negated:
        raise Invalid(f"{place} has both {name} and {negated_name}; keep one of them")
    if not given and not negated:
        raise Invalid(f"{place}.{name} is empty; list at least one, or use {negated_name}")


def _check_specifiers(texts: tuple[str, ...], place: str) -> None:
    for index, text in enumerate(texts):
        try:
            Specifier.parse(text)
        except SpecifierInvalid as fault:
            raise Invalid(f"{place}[{index}]: {fault}") from fault
