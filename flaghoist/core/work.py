"""One actor, one transaction: everything a family may do to documents, and the one road for writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses, bodies, guards, journal
from flaghoist.core.guards import Access
from flaghoist.core.journal import Change
from flaghoist.core.patches import Patch
from flaghoist.core.reading import Reading
from flaghoist.core.resource import Body, Resource
from flaghoist.store import credentials
from flaghoist.store.documents import Document, Facet

__all__ = ["Change", "Document", "Facet", "Work"]


@dataclass(eq=False, kw_only=True)
class Work(Reading):
    """What one request does, from its first read to its last change; all of it holds or none.

    ``approved`` are addresses whose change somebody has approved: approval gates let it pass.
    """

    comment: str = field(default="", init=False)
    changes: list[Change] = field(default_factory=list, init=False)
    approved: set[str] = field(default_factory=set, init=False)

    def make(self, kind: str, params: Mapping[str, str], post: Any) -> Document:
        """A new document from what a client would post: JSON, or the resource's own post type."""
        resource = self.catalogue[kind]
        assert resource.make is not None, f"a {kind} is not made by posting"
        if resource.post is not None and isinstance(post, dict):
            try:
                post = msgspec.convert(post, resource.post)
            except msgspec.ValidationError as error:
                raise Invalid(str(error)) from None
        named, body = resource.make(self, params, post)
        return self.create(kind, {**params, **named}, body)

    def create(
        self,
        kind: str,
        params: Mapping[str, str],
        body: Body,
        *,
        action: str = "",
        name: str = "",
    ) -> Document:
        """A new document; raises ``Forbidden`` without the right to create, ``Conflict`` if the address is taken."""
        resource = self.catalogue[kind]
        address = resource.address_of(params)
        self.require(action or resource.create_action, address)
        if self.find(address):
            raise Conflict(f"a {resource.audit_kind or kind} with the key '{addresses.name(address)}' already exists")
        after = resource.validated(body)
        resource.settle(self, address, None, after)
        resource.check(self, address, None, after)
        version = self._documents.version_ever(self.connection, address) + 1
        document = Document(address, kind, resource.parent_of(params), version, version, self.now, self.now, after)
        access = Access(action or resource.create_action, address)
        change = self._journal(resource, document, [access], None, after, (0, version), name=name)
        self._put(resource, document, change.seq, before=None)
        self._react(resource.kind, change)
        return self.read(address)

    def patch(self, address: str, patch: Patch) -> Document:
        """Edit a document in any dialect; guards read off the difference decide, and one change is written.

        An edit may also end in a deletion: then the document is given as it last was.
        """
        document = self.whole(address)
        resource = self.catalogue[document.kind]
        self.comment = patch.comment or self.comment
        after = patch.apply(resource, self._numbered(document) if patch.has_tests else document.body)
        bodies.keep_secrets(resource, patch)
        if after is None:
            self.delete(address)
            return document
        return self.save(document, after, patch=patch)

    def save(
        self,
        document: Document,
        body: Body,
        *,
        accesses: Sequence[Access] | None = None,
        patch: Patch | None = None,
    ) -> Document:
        """Put a new body in place of a whole document's.

        Without ``accesses`` they are read off the difference, and members that are the server's must stay as they
        were; an act that names its accesses may renew those too.
        """
        resource = self.catalogue[document.kind]
        if accesses is None:
            bodies.keep_immutable(resource, document.body, body)
        before = document.body
        after = resource.validated(body)
        resource.settle(self, document.address, before, after)
        carried = resource.carry(before, after)
        if patch is not None and patch.dialect != "semantic":
            bodies.follow(resource, patch, before, carried, after)
        if accesses is None:
            accesses = guards.accesses(resource, document.address, carried, after)
            self._decide(resource, document, accesses)
        else:
            for access in accesses:
                self.require(access.action, access.address)
        if before == after and not accesses:
            return self.read(document.address)
        resource.check(self, document.address, before, after)
        version = document.version + 1
        body_changed = bodies.without_facets(resource, before) != bodies.without_facets(resource, after)
        changed = replace(
            document,
            version=version,
            body_version=version if body_changed else document.body_version,
            updated_at=self.now,
            body=after,
        )
        change = self._journal(
            resource,
            changed,
            accesses,
            bodies.difference(resource, before, after),
            bodies.difference(resource, after, before),
            (document.version, version),
            patch=patch,
        )
        self._put(resource, changed, change.seq, before=document)
        self._react(resource.kind, change)
        return self.read(document.address)

    def delete(self, address: str, *, action: str = "") -> None:
        """Remove a document, what lies below its address, and the credentials of both."""
        document = self.whole(address)
        resource = self.catalogue[document.kind]
        self.require(action or resource.delete_action, address)
        resource.check(self, address, document.body, None)
        for below in self._documents.below(self.connection, address):
            self._remove(self.catalogue[below.kind], below, self.catalogue[below.kind].delete_action)
        self._remove(resource, document, action or resource.delete_action)

    def drop_facets(self, project: str, name: str) -> None:
        """Forget what every document of a project has for an environment that goes away."""
        self._documents.drop_facets(self.connection, project, name)

    def copy_facets(self, project: str, source: str, target: str) -> None:
        """Give a new environment what every document of the project has for another."""
        self._documents.copy_facets(self.connection, project, source, target)

    # Credentials

    def issue(self, secret: str, *, kind: str, address: str) -> None:
        """Let a new secret speak for an address; only its digest is kept."""
        credentials.add(self.connection, secret, kind=kind, address=address, now=self.now)

    def retire(self, address: str, kind: str, expires_at: int | None = None) -> None:
        """End the secrets of a kind at an address, at once or at a time to come."""
        credentials.retire(self.connection, address, kind, expires_at)

    def credentials_of(self, address: str, kind: str) -> list[credentials.Credential]:
        """The secrets of a kind at an address, newest first."""
        return credentials.of_address(self.connection, address, kind)

    # The road itself

    def _numbered(self, document: Document) -> Body:
        """A whole body with the versions that the API shows, for a patch to test before it changes anything."""
        body = {"_version": document.version, "version": document.version, **document.body}
        facets = self.catalogue[document.kind].facets
        if facets is None:
            return body
        versions = {name: self.facet_version(document, facet) for name, facet in self.facets(document).items()}
        parts = {name: {"version": versions[name], **part} for name, part in document.body[facets.field].items()}
        return {**body, facets.field: parts}

    def _decide(self, resource: Resource, document: Document, accesses: Sequence[Access]) -> None:
        for access in accesses:
            self.require(access.action, access.address)
        if accesses:
            return
        # Nothing guarded differs: still only for those who could change something here.
        actions = {*resource.guards.values(), *resource.facet_guards.values()}
        if actions and not any(self.allows(action, document.address).allowed for action in actions):
            self.require(min(actions), document.address)

    def _journal(
        self,
        resource: Resource,
        document: Document,
        accesses: Sequence[Access],
        before: Body | None,
        after: Body | None,
        versions: tuple[int, int],
        *,
        patch: Patch | None = None,
        name: str = "",
    ) -> Change:
        change = journal.written(
            connection=self.connection,
            at=self.now,
            kind=resource.audit_kind or resource.kind,
            address=document.address,
            name=name or str(document.body.get("name") or addresses.name(document.address)),
            accesses=accesses,
            actor=self.actor,
            comment=self.comment,
            before=bodies.masked(resource, before),
            after=bodies.masked(resource, after),
            versions=versions,
            patch=patch.content if patch and patch.dialect != "semantic" and not _tells(resource, patch) else None,
            instructions=patch.instructions if patch and patch.dialect == "semantic" else None,
        )
        self.changes.append(change)
        self._forget_what_was_found()
        return change

    def _react(self, kind: str, change: Change) -> None:
        for resource in self.catalogue:
            reaction = resource.reacts.get(kind)
            if reaction is not None:
                reaction(self, change)

    def _put(self, resource: Resource, document: Document, seq: int, *, before: Document | None) -> None:
        stored = replace(document, body=bodies.without_facets(resource, document.body))
        self._documents.put(self.connection, stored, seq)
        if resource.facets is None:
            return
        old: Body = (before.body if before else {}).get(resource.facets.field) or {}
        new: Body = document.body.get(resource.facets.field) or {}
        for name in guards.changed(old, new):
            if name in new:
                facet = Facet(document.version, self.now, new[name])
                self._documents.put_facet(self.connection, document.address, name, facet)
            else:
                self._documents.drop_facet(self.connection, document.address, name)
        for name, facet in bodies.outlived(resource.facets, before, document).items():
            self._documents.put_facet(self.connection, document.address, name, facet)

    def _remove(self, resource: Resource, document: Document, action: str) -> None:
        access = Access(action, document.address)
        versions = (document.version, document.version + 1)
        change = self._journal(resource, document, [access], document.body, None, versions)
        self._documents.delete(self.connection, document.address, version=versions[1], seq=change.seq)
        credentials.drop(self.connection, document.address)
        self._react(resource.kind, change)


def _tells(resource: Resource, patch: Patch) -> bool:
    """Whether a patch carries a secret: then before and after, masked, must do."""
    return any(patch.tells(member) for member in resource.secret)
