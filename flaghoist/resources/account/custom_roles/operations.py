"""Custom roles: create, read, change, delete."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, NotFound
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.account.custom_roles.schema import (
    CustomRole,
    CustomRolePost,
    CustomRoleRep,
    CustomRolesRep,
)
from flaghoist.rest.operations import Call, Family, Listing
from flaghoist.rest.policies import plain, role_named
from flaghoist.rest.render import Look, link
from flaghoist.rest.verbs import Verbs, checked_key

FAMILY = Family("Custom roles")


def _new(_work: Work, _params: Mapping[str, str], post: CustomRolePost) -> tuple[Mapping[str, str], Body]:
    body = {**msgspec.to_builtins(post), "_id": ids.object_id()}
    return {"customRoleKey": checked_key(post.key, "role")}, body


def _settle(_work: Work, _address: str, _before: Body | None, after: Body) -> None:
    after["policy"] = plain(after["policy"], "policy")


def _check(work: Work, _address: str, before: Body | None, after: Body | None) -> None:
    """A role goes only when nobody holds it: a member whose last role went could do nothing any more."""
    if before is None or after is not None:
        return
    holders = {
        "member": len(_members(work, before)),
        "team": len(_teams(work, before)),
        "access token": len(_tokens(work, before)),
    }
    held = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in holders.items() if count]
    if held:
        raise Conflict(f"the role '{before['key']}' is assigned to {', '.join(held)}; unassign it before deleting it")


def _members(work: Work, role: Body) -> list[Document]:
    return [each for each in work.collection("member", addresses.ACCOUNT) if role["_id"] in each.body["customRoles"]]


def _teams(work: Work, role: Body) -> list[Document]:
    teams = work.collection("team", addresses.ACCOUNT)
    return [team for team in teams if role["key"] in team.body.get("customRoleKeys", ())]


def _tokens(work: Work, role: Body) -> list[Document]:
    tokens = [*work.collection("token", addresses.ACCOUNT), *work.collection("service-token", addresses.ACCOUNT)]
    return [token for token in tokens if role["_id"] in token.body.get("customRoleIds", ())]


def _render(look: Look, role: Document) -> Body:
    return {
        **role.body,
        "_links": {"parent": link("/api/v2/roles"), "self": link("/api/v2/roles", role.body["key"])},
        "_access": look.access(role),
        "assignedTo": {
            "membersCount": len(_members(look.work, role.body)),
            "teamsCount": len(_teams(look.work, role.body)),
        },
    }


ROLE = FAMILY.resource(
    Resource(
        kind="role",
        address="role/{customRoleKey}",
        parent="acct",
        schema=CustomRole,
        create_action="createRole",
        delete_action="deleteRole",
        view_action="viewRole",
        post=CustomRolePost,
        make=_new,
        render=_render,
        settle=_settle,
        check=_check,
        immutable=frozenset({"_id", "key", "resourceCategory"}),
    )
)


class _Roles(Verbs):
    """A role is found by its key or its id."""

    def get(self, work: Work, call: Call) -> Body:
        """One role."""
        return super().get(work, _by_key(work, call))

    def patch(self, work: Work, call: Call) -> Body:
        """One role changed."""
        return super().patch(work, _by_key(work, call))

    def delete(self, work: Work, call: Call) -> Any:
        """One role gone."""
        return super().delete(work, _by_key(work, call))


def _by_key(work: Work, call: Call) -> Call:
    name = call.params["customRoleKey"]
    role = role_named(work, name)
    if role is None:
        raise NotFound(f"there is no role with the key or id '{name}'")
    return dataclasses.replace(call, params={"customRoleKey": role.body["key"]})


_Roles(
    family=FAMILY,
    resource=ROLE,
    collection="/api/v2/roles",
    item="/api/v2/roles/{customRoleKey}",
    rep=CustomRoleRep,
    collection_rep=CustomRolesRep,
    listing=Listing(limit_max=1000, paged_since=20240415),
).declare(
    list_="getCustomRoles",
    create="postCustomRole",
    get="getCustomRole",
    patch="patchCustomRole",
    delete="deleteCustomRole",
)
