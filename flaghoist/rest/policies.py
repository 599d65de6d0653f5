"""Policies as clients write them, and the rule that nobody gives away more than they hold."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.base.errors import Forbidden, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.policy.cover import excess
from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.roles import custom_role
from flaghoist.policy.statement import parse_statements


class Statement(msgspec.Struct, rename="camel"):
    """These actions are allowed, or denied, on these resources; one list of each pair is given."""

    effect: Literal["allow", "deny"]
    resources: list[str] | UnsetType | None = UNSET
    not_resources: list[str] | UnsetType | None = UNSET
    actions: list[str] | UnsetType | None = UNSET
    not_actions: list[str] | UnsetType | None = UNSET


def plain(statements: object, field: str) -> list[dict[str, Any]]:
    """Statements as stored, without their empty halves; raises ``Invalid`` naming the place: ``policy[2].actions``."""
    return [statement.to_json() for statement in parse_statements(statements, field)]


def role_named(work: Work, name: str) -> Document | None:
    """A custom role by its key, or by its id."""
    found = work.find(f"role/{name}")
    if found is not None:
        return found
    return next((role for role in work.collection("role", addresses.ACCOUNT) if role.body["_id"] == name), None)


def role_ids(work: Work, names: object, field: str) -> list[str]:
    """The ids of custom roles, each named by id or key; raises ``Invalid`` for one that does not exist."""
    if not isinstance(names, list):
        raise Invalid(f"'{field}' must be a list of role ids")
    found: dict[str, None] = {}
    for index, name in enumerate(names):
        role = role_named(work, name) if isinstance(name, str) else None
        if role is None:
            raise Invalid(f"{field}[{index}]: there is no custom role with the key or id '{name}'")
        found[role.body["_id"]] = None
    return list(found)


def role_policies(work: Work, ids: Sequence[str]) -> list[Policy]:
    """What some custom roles allow when nobody brings role attributes."""
    roles = [role for role in work.collection("role", addresses.ACCOUNT) if role.body["_id"] in ids]
    return [_policy(role.body) for role in roles]


def require_held(work: Work, grant: Grant, policies: Iterable[Policy], purpose: str) -> None:
    """Go on only if a grant covers some policies; raises ``Forbidden`` naming what lies beyond it."""
    beyond = excess(grant, policies)
    if beyond is not None:
        raise Forbidden(f"{work.actor.name} may not {purpose}: {beyond}, which they may not do themselves")


def _policy(role: Body) -> Policy:
    return custom_role(role["key"], parse_statements(role["policy"]), base_permissions=role["basePermissions"])
