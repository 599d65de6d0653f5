"""Does a grant reach as far as some policies: whoever gives rights away must hold them.

The answer errs on the side of refusal: what cannot be seen from the written statements to lie within the grant counts
as beyond it. Statements are compared as the sets they describe, pattern by pattern:

* an allowance lies within a policy if one of its allowances contains it, and none of its denials meets it, unless the
  allowance's own policy denies the same;
* an allowance on everything, or on everything but some resources, may lie within several: one for each type;
* a layer of a grant contains what one of its policies contains, and a grant what each of its layers does.

An address always names its project, so statements on differently named projects never meet; an environment may be
``*``, so statements on differently named environments may.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.glob import glob
from flaghoist.policy.resource_types import NAMELESS_TYPES, RESOURCE_TYPES
from flaghoist.policy.specifier import Specifier, Step
from flaghoist.policy.statement import Statement


@dataclass(frozen=True, slots=True)
class Excess:
    """Something a policy allows that a grant does not."""

    policy: Policy
    resource: str
    action: str

    def __str__(self) -> str:
        return f'"{self.policy.name}" would allow {self.action} on {self.resource}'


def excess(grant: Grant, policies: Iterable[Policy]) -> Excess | None:
    """The first thing that some policy allows beyond the grant; nothing if the grant covers them all."""
    for policy in policies:
        denials = _areas(policy, "deny")
        for area in _areas(policy, "allow"):
            beyond = _beyond(grant, area, denials)
            if beyond is not None:
                return Excess(policy, beyond.resources_text, beyond.actions_text)
    return None


@dataclass(frozen=True, slots=True)
class _Area:
    """What one statement speaks of: some resources (or all but some), and some actions (or all but some)."""

    specifiers: tuple[Specifier, ...]
    is_all_but: bool
    actions: tuple[str, ...]
    is_all_actions_but: bool

    @property
    def resources_text(self) -> str:
        listed = ", ".join([specifier.text for specifier in self.specifiers])
        return f"everything but {listed}" if self.is_all_but else listed

    @property
    def actions_text(self) -> str:
        listed = ", ".join(self.actions)
        return f"everything but {listed}" if self.is_all_actions_but else listed


def _areas(policy: Policy, effect: str) -> list[_Area]:
    found = [_area(statement, policy) for statement in (*policy.statements, *policy.base) if statement.effect == effect]
    return [area for area in found if area is not None]


def _area(statement: Statement, policy: Policy) -> _Area | None:
    """A statement's area with the policy's role attributes filled in; nothing if it speaks of nothing."""
    values = dict(policy.attributes)
    resolved = [Specifier.parse(text).resolved(values) for text in statement.resources or statement.not_resources]
    if statement.not_resources and not all(resolved):
        return None
    return _Area(
        tuple([each for several in resolved for each in several]),
        bool(statement.not_resources),
        statement.actions or statement.not_actions,
        bool(statement.not_actions),
    )


def _beyond(grant: Grant, area: _Area, denials: Sequence[_Area]) -> _Area | None:
    """The first part of an allowed area that lies outside the grant."""
    for part in _parts(area):
        if any(_contains(denial, part) for denial in denials):
            continue
        if not all(_layer_contains(layer, area, part, denials) for layer in grant.layers) or not grant.layers:
            return part
    return None


def _layer_contains(layer: Sequence[Policy], area: _Area, part: _Area, denials: Sequence[_Area]) -> bool:
    return any(_policy_contains(policy, area, part, denials) for policy in layer)


def _policy_contains(policy: Policy, area: _Area, part: _Area, denials: Sequence[_Area]) -> bool:
    if not any(_contains(allowed, area) or _contains(allowed, part) for allowed in _areas(policy, "allow")):
        return False
    meeting = [denied for denied in _areas(policy, "deny") if _meets(denied, part)]
    return all(any(_contains(denial, denied) for denial in denials) for denied in meeting)


def _parts(area: _Area) -> Iterator[_Area]:
    """An area cut into parts of one specifier and, where actions are listed, one action each."""
    actions = [area.actions] if area.is_all_actions_but else [(action,) for action in area.actions]
    for specifier in _specifiers(area):
        for some in actions:
            yield _Area((specifier,), False, some, area.is_all_actions_but)


def _specifiers(area: _Area) -> Iterator[Specifier]:
    for specifier in (Specifier.parse("*"),) if area.is_all_but else area.specifiers:
        for each in _every_type() if not specifier.steps else (specifier,):
            if not (area.is_all_but and any(_specifier_contains(but, each) for but in area.specifiers)):
                yield each


@lru_cache(maxsize=1)
def _every_type() -> tuple[Specifier, ...]:
    """All there is, type by type; the last stands for types that nobody has named yet."""
    every = []
    for kind, chains in RESOURCE_TYPES.items():
        for chain in chains:
            steps = [each if each in NAMELESS_TYPES else f"{each}/*" for each in (*chain, kind)]
            every.append(Specifier.parse(":".join(steps)))
    return (*every, Specifier("resources of another type", (Step("", "*"),)))


def _contains(wide: _Area, narrow: _Area) -> bool:
    return _resources_contain(wide, narrow) and _actions_contain(wide, narrow)


def _meets(one: _Area, other: _Area) -> bool:
    return _resources_meet(one, other) and _actions_meet(one, other)


def _resources_contain(wide: _Area, narrow: _Area) -> bool:
    if wide.is_all_but and narrow.is_all_but:
        return all(any(_specifier_contains(but, each) for but in narrow.specifiers) for each in wide.specifiers)
    if wide.is_all_but:
        return not any(_specifiers_meet(but, each) for but in wide.specifiers for each in narrow.specifiers)
    if narrow.is_all_but:
        return any(not each.steps for each in wide.specifiers)
    return all(any(_specifier_contains(each, needed) for each in wide.specifiers) for needed in narrow.specifiers)


def _resources_meet(one: _Area, other: _Area) -> bool:
    if one.is_all_but and other.is_all_but:
        return True
    if one.is_all_but:
        return _resources_meet(other, one)
    if other.is_all_but:
        return any(not any(_specifier_contains(but, each) for but in other.specifiers) for each in one.specifiers)
    return any(_specifiers_meet(each, another) for each in one.specifiers for another in other.specifiers)


def _actions_contain(wide: _Area, narrow: _Area) -> bool:
    if wide.is_all_actions_but and narrow.is_all_actions_but:
        return all(any(_glob_contains(but, each) for but in narrow.actions) for each in wide.actions)
    if wide.is_all_actions_but:
        return not any(_globs_meet(but, each) for but in wide.actions for each in narrow.actions)
    if narrow.is_all_actions_but:
        return "*" in wide.actions
    return all(any(_glob_contains(each, needed) for each in wide.actions) for needed in narrow.actions)


def _actions_meet(one: _Area, other: _Area) -> bool:
    if one.is_all_actions_but and other.is_all_actions_but:
        return True
    if one.is_all_actions_but:
        return _actions_meet(other, one)
    if other.is_all_actions_but:
        return any(not any(_glob_contains(but, each) for but in other.actions) for each in one.actions)
    return any(_globs_meet(each, another) for each in one.actions for another in other.actions)


def _specifier_contains(wide: Specifier, narrow: Specifier) -> bool:
    if not wide.steps:
        return True
    return wide.types == narrow.types and all(map(_step_contains, wide.steps, narrow.steps))


def _step_contains(wide: Step, narrow: Step) -> bool:
    """Every qualifier that the wide step asks for must follow from one of the narrow step's."""
    return (
        _glob_contains(wide.name, narrow.name)
        and all(any(_glob_contains(tag.lower(), own.lower()) for own in narrow.tags) for tag in wide.tags)
        and all(
            any(key == own and _glob_contains(value, has) for own, has in narrow.properties)
            for key, value in wide.properties
        )
    )


def _specifiers_meet(one: Specifier, other: Specifier) -> bool:
    if not one.steps or not other.steps:
        return True
    if one.types != other.types:
        return False
    last = len(one.steps) - 1
    return all(_globs_meet(one.steps[index].name, other.steps[index].name) for index in {0, last})


def _glob_contains(wide: str, narrow: str) -> bool:
    """Every text that the narrow pattern matches, the wide one does: its stars must swallow the narrow one's."""
    return glob(wide)(narrow.replace("*", "\0"))


def _globs_meet(one: str, other: str) -> bool:
    """Whether some text may match both patterns; certain only when it says no."""
    if "*" not in one:
        return glob(other)(one)
    if "*" not in other:
        return glob(one)(other)
    openings = (one.partition("*")[0], other.partition("*")[0])
    closings = (one.rpartition("*")[2], other.rpartition("*")[2])
    return (openings[0].startswith(openings[1]) or openings[1].startswith(openings[0])) and (
        closings[0].endswith(closings[1]) or closings[1].endswith(closings[0])
    )
