"""What a body is made of: members that never change, parts kept apart, secrets masked, places that follow."""

from flaghoist.base.errors import Invalid
from flaghoist.core import guards
from flaghoist.core.patches import Patch
from flaghoist.core.resource import Body, Facets, Resource
from flaghoist.store.documents import Document, Facet


def keep_immutable(resource: Resource, before: Body, after: Body) -> None:
    """Refuse an edit of what belongs to the server; raises ``Invalid`` naming the member."""
    for name in resource.immutable:
        if before.get(name) != after.get(name):
            raise Invalid(f"'{name}' of a {resource.audit_kind or resource.kind} cannot be changed")


def keep_secrets(resource: Resource, patch: Patch) -> None:
    """Refuse to put a secret where those may see it who may not see the secret; raises ``Invalid``."""
    for member in sorted(resource.secret):
        if patch.takes(member):
            raise Invalid(f"'{member}' of a {resource.audit_kind or resource.kind} is a secret and cannot be copied")


def follow(resource: Resource, patch: Patch, before: Body, carried: Body, after: Body) -> None:
    """Let the members that a patch says nothing of follow the others; what it says itself is meant as said."""
    layers: list[tuple[tuple[str, ...], Body, Body, Body]] = [((), before, carried, after)]
    if resource.facets is not None:
        field = resource.facets.field
        parts = [name for name in after[field] if name in before[field]]
        layers += [((field, name), before[field][name], carried[field][name], after[field][name]) for name in parts]
    for path, was, follows, is_now in layers:
        for member in guards.changed(was, follows):
            if not patch.touches(*path, member):
                is_now[member] = follows[member]


def outlived(facets: Facets, before: Document | None, after: Document) -> dict[str, Facet]:
    """Facets never written that would become others with the body's new defaults: they stay what they were."""
    if before is None:
        return {}
    old: Body = before.body.get(facets.field) or {}
    new: Body = after.body.get(facets.field) or {}
    kept = [name for name, part in new.items() if part == old.get(name) == facets.default(before, name)]
    return {
        name: Facet(after.version, before.created_at, new[name])
        for name in kept
        if facets.default(after, name) != new[name]
    }


def masked(resource: Resource, body: Body | None) -> Body | None:
    """A body as the journal may remember it: of secrets only the last four characters, of short ones nothing."""
    if body is None or not resource.secret:
        return body
    shown = {name: value for name, value in body.items() if name not in resource.secret}
    hidden = {name: body[name] for name in resource.secret if isinstance(body.get(name), str)}
    return {**shown, **{name: f"****{value[-4:] if len(value) >= 16 else ''}" for name, value in hidden.items()}}


def without_facets(resource: Resource, body: Body) -> Body:
    """A body as it is stored by itself."""
    if resource.facets is None:
        return body
    return {name: value for name, value in body.items() if name != resource.facets.field}


def difference(resource: Resource, body: Body, other: Body) -> Body:
    """A body with only those facets that differ from the other's: what a change remembers."""
    if resource.facets is None:
        return body
    ours: Body = body.get(resource.facets.field) or {}
    differing = guards.changed(ours, other.get(resource.facets.field) or {})
    return {**body, resource.facets.field: {name: ours[name] for name in differing if name in ours}}
