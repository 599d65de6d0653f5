"""Who is let through, who is not, and what they are told."""

from typing import Any

from flaghoist.policy.access import access
from flaghoist.policy.decide import Grant, Policy, decide
from flaghoist.policy.roles import base_role
from flaghoist.policy.statement import Statement
from flaghoist.policy.target import Target

IN_PRODUCTION = Target.parse("proj/web:env/production:flag/checkout")
IN_TEST = Target.parse("proj/web:env/test:flag/checkout")
ALL_FLAGS = {"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": ["*"]}
NOT_IN_PRODUCTION = {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["updateOn"]}


def role(name: str, *statements: dict[str, Any]) -> Policy:
    return Policy.parse(name, list(statements))


def test_a_deny_outweighs_an_allow_of_the_same_role_in_either_order() -> None:
    for statements, index in (((ALL_FLAGS, NOT_IN_PRODUCTION), 1), ((NOT_IN_PRODUCTION, ALL_FLAGS), 0)):
        release_manager = role("release-manager", *statements)

        verdict = decide([release_manager], "updateOn", IN_PRODUCTION)

        assert not verdict
        assert verdict.reason == f'denied by statement {index + 1} of "release-manager"'
        assert verdict.policy is release_manager
        assert verdict.statement_index == index
        assert verdict.statement == Statement(
            "deny", resources=("proj/*:env/production:flag/*",), actions=("updateOn",)
        )
        assert decide([release_manager], "updateOn", IN_TEST).reason.startswith("allowed by statement")


def test_what_no_statement_allows_is_not_allowed() -> None:
    verdict = decide([role("tester", NOT_IN_PRODUCTION)], "updateOn", IN_TEST)

    assert not verdict.allowed
    assert (verdict.policy, verdict.statement_index, verdict.statement) == (None, None, None)
    assert verdict.reason == 'no statement of "tester" allows updateOn on proj/web:env/test:flag/checkout'
    assert not decide([], "updateOn", IN_TEST)


def test_the_deny_of_one_role_does_not_cancel_the_allow_of_another() -> None:
    careful = role("careful", ALL_FLAGS, NOT_IN_PRODUCTION)
    bold = role("bold", ALL_FLAGS)

    for roles in ([careful, bold], [bold, careful]):
        assert decide(roles, "updateOn", IN_PRODUCTION).reason == 'allowed by statement 1 of "bold"'


def test_a_statement_that_denies_is_a_better_reason_than_silence() -> None:
    silent = role("silent", {"effect": "allow", "resources": ["acct"], "actions": ["*"]})
    careful = role("careful", ALL_FLAGS, NOT_IN_PRODUCTION)

    verdict = decide([silent, careful, role("also-careful", NOT_IN_PRODUCTION)], "updateOn", IN_PRODUCTION)

    assert verdict.reason == 'denied by statement 2 of "careful"'


def test_a_personal_token_does_what_both_its_member_and_its_limits_allow() -> None:
    member = [role("developer", ALL_FLAGS, NOT_IN_PRODUCTION)]
    only_switching = role("token", {"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": ["updateOn"]})
    token = Grant.of(member).limited_by([only_switching])

    assert token.decide("updateOn", IN_TEST).reason == 'allowed by statement 1 of "developer"'
    assert token.decide("updateName", IN_TEST).reason == f'no statement of "token" allows updateName on {IN_TEST}'
    assert token.decide("updateOn", IN_PRODUCTION).reason == 'denied by statement 2 of "developer"'
    assert Grant.of(member).decide("updateName", IN_TEST)


def test_a_service_token_has_only_its_own_limits() -> None:
    service = Grant.of([base_role("writer")])

    assert service.decide("updateOn", IN_PRODUCTION)


def test_a_grant_of_nothing_allows_nothing() -> None:
    assert not Grant(()).decide("updateOn", IN_TEST)
    assert not Grant.of([]).decide("updateOn", IN_TEST)
    assert not Grant.of([base_role("owner")]).limited_by([]).decide("updateOn", IN_TEST)


def test_a_flag_wide_act_is_barred_where_one_environment_bars_it() -> None:
    flag_wide = Target.parse("proj/web:env/*:flag/checkout")
    only_test = role(
        "tester", {"effect": "allow", "resources": ["proj/web:env/test:flag/*"], "actions": ["updateName"]}
    )
    no_production = role(
        "careful", ALL_FLAGS, {"effect": "deny", "resources": ["proj/*:env/production:flag/*"], "actions": ["delete*"]}
    )

    assert decide([only_test], "updateName", flag_wide)
    assert decide([no_production], "updateName", flag_wide)
    assert decide([no_production], "deleteFlag", flag_wide).reason == 'denied by statement 2 of "careful"'


def test_access_lists_the_verdicts_the_server_will_give_with_their_statements() -> None:
    grant = Grant.of([role("release-manager", ALL_FLAGS, NOT_IN_PRODUCTION)])

    assert access(grant, IN_PRODUCTION, ("updateName", "updateOn")) == {
        "allowed": [{"action": "updateName", "reason": {**ALL_FLAGS, "role_name": "release-manager"}}],
        "denied": [{"action": "updateOn", "reason": {**NOT_IN_PRODUCTION, "role_name": "release-manager"}}],
    }


def test_access_says_deny_where_no_statement_speaks() -> None:
    assert access(Grant.of([]), IN_TEST, ("updateOn",)) == {
        "allowed": [],
        "denied": [{"action": "updateOn", "reason": {"effect": "deny"}}],
    }


def test_access_keeps_the_negated_lists_of_a_statement() -> None:
    rule = {"effect": "allow", "notResources": ["acct"], "notActions": ["delete*"]}

    assert access(Grant.of([role("most", rule)]), IN_TEST, ("updateOn",))["allowed"] == [
        {"action": "updateOn", "reason": {**rule, "role_name": "most"}}
    ]
