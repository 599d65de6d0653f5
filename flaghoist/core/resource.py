"""The declaration of a family: where its documents live, what they look like, and who guards each field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.instructions import Instructions
from flaghoist.store.documents import Document, Facet

if TYPE_CHECKING:
    from flaghoist.core.journal import Change
    from flaghoist.core.reading import Reading
    from flaghoist.core.work import Work

Body = dict[str, Any]
_NO_ACTIONS: frozenset[str] = frozenset()


def guarded(action: str) -> msgspec.Meta:
    """Says which action a change of this field needs: ``name: Annotated[str, guarded("updateName")]``."""
    return msgspec.Meta(extra={"action": action})


@dataclass(frozen=True, slots=True)
class Facets:
    """A member of the body that is stored apart, one part per environment: a flag's ``environments``.

    ``names(work, document)`` lists the environments; ``default(document, name)`` is the part of one in which nothing
    has been written yet, the same whenever it is asked.
    """

    field: str
    schema: type[msgspec.Struct]
    names: Callable[["Reading", Document], Sequence[str]]
    default: Callable[[Document, str], Body]

    def unwritten(self, document: Document, name: str) -> Facet:
        """The facet of an environment in which nothing has been written yet."""
        return Facet(document.body_version, document.created_at, self.default(document, name))


@dataclass(frozen=True, slots=True)
class Projection:
    """A document as SDKs receive it: ``item`` is the wire form without its version."""

    kind: str
    key: str
    item: Body


def _nothing(*_args: Any) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of document; ``kind`` is the type its addresses end in, ``audit_kind`` what the audit log calls it.

    ``address`` and ``parent`` are templates over path parameters. ``settle(work, address, before, after)`` edits a new
    body: it fills in what the client left out or what follows from the rest. ``check(work, address, before, after)``
    refuses what the schema alone cannot. In both ``before`` is nothing for a new document, and in ``check`` ``after``
    for one that goes away. ``reacts`` names, for kinds of documents (its own too), what a change of one entails here,
    done in the same transaction.
    ``carry(before, after)`` is the body before an edit in the words of the body after it: where members refer to others
    by their place, say, what follows by itself. Only what differs from that needs permission.
    ``refine(field, before, after)`` names the actions of a changed field more finely than its guard.
    ``make(work, params, post)`` turns a POST body (of type ``post``) into address parameters and a stored body;
    ``render(look, document)`` shows a document to whoever looks.
    ``immutable`` members never change after creation. ``secret`` ones are sealed in the store, masked in the journal,
    and copied nowhere by a patch.
    ``project(document, facet, environment key)`` gives what SDKs receive, under
    the kind that ``delivers`` names: flags, segments, or the goals of browsers.
    """

    kind: str
    address: str
    parent: str
    schema: type[msgspec.Struct]
    create_action: str
    delete_action: str
    view_action: str = "viewProject"
    audit_kind: str = ""
    facets: Facets | None = None
    instructions: Instructions | None = None
    immutable: frozenset[str] = frozenset({"key", "_id"})
    secret: frozenset[str] = frozenset()
    settle: Callable[["Work", str, Body | None, Body], None] = _nothing
    check: Callable[["Work", str, Body | None, Body | None], None] = _nothing
    reacts: Mapping[str, Callable[["Work", "Change"], None]] = field(default_factory=dict)
    carry: Callable[[Body, Body], Body] = field(default=lambda before, _after: before)
    refine: Callable[[str, Any, Any], frozenset[str]] | None = None
    traits: Callable[[Body], Mapping[str, object]] | None = None
    project: Callable[[Document, Facet | None, str], Projection | None] | None = None
    delivers: str = "flags"
    post: Any = None
    make: Callable[["Work", Mapping[str, str], Any], tuple[Mapping[str, str], Body]] | None = None
    render: Callable[[Any, Document], Body] = field(default=lambda _look, document: document.body)
    missing_patch_target: type[Invalid] | type[Exception] = field(default=Invalid)

    @cached_property
    def guards(self) -> Mapping[str, str]:
        """JSON field → the action that guards it, for the body's own fields."""
        return _guards(self.schema)

    @cached_property
    def facet_guards(self) -> Mapping[str, str]:
        """JSON field → the action that guards it, for the fields of a facet."""
        return _guards(self.facets.schema) if self.facets else {}

    def address_of(self, params: Mapping[str, str]) -> str:
        """The address that path parameters name."""
        return addresses.fill(self.address, params)

    def parent_of(self, params: Mapping[str, str]) -> str:
        """The collection that path parameters name."""
        return addresses.fill(self.parent, params)

    def validated(self, body: Body) -> Body:
        """The body as the schema has it, with defaults filled in; raises ``Invalid`` naming the field."""
        try:
            typed = msgspec.convert(body, self.schema)
        except msgspec.ValidationError as error:
            raise Invalid(str(error)) from None
        plain: Body = msgspec.to_builtins(typed)
        return plain

    def actions_for(self, name: str, before: Any, after: Any, guards: Mapping[str, str]) -> frozenset[str]:
        """The actions that a changed field needs; a field without a guard needs none beyond the document's others."""
        if self.refine is not None:
            refined = self.refine(name, before, after)
            if refined:
                return refined
        action = guards.get(name)
        return frozenset({action}) if action else _NO_ACTIONS


def _guards(schema: type[msgspec.Struct]) -> dict[str, str]:
    hints = get_type_hints(schema, include_extras=True)
    guards: dict[str, str] = {}
    for each in msgspec.structs.fields(schema):
        for meta in get_args(hints[each.name])[1:]:
            if isinstance(meta, msgspec.Meta) and meta.extra and "action" in meta.extra:
                guards[each.encode_name] = meta.extra["action"]
    return guards
