"""The roles that come with every account, and what custom roles and team grants are made of.

| role      | may                                                                                                    |
|-----------|--------------------------------------------------------------------------------------------------------|
| no_access | nothing                                                                                                |
| reader    | view everything but private things: SDK keys, the IP allow-list, other members' tokens                 |
| writer    | as reader, and everything else but administer the account: ``acct``, members and their tokens, service |
|           | tokens, roles, teams, OAuth clients, verified domains, requests to join, the IP allow-list             |
| admin     | everything but what decides about ownership, billing and the end of the account                        |
| owner     | everything                                                                                             |

Webhooks, integrations, Relay configurations, applications, templates and code references are a writer's work like any
other: they carry flags, not people. Service tokens are not, since they outlive the member who made them.

Whoever has one of these roles but no_access may also manage personal tokens of their own: a personal token never does
more than its member. The limits of a token must be built *without* the member, or a token limited to reading could
make itself a stronger sister.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from flaghoist.base.errors import Invalid
from flaghoist.policy.decide import Policy
from flaghoist.policy.specifier import EVERYTHING
from flaghoist.policy.statement import Statement, attributes_of

PRIVATE = ("proj/*:env/*", "member/*:token/*", "ip-allowlist")
"""Resources whose view actions show a secret: the keys of an environment, somebody's tokens, the allowed addresses."""

ADMINISTRATION = (
    "acct",
    "domain-verification/*",
    "ip-allowlist",
    "member/*",
    "member/*:token/*",
    "oauth-client/*",
    "pending-request/*",
    "role/*",
    "service-token/*",
    "team/*",
)
"""Resources that only an administrator changes."""

OWNERSHIP = (
    "deleteAccount",
    "deleteSubscription",
    "getPaymentCard",
    "updateAccountOwner",
    "updateBillingContact",
    "updatePaymentCard",
    "updateSubscription",
)
"""Actions on the account that only its owner takes."""

ACTION_SETS = {"maintainTeam": ("updateTeamMembers", "updateTeamName", "updateTeamDescription")}
"""Named bundles of actions that a team's permission grants may use."""

_VIEW = Statement("allow", not_resources=PRIVATE, actions=("view*",))
_WRITE = Statement("allow", not_resources=ADMINISTRATION, actions=("*",))
_ADMINISTER = Statement("allow", not_resources=("acct",), actions=("*",))
_ADMINISTER_ACCOUNT = Statement("allow", resources=("acct",), not_actions=OWNERSHIP)
_EVERYTHING = Statement("allow", resources=(EVERYTHING,), actions=("*",))

BASE_ROLES: Mapping[str, tuple[Statement, ...]] = {
    "no_access": (),
    "reader": (_VIEW,),
    "writer": (_VIEW, _WRITE),
    "admin": (_ADMINISTER, _ADMINISTER_ACCOUNT),
    "owner": (_EVERYTHING,),
}
"""Each base role's statements, from the least powerful role to the most."""

BASE_PERMISSIONS: Mapping[str, tuple[Statement, ...]] = {"no_access": (), "reader": (_VIEW,)}
"""What a custom role may start from."""


@lru_cache(maxsize=8192)
def base_role(name: str, *, member_id: str | None = None) -> Policy:
    """A base role: as its member holds it with ``member_id``, as the limit of a token without. Raises Invalid."""
    if name not in BASE_ROLES:
        raise Invalid(_unknown("base role", name, BASE_ROLES))
    statements = BASE_ROLES[name]
    if statements and member_id is not None:
        statements = (*statements, Statement("allow", resources=(f"member/{member_id}:token/*",), actions=("*",)))
    return Policy(name, statements)


def custom_role(
    key: str,
    statements: tuple[Statement, ...],
    *,
    base_permissions: str = "no_access",
    attributes: Mapping[str, Iterable[str]] | None = None,
) -> Policy:
    """A custom role as somebody holds it, with the role attributes of the member or team that brings it.

    The base permissions belong to the same policy as the role's statements, so that a role which starts from reader can
    still hide a project: its deny outweighs the base. Raises Invalid for unknown base permissions.
    """
    if base_permissions not in BASE_PERMISSIONS:
        raise Invalid(_unknown("basePermissions", base_permissions, BASE_PERMISSIONS))
    return Policy(key, statements, BASE_PERMISSIONS[base_permissions], attributes_of(attributes or {}))


def team_grant(team_key: str, *, action_set: str | None = None, actions: Iterable[str] = ()) -> Policy:
    """What a team's permission grant lets its members do to that team. Raises Invalid for an unknown action set."""
    if action_set is not None and action_set not in ACTION_SETS:
        raise Invalid(_unknown("actionSet", action_set, ACTION_SETS))
    granted = (*ACTION_SETS.get(action_set or "", ()), *actions)
    statements = (Statement("allow", resources=(f"team/{team_key}",), actions=granted),) if granted else ()
    return Policy(f"permission grant of team {team_key}", statements)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"unknown {what} {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}")
