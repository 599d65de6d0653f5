"""Tags: which are in use, or were at some time, on which kinds of resources."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses, journal
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.workspace.tags.schema import TagsRep
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.query import Query
from flaghoist.rest.render import page_links
from flaghoist.store import changes

FAMILY = Family("Tags")
_LIMIT_MAX = 1000
# What the API calls a kind, and what its addresses end in.
_KINDS = {
    "flag": "flag",
    "project": "proj",
    "environment": "env",
    "segment": "segment",
    "metric": "metric",
    "metric-data-source": "metric-data-source",
    "aiconfig": "aiconfig",
    "agent-skill": "agent-skill",
    "view": "view",
}
_QUERY = (
    ("kind", "array"), ("pre", "string"), ("archived", "boolean"),
    ("limit", "integer"), ("offset", "integer"), ("asOf", "string"),
)  # fmt: skip


@FAMILY.view("/api/v2/tags", "getTags", returns=TagsRep, query=_QUERY)
def list_tags(work: Work, call: Call) -> Body:
    """List tags"""
    _require_a_project(work)
    limit, offset = call.query.page(_LIMIT_MAX, _LIMIT_MAX)
    begins = call.query.text("pre").lower()
    found = {tag.lower(): tag for tag in _tags(work, call.query) if tag.lower().startswith(begins)}
    items = [found[name] for name in sorted(found)]
    page = items[offset : offset + limit]
    links = page_links(call.path, call.query, limit=limit, offset=offset, total=len(items), size=len(page))
    return {"items": page, "totalCount": len(items), "_links": links}


def _tags(work: Work, query: Query) -> Iterator[str]:
    with_archived = query.flag("archived")
    for body in _bodies(work, _kinds(query), _as_of(query)):
        if with_archived or not body.get("archived"):
            yield from body.get("tags") or ()


def _kinds(query: Query) -> list[str]:
    asked = query.all("kind") or list(_KINDS)
    for kind in asked:
        if kind not in _KINDS:
            raise Invalid(f"the query parameter 'kind' is '{kind[:80]}'; possible: {', '.join(_KINDS)}")
    return [_KINDS[kind] for kind in asked]


def _bodies(work: Work, kinds: Iterable[str], as_of: int | None) -> Iterator[Body]:
    """The bodies of every document that may be seen, as they are or as they were at a time."""
    may_view = _sight(work)
    for kind in kinds:
        bodies: dict[str, Body | None] = {document.address: document.body for document in work.everywhere(kind)}
        if as_of is not None:
            bodies |= _undone(work, kind, as_of)
        yield from (body for address, body in bodies.items() if body is not None and may_view(address))


def _undone(work: Work, kind: str, as_of: int) -> dict[str, Body | None]:
    """What every document that has changed since a time was before its first change since then."""
    audit_kinds = [resource.audit_kind or kind for resource in work.catalogue if resource.kind == kind]
    since = [journal.of_row(row) for row in changes.firsts_since(work.connection, as_of, audit_kinds)]
    return {change.address: change.before for change in since if addresses.last(change.address)[0] == kind}


def _require_a_project(work: Work) -> None:
    """Go on only for somebody who may view some project; to others even an empty list would be an answer."""
    projects = work.collection("proj", addresses.ACCOUNT)
    if not any(work.allows("viewProject", project.address).allowed for project in projects):
        work.require("viewProject", projects[0].address)


def _sight(work: Work) -> Callable[[str], bool]:
    """Whether the actor may view what lies at an address; each project asked once."""
    known: dict[str, bool] = {}

    def may_view(address: str) -> bool:
        project = addresses.project_of(address)
        if project not in known:
            known[project] = work.allows("viewProject", project).allowed
        return known[project]

    return may_view


def _as_of(query: Query) -> int | None:
    """A time in milliseconds, given so or in RFC 3339."""
    text = query.text("asOf")
    if not text:
        return None
    if text.isdigit():
        return query.number("asOf")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"the query parameter 'asOf' is neither milliseconds nor a date: '{text[:80]}'") from None
    if moment.tzinfo is None:
        raise Invalid(f"the query parameter 'asOf' has no time zone: '{text[:80]}'")
    return int(moment.timestamp() * 1000)
