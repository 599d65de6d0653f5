"""The operation table: every operation declared once, driving routing, validation, access and the API description."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Resource
from flaghoist.core.work import Document, Work
from flaghoist.rest.filters import FilterField
from flaghoist.rest.query import Query
from flaghoist.rest.render import Look
from flaghoist.rest.versions import ApiVersion

_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to an operation. ``body`` is decoded JSON, or the operation's body type where it has one.

    ``client`` is the network address it came from, ``secure`` whether over TLS, ``prepared`` what the operation worked
    out before its transaction.
    """

    path: str
    params: Mapping[str, str]
    query: Query
    version: ApiVersion
    body: Any = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    client: str = ""
    secure: bool = False
    prepared: Any = None

    def look(self, work: Work, *, detail: bool, page: Sequence[Document] = ()) -> Look:
        """How this request looks at documents, one alone or a page of them."""
        return Look(work, self.version, self.query, detail, page)

    def reading(self, schema: Any, part: Any = None) -> Any:
        """The body (or a part of it) as a type; raises ``Invalid`` naming the field."""
        try:
            return msgspec.convert(self.body if part is None else part, schema)
        except msgspec.ValidationError as error:
            raise Invalid(str(error)) from None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that needs more than a body: another status, or headers; bytes are a file, whose kind headers name."""

    value: Any = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


Handle = Callable[[Work, Call], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table.

    ``body`` and ``returns`` are msgspec types: they validate and describe. ``ours`` marks what LaunchDarkly does not
    offer; ``open`` what anybody may ask. ``prepare`` is what a command does before it holds up other writers: it reads,
    works out what takes long, and what it gives is the call's ``prepared``.
    """

    name: str
    family: str
    method: str
    path: str
    summary: str
    handle: Handle
    writes: bool
    status: int = 200
    body: Any = None
    returns: Any = None
    query: tuple[tuple[str, str], ...] = ()
    beta: bool = False
    ours: bool = False
    open: bool = False
    prepare: Handle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a collection may be listed: its filters, orders, expansions and page sizes.

    Versions of the API older than ``paged_since`` give everything at once to whoever sets no limit.
    """

    filters: Mapping[str, FilterField] = field(default_factory=dict)
    dialect: Literal["pairs", "expressions"] = "pairs"
    sorts: Mapping[str, Callable[[Document], Any]] = field(default_factory=dict)
    expands: tuple[str, ...] = ()
    limit: int = 20
    limit_max: int = 100
    paged_since: int = 0
    total: str = "totalCount"
    query: tuple[tuple[str, str], ...] = ()
    select: Callable[[Work, Call, list[Document]], Sequence[Document]] | None = None

    def page(self, call: Call) -> tuple[int, int]:
        """``(limit, offset)`` of a request."""
        if call.version.number < self.paged_since:
            return call.query.page(_EVERYTHING, _EVERYTHING)
        return call.query.page(self.limit, self.limit_max)


class Family:
    """The operations of one family, the resources they serve, and at which collection and item paths."""

    def __init__(self, name: str, *, beta: bool = False) -> None:
        self.name = name
        self.beta = beta
        self.operations: list[Operation] = []
        self.resources: list[Resource] = []
        self.collections: list[tuple[Resource, str, str]] = []

    def resource(self, resource: Resource) -> Resource:
        """Add a resource to the catalogue."""
        self.resources.append(resource)
        return resource

    def add(self, operation: Operation) -> None:
        """Add an operation to the table."""
        self.operations.append(operation)

    def view(self, path: str, name: str, *, method: str = "GET", **more: Any) -> Callable[[Handle], Handle]:
        """Declare a read: a function of ``(work, call)``."""
        return self._declare(method, path, name, writes=False, **more)

    def command(self, method: str, path: str, name: str, **more: Any) -> Callable[[Handle], Handle]:
        """Declare an act: a function of ``(work, call)`` run in a writing transaction."""
        return self._declare(method, path, name, writes=True, **more)

    def _declare(self, method: str, path: str, name: str, **more: Any) -> Callable[[Handle], Handle]:
        def declare(handle: Handle) -> Handle:
            summary = (handle.__doc__ or name).strip().splitlines()[0]
            self.add(
                Operation(
                    name=name,
                    family=self.name,
                    method=method,
                    path=path,
                    summary=summary,
                    handle=handle,
                    **{"beta": self.beta, **more},
                )
            )
            return handle

        return declare
