"""Documents as the API shows them: links, access, pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.policy.access import Access, access
from flaghoist.policy.actions import ACTIONS
from flaghoist.rest.query import Query
from flaghoist.rest.versions import ApiVersion

Link = dict[str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """How a document is looked at: alone or on a page of others, what expanded, in which version of the API."""

    work: Work
    version: ApiVersion
    query: Query
    detail: bool
    page: Sequence[Document] = ()
    kept: dict[str, Any] = field(default_factory=dict)

    def expands(self, name: str) -> bool:
        """Whether the request asked for a member to be expanded."""
        return name in self.query.expand

    def access(self, document: Document, *, environment: str = "") -> Access:
        """``_access``: the same verdicts the server will give."""
        address = document.address.replace("env/*", f"env/{environment}") if environment else document.address
        kind = addresses.last(address)[0]
        return access(self.work.actor.grant, self.work.target(address), ACTIONS.get(kind, ()))

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """A value worked out once for the whole answer, however many documents need it."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def member(self, member_id: str) -> dict[str, Any] | None:
        """A member's summary, or nothing if there is none of that id."""
        found = self.once(f"member {member_id}", lambda: self.work.find(f"member/{member_id}")) if member_id else None
        return member_summary(found) if found else None


def member_summary(member: Document) -> dict[str, Any]:
    """``MemberSummary``: who somebody is, in a few members."""
    summary = {
        "_links": {"self": link("/api/v2/members", addresses.name(member.address))},
        "_id": addresses.name(member.address),
        "role": member.body["role"],
        "email": member.body["email"],
    }
    names = {name: member.body[name] for name in ("firstName", "lastName") if member.body.get(name)}
    return {**summary, **names}


def link(*parts: str, query: str = "") -> Link:
    """A link within the API; the first part is a path, the others are names to be escaped."""
    path = "/".join([parts[0], *[quote(part, safe="") for part in parts[1:]]])
    return {"href": f"{path}?{query}" if query else path, "type": "application/json"}


def site(project_key: str, environment_key: str, *parts: str) -> Link:
    """A link to a page of the console; the environment ``~`` is the one that its reader used last."""
    names = ("projects", project_key, environment_key, *parts)
    return {"href": "/" + "/".join(quote(name, safe="~") for name in names), "type": "text/html"}


def page_links(path: str, query: Query, *, limit: int, offset: int, total: int, size: int) -> dict[str, Link]:
    """``self`` always, ``first`` and ``prev`` off the first page, ``next`` and ``last`` before the last."""

    def at(start: int) -> Link:
        values: Mapping[str, Sequence[str]] = {**query.values, "limit": [str(limit)], "offset": [str(start)]}
        if start == 0:
            values = {name: value for name, value in values.items() if name != "offset"}
        return {"href": f"{path}?{urlencode(sorted(values.items()), doseq=True)}", "type": "application/json"}

    own = urlencode(sorted(query.values.items()), doseq=True)
    links = {"self": {"href": f"{path}?{own}" if own else path, "type": "application/json"}}
    if limit <= 0:
        return links
    if offset > 0:
        links["first"] = at(0)
        links["prev"] = at(max(offset - limit, 0))
    if offset + size < total:
        links["next"] = at(offset + limit)
        links["last"] = at(offset + limit * ((total - offset - 1) // limit))
    return links


def without_missing(body: Body) -> Body:
    """A body without its null members: clients want an absent member to be absent."""
    return {name: value for name, value in body.items() if value is not None}
