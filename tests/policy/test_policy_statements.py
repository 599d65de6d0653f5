"""How statements are read from JSON, and what a malformed one is told."""

from typing import Any

import pytest

from flaghoist.base.errors import Invalid
from flaghoist.policy.statement import Statement, attributes_of, compiled, parse_statements
from flaghoist.policy.target import Target

WEB = Target.parse("proj/web")
IOS = Target.parse("proj/ios")


@pytest.mark.parametrize(
    "body",
    [
        {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]},
        {"effect": "deny", "notResources": ["proj/*:env/*;qa_*"], "notActions": ["update*", "viewProject"]},
        {"effect": "allow", "resources": ["proj/${roleAttribute/p}", "acct"], "actions": ["someDayPerhaps"]},
    ],
)
def test_a_statement_reads_back_as_it_was_written(body: dict[str, Any]) -> None:
    [statement] = parse_statements([body])

    assert statement.to_json() == body


def test_the_empty_half_of_a_pair_may_be_spelled_out() -> None:
    body = {"effect": "allow", "resources": ["proj/*"], "notResources": [], "actions": ["*"], "notActions": None}

    assert parse_statements([body]) == (Statement("allow", resources=("proj/*",), actions=("*",)),)


GOOD = {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"actions": []}, "policy[2].actions is empty; list at least one, or use notActions"),
        ({"actions": None}, "policy[2].actions is empty; list at least one, or use notActions"),
        ({"resources": []}, "policy[2].resources is empty; list at least one, or use notResources"),
        ({"notActions": ["x"]}, "policy[2] has both actions and notActions; keep one of them"),
        ({"notResources": ["acct"]}, "policy[2] has both resources and notResources; keep one of them"),
        ({"effect": None}, "policy[2].effect is None; write 'allow' or 'deny'"),
        ({"effect": "permit"}, "policy[2].effect is 'permit'; write 'allow' or 'deny'"),
        ({"actions": "*"}, "policy[2].actions is not a list of texts"),
        ({"actions": ["updateOn", 7]}, "policy[2].actions[1] is 7; it must be a text of at least one character"),
        ({"actions": [""]}, "policy[2].actions[0] is ''; it must be a text of at least one character"),
        (
            {"resources": ["proj/*", "proj/*:flags/x"]},
            "policy[2].resources[1]: unknown resource type 'flags' in 'proj/*:flags/x'; did you mean 'flag'?",
        ),
        (
            {"resources": [], "notResources": ["env/x"]},
            "policy[2].notResources[0]: 'env' is out of place in 'env/x'; write 'proj/*:env/…'",
        ),
    ],
)
def test_a_malformed_statement_is_named_by_index_and_field(change: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as fault:
        parse_statements([GOOD, GOOD, {**GOOD, **change}])

    assert fault.value.message == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"effect": "allow"}, "inlineRole is not a list of statements"),
        (["proj/*"], "inlineRole[0] is not a statement: an object with effect, resources and actions"),
    ],
)
def test_what_is_no_list_of_statements_is_refused(body: object, message: str) -> None:
    with pytest.raises(Invalid) as fault:
        parse_statements(body, "inlineRole")

    assert fault.value.message == message


@pytest.mark.parametrize(
    ("statement", "action", "speaks"),
    [
        (Statement("allow", resources=("proj/*",), actions=("updateTags",)), "updateTags", True),
        (Statement("allow", resources=("proj/*",), actions=("updateTags",)), "UpdateTags", False),
        (Statement("allow", resources=("proj/*",), actions=("update*", "viewProject")), "updateTags", True),
        (Statement("allow", resources=("proj/*",), actions=("update*", "viewProject")), "viewProject", True),
        (Statement("allow", resources=("proj/*",), actions=("update*", "viewProject")), "deleteProject", False),
        (Statement("allow", resources=("proj/*",), not_actions=("update*", "viewProject")), "deleteProject", True),
        (Statement("allow", resources=("proj/*",), not_actions=("update*",)), "updateTags", False),
        (Statement("allow", not_resources=("proj/ios",), actions=("*",)), "deleteProject", True),
        (Statement("allow", not_resources=("proj/w*",), actions=("*",)), "deleteProject", False),
        (Statement("allow", not_resources=("proj/*:env/*",), not_actions=("view*",)), "deleteProject", True),
        (Statement("allow", resources=("*",), actions=("*",)), "anything", True),
        (Statement("allow", not_resources=("*",), actions=("*",)), "anything", False),
    ],
)
def test_a_statement_speaks_of_an_action_on_a_project(statement: Statement, action: str, speaks: bool) -> None:
    assert compiled(statement).speaks_of(action, WEB) is speaks


def test_the_same_role_reaches_the_projects_its_holder_was_given() -> None:
    statement = Statement("allow", resources=("proj/${roleAttribute/projects}",), actions=("*",))
    with_web = compiled(statement, attributes_of({"projects": ["web"], "unused": ["x"]})).speaks_of
    with_both = compiled(statement, attributes_of({"projects": ["web", "ios"]})).speaks_of
    with_none = compiled(statement).speaks_of

    assert [with_web("updateTags", WEB), with_web("updateTags", IOS)] == [True, False]
    assert [with_both("updateTags", WEB), with_both("updateTags", IOS)] == [True, True]
    assert [with_none("updateTags", WEB), with_none("updateTags", IOS)] == [False, False]


def test_an_exception_nobody_named_does_not_become_everything() -> None:
    statement = Statement("allow", not_resources=("proj/${roleAttribute/frozen}", "proj/ios"), actions=("*",))

    assert not compiled(statement).speaks_of("deleteProject", WEB)
    assert compiled(statement, attributes_of({"frozen": ["legacy"]})).speaks_of("deleteProject", WEB)
    assert not compiled(statement, attributes_of({"frozen": ["web"]})).speaks_of("deleteProject", WEB)


def test_other_resources_of_the_list_hold_when_one_attribute_has_no_value() -> None:
    statement = Statement("allow", resources=("proj/${roleAttribute/projects}", "proj/ios"), actions=("*",))

    assert compiled(statement).speaks_of("updateTags", IOS)
    assert not compiled(statement).speaks_of("updateTags", WEB)
