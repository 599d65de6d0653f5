"""May this actor do that there: the verdict, and the statement that gave it.

Within a policy a matching deny outweighs every allow, whatever their order; where nothing matches, nothing is allowed.
Across policies the most permissive wins: the deny of one role does not cancel the allow of another. A grant may have
several layers, and every layer must allow: a personal access token is its member's roles, then the token's own limits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flaghoist.policy.statement import (
    Attributes,
    CompiledStatement,
    ResourceTest,
    Statement,
    always,
    attributes_of,
    compiled,
    parse_statements,
)
from flaghoist.policy.target import Target


@dataclass(frozen=True, slots=True)
class Policy:
    """A named list of statements, compiled on making: a role as somebody holds it, or the limits of a token.

    ``base`` are statements that stand behind the written ones (a custom role's base permissions). ``attributes`` are
    the role attributes in force: the member's for a role of their own, the team's for a role held through a team.
    """

    name: str
    statements: tuple[Statement, ...]
    base: tuple[Statement, ...] = ()
    attributes: Attributes = ()
    _compiled: tuple[CompiledStatement, ...] = field(init=False, repr=False, compare=False)
    _relevant: dict[tuple[str, ...], "tuple[_Relevant, _Relevant]"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        statements = (*self.statements, *self.base)
        object.__setattr__(self, "_compiled", tuple([compiled(each, self.attributes) for each in statements]))
        object.__setattr__(self, "_relevant", {})

    @classmethod
    def parse(cls, name: str, body: object, attributes: Mapping[str, Iterable[str]] | None = None) -> "Policy":
        """A policy from its decoded JSON list; raises Invalid, naming the statement and field at fault."""
        return cls(name, parse_statements(body), attributes=attributes_of(attributes or {}))

    def statement(self, index: int) -> Statement:
        """The statement a verdict points at: a written one, or beyond those one of the base."""
        return (*self.statements, *self.base)[index]

    def verdict(self, action: str, target: Target) -> "Verdict":
        """What this policy alone says."""
        denies, allows = self._relevant.get(target.types) or self._pick(target.types)
        segments = target.segments
        for index, acts, test in denies:
            if acts(action) and test(segments):
                return Verdict(False, self, index, action, target)
        for index, acts, test in allows:
            if acts(action) and test(segments):
                return Verdict(True, self, index, action, target)
        return Verdict(False, None, None, action, target)

    def looks_closer(self, types: tuple[str, ...]) -> bool:
        """Whether what this policy says of a target of these types depends on more than its types."""
        relevant = self._relevant.get(types) or self._pick(types)
        return any(test is not always for statements in relevant for _, _, test in statements)

    def _pick(self, types: tuple[str, ...]) -> "tuple[_Relevant, _Relevant]":
        """The statements that can concern targets of these types, denies and allows; picked once for each types."""
        picked: dict[str, list[tuple[int, Callable[[str], bool], ResourceTest]]] = {"deny": [], "allow": []}
        for index, statement in enumerate(self._compiled):
            test = statement.test_for(types)
            if test is not None:
                picked[self.statement(index).effect].append((index, statement.acts, test))
        relevant = (tuple(picked["deny"]), tuple(picked["allow"]))
        self._relevant[types] = relevant
        return relevant


_Relevant = tuple[tuple[int, Callable[[str], bool], ResourceTest], ...]


class Verdict(NamedTuple):
    """An answer, true in a condition when it allows. Without a deciding statement policy and index are None.

    ``silent`` are then the policies that were asked and had nothing to say.
    """

    allowed: bool
    policy: Policy | None
    statement_index: int | None
    action: str
    target: Target
    silent: Sequence[Policy] = ()

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def statement(self) -> Statement | None:
        """The statement that decided, if one did."""
        if self.policy is None or self.statement_index is None:
            return None
        return self.policy.statement(self.statement_index)

    @property
    def reason(self) -> str:
        """Why, in words: ``denied by statement 2 of "release-manager"`` (statements are counted from 1)."""
        if self.policy is None or self.statement_index is None:
            names = " or ".join([f'"{policy.name}"' for policy in self.silent])
            return f"no statement {f'of {names} ' if names else ''}allows {self.action} on {self.target}"
        word = "allowed" if self.allowed else "denied"
        if self.statement_index >= len(self.policy.statements):
            return f'{word} by the base permissions of "{self.policy.name}"'
        return f'{word} by statement {self.statement_index + 1} of "{self.policy.name}"'


def decide(policies: Sequence[Policy], action: str, target: Target) -> Verdict:
    """The most permissive verdict of the policies; of several refusals, the first that a statement gave."""
    refusal: Verdict | None = None
    for policy in policies:
        verdict = policy.verdict(action, target)
        if verdict.allowed:
            return verdict
        if refusal is None and verdict.policy is not None:
            refusal = verdict
    return Verdict(False, None, None, action, target, policies) if refusal is None else refusal


@dataclass(frozen=True, slots=True)
class Grant:
    """All that an actor may do: layers of policies, each of which must allow. Without a layer, nothing is allowed."""

    layers: tuple[tuple[Policy, ...], ...]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "Grant":
        """What somebody with these policies may do."""
        return cls((tuple(policies),))

    def limited_by(self, policies: Iterable[Policy]) -> "Grant":
        """The same, and only what these policies allow as well."""
        return Grant((*self.layers, tuple(policies)))

    def looks_closer(self, types: tuple[str, ...]) -> bool:
        """Whether a verdict on a target of these types depends on more than its types and the action."""
        return any(policy.looks_closer(types) for policies in self.layers for policy in policies)

    def decide(self, action: str, target: Target) -> Verdict:
        """The first layer's verdict if every layer allows, else the first refusal."""
        verdict: Verdict | None = None
        for policies in self.layers:
            answer = decide(policies, action, target)
            if not answer.allowed:
                return answer
            if verdict is None:
                verdict = answer
        return Verdict(False, None, None, action, target) if verdict is None else verdict
