"""What holds for every policy: an independent reading of the rules, and the laws that follow from them."""

import fnmatch
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.policy.access import access
from flaghoist.policy.decide import Grant, Policy, decide
from flaghoist.policy.glob import glob
from flaghoist.policy.statement import Statement
from flaghoist.policy.target import Target

KINDS = (("proj",), ("proj", "env"), ("proj", "env", "flag"), ("proj", "env", "segment"), ("proj", "metric"), ("team",))
NAMES = ("a", "ab", "b")
PATTERNS = ("*", "a", "ab", "a*", "*b", "b")
ACTIONS = ("updateOn", "updateName", "deleteFlag", "viewProject")
ACTION_PATTERNS = (*ACTIONS, "*", "update*", "*Flag")


@dataclass(frozen=True)
class Pattern:
    """A specifier as a structure, so that the oracle below need not trust the parser under test."""

    kind: tuple[str, ...]
    names: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        steps = zip(self.kind, self.names, self.tags, strict=True)
        return ":".join(f"{type_}/{name}" + (";" + ",".join(tags) if tags else "") for type_, name, tags in steps)

    def matches(self, target: Target) -> bool:
        if self.kind != tuple(step.type for step in target.segments):
            return False
        last = len(self.kind) - 1
        return all(
            (place < last and step.name == "*")
            or (
                fnmatch.fnmatchcase(step.name, name) and {tag.lower() for tag in tags} <= {t.lower() for t in step.tags}
            )
            for place, (step, name, tags) in enumerate(zip(target.segments, self.names, self.tags, strict=True))
        )


@dataclass(frozen=True)
class Rule:
    """A statement over patterns, with its meaning spelled out."""

    effect: str
    patterns: tuple[Pattern, ...]
    actions: tuple[str, ...]
    except_patterns: bool
    except_actions: bool

    def statement(self) -> Statement:
        texts = tuple(pattern.text() for pattern in self.patterns)
        return Statement(
            "allow" if self.effect == "allow" else "deny",
            resources=() if self.except_patterns else texts,
            not_resources=texts if self.except_patterns else (),
            actions=() if self.except_actions else self.actions,
            not_actions=self.actions if self.except_actions else (),
        )

    def speaks_of(self, action: str, target: Target) -> bool:
        named = any(pattern.matches(target) for pattern in self.patterns)
        listed = any(fnmatch.fnmatchcase(action, pattern) for pattern in self.actions)
        return named != self.except_patterns and listed != self.except_actions


def allowed_by_the_book(policies: list[list[Rule]], action: str, target: Target) -> bool:
    """The rules of evaluation as they are told: within a policy deny outweighs allow, one willing policy is enough."""
    effects = [{rule.effect for rule in policy if rule.speaks_of(action, target)} for policy in policies]
    return any(found == {"allow"} for found in effects)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    kind = draw(st.sampled_from(KINDS))
    names = tuple(draw(st.sampled_from(PATTERNS)) for _ in kind)
    tags = tuple(draw(st.sampled_from([(), (), ("red",), ("RED", "blue")])) for _ in kind)
    return Pattern(kind, names, tags)


@st.composite
def targets(draw: st.DrawFn) -> Target:
    kind = draw(st.sampled_from(KINDS))
    names = [draw(st.sampled_from(NAMES if place == len(kind) - 1 else (*NAMES, "*"))) for place in range(len(kind))]
    target = Target.of(*zip(kind, names, strict=True))
    for type_ in kind:
        target = target.with_traits(type_, tags=draw(st.sampled_from([(), ("Red",), ("red", "blue"), ("blue",)])))
    return target


rules = st.builds(
    Rule,
    st.sampled_from(["allow", "allow", "deny"]),
    st.lists(patterns(), min_size=1, max_size=3).map(tuple),
    st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
)
policies = st.lists(rules, max_size=4)
actions = st.sampled_from(ACTIONS)


def compiled(rules: list[Rule]) -> Policy:
    return Policy("p", tuple(rule.statement() for rule in rules))


@given(st.lists(policies, max_size=3), actions, targets())
def test_every_decision_is_the_one_by_the_book(held: list[list[Rule]], action: str, target: Target) -> None:
    assert decide([compiled(policy) for policy in held], action, target).allowed is allowed_by_the_book(
        held, action, target
    )


@given(policies, st.randoms(use_true_random=False), actions, targets())
def test_the_order_of_statements_does_not_matter(
    policy: list[Rule], random: object, action: str, target: Target
) -> None:
    shuffled = sorted(policy, key=lambda _rule: random.random())  # type: ignore[attr-defined]

    assert compiled(policy).verdict(action, target).allowed is compiled(shuffled).verdict(action, target).allowed


@given(policies, rules, actions, targets())
def test_adding_a_deny_never_widens_a_policy(policy: list[Rule], rule: Rule, action: str, target: Target) -> None:
    deny = Rule("deny", rule.patterns, rule.actions, rule.except_patterns, rule.except_actions)

    if compiled([*policy, deny]).verdict(action, target).allowed:
        assert compiled(policy).verdict(action, target).allowed


@given(st.lists(policies, max_size=2), policies, actions, targets())
def test_adding_a_policy_never_narrows_a_grant(
    held: list[list[Rule]], another: list[Rule], action: str, target: Target
) -> None:
    before = [compiled(policy) for policy in held]

    if decide(before, action, target).allowed:
        assert decide([*before, compiled(another)], action, target).allowed


@given(policies, policies, actions, targets())
def test_a_limit_never_widens_and_allows_exactly_the_intersection(
    member: list[Rule], limit: list[Rule], action: str, target: Target
) -> None:
    grant = Grant.of([compiled(member)])
    both = allowed_by_the_book([member], action, target) and allowed_by_the_book([limit], action, target)

    assert grant.limited_by([compiled(limit)]).decide(action, target).allowed is both


@given(st.lists(policies, max_size=2), st.lists(actions, max_size=6), st.lists(targets(), min_size=2, max_size=4))
def test_what_access_lists_is_what_would_be_decided_of_each_target(
    held: list[list[Rule]], acts: list[str], looked_at: list[Target]
) -> None:
    grant = Grant.of([compiled(policy) for policy in held])
    for target in looked_at:
        listed = access(grant, target, tuple(acts))
        allowed = [action for action in acts if allowed_by_the_book(held, action, target)]
        assert [entry["action"] for entry in listed["allowed"]] == allowed
        assert len(listed["allowed"]) + len(listed["denied"]) == len(acts)


def matches_by_recursion(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches_by_recursion(text, pattern[1:]) or (bool(text) and matches_by_recursion(text[1:], pattern))
    return bool(text) and text[0] == pattern[0] and matches_by_recursion(text[1:], pattern[1:])


@settings(max_examples=500)
@given(st.text("ab.[", max_size=8), st.text("ab.[***", max_size=6))
def test_a_glob_matches_what_trying_every_way_would_match(text: str, pattern: str) -> None:
    assert glob(pattern)(text) is matches_by_recursion(text, pattern)
