"""One actor, one transaction: what may be seen of documents, and what policy says of acting upon them."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.errors import Forbidden, NotFound
from flaghoist.core import addresses
from flaghoist.core.actor import Actor
from flaghoist.core.catalogue import Catalogue
from flaghoist.policy.decide import Verdict
from flaghoist.policy.target import Segment, Target
from flaghoist.store.documents import Document, Documents, Facet


@dataclass(eq=False, kw_only=True)
class Reading:
    """What one request finds; a document asked for again is the same until a change."""

    connection: Connection
    documents: InitVar[Documents]
    catalogue: Catalogue
    actor: Actor
    writing: InitVar[bool]
    services: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self, documents: Documents, writing: bool) -> None:
        self.now = clock.now_ms()
        self._documents = documents
        self._writing = writing
        self._found: dict[str, Document | None] = {}
        self._gathered: set[tuple[str, str]] = set()
        self._traits: dict[str, Segment] = {}

    def find(self, address: str) -> Document | None:
        """The document at an address, without its facets, or nothing; asked again, it is the same until a change."""
        if address not in self._found:
            self._found[address] = self._documents.read(self.connection, address)
        return self._found[address]

    def read(self, address: str) -> Document:
        """The document at an address; raises ``NotFound``."""
        document = self.find(address)
        if document is None:
            raise NotFound(f"there is no {address}")
        return document

    def whole(self, address: str) -> Document:
        """The document at an address with all its facets in the body."""
        document = self.read(address)
        facets = self.catalogue[document.kind].facets
        if facets is None:
            return document
        parts = {name: facet.body for name, facet in self.facets(document).items()}
        return replace(document, body={**document.body, facets.field: parts})

    def collection(self, kind: str, parent: str) -> list[Document]:
        """All documents of a kind under a parent, oldest first, without facets; the list is shared: do not edit it."""
        found = self._documents.collection(self.connection, kind, parent, keep=not self._writing)
        if (kind, parent) not in self._gathered:
            # Whoever asks for all of them looks at each of them too: at 200 environments one by one is long.
            self._gathered.add((kind, parent))
            self._found.update((document.address, document) for document in found)
        return found

    def everywhere(self, kind: str) -> list[Document]:
        """All documents of a kind under every parent, oldest first."""
        return self._documents.everywhere(self.connection, kind)

    def facets(self, document: Document, names: Sequence[str] | None = None) -> dict[str, Facet]:
        """The facets of one document by environment key, in the project's order; all unless some are named."""
        return self.facets_of([document], names)[document.address]

    def facets_of(
        self, documents: Sequence[Document], names: Sequence[str] | None = None
    ) -> dict[str, dict[str, Facet]]:
        """The facets of several documents of one kind and project: address → environment key → facet."""
        if not documents:
            return {}
        facets = self.catalogue[documents[0].kind].facets
        assert facets is not None, f"a {documents[0].kind} has no facets"
        wanted = [name for name in facets.names(self, documents[0]) if names is None or name in names]
        stored = self._documents.facets(self.connection, [document.address for document in documents], names)
        return {
            document.address: {
                name: stored[document.address].get(name) or facets.unwritten(document, name) for name in wanted
            }
            for document in documents
        }

    def facet_version(self, document: Document, facet: Facet) -> int:
        """The version that SDKs and optimistic locks know: the last change of the facet or of the body it extends."""
        return max(facet.version, document.body_version)

    def facets_holding(self, kind: str, project: str, text: str) -> dict[str, dict[str, Facet]]:
        """The written facets of a project's documents whose JSON has a text in it: a coarse sieve, look closer."""
        return self._documents.facets_holding(self.connection, kind, project, text)

    # Permission

    def allows(self, action: str, address: str) -> Verdict:
        """What policy says of an action upon an address."""
        return self.actor.grant.decide(action, self.target(address))

    def require(self, action: str, address: str) -> None:
        """Go on only if policy allows; raises ``Forbidden`` naming action and address."""
        verdict = self.allows(action, address)
        if not verdict.allowed:
            raise Forbidden(f"{self.actor.name} may not {action} on {address}: {verdict.reason}")

    def target(self, address: str) -> Target:
        """An address with the tags and properties that policies ask about."""
        parts = address.split(":")
        prefixes = [":".join(parts[: end + 1]) for end in range(len(parts))]
        return Target(tuple([self._segment(prefix) for prefix in prefixes]))

    def _forget_what_was_found(self) -> None:
        self._found.clear()
        self._gathered.clear()
        self._traits.clear()

    def _segment(self, address: str) -> Segment:
        if address not in self._traits:
            kind, name = addresses.last(address)
            document = self._told_of(address)
            if document is None:
                self._traits[address] = Segment(kind, name)
            else:
                traits = self.catalogue[document.kind].traits
                tags = frozenset(document.body.get("tags") or ())
                self._traits[address] = Segment(kind, name, tags, traits(document.body) if traits else {})
        return self._traits[address]

    def _told_of(self, address: str) -> Document | None:
        wide = _project_wide(address)
        # One that has been found already saves a look for each environment in which a flag is shown.
        return self._found.get(wide) or self.find(address) or (self.find(wide) if wide else None)


def _project_wide(address: str) -> str:
    """Flags live once for all environments; their address in one environment leads to the same document."""
    environment = addresses.step(address, "env")
    if not environment or environment == "*" or address.endswith(f"env/{environment}"):
        return ""
    return address.replace(f":env/{environment}", ":env/*", 1)
