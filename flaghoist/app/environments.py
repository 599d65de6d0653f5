"""Environments as SDKs, streams and event doors know them: who a key speaks for, what is in there, what changed."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.errors import NotFound
from flaghoist.core import addresses
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.journal import Change
from flaghoist.core.resource import Body, Projection, Resource
from flaghoist.delivery.hub import Hub
from flaghoist.delivery.source import CredentialKind, EnvironmentIdentity, ItemKind, Payload, Update
from flaghoist.store import changes, credentials
from flaghoist.store.database import Database
from flaghoist.store.documents import Document, Documents, Facet

Projected = tuple[Projection, int]


class Environments:
    """Reads the store for delivery and ingest."""

    def __init__(self, database: Database, documents: Documents, catalogue: Catalogue) -> None:
        self._database = database
        self._documents = documents
        self._projecting = {resource.kind: resource for resource in catalogue if resource.project is not None}
        self._catalogue = catalogue

    def resolve(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity | None:
        """Whom an SDK key, mobile key or client-side id speaks for."""
        with self._database.read() as connection:
            found = credentials.find(connection, credential, clock.now_ms())
            if found is None or found.kind != kind:
                return None
            environment = self._documents.read(connection, found.address)
        return _identity(environment, found.expires_at) if environment else None

    def named(self, project_key: str, environment_key: str) -> EnvironmentIdentity | None:
        """The environment of two keys."""
        with self._database.read() as connection:
            environment = self._documents.read(connection, f"proj/{project_key}:env/{environment_key}")
        return _identity(environment, None) if environment else None

    def load(self, environment_id: str) -> Payload:
        """Everything in an environment, as SDKs read it."""
        with self._database.read() as connection:
            environment = self._by_id(connection, environment_id)
            if environment is None:
                raise NotFound("there is no such environment")
            found: dict[str, dict[str, Body]] = {"flags": {}, "segments": {}, "goals": {}}
            for resource in self._projecting.values():
                for projection, version in self._projected(connection, resource, environment):
                    found[projection.kind][projection.key] = {**projection.item, "version": version}
            seq = changes.last_seq(connection)
        goals = [{name: value for name, value in goal.items() if name != "version"} for goal in found["goals"].values()]
        return Payload(seq, found["flags"], found["segments"], goals)

    def listener(self, hub: Hub) -> Callable[[Sequence[Change]], None]:
        """Tells the hub what changes mean to the environments it holds."""

        def listen(news: Sequence[Change]) -> None:
            with self._database.read() as connection:
                for change in news:
                    self._tell(connection, hub, change)

        return listen

    def _tell(self, connection: Connection, hub: Hub, change: Change) -> None:
        kind = addresses.last(change.address)[0]
        if kind == "env":
            known = change.after or change.before or {}
            hub.invalidate(known["_id"])
            hub.revoke(known["_id"])
            return
        resource = self._projecting.get(kind)
        if resource is None:
            return
        touched = self._touched(connection, resource, change)
        held = {each.body["key"]: each.body["_id"] for each in touched if hub.holds(each.body["_id"])}
        if resource.delivers == "goals":
            for environment_id in held.values():
                hub.invalidate(environment_id)
            return
        document = self._documents.read(connection, change.address)
        shown = self._shown(connection, resource, document, list(held)) if document else {}
        for key, environment_id in held.items():
            hub.publish(environment_id, [_update(resource, change, shown.get(key))])

    def _touched(self, connection: Connection, resource: Resource, change: Change) -> list[Document]:
        """The environments that a change may matter to."""
        project = addresses.project_of(change.address)
        key = addresses.step(change.address, "env")
        if key not in ("", "*"):
            found = self._documents.read(connection, f"{project}:env/{key}")
            return [found] if found else []
        environments = self._documents.collection(connection, "env", project, keep=True)
        if resource.facets is None or change.before is None or change.after is None:
            return environments
        member = resource.facets.field
        if {**change.before, member: None} != {**change.after, member: None}:
            return environments
        names = {*change.before.get(member, {}), *change.after.get(member, {})}
        return [environment for environment in environments if environment.body["key"] in names]

    def _projected(self, connection: Connection, resource: Resource, environment: Document) -> list[Projected]:
        key = environment.body["key"]
        project = addresses.parent(environment.address)
        parent = environment.address if ":env/" in resource.parent else project
        # Kept, since the next environment of the project needs the same documents.
        found = self._documents.collection(connection, resource.kind, parent, keep=True)
        facets: Mapping[str, Mapping[str, Facet]] = {}
        if resource.facets is not None:
            facets = self._documents.facets(connection, [document.address for document in found], [key])
        projected = [_project(resource, document, facets.get(document.address, {}).get(key), key) for document in found]
        return [each for each in projected if each is not None]

    def _shown(
        self, connection: Connection, resource: Resource, document: Document, keys: Sequence[str]
    ) -> dict[str, Projected | None]:
        """One document as it is shown in each of some environments."""
        facets: Mapping[str, Facet] = {}
        if resource.facets is not None:
            facets = self._documents.facets(connection, [document.address], keys)[document.address]
        return {key: _project(resource, document, facets.get(key), key) for key in keys}

    def _by_id(self, connection: Connection, environment_id: str) -> Document | None:
        found = credentials.find(connection, environment_id, clock.now_ms())
        return self._documents.read(connection, found.address) if found and found.kind == "client" else None


def _project(resource: Resource, document: Document, facet: Facet | None, environment_key: str) -> Projected | None:
    assert resource.project is not None
    if facet is None and resource.facets is not None:
        facet = resource.facets.unwritten(document, environment_key)
    projection = resource.project(document, facet, environment_key)
    if projection is None:
        return None
    version = max(facet.version, document.body_version) if facet else document.version
    return projection, version


def _update(resource: Resource, change: Change, shown: Projected | None) -> Update:
    """What SDKs are told of a document: its new form, or that it is gone (deleted, archived)."""
    kind: ItemKind = "segments" if resource.delivers == "segments" else "flags"
    if shown is None:
        key = str((change.before or change.after or {}).get("key") or addresses.name(change.address))
        return Update(kind, key, change.version_after, None, change.seq)
    projection, version = shown
    return Update(kind, projection.key, version, {**projection.item, "version": version}, change.seq)


def _identity(environment: Document, expires_at: int | None) -> EnvironmentIdentity:
    body = environment.body
    now = clock.now_ms()
    expiring = [key["value"] for key in body.get("expiringApiKeys", ()) if key["expiresAt"] > now]
    return EnvironmentIdentity(
        id=body["_id"],
        address=environment.address,
        project_key=addresses.step(environment.address, "proj"),
        environment_key=body["key"],
        secure_mode=body["secureMode"],
        sdk_keys=(body["apiKey"], *expiring),
        expires_at_ms=expires_at,
    )
