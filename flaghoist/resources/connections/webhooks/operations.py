"""Webhooks: list, create, read, change, delete."""

import secrets
from collections.abc import Mapping

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.outbound.guard import Barred, Guard
from flaghoist.resources.connections.webhooks.schema import Webhook, WebhookPost, WebhookRep, WebhooksRep
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.policies import plain
from flaghoist.rest.render import Look, link
from flaghoist.rest.verbs import Verbs, visible

FAMILY = Family("Webhooks")
_PATH = "/api/v2/webhooks"
_SECRET_BYTES = 24


def _new(_work: Work, _params: Mapping[str, str], post: WebhookPost) -> tuple[Mapping[str, str], Body]:
    given: Body = msgspec.to_builtins(post)
    body = {name: given[name] for name in ("url", "on", "name", "statements", "tags") if given[name] is not None}
    body["_id"] = ids.object_id()
    if post.sign:
        body["secret"] = post.secret or secrets.token_urlsafe(_SECRET_BYTES)
    return {"id": body["_id"]}, body


def _settle(_work: Work, _address: str, _before: Body | None, after: Body) -> None:
    """An empty secret is none: nothing is signed."""
    after["statements"] = plain(after["statements"] or [], "statements")
    if not after.get("secret"):
        after.pop("secret", None)


def _check(work: Work, _address: str, before: Body | None, after: Body | None) -> None:
    """What its name means is found out at each delivery; what can be told of an address by itself, here."""
    if after is None or (before is not None and before["url"] == after["url"]):
        return
    guard: Guard = work.services["guard"]
    try:
        guard.check(after["url"])
    except Barred as reason:
        raise Invalid(f"'url' cannot be delivered to: {reason}") from None


def _render(look: Look, webhook: Document) -> Body:
    shown = dict(webhook.body)
    if not look.work.allows("updateSecret", webhook.address).allowed:
        shown.pop("secret", None)
    return {
        **shown,
        "_links": {"parent": link(_PATH), "self": link(_PATH, webhook.body["_id"])},
        "_access": look.access(webhook),
    }


WEBHOOK = FAMILY.resource(
    Resource(
        kind="webhook",
        address="webhook/{id}",
        parent="acct",
        schema=Webhook,
        create_action="createWebhook",
        delete_action="deleteWebhook",
        view_action="viewWebhook",
        post=WebhookPost,
        make=_new,
        render=_render,
        settle=_settle,
        check=_check,
        immutable=frozenset({"_id"}),
        secret=frozenset({"secret"}),
    )
)
Verbs(
    family=FAMILY,
    resource=WEBHOOK,
    collection=_PATH,
    item=f"{_PATH}/{{id}}",
    rep=WebhookRep,
    created=200,
).declare(create="postWebhook", get="getWebhook", patch="patchWebhook", delete="deleteWebhook")


@FAMILY.view(_PATH, "getAllWebhooks", returns=WebhooksRep)
def list_webhooks(work: Work, call: Call) -> Body:
    """List webhooks"""
    found = visible(work, WEBHOOK, work.collection(WEBHOOK.kind, addresses.ACCOUNT), addresses.ACCOUNT)
    look = call.look(work, detail=False, page=found)
    return {"items": [_render(look, each) for each in found], "_links": {"self": link(_PATH)}}
