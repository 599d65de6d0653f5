"""Members: who there is, and a change of their roles."""

import dataclasses

from flaghoist.base.errors import Conflict, NotFound
from flaghoist.core import addresses, patches
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.policy.roles import base_role
from flaghoist.resources.account.members.listing import LISTING, last_seen, listing, teams_of
from flaghoist.resources.account.members.schema import Member, MemberRep, MembersRep
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.policies import require_held, role_ids
from flaghoist.rest.render import Look, link
from flaghoist.rest.verbs import Verbs, listed, visible

FAMILY = Family("Account members")


def _settle(work: Work, _address: str, before: Body | None, after: Body) -> None:
    """Roles may be given by key; what is kept are their ids."""
    if after["customRoles"] != (before or {}).get("customRoles", []):
        after["customRoles"] = role_ids(work, after["customRoles"], "customRoles")


def _check(work: Work, _address: str, before: Body | None, after: Body | None) -> None:
    """There is exactly one owner, and nobody makes somebody more than they are themselves."""
    if after is None:
        if before is not None and before["role"] == "owner":
            raise Conflict("the owner of the account cannot be deleted")
        return
    was = before["role"] if before else ""
    comes_into_force = bool(before and before["customRoles"] and not after["customRoles"])
    if after["role"] != was:
        _check_owner(work, was, after["role"])
    if after["role"] != was or comes_into_force:
        require_held(work, work.actor.grant, [base_role(after["role"])], f"make somebody {after['role']}")


def _check_owner(work: Work, was: str, role: str) -> None:
    if was == "owner":
        raise Conflict("the owner of the account keeps that role; hand the account over to somebody else first")
    if role == "owner" and _owner(work) is not None:
        raise Conflict("an account has one owner, and this one has theirs")


def _owner(work: Work) -> Document | None:
    members = work.collection("member", addresses.ACCOUNT)
    return next((member for member in members if member.body["role"] == "owner"), None)


def _render(look: Look, member: Document) -> Body:
    seen = last_seen(look.work, member)
    shown = {**member.body, "creationDate": member.created_at, "version": member.version, "_lastSeen": 0}
    if seen is not None:
        shown["_lastSeen"] = seen.at
        if seen.token_id:
            shown["_lastSeenMetadata"] = {"tokenId": seen.token_id}
    if not look.expands("roleAttributes"):
        del shown["roleAttributes"]
    shown["_links"] = {"parent": link("/api/v2/members"), "self": link("/api/v2/members", member.body["_id"])}
    shown["teams"] = [_team(team) for team in teams_of(look.work, member)]
    shown["permissionGrants"] = []
    return shown


def _team(team: Document) -> Body:
    return {
        "_links": {"parent": link("/api/v2/teams"), "self": link("/api/v2/teams", team.body["key"])},
        "key": team.body["key"],
        "name": team.body["name"],
        "customRoleKeys": team.body.get("customRoleKeys", []),
    }


MEMBER = FAMILY.resource(
    Resource(
        kind="member",
        address="member/{id}",
        parent="acct",
        schema=Member,
        create_action="createMember",
        delete_action="deleteMember",
        view_action="viewMember",
        render=_render,
        settle=_settle,
        check=_check,
        immutable=frozenset({"_id", "email", "_pendingInvite", "_verified", "mfa"}),
    )
)


class _Members(Verbs):
    """``me`` is the caller, whom nobody keeps from seeing themselves."""

    def list(self, work: Work, call: Call) -> Body:
        """A page of members."""
        members = visible(work, MEMBER, work.collection("member", addresses.ACCOUNT), addresses.ACCOUNT)
        return listed(work, call, listing(work, call.version), members, _render)

    def get(self, work: Work, call: Call) -> Body:
        """One member."""
        if call.params["id"] == "me":
            return _render(call.look(work, detail=True), work.read(_me(work)))
        return super().get(work, call)

    def patch(self, work: Work, call: Call) -> Body:
        """One member changed."""
        address = _me(work) if call.params["id"] == "me" else MEMBER.address_of(call.params)
        changed = work.patch(address, patches.read(call.body, call.content_type))
        # A changed member is shown whole: whoever wrote role attributes wants to see them.
        query = dataclasses.replace(call.query, values={**call.query.values, "expand": ["roleAttributes"]})
        return _render(Look(work, call.version, query, detail=True), changed)


def _me(work: Work) -> str:
    if work.actor.member is None:
        raise NotFound("'me' is the member behind a personal access token; this token has none")
    return f"member/{work.actor.member_id}"


_Members(
    family=FAMILY,
    resource=MEMBER,
    collection="/api/v2/members",
    item="/api/v2/members/{id}",
    rep=MemberRep,
    collection_rep=MembersRep,
    listing=LISTING,
    expands=("customRoles", "roleAttributes"),
).declare(list_="getMembers", get="getMember", patch="patchMember")
