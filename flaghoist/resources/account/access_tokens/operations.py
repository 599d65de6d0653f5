"""Access tokens: create, read, change, reset, delete."""

import dataclasses

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, Invalid, NotFound, PatchFailed
from flaghoist.core import addresses, patches
from flaghoist.core.guards import Access
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.account.access_tokens.limits import check, settle
from flaghoist.resources.account.access_tokens.schema import Token, TokenPost, TokenRep, TokensRep
from flaghoist.rest.operations import Call, Family, Listing, Reply
from flaghoist.rest.render import Look, link, without_missing
from flaghoist.rest.verbs import Verbs, listed, require_view, visible

FAMILY = Family("Access tokens")
_ITEM = "/api/v2/tokens/{id}"


def _render(look: Look, token: Document) -> Body:
    used = [credential.last_used_at or 0 for credential in look.work.credentials_of(token.address, "token")]
    shown = {name: value for name, value in token.body.items() if name != "ending"}
    return without_missing(
        {
            **shown,
            "_links": {"parent": link("/api/v2/tokens"), "self": link("/api/v2/tokens", token.body["_id"])},
            "_member": look.member(token.body["memberId"]),
            "creationDate": token.created_at,
            "lastModified": token.updated_at,
            "token": token.body["ending"],
            "lastUsed": max(used, default=0) or None,
        }
    )


PERSONAL = FAMILY.resource(
    Resource(
        kind="token",
        address="member/{memberId}:token/{id}",
        parent="acct",
        schema=Token,
        create_action="createAccessToken",
        delete_action="deleteAccessToken",
        view_action="viewAccessToken",
        post=TokenPost,
        render=_render,
        settle=settle,
        check=check,
        immutable=frozenset({"_id", "serviceToken", "defaultApiVersion", "memberId", "ownerId", "ending"}),
        missing_patch_target=PatchFailed,
    )
)
SERVICE = FAMILY.resource(
    dataclasses.replace(PERSONAL, kind="service-token", audit_kind="token", address="service-token/{id}")
)


class _Tokens(Verbs):
    """Personal and service tokens are one collection: one finds them by id alone."""

    def list(self, work: Work, call: Call) -> Body:
        """A page of tokens: the service tokens and one's own, or with ``showAll`` every one that may be viewed."""
        everyones = [*work.collection("token", addresses.ACCOUNT), *work.collection("service-token", addresses.ACCOUNT)]
        asked = everyones if call.query.flag("showAll") else [each for each in everyones if _concerns(work, each)]
        seen = visible(work, PERSONAL, asked, addresses.ACCOUNT)
        return listed(work, call, _LISTING, sorted(seen, key=lambda token: token.created_at), _render)

    def create(self, work: Work, call: Call) -> Body:
        """A new token, with its secret."""
        secret = ids.access_token()
        body = _body(work, call.body, secret)
        kind = "service-token" if body["serviceToken"] else "token"
        token = work.create(kind, {"memberId": body["memberId"], "id": body["_id"]}, body)
        work.issue(secret, kind="token", address=token.address)
        return {**_render(call.look(work, detail=True), token), "token": secret}

    def get(self, work: Work, call: Call) -> Body:
        """One token."""
        token = _of_id(work, call.params["id"])
        require_view(work, PERSONAL, token)
        return _render(call.look(work, detail=True), token)

    def patch(self, work: Work, call: Call) -> Body:
        """One token changed."""
        token = _of_id(work, call.params["id"])
        changed = work.patch(token.address, patches.read(call.body, call.content_type))
        return _render(call.look(work, detail=True), changed)

    def delete(self, work: Work, call: Call) -> Reply:
        """One token gone, and what it opened closed."""
        work.delete(_of_id(work, call.params["id"]).address)
        return Reply(status=204)


def _concerns(work: Work, token: Document) -> bool:
    return bool(token.body["serviceToken"]) or token.body["memberId"] == work.actor.member_id


def _body(work: Work, post: TokenPost, secret: str) -> Body:
    body: Body = msgspec.to_builtins(post)
    if work.find(f"member/{work.actor.member_id}") is None and not post.service_token:
        raise Invalid("the member behind this token is gone: it can make service tokens, not personal ones")
    return {
        **body,
        "_id": ids.object_id(),
        "memberId": work.actor.member_id,
        "ownerId": _owner_id(work),
        "ending": secret[-4:],
    }


def _owner_id(work: Work) -> str:
    members = work.collection("member", addresses.ACCOUNT)
    return next((member.body["_id"] for member in members if member.body["role"] == "owner"), work.actor.member_id)


def _of_id(work: Work, token_id: str) -> Document:
    service = work.find(SERVICE.address_of({"id": token_id}))
    if service is not None:
        return service
    for token in work.collection("token", addresses.ACCOUNT):
        if token.body["_id"] == token_id:
            return token
    raise NotFound(f"there is no access token with the id '{token_id}'")


_LISTING = Listing(limit=25, limit_max=1000, paged_since=20240415, query=(("showAll", "boolean"),))
_Tokens(
    family=FAMILY,
    resource=PERSONAL,
    collection="/api/v2/tokens",
    item=_ITEM,
    rep=TokenRep,
    collection_rep=TokensRep,
    listing=_LISTING,
).declare(list_="getTokens", create="postToken", get="getToken", patch="patchToken", delete="deleteToken")


@FAMILY.command("POST", f"{_ITEM}/reset", "resetToken", returns=TokenRep, query=(("expiry", "integer"),))
def reset(work: Work, call: Call) -> Body:
    """Reset the secret of an access token"""
    token = _of_id(work, call.params["id"])
    expiry = call.query.number("expiry")
    if expiry is not None and expiry <= work.now:
        raise Invalid("the query parameter 'expiry' must be a time to come, in milliseconds")
    if "expiry" in token.body and token.body["expiry"] <= work.now:
        raise Conflict("the token has expired: move its expiry before resetting its secret")
    secret = ids.access_token()
    access = Access("resetAccessToken", token.address)
    work.retire(token.address, "token", expiry)
    work.issue(secret, kind="token", address=token.address)
    changed = work.save(token, {**token.body, "ending": secret[-4:]}, accesses=[access])
    return {**_render(call.look(work, detail=True), changed), "token": secret}
