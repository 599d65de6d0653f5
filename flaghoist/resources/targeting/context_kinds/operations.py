"""Kinds of context: ``user`` is built in, others are made here or noticed in events."""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import UNSET

from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.resources.targeting.context_kinds.schema import (
    ContextKind,
    ContextKindPut,
    ContextKindsRep,
    Upserted,
)
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.render import link

FAMILY = Family("Contexts")
_COLLECTION = "/api/v2/projects/{projectKey}/context-kinds"
_KEY = re.compile(r"[a-zA-Z0-9._-]{1,256}\Z")
_NEVER_KEYS = ("kind", "multi")  # words that the context format itself uses
USER = "user"

CONTEXT_KIND = FAMILY.resource(
    Resource(
        kind="context-kind",
        audit_kind="context kind",
        address="proj/{projectKey}:context-kind/{key}",
        parent="proj/{projectKey}",
        schema=ContextKind,
        create_action="createContextKind",
        delete_action="updateContextKind",
    )
)


class Activity(Protocol):
    """What is known of contexts received; ``work.services["activity"]`` where there is such a service."""

    def kinds_seen(self, environment_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Context kinds with the first and last time they were seen in some environments, in milliseconds."""


@FAMILY.view(_COLLECTION, "getContextKindsByProjectKey", returns=ContextKindsRep)
def list_kinds(work: Work, call: Call) -> Body:
    """List the context kinds of a project"""
    project = work.read(CONTEXT_KIND.parent_of(call.params))
    work.require("viewProject", project.address)
    seen = _seen(work, project.address)
    made = {kind.body["key"]: kind for kind in work.collection("context-kind", project.address)}
    keys = [USER, *(key for key in {**made, **dict(sorted(seen.items()))} if key != USER)]
    items = [_render(project, key, made.get(key), seen.get(key)) for key in keys]
    return {
        "_links": {"self": link(call.path), "parent": link("/api/v2/projects", project.body["key"])},
        "items": items,
    }


@FAMILY.command("PUT", f"{_COLLECTION}/{{key}}", "putContextKind", body=ContextKindPut, returns=Upserted)
def write_kind(work: Work, call: Call) -> Body:
    """Create or change a context kind"""
    put: ContextKindPut = call.body
    key = call.params["key"]
    if not _KEY.match(key) or key in _NEVER_KEYS:
        raise Invalid(
            f"'{key[:80]}' cannot be a context kind: letters, digits, '.', '_' or '-', and neither 'kind' nor 'multi'"
        )
    archived = put.archived if put.archived is not UNSET else put.hide_in_targeting
    if key == USER and archived is True:
        raise Invalid("the context kind 'user' is built in and cannot be archived")
    work.read(CONTEXT_KIND.parent_of(call.params))
    asked = {"name": put.name, "description": put.description, "archived": archived}
    known = {name: value for name, value in asked.items() if value is not UNSET}
    kind = work.find(CONTEXT_KIND.address_of(call.params))
    if kind is None:
        work.create("context-kind", call.params, {"key": key, **known})
    else:
        if put.version is not UNSET and put.version != kind.version:
            raise Conflict(
                f"the context kind '{key}' is at version {kind.version}, not {put.version}",
                code="optimistic_locking_error",
            )
        work.save(kind, {**kind.body, **known})
    path = _COLLECTION.format_map(call.params)
    return {"status": "success", "_links": {"self": link(path, key), "parent": link(path)}}


def _render(project: Document, key: str, made: Document | None, seen: tuple[int, int] | None) -> Body:
    """A kind that somebody made, or one that is built in or was noticed."""
    path = f"/api/v2/projects/{project.body['key']}/context-kinds"
    first = seen[0] if seen and key != USER else project.created_at
    body = made.body if made else {"key": key, "name": key.capitalize(), "description": "", "archived": False}
    return {
        **body,
        "_links": {"self": link(path, key), "parent": link(path)},
        "hideInTargeting": body["archived"],
        "version": made.version if made else 1,
        "creationDate": made.created_at if made else first,
        "lastModified": made.updated_at if made else first,
        "createdFrom": "default" if key == USER else "manual" if made else "auto-add",
        **({"lastSeen": seen[1]} if seen else {}),
    }


def _seen(work: Work, project: str) -> Mapping[str, tuple[int, int]]:
    activity: Activity | None = work.services.get("activity")
    if activity is None:
        return {}
    environments = work.collection("env", addresses.project_of(project))
    found = activity.kinds_seen([environment.body["_id"] for environment in environments])
    return {
        key: times for key, times in found.items() if not key.startswith("ld_")
    }  # AI SDKs track themselves as ld_ai
