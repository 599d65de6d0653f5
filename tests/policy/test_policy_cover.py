"""Whoever gives rights away must hold them: what a grant covers, and what lies beyond it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.policy.cover import excess
from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.roles import base_role, custom_role
from flaghoist.policy.statement import parse_statements
from flaghoist.policy.target import Segment, Target

BASE = ["no_access", "reader", "writer", "admin", "owner"]


def policy(*statements: tuple[str, object, object], **more: object) -> Policy:
    return Policy.parse("a role", [_statement(*each) for each in statements], **more)


def _statement(effect: str, resources: object, actions: object) -> dict[str, object]:
    """``!x`` means all but x."""

    def side(name: str, texts: object) -> dict[str, object]:
        listed = [texts] if isinstance(texts, str) else list(texts)  # type: ignore[call-overload]
        if listed[0].startswith("!"):
            return {f"not{name.title()}": [text.removeprefix("!") for text in listed]}
        return {name: listed}

    return {"effect": effect, **side("resources", resources), **side("actions", actions)}


@pytest.mark.parametrize("held", BASE)
@pytest.mark.parametrize("given_away", BASE)
def test_a_base_role_covers_those_below_it_and_none_above(held: str, given_away: str) -> None:
    beyond = excess(Grant.of([base_role(held)]), [base_role(given_away)])
    assert (beyond is None) == (BASE.index(given_away) <= BASE.index(held)), str(beyond)


COVERED = {
    "the same statement": (("allow", "proj/web", "viewProject"), ("allow", "proj/web", "viewProject")),
    "a part of what is named by a star": (("allow", "proj/*:env/*:flag/*", "*"), ("allow", "proj/w:env/e:flag/f", "x")),
    "a narrower pattern": (("allow", "proj/*", "update*"), ("allow", "proj/we*", "updateN*")),
    "fewer tags asked than given": (("allow", "proj/*:env/*:flag/*", "*"), ("allow", "proj/*:env/*:flag/*;beta", "*")),
    "the same with a tag in another case": (("allow", "proj/*;BETA", "*"), ("allow", "proj/*;beta", "*")),
    "all but some, against something else": (("allow", "!acct", "*"), ("allow", "proj/*", "*")),
    "all but less": (("allow", "!proj/a", "*"), ("allow", ["!proj/a", "!proj/b"], "*")),
    "all actions but some": (("allow", "proj/*", "!deleteProject"), ("allow", "proj/*", "updateTags")),
}  # fmt: skip
BEYOND = {
    "a wider pattern": (("allow", "proj/we*", "*"), ("allow", "proj/*", "*")),
    "another action": (("allow", "proj/*", "updateTags"), ("allow", "proj/*", "updateProjectName")),
    "without the tag": (("allow", "proj/*;beta", "*"), ("allow", "proj/*", "*")),
    "with another property": (("allow", "proj/*:env/*;{critical:false}", "*"), ("allow", "proj/*:env/*", "*")),
    "everything": (("allow", "!acct", "*"), ("allow", "*", "*")),
    "types nobody has named yet": (("allow", "proj/*", "*"), ("allow", "!proj/*", "*")),
    "all but more": (("allow", ["!proj/a", "!proj/b"], "*"), ("allow", "!proj/a", "*")),
    "all actions but others": (("allow", "proj/*", "!deleteProject"), ("allow", "proj/*", "!viewProject")),
}  # fmt: skip


@pytest.mark.parametrize(("held", "given_away"), COVERED.values(), ids=COVERED)
def test_what_lies_within_is_covered(held: tuple, given_away: tuple) -> None:  # type: ignore[type-arg]
    assert excess(Grant.of([policy(held)]), [policy(given_away)]) is None


@pytest.mark.parametrize(("held", "given_away"), BEYOND.values(), ids=BEYOND)
def test_what_reaches_further_is_named(held: tuple, given_away: tuple) -> None:  # type: ignore[type-arg]
    beyond = excess(Grant.of([policy(held)]), [policy(given_away)])
    assert beyond is not None
    assert '"a role" would allow' in str(beyond)


def test_a_denial_of_the_holder_must_be_kept_by_what_they_give_away() -> None:
    mine = policy(("allow", "proj/*:env/*:flag/*", "*"), ("deny", "proj/*:env/production:flag/*", "updateOn"))
    grant = Grant.of([mine])
    assert excess(grant, [policy(("allow", "proj/*:env/*:flag/*", "*"))]) is not None
    assert excess(grant, [policy(("allow", "proj/*:env/*:flag/*", "updateRules"))]) is None
    kept = policy(("allow", "proj/*:env/*:flag/*", "*"), ("deny", "proj/*:env/prod*:flag/*", "update*"))
    assert excess(grant, [kept]) is None


def test_a_denial_elsewhere_does_not_matter() -> None:
    mine = policy(("allow", "proj/*:env/*:flag/*", "*"), ("deny", "proj/secret:env/*:flag/*", "*"))
    assert excess(Grant.of([mine]), [policy(("allow", "proj/web:env/*:flag/*", "*"))]) is None


def test_a_flag_in_all_its_environments_lies_in_each_of_them() -> None:
    mine = policy(("allow", "!proj/*:env/production:flag/*", "*"))
    elsewhere = policy(("allow", "proj/*:env/test:flag/*", "updateName"))
    everywhere = Target.parse("proj/web:env/*:flag/checkout")
    assert elsewhere.verdict("updateName", everywhere).allowed
    assert not mine.verdict("updateName", everywhere).allowed
    assert excess(Grant.of([mine]), [elsewhere]) is not None


def test_every_layer_must_cover_and_any_policy_of_a_layer_may() -> None:
    flags, metrics = policy(("allow", "proj/*:env/*:flag/*", "*")), policy(("allow", "proj/*:metric/*", "*"))
    both = policy(("allow", ["proj/*:env/*:flag/*", "proj/*:metric/*"], "*"))
    assert excess(Grant.of([flags, metrics]), [both]) is None
    assert excess(Grant.of([flags, metrics]).limited_by([flags]), [both]) is not None
    assert excess(Grant(()), [flags]) is not None


def test_role_attributes_count_as_the_values_they_have() -> None:
    statements = parse_statements([_statement("allow", "proj/${roleAttribute/p}", "*")])
    mine = custom_role("mine", statements, attributes={"p": ["web"]})
    assert excess(Grant.of([mine]), [policy(("allow", "proj/web", "*"))]) is None
    assert excess(Grant.of([mine]), [policy(("allow", "proj/app", "*"))]) is not None
    unfilled = custom_role("unfilled", statements)
    assert excess(Grant.of([mine]), [unfilled]) is None, "a role whose attributes have no value allows nothing"


# The law: what is covered is never allowed to somebody whom the grant would refuse.

NAMES = ["a", "ab", "b", "*", "a*", "*b", "a*b"]
RESOURCES = st.one_of(
    st.sampled_from(["*", "acct"]),
    st.builds("proj/{}".format, st.sampled_from(NAMES)),
    st.builds("proj/{};{}".format, st.sampled_from(NAMES), st.sampled_from(["t", "t*", "U"])),
    st.builds("proj/{}:env/{}".format, st.sampled_from(NAMES), st.sampled_from([*NAMES, "*;{critical:true}"])),
    st.builds("proj/{}:env/{}:flag/{}".format, *[st.sampled_from(NAMES)] * 3),
)
ACTIONS = st.sampled_from(["*", "view*", "viewProject", "update*", "updateOn", "updateName"])
STATEMENTS = st.builds(
    lambda effect, resources, not_resources, actions, not_actions: {
        "effect": effect,
        ("notResources" if not_resources else "resources"): resources,
        ("notActions" if not_actions else "actions"): actions,
    },
    st.sampled_from(["allow", "allow", "deny"]),
    st.lists(RESOURCES, min_size=1, max_size=2),
    st.sampled_from([False, False, False, True]),
    st.lists(ACTIONS, min_size=1, max_size=2),
    st.sampled_from([False, False, False, True]),
)
BASE_PERMISSIONS = st.sampled_from(["no_access", "no_access", "reader"])
TAGS = [frozenset[str](), frozenset({"t"}), frozenset({"tt", "u"})]
PROJECTS = [Segment("proj", name, tags) for name in ("a", "ab", "b", "c") for tags in TAGS]
ENVIRONMENTS = [
    Segment("env", name, frozenset(), {"critical": critical})
    for name in ("a", "ab", "c", "*")
    for critical in (True, False)
]
FLAGS = [Segment("flag", name) for name in ("a", "ab", "c")]
TARGETS = [
    Target.parse("acct"),
    Target.parse("role/a"),
    Target((Segment("unheard-of", "a"),)),
    *[Target((project,)) for project in PROJECTS],
    *[Target(steps) for steps in product(PROJECTS, ENVIRONMENTS)],
    *[Target(steps) for steps in product(PROJECTS, ENVIRONMENTS, FLAGS)],
]
DONE = ["viewProject", "updateOn", "updateName", "deleteProject"]


def roles(pool: list[dict[str, object]]) -> st.SearchStrategy[Policy]:
    """Roles made of some statements of a pool, so that what is held and what is given away have much in common."""
    some = st.lists(st.sampled_from(pool), max_size=3)
    return st.builds(
        lambda body, base: custom_role("some", parse_statements(body), base_permissions=base), some, BASE_PERMISSIONS
    )


HELD_AND_GIVEN_AWAY = st.lists(STATEMENTS, min_size=1, max_size=4).flatmap(
    lambda pool: st.tuples(st.lists(st.lists(roles(pool), max_size=2), min_size=1, max_size=2), roles(pool))
)


@settings(max_examples=400, deadline=None)
@given(HELD_AND_GIVEN_AWAY)
def test_what_is_covered_is_allowed_to_whoever_gave_it(case: tuple[list[list[Policy]], Policy]) -> None:
    held, given_away = case
    grant = Grant(tuple([tuple(layer) for layer in held]))
    if excess(grant, [given_away]) is not None:
        return
    for action, target in product(DONE, TARGETS):
        if given_away.verdict(action, target).allowed:
            assert grant.decide(action, target).allowed, f"{action} on {target}"
