"""The five verbs on a collection of documents, declared in one call per path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.base.ids import KEY_LENGTH_MAX, is_key
from flaghoist.core import addresses, patches
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Document, Work
from flaghoist.rest import filters
from flaghoist.rest.operations import Call, Family, Listing, Operation, Reply
from flaghoist.rest.render import Look, page_links

Render = Callable[[Look, Document], Body]
# Words that stand in paths where keys stand in others: with such a key a path could mean two things.
RESERVED_KEYS: Mapping[str, frozenset[str]] = {
    "flag": frozenset({"expiring-targets", "expiring-user-targets", "triggers"}),
    "segment": frozenset({"expiring-targets", "expiring-user-targets"}),
    "holdout": frozenset({"id"}),
    "AI config": frozenset({"model-configs", "prompt-snippets", "quick-stats", "skills"}),
    "AI model config": frozenset({"restricted"}),
    "release policy": frozenset({"order"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """The operations of one resource at its two paths; a verb without an operation name is not offered.

    ``query`` names, for an operation, the parameters that only it takes.
    """

    family: Family
    resource: Resource
    collection: str
    item: str
    rep: Any
    collection_rep: Any = None
    listing: Listing | None = None
    created: int = 201
    expands: tuple[str, ...] = ()
    query: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def declare(self, *, list_: str = "", create: str = "", get: str = "", patch: str = "", delete: str = "") -> None:
        """Add the named operations to the family."""
        self.family.collections.append((self.resource, self.collection, self.item))
        noun = self.resource.audit_kind or self.resource.kind
        if list_:
            self._add("GET", self.collection, list_, f"List {noun}s", self.list, False, self.collection_rep)
        if create:
            self._add(
                "POST", self.collection, create, f"Create a {noun}", self.create, True, self.rep,
                status=self.created, body=self.resource.post,
            )  # fmt: skip
        if get:
            self._add("GET", self.item, get, f"Get a {noun}", self.get, False, self.rep)
        if patch:
            self._add("PATCH", self.item, patch, f"Change a {noun}", self.patch, True, self.rep, body=Any)
        if delete:
            self._add("DELETE", self.item, delete, f"Delete a {noun}", self.delete, True, None, status=204)

    def list(self, work: Work, call: Call) -> Body:
        """A page of the collection."""
        parent = self.resource.parent_of(call.params)
        if parent != addresses.ACCOUNT:
            work.read(parent)
        found = visible(work, self.resource, work.collection(self.resource.kind, parent), parent)
        assert self.listing is not None
        return listed(work, call, self.listing, found, self.resource.render)

    def create(self, work: Work, call: Call) -> Body:
        """A new document."""
        parent = self.resource.parent_of(call.params)
        if parent != addresses.ACCOUNT:
            work.read(parent)
        document = work.make(self.resource.kind, call.params, call.body)
        return self.resource.render(call.look(work, detail=True), document)

    def get(self, work: Work, call: Call) -> Body:
        """One document."""
        document = work.read(self.resource.address_of(call.params))
        require_view(work, self.resource, document)
        return self.resource.render(call.look(work, detail=True), document)

    def patch(self, work: Work, call: Call) -> Body:
        """One document changed, by any dialect of patch."""
        patch = patches.read(call.body, call.content_type)
        document = work.patch(self.resource.address_of(call.params), patch)
        return self.resource.render(call.look(work, detail=True), document)

    def delete(self, work: Work, call: Call) -> Reply:
        """One document gone."""
        work.delete(self.resource.address_of(call.params))
        return Reply(status=204)

    def _add(
        self,
        method: str,
        path: str,
        name: str,
        summary: str,
        handle: Any,
        writes: bool,
        returns: Any,
        **more: Any,
    ) -> None:
        query = (("expand", "string"),) if self.expands or (self.listing and self.listing.expands) else ()
        if method == "GET" and path == self.collection:
            assert self.listing is not None
            query = (*_paging(self.listing), *query, *self.listing.query)
        elif method == "PATCH":
            query = (("dryRun", "boolean"), *query)
        self.family.add(
            Operation(
                name=name,
                family=self.family.name,
                method=method,
                path=path,
                summary=summary,
                handle=handle,
                writes=writes,
                returns=returns,
                query=(*(query if method != "DELETE" else ()), *self.query.get(name, ())),
                beta=self.family.beta,
                **more,
            )
        )


def _paging(listing: Listing) -> tuple[tuple[str, str], ...]:
    """The parameters of a list; one that cannot be filtered or ordered ignores who asks for it, like any unknown."""
    filtered = (("filter", "string"),) if listing.filters else ()
    sorted_ = (("sort", "string"),) if listing.sorts else ()
    return (("limit", "integer"), ("offset", "integer"), *filtered, *sorted_)


def listed(work: Work, call: Call, listing: Listing, found: Sequence[Document], render: Render) -> Body:
    """A page of documents: filtered, ordered, cut, rendered, with its links and total."""
    asked = call.query.text("filter") if listing.filters else ""
    keep = filters.predicate(asked, listing.dialect, listing.filters, work)
    chosen: Sequence[Document] = [document for document in found if keep(document)]
    if listing.select:
        chosen = listing.select(work, call, list(chosen))
    chosen = ordered(call, listing, chosen)
    limit, offset = listing.page(call)
    page = chosen[offset : offset + limit]
    look = call.look(work, detail=False, page=page)
    return {
        "items": [render(look, document) for document in page],
        listing.total: len(chosen),
        "_links": page_links(call.path, call.query, limit=limit, offset=offset, total=len(chosen), size=len(page)),
    }


def ordered(call: Call, listing: Listing, found: Sequence[Document]) -> Sequence[Document]:
    """Documents in the order asked for; raises ``Invalid`` for a field that cannot be sorted by."""
    asked = call.query.sort() if listing.sorts else []
    result = list(found)
    for name, descending in reversed(asked):
        key = listing.sorts.get(name)
        if key is None:
            raise Invalid(f"sort: unknown field '{name}'; possible: {', '.join(sorted(listing.sorts))}")
        result.sort(key=key, reverse=descending)
    return result


def visible(work: Work, resource: Resource, found: Sequence[Document], parent: str) -> Sequence[Document]:
    """What the actor may view: all of a project they may view, or those documents of the account they may.

    Raises ``Forbidden`` where there is something, but nothing for them.
    """
    project = addresses.project_of(parent)
    if project:
        work.require(resource.view_action, project)
        return found
    seen = [document for document in found if work.allows(resource.view_action, document.address).allowed]
    if found and not seen:
        work.require(resource.view_action, found[0].address)
    return seen


def require_view(work: Work, resource: Resource, document: Document) -> None:
    """Go on only if the actor may view a document."""
    project = addresses.project_of(document.address)
    work.require(resource.view_action, project or document.address)


def checked_key(key: str, noun: str) -> str:
    """A key that may be used; raises ``Invalid`` saying what a key looks like, or that the API needs it for itself."""
    if key in RESERVED_KEYS.get(noun, ()):
        raise Invalid(
            f"the {noun} key '{key}' is reserved: paths of the API have this word in its place; choose another"
        )
    if not is_key(key):
        raise Invalid(
            f"the {noun} key '{key[:80]}' is not valid: a letter or digit, then letters, digits, '.', '_' or '-', "
            f"at most {KEY_LENGTH_MAX} characters"
        )
    return key
