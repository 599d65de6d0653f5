"""Environments: create, read, change, delete, and new keys for their SDKs."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, Invalid, NotFound
from flaghoist.core import addresses
from flaghoist.core.guards import Access
from flaghoist.core.journal import Change
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.workspace.environments.schema import (
    Environment,
    EnvironmentPost,
    EnvironmentRep,
    EnvironmentsRep,
)
from flaghoist.rest.filters import by_query, by_tags
from flaghoist.rest.operations import Call, Family, Handle, Listing
from flaghoist.rest.render import Look, link
from flaghoist.rest.verbs import Verbs, checked_key

FAMILY = Family("Environments")
_ITEM = "/api/v2/projects/{projectKey}/environments/{environmentKey}"


def _new(work: Work, params: Mapping[str, str], post: EnvironmentPost) -> tuple[Mapping[str, str], Body]:
    body = msgspec.to_builtins(post)
    source = body.pop("source", None)
    if source:
        body = {**_original(work, params, source).body, **body}
    fresh = {"_id": ids.object_id(), "apiKey": ids.sdk_key(), "mobileKey": ids.mobile_key()}
    return {"environmentKey": checked_key(post.key, "environment")}, {**body, **fresh}


def _original(work: Work, params: Mapping[str, str], source: Body) -> Document:
    """The environment to copy, at the version the request means."""
    original = work.find(f"proj/{params['projectKey']}:env/{source['key']}")
    if original is None:
        raise NotFound(f"source.key: there is no environment '{source['key']}' in project '{params['projectKey']}'")
    if "version" in source and source["version"] != original.version:
        raise Conflict(
            f"source.version: environment '{source['key']}' is at version {original.version}, not {source['version']}",
            code="optimistic_locking_error",
        )
    return original


def _settle_approvals(_work: Work, _address: str, _before: Body | None, after: Body) -> None:
    after["approvalSettings"] = _told(after["approvalSettings"])
    after["resourceApprovalSettings"] = {
        kind: _told(settings) for kind, settings in after["resourceApprovalSettings"].items()
    }


def _told(settings: Body) -> Body:
    """Infrastructure tools send an empty name for the service that is built in, and null for no tags."""
    return {
        **settings,
        "serviceKind": settings["serviceKind"] or "launchdarkly",
        "requiredApprovalTags": settings["requiredApprovalTags"] or [],
    }


def _check(_work: Work, _address: str, _before: Body | None, after: Body | None) -> None:
    if after is None:
        return
    for name, settings in {"approvalSettings": after["approvalSettings"], **after["resourceApprovalSettings"]}.items():
        if settings["required"] and settings["requiredApprovalTags"]:
            raise Invalid(f"{name}: 'required' and 'requiredApprovalTags' exclude one another; set one of them")


def _open_or_clear(work: Work, change: Change) -> None:
    """A new environment's keys open it from the moment it exists; with a deleted one goes what it had of each flag."""
    environment = work.find(change.address)
    if change.before is None and environment is not None:
        work.issue(environment.body["apiKey"], kind="sdk", address=change.address)
        work.issue(environment.body["mobileKey"], kind="mobile", address=change.address)
        work.issue(environment.body["_id"], kind="client", address=change.address)
    if change.after is None:
        work.drop_facets(addresses.parent(change.address), addresses.name(change.address))


def _render(look: Look, environment: Document) -> Body:
    shown = {name: value for name, value in environment.body.items() if name in EnvironmentRep.__struct_encode_fields__}
    project = addresses.step(environment.address, "proj")
    shown["_links"] = {"self": link(f"/api/v2/projects/{project}/environments", environment.body["key"])}
    shown["_access"] = look.access(environment)
    if not look.work.allows("viewSdkKey", environment.address).allowed:
        shown["apiKey"] = "*" * 36 + shown["apiKey"][-4:]
    return shown


ENVIRONMENT = FAMILY.resource(
    Resource(
        kind="env",
        audit_kind="environment",
        address="proj/{projectKey}:env/{environmentKey}",
        parent="proj/{projectKey}",
        schema=Environment,
        create_action="createEnvironment",
        delete_action="deleteEnvironment",
        post=EnvironmentPost,
        make=_new,
        render=_render,
        settle=_settle_approvals,
        check=_check,
        traits=lambda body: {"critical": body["critical"]},
        immutable=frozenset({"key", "_id", "apiKey", "mobileKey", "expiringApiKeys"}),
        secret=frozenset({"apiKey", "mobileKey", "expiringApiKeys"}),
        reacts={"env": _open_or_clear},
    )
)


class _Environments(Verbs):
    """A copy takes the targeting of its source along; a project keeps at least one environment."""

    def create(self, work: Work, call: Call) -> Body:
        """A new environment, with what every flag has in its source where it names one."""
        shown = super().create(work, call)
        if call.body.source is not msgspec.UNSET:
            project = f"proj/{call.params['projectKey']}"
            work.copy_facets(project, call.body.source.key, shown["key"])
        return shown

    def delete(self, work: Work, call: Call) -> Any:
        """An environment gone, unless it is the last of its project."""
        if len(work.collection("env", f"proj/{call.params['projectKey']}")) == 1:
            work.read(ENVIRONMENT.address_of(call.params))
            raise Conflict("the last environment of a project cannot be deleted")
        return super().delete(work, call)


_Environments(
    family=FAMILY,
    resource=ENVIRONMENT,
    collection="/api/v2/projects/{projectKey}/environments",
    item=_ITEM,
    rep=EnvironmentRep,
    collection_rep=EnvironmentsRep,
    listing=Listing(
        filters={"query": by_query("key", "name"), "tags": by_tags},
        sorts={
            "name": lambda found: found.body["name"].lower(),
            "createdOn": lambda found: found.created_at,
            "critical": lambda found: found.body["critical"],
        },
        limit_max=1000,
    ),
).declare(
    list_="getEnvironmentsByProject",
    create="postEnvironment",
    get="getEnvironment",
    patch="patchEnvironment",
    delete="deleteEnvironment",
)


def _reset(member: str, kind: str, action: str, make: Callable[[], str]) -> Handle:
    def reset(work: Work, call: Call) -> Body:
        address = ENVIRONMENT.address_of(call.params)
        environment = work.read(address)
        expiry = call.query.number("expiry") if kind == "sdk" else None
        if expiry is not None and expiry <= work.now:
            raise Invalid("the query parameter 'expiry' must be a time to come, in milliseconds")
        secret = make()
        body = {**environment.body, member: secret}
        if kind == "sdk":
            body["expiringApiKeys"] = _expiring(environment, expiry, work.now)
        changed = work.save(environment, body, accesses=[Access(action, address)])
        work.retire(address, kind, expiry)
        work.issue(secret, kind=kind, address=address)
        return ENVIRONMENT.render(call.look(work, detail=True), changed)

    return reset


def _expiring(environment: Document, expiry: int | None, now: int) -> list[Body]:
    """The keys still running out after a reset: none unless it gives the old key time, else no older than that."""
    if expiry is None:
        return []
    running = [key for key in environment.body["expiringApiKeys"] if key["expiresAt"] > now]
    shortened = [{**key, "expiresAt": min(key["expiresAt"], expiry)} for key in running]
    return [*shortened, {"value": environment.body["apiKey"], "expiresAt": expiry}]


reset_sdk_key = _reset("apiKey", "sdk", "updateApiKey", ids.sdk_key)
reset_sdk_key.__doc__ = "Reset the SDK key of an environment"
FAMILY.command(
    "POST", f"{_ITEM}/apiKey", "resetEnvironmentSDKKey", returns=EnvironmentRep, query=(("expiry", "integer"),)
)(reset_sdk_key)

reset_mobile_key = _reset("mobileKey", "mobile", "updateMobileKey", ids.mobile_key)
reset_mobile_key.__doc__ = "Reset the mobile key of an environment"
FAMILY.command("POST", f"{_ITEM}/mobileKey", "resetEnvironmentMobileKey", returns=EnvironmentRep)(reset_mobile_key)
