"""From the ``Authorization`` header, or a browser's session, to who is acting and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.errors import Unauthorized
from flaghoist.base.http import Request
from flaghoist.core import addresses
from flaghoist.core.actor import Actor
from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.roles import base_role, custom_role
from flaghoist.policy.statement import parse_statements
from flaghoist.rest import cookies
from flaghoist.store import credentials, sessions
from flaghoist.store.credentials import Credential
from flaghoist.store.documents import Document, Documents


@dataclass(frozen=True, slots=True)
class Caller:
    """A known secret, the document it speaks for, and the actor it makes (SDK and mobile keys make none)."""

    credential: Credential
    document: Document
    actor: Actor | None


def admitted(
    connection: Connection, documents: Documents, request: Request, *, writes: bool, is_open: bool = False
) -> Caller | None:
    """Whoever asks: by the Authorization header if there is one, else by the session cookie.

    Raises ``Unauthorized`` if nobody known asks, and ``Forbidden`` for a write that another site makes a browser send.
    Where it ``is_open``, anybody may ask, and nobody is told as None.
    """
    header = request.headers.get("authorization", "")
    if header:
        return authenticate(connection, documents, header)
    if writes and is_open:
        cookies.check_origin(request.headers)
    secret = cookies.session_secret(request.headers, secure=request.scheme == "https")
    if is_open:
        return _signed_in(connection, documents, secret) if secret else None
    if not secret:
        return authenticate(connection, documents, "")
    caller = _signed_in(connection, documents, secret)
    if caller is None:
        raise Unauthorized("your session has ended: sign in again", code="session_ended")
    if writes:
        cookies.check_csrf(request.headers, secret)
    return caller


def authenticate(connection: Connection, documents: Documents, header: str) -> Caller:
    """Whoever the header's secret belongs to; raises ``Unauthorized``."""
    secret = header.strip()
    for scheme in ("Bearer ", "bearer ", "api_key "):
        secret = secret.removeprefix(scheme).strip()
    if not secret:
        raise Unauthorized("Authorization is missing: send an access token in this header")
    credential = credentials.find(connection, secret, clock.now_ms())
    document = documents.read(connection, credential.address) if credential else None
    if credential is None or document is None or _has_ended(document):
        raise Unauthorized("Invalid access token")
    actor = _token_actor(connection, documents, document) if credential.kind == "token" else None
    return Caller(credential, document, actor)


def member_actor(connection: Connection, documents: Documents, member: Document) -> Actor:
    """A member acting in person."""
    return Actor(
        name=member.body["email"],
        grant=member_grant(connection, documents, member),
        kind="member",
        member_id=addresses.name(member.address),
        member=summary_of(member),
    )


def member_grant(connection: Connection, documents: Documents, member: Document) -> Grant:
    """What a member may do: their custom roles if they were given any, else their base role.

    Whose custom roles are all gone may do nothing: the base role they once had may reach further than those did.
    """
    body = member.body
    if not body.get("customRoles"):
        return Grant.of([base_role(body["role"], member_id=addresses.name(member.address))])
    roles = _roles(connection, documents, body["customRoles"], body.get("roleAttributes") or {})
    return Grant.of(roles or [base_role("no_access")])


def summary_of(member: Document) -> dict[str, Any]:
    """Who a member is, as sessions tell it and as changes name their author."""
    return {
        "_id": addresses.name(member.address),
        "email": member.body["email"],
        "firstName": member.body.get("firstName", ""),
        "lastName": member.body.get("lastName", ""),
        "role": member.body["role"],
    }


def _signed_in(connection: Connection, documents: Documents, secret: str) -> Caller | None:
    session = sessions.find(connection, secret, clock.now_ms())
    member = documents.read(connection, session.member) if session else None
    if session is None or member is None:
        return None
    credential = Credential(
        "session", session.member, session.digest, session.created_at, session.expires_at, session.last_used_at
    )
    return Caller(credential, member, member_actor(connection, documents, member))


def _has_ended(document: Document) -> bool:
    """A token may have a day on which it ends, whichever of its secrets is used."""
    ends_at = document.body.get("expiry")
    return ends_at is not None and ends_at <= clock.now_ms()


def _token_actor(connection: Connection, documents: Documents, token: Document) -> Actor | None:
    body = token.body
    limits = _token_limits(connection, documents, body)
    member = documents.read(connection, f"member/{body['memberId']}")
    summary = {
        "_id": addresses.name(token.address),
        "name": body.get("name", ""),
        "ending": body["ending"],
        "serviceToken": body["serviceToken"],
    }
    if body["serviceToken"]:
        return Actor(
            name=f"the service token '{body.get('name') or body['ending']}'",
            grant=Grant.of(limits),
            kind="token",
            member_id=body["memberId"],
            token=summary,
            api_version=body.get("defaultApiVersion"),
        )
    if member is None:
        return None
    return Actor(
        name=member.body["email"],
        grant=member_grant(connection, documents, member).limited_by(limits),
        kind="token",
        member_id=addresses.name(member.address),
        member=summary_of(member),
        token=summary,
        api_version=body.get("defaultApiVersion"),
    )


def _token_limits(connection: Connection, documents: Documents, body: Mapping[str, Any]) -> list[Policy]:
    """A token's own limits: its inline role, else its custom roles, else its base role."""
    if body.get("inlineRole"):
        return [Policy("inline role", parse_statements(body["inlineRole"]))]
    if body.get("customRoleIds"):
        return _roles(connection, documents, body["customRoleIds"], {})
    return [base_role(body.get("role") or "reader")]


def _roles(
    connection: Connection, documents: Documents, wanted: list[str], attributes: Mapping[str, list[str]]
) -> list[Policy]:
    if not wanted:
        return []
    known = documents.collection(connection, "role", addresses.ACCOUNT, keep=False)
    return [
        custom_role(
            role.body["key"],
            parse_statements(role.body["policy"]),
            base_permissions=role.body.get("basePermissions", "no_access"),
            attributes=attributes,
        )
        for role in known
        if role.body["_id"] in wanted
    ]
