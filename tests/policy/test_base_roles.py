"""What the roles that come with every account may do, and what is built upon them."""

import os
from pathlib import Path

import pytest

from flaghoist.base.errors import Invalid
from flaghoist.policy.actions import ACTIONS, hint
from flaghoist.policy.decide import Grant, decide
from flaghoist.policy.resource_types import NAMELESS_TYPES, RESOURCE_TYPES
from flaghoist.policy.roles import BASE_ROLES, base_role, custom_role, team_grant
from flaghoist.policy.statement import parse_statements
from flaghoist.policy.target import Target

GOLDEN = Path(__file__).parent / "golden" / "base_roles.txt"
ME = "5f0c0ffee0c0ffee0c0ffee0"
HEADER = """\
What the members of each base role may do. The member who asks is {me}.
Renew with FLAGHOIST_RENEW_GOLDEN=1 and read the difference.
"""


def addresses() -> list[tuple[str, str]]:
    """An address of every type under each of its parents, with its type; and a token of one's own."""
    found = []
    for type_ in sorted(ACTIONS):
        last = type_ if type_ in NAMELESS_TYPES else f"{type_}/x"
        found += [(":".join([*[f"{parent}/x" for parent in chain], last]), type_) for chain in RESOURCE_TYPES[type_]]
    return [*found, (f"member/{ME}:token/x", "token")]


def page() -> str:
    lines = [HEADER.format(me=ME)]
    for address, type_ in addresses():
        lines.append(f"{address:<50}" + "".join(f"{role:>10}" for role in BASE_ROLES))
        for action in ACTIONS[type_]:
            verdicts = [base_role(role, member_id=ME).verdict(action, Target.parse(address)) for role in BASE_ROLES]
            lines.append(f"  {action:<48}" + "".join(f"{'✔' if verdict.allowed else '✘':>10}" for verdict in verdicts))
        lines.append("")
    return "\n".join(lines)


def test_the_base_roles_may_do_what_the_page_says() -> None:
    if os.environ.get("FLAGHOIST_RENEW_GOLDEN"):
        GOLDEN.write_text(page(), encoding="utf-8")

    assert page() == GOLDEN.read_text(encoding="utf-8"), "renew with FLAGHOIST_RENEW_GOLDEN=1 and read the difference"


def test_each_base_role_may_do_all_that_the_one_before_it_may() -> None:
    ladder = [base_role(role, member_id=ME) for role in ("no_access", "reader", "writer", "admin", "owner")]
    for address, type_ in addresses():
        for action in ACTIONS[type_]:
            allowed = [role.verdict(action, Target.parse(address)).allowed for role in ladder]
            assert allowed == sorted(allowed), f"{action} on {address}"


def test_a_token_limited_to_reading_cannot_make_itself_a_stronger_sister() -> None:
    own_token = Target.parse(f"member/{ME}:token/new")
    admin = base_role("admin", member_id=ME)

    assert Grant.of([admin]).decide("createAccessToken", own_token)
    for limit in ("reader", "writer"):
        assert not Grant.of([admin]).limited_by([base_role(limit)]).decide("createAccessToken", own_token)


def test_an_unknown_base_role_is_refused_with_a_suggestion() -> None:
    with pytest.raises(Invalid, match="unknown base role 'wirter'; did you mean 'writer'"):
        base_role("wirter")


def test_a_custom_role_that_starts_from_reader_can_still_hide_a_project() -> None:
    hides = parse_statements([{"effect": "deny", "resources": ["proj/secret"], "actions": ["viewProject"]}])
    secret, web = Target.parse("proj/secret"), Target.parse("proj/web")
    role = custom_role("visitor", hides, base_permissions="reader")

    assert role.verdict("viewProject", secret).reason == 'denied by statement 1 of "visitor"'
    assert role.verdict("viewProject", web).reason == 'allowed by the base permissions of "visitor"'
    assert not role.verdict("updateTags", web)
    assert not custom_role("visitor", hides).verdict("viewProject", web)


def test_a_custom_role_that_starts_from_reader_may_add_what_readers_may_not_see() -> None:
    keys = parse_statements([{"effect": "allow", "resources": ["proj/*:env/test"], "actions": ["viewSdkKey"]}])
    role = custom_role("keeper", keys, base_permissions="reader")

    assert role.verdict("viewSdkKey", Target.parse("proj/web:env/test"))
    assert not role.verdict("viewSdkKey", Target.parse("proj/web:env/production"))


def test_a_custom_role_starts_from_nothing_stronger_than_reader() -> None:
    with pytest.raises(Invalid, match="unknown basePermissions 'writer'; use one of no_access, reader"):
        custom_role("sly", (), base_permissions="writer")


def test_the_attributes_of_a_team_scope_the_roles_it_brings_and_no_others() -> None:
    statements = parse_statements(
        [{"effect": "allow", "resources": ["proj/${roleAttribute/projects}:env/*:flag/*"], "actions": ["updateOn"]}]
    )
    through_team = custom_role("developer", statements, attributes={"projects": ["web"]})
    by_oneself = custom_role("developer", statements, attributes={"projects": ["ios"]})
    address = "proj/{}:env/test:flag/f"

    for project, allowed in (("web", True), ("ios", True), ("api", False)):
        verdict = decide([through_team, by_oneself], "updateOn", Target.parse(address.format(project)))
        assert verdict.allowed is allowed
    assert not through_team.verdict("updateOn", Target.parse(address.format("ios")))


def test_a_team_maintainer_may_rename_the_team_and_change_who_is_in_it() -> None:
    maintainer = team_grant("core", action_set="maintainTeam")
    lender = team_grant("core", actions=["updateTeamCustomRoles"])
    core, other = Target.parse("team/core"), Target.parse("team/other")

    assert maintainer.verdict("updateTeamMembers", core)
    assert not maintainer.verdict("updateTeamCustomRoles", core)
    assert lender.verdict("updateTeamCustomRoles", core)
    assert not maintainer.verdict("updateTeamMembers", other)
    assert not team_grant("core").verdict("updateTeamMembers", core)
    with pytest.raises(Invalid, match="unknown actionSet 'maintain'; did you mean 'maintainTeam'"):
        team_grant("core", action_set="maintain")


def test_every_type_with_actions_is_a_known_type() -> None:
    assert set(ACTIONS) <= set(RESOURCE_TYPES)


@pytest.mark.parametrize(
    ("action", "doubt"),
    [
        ("updateOn", None),
        ("update*", None),
        ("updateOnn", "unknown action 'updateOnn'; did you mean 'updateOn'?"),
        ("xyzzy", "unknown action 'xyzzy'"),
    ],
)
def test_a_misspelt_action_raises_a_doubt(action: str, doubt: str | None) -> None:
    assert hint(action) == doubt
