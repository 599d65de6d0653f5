"""Signing in and out with a browser, and the passwords and links it takes."""

import logging

from flaghoist.base import ids
from flaghoist.base.errors import Forbidden, Invalid, NotFound, Unauthorized
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.account.sessions import naming, passwords
from flaghoist.resources.account.sessions.schema import (
    BrowsersRep,
    Credentials,
    LinkLook,
    LinkUse,
    PasswordChange,
    SessionRep,
    SignInLinkRep,
)
from flaghoist.rest import cookies
from flaghoist.rest.attempts import Attempts
from flaghoist.rest.authenticate import Caller, summary_of
from flaghoist.rest.operations import Call, Family, Reply
from flaghoist.store import passwords as kept
from flaghoist.store import sessions
from flaghoist.store.passwords import SignInLink

FAMILY = Family("Sessions")
log = logging.getLogger("flaghoist.sessions")
_HERE = "/internal/session"
_LINK = f"{_HERE}/link"
_ALL = "/internal/sessions"
_USER_AGENT_MAX = 400


@FAMILY.view(_HERE, "getSession", returns=SessionRep, ours=True, open=True)
def read_session(work: Work, call: Call) -> Body:
    """Say who is signed in here, if anybody"""
    caller: Caller | None = work.services["caller"]
    if caller is None or caller.credential.kind != "session":
        return {"signedIn": False, "ownerHasPassword": _owner_has_password(work)}
    secret = cookies.session_secret(call.headers, secure=call.secure)
    return _session(work, caller.document, secret, caller.credential.expires_at)


def _judged(work: Work, call: Call) -> Document:
    """The member who knows the password; whoever does not learns nothing of why."""
    asked: Credentials = call.body
    email = asked.email.strip().casefold()
    attempts: Attempts = work.services["attempts"]
    attempts.take(email, call.client)
    members = work.collection("member", addresses.ACCOUNT)
    member = next((each for each in members if each.body["email"].casefold() == email), None)
    hashed = kept.hash_of(work.connection, member.address) if member else None
    if not passwords.matches(asked.password, hashed) or member is None:
        raise Unauthorized("this e-mail and this password do not belong together", code="sign_in_failed")
    attempts.forgive(email)
    return member


@FAMILY.command(
    "POST", _HERE, "signIn", status=201, body=Credentials, returns=SessionRep, ours=True, open=True, prepare=_judged
)
def sign_in(work: Work, call: Call) -> Reply:
    """Sign in with e-mail and password"""
    return _begun(work, call, call.prepared)


@FAMILY.command("DELETE", _HERE, "signOut", status=204, ours=True)
def sign_out(work: Work, call: Call) -> Reply:
    """Sign out here"""
    sessions.end_here(work.connection, _signed_in(work).credential.digest)
    return Reply(headers=(_cleared(call),))


@FAMILY.view(_ALL, "getSessions", returns=BrowsersRep, ours=True)
def list_sessions(work: Work, _call: Call) -> Body:
    """List the browsers in which one is signed in"""
    caller = _signed_in(work)
    return {
        "items": [
            {
                "_id": each.id,
                "isCurrent": each.digest == caller.credential.digest,
                "createdAt": each.created_at,
                "lastUsedAt": each.last_used_at,
                "expiresAt": each.expires_at,
                "userAgent": each.user_agent,
                "address": each.client,
            }
            for each in sessions.of_member(work.connection, caller.document.address, work.now)
        ]
    }


@FAMILY.command("DELETE", _ALL, "signOutEverywhere", status=204, ours=True)
def sign_out_everywhere(work: Work, call: Call) -> Reply:
    """Sign out in every browser, this one included"""
    sessions.end_all(work.connection, _signed_in(work).document.address)
    return Reply(headers=(_cleared(call),))


@FAMILY.command("DELETE", f"{_ALL}/{{id}}", "endSession", status=204, ours=True)
def end_session(work: Work, call: Call) -> Reply:
    """Sign out in one browser"""
    if not sessions.end(work.connection, _signed_in(work).document.address, call.params["id"]):
        raise NotFound(f"you have no session with the id '{call.params['id']}'")
    return Reply()


@FAMILY.view(
    f"{_LINK}/look", "getSignInLink", method="POST", body=LinkLook, returns=SignInLinkRep, ours=True, open=True
)
def read_link(work: Work, call: Call) -> Body:
    """Say whom a sign-in link is for"""
    link, member = _linked(work, call.body.token)
    return {
        "email": member.body["email"],
        "firstName": member.body["firstName"],
        "lastName": member.body["lastName"],
        "hasPassword": kept.hash_of(work.connection, member.address) is not None,
        "expiresAt": link.expires_at,
    }


def _hashed_for_link(work: Work, call: Call) -> str:
    _, member = _linked(work, call.body.token)
    passwords.check(call.body.password, email=member.body["email"])
    return passwords.hashed(call.body.password)


@FAMILY.command(
    "POST",
    _LINK,
    "useSignInLink",
    status=201,
    body=LinkUse,
    returns=SessionRep,
    ours=True,
    open=True,
    prepare=_hashed_for_link,
)
def use_link(work: Work, call: Call) -> Reply:
    """Set the password with a sign-in link, once, and sign in"""
    _, member = _linked(work, call.body.token)
    kept.drop_link(work.connection, member.address)
    kept.put(work.connection, member.address, call.prepared, now=work.now)
    sessions.end_all(work.connection, member.address)
    return _begun(work, call, naming.named(work, member, call.body))


def _hashed_anew(work: Work, call: Call) -> str:
    asked: PasswordChange = call.body
    member = _signed_in(work).document
    attempts: Attempts = work.services["attempts"]
    attempts.take(member.body["email"].casefold(), call.client)
    if not passwords.matches(asked.current, kept.hash_of(work.connection, member.address)):
        raise Invalid("'current' is not your password", code="wrong_password")
    attempts.forgive(member.body["email"].casefold())
    passwords.check(asked.password, email=member.body["email"])
    return passwords.hashed(asked.password)


@FAMILY.command(
    "PUT", f"{_HERE}/password", "changePassword", status=204, body=PasswordChange, ours=True, prepare=_hashed_anew
)
def change_password(work: Work, call: Call) -> Reply:
    """Change one's password; one is signed out everywhere else"""
    caller = _signed_in(work)
    kept.put(work.connection, caller.document.address, call.prepared, now=work.now)
    kept.drop_link(work.connection, caller.document.address)
    sessions.end_all(work.connection, caller.document.address, except_digest=caller.credential.digest)
    return Reply()


def _begun(work: Work, call: Call, member: Document) -> Reply:
    """A new session in place of the one this browser had."""
    before: Caller | None = work.services["caller"]
    if before is not None and before.credential.kind == "session":
        sessions.end_here(work.connection, before.credential.digest)
    secret = ids.session_secret()
    agent = call.headers.get("user-agent", "")[:_USER_AGENT_MAX]
    begun = sessions.add(work.connection, secret, member.address, now=work.now, user_agent=agent, client=call.client)
    log.info("signed in member=%s session=%s client=%s", member.address, begun.id, call.client)
    planted = cookies.planted(call.headers, secret, secure=call.secure, max_age_s=sessions.LIFE_MS // 1000)
    return Reply(_session(work, member, secret, begun.expires_at), headers=(planted,))


def _session(work: Work, member: Document, secret: str, expires_at: int | None) -> Body:
    shown = {**summary_of(member), "hasCustomRoles": bool(member.body.get("customRoles"))}
    return {
        "signedIn": True,
        "ownerHasPassword": _owner_has_password(work),
        "member": shown,
        "csrfToken": cookies.csrf_token(secret),
        "expiresAt": expires_at,
    }


def _cleared(call: Call) -> cookies.Header:
    return cookies.planted(call.headers, "", secure=call.secure, max_age_s=0)


def _signed_in(work: Work) -> Caller:
    """Whoever asks, if with a session: what is here is not for tokens."""
    caller: Caller = work.services["caller"]
    if caller.credential.kind != "session":
        raise Forbidden("this is for a browser in which somebody has signed in; an access token has no sessions")
    return caller


def _linked(work: Work, token: str) -> tuple[SignInLink, Document]:
    link = kept.find_link(work.connection, token, work.now)
    member = work.find(link.member) if link else None
    if link is None or member is None:
        raise NotFound(
            "this link has been used, has ended, or was replaced by a newer one: restart the server to have it print "
            "a new one, or run 'flaghoist sign-in-link'",
            code="link_ended",
        )
    return link, member


def _owner_has_password(work: Work) -> bool:
    members = work.collection("member", addresses.ACCOUNT)
    owner = next((each for each in members if each.body["role"] == "owner"), None)
    return owner is not None and kept.hash_of(work.connection, owner.address) is not None
