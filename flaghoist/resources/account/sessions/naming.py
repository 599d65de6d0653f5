"""Members who say what they are called, when they first sign in."""

from dataclasses import replace

from msgspec import UNSET

from flaghoist.core.actor import Actor, server
from flaghoist.core.guards import Access
from flaghoist.core.work import Document, Work
from flaghoist.resources.account.sessions.schema import LinkUse
from flaghoist.rest.authenticate import summary_of


def named(work: Work, member: Document, asked: LinkUse) -> Document:
    """The member with the names given, written as the member's own change.

    The link shows that it is them, so that no role is asked whether somebody may say their own name.
    """
    given = {"firstName": asked.first_name, "lastName": asked.last_name}
    body = {**member.body, **{name: text.strip() for name, text in given.items() if text is not UNSET}}
    if body == member.body:
        return member
    work.actor = Actor(
        name=member.body["email"],
        grant=server().grant,
        kind="member",
        member_id=member.body["_id"],
        member=summary_of(replace(member, body=body)),
    )
    return work.save(member, body, accesses=[Access("updateName", member.address)])
