"""How members are found: by name, role, team, when they were last seen, and what they may do."""

import dataclasses
from typing import NamedTuple

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.work import Document, Work
from flaghoist.policy.target import Target
from flaghoist.rest.authenticate import member_grant
from flaghoist.rest.filters import Condition, Predicate
from flaghoist.rest.operations import Listing
from flaghoist.rest.policies import role_named
from flaghoist.rest.versions import ApiVersion
from flaghoist.store import passwords
from flaghoist.store.documents import Documents

_ACCESS_CHECK_UNTIL = 20220603


class Seen(NamedTuple):
    """When somebody last came by, in milliseconds, and with which token: none where they were signed in."""

    at: int
    token_id: str


def last_seen(work: Work, member: Document) -> Seen | None:
    """The newest use of a member's password or of any of their own tokens, true to the minute."""
    signed_in = passwords.last_used(work.connection, member.address)
    uses = [
        Seen(credential.last_used_at, token.body["_id"])
        for token in work.collection("token", addresses.ACCOUNT)
        if token.body["memberId"] == member.body["_id"]
        for credential in work.credentials_of(token.address, "token")
        if credential.last_used_at
    ]
    return max([*uses, *([Seen(signed_in, "")] if signed_in else [])], default=None)


def teams_of(work: Work, member: Document) -> list[Document]:
    """The teams a member is in."""
    teams = work.collection("team", addresses.ACCOUNT)
    return [team for team in teams if member.body["_id"] in team.body.get("memberIDs", ())]


def listing(work: Work, version: ApiVersion) -> Listing:
    """How this request may list members; checks of access have gone from newer versions of the API."""
    sorts = {**LISTING.sorts, "lastSeen": lambda member: (last_seen(work, member) or Seen(0, "")).at}
    if version.number > _ACCESS_CHECK_UNTIL:
        return dataclasses.replace(LISTING, sorts=sorts)
    return dataclasses.replace(LISTING, sorts=sorts, filters={**LISTING.filters, "accessCheck": _by_access})


def _display_name(member: Document) -> str:
    name = f"{member.body['firstName']} {member.body['lastName']}".strip()
    return (name or str(member.body["email"])).lower()


def _by_query(_work: Work, condition: Condition) -> Predicate:
    wanted = str(condition.value).lower()
    return lambda member: wanted in f"{_display_name(member)} {member.body['email']}".lower()


def _by_role(work: Work, condition: Condition) -> Predicate:
    """By base role, where owners count as admins, or by the key or id of a custom role."""
    wanted = _either(condition)
    roles = {role.body["_id"] for role in [role_named(work, name) for name in wanted] if role is not None}

    def matches(member: Document) -> bool:
        base = {member.body["role"], "admin"} if member.body["role"] == "owner" else {member.body["role"]}
        return bool(base & wanted or roles.intersection(member.body["customRoles"]))

    return matches


def _by_id(_work: Work, condition: Condition) -> Predicate:
    wanted = _either(condition)
    return lambda member: member.body["_id"] in wanted


def _by_email(_work: Work, condition: Condition) -> Predicate:
    wanted = {text.lower() for text in _either(condition)}
    return lambda member: member.body["email"].lower() in wanted


def _either(condition: Condition) -> set[str]:
    """Texts joined by bars; not by plus signs, which e-mail addresses may hold."""
    return {text for text in str(condition.value).split("|") if text}


def _by_team(work: Work, condition: Condition) -> Predicate:
    wanted = str(condition.value).lower()
    return lambda member: any(team.body["key"].lower() == wanted for team in teams_of(work, member))


def _by_no_team(work: Work, condition: Condition) -> Predicate:
    wanted = condition.truth
    return lambda member: (not teams_of(work, member)) is wanted


def _by_last_seen(work: Work, condition: Condition) -> Predicate:
    asked = condition.value
    if isinstance(asked, dict):
        if asked.get("never") is True or asked.get("noData") is True:
            return lambda member: last_seen(work, member) is None
        before = asked.get("before")
        if isinstance(before, int) and not isinstance(before, bool):
            return lambda member: (last_seen(work, member) or Seen(0, "")).at < before
    raise Invalid('filter: \'lastSeen\' is {"never":true}, {"noData":true} or {"before":milliseconds}')


def _by_access(work: Work, condition: Condition) -> Predicate:
    action, _, address = str(condition.value).partition(":")
    try:
        Target.parse(address)
    except ValueError as error:
        raise Invalid(f"filter: 'accessCheck' is action:resource; {error}") from None
    if "*" in action or "*" in address:
        raise Invalid("filter: 'accessCheck' takes one action and one resource, no '*'")
    target, documents = work.target(address), Documents()
    return lambda member: member_grant(work.connection, documents, member).decide(action, target).allowed


LISTING = Listing(
    filters={
        "query": _by_query,
        "role": _by_role,
        "id": _by_id,
        "email": _by_email,
        "team": _by_team,
        "noteam": _by_no_team,
        "lastSeen": _by_last_seen,
    },
    sorts={"displayName": _display_name},
    expands=("customRoles", "roleAttributes"),
    limit_max=1000,
)
"""What every version of the API offers; orders that need more than the document are added by ``listing``."""
