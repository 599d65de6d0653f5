"""Projects with flags in a store, without a server: what a request would do, in one call."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from flaghoist.core import patches
from flaghoist.core.actor import Actor, server
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.journal import Change
from flaghoist.core.work import Document, Work
from flaghoist.policy.decide import Grant, Policy
from flaghoist.resources import families
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Documents
from flaghoist.store.migrations import migrate

Body = dict[str, Any]
Answer = TypeVar("Answer")
_numbers = itertools.count(1)


class World:
    """A project with environments ``production`` and ``test``, and somebody who may do everything in it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.documents = Documents()
        self.catalogue = Catalogue(resource for family in families() for resource in family.resources)
        self.actor = server()
        self.approved: set[str] = set()
        self.project = f"web{next(_numbers)}"
        self.do(lambda work: work.make("proj", {}, {"key": self.project, "name": "Web"}))
        self.environment("production")
        self.environment("test")

    def address(self, key: str, environment: str = "*") -> str:
        """Where a flag lives."""
        return f"proj/{self.project}:env/{environment}:flag/{key}"

    def environment(self, key: str, **more: Any) -> None:
        """One more environment."""
        post = {"key": key, "name": key.title(), "color": "417505", **more}
        self.do(lambda work: work.make("env", {"projectKey": self.project}, post))

    def settings(self, **changes: Any) -> None:
        """The project's settings, changed."""
        self.do(lambda work: work.patch(f"proj/{self.project}", patches.read(changes)))

    def require_approval(self, environment: str, **settings: Any) -> None:
        """An environment that asks for approvals."""
        address = f"proj/{self.project}:env/{environment}"
        self.do(lambda work: work.patch(address, patches.read({"approvalSettings": settings})))

    def do(self, act: Callable[[Work], Answer]) -> Answer:
        """One act in a transaction of its own."""
        return self._run(act)[0]

    def changes(self, act: Callable[[Work], Any]) -> list[Change]:
        """What one act wrote into the journal."""
        return self._run(act)[1]

    def may(self, *statements: Body) -> None:
        """From now on, act as somebody with these statements only."""
        self.actor = Actor(name="somebody", grant=Grant.of([Policy.parse("role", list(statements))]), kind="token")

    def flag(self, key: str, **more: Any) -> Body:
        """A new flag, whole."""
        self.do(lambda work: work.make("flag", {"projectKey": self.project}, {"key": key, "name": key, **more}))
        return self.whole(key)

    def whole(self, key: str) -> Body:
        """A flag with all its environments."""
        return self.do(lambda work: work.whole(self.address(key))).body

    def config(self, key: str, environment: str = "test") -> Body:
        """What a flag does in an environment."""
        found: Body = self.whole(key)["environments"][environment]
        return found

    def versions(self, key: str) -> dict[str, int]:
        """The version of a flag in each environment."""

        def read(work: Work) -> dict[str, int]:
            flag = work.read(self.address(key))
            return {name: work.facet_version(flag, facet) for name, facet in work.facets(flag).items()}

        return self.do(read)

    def patch(self, key: str, body: Any) -> Body:
        """A flag after a patch of any dialect."""
        self.do(lambda work: work.patch(self.address(key), patches.read(body)))
        return self.whole(key)

    def instruct(self, key: str, *instructions: Body, environment: str = "test") -> Body:
        """A flag after instructions."""
        return self.patch(key, {"environmentKey": environment, "instructions": list(instructions)})

    def delete(self, key: str) -> None:
        """No flag any more."""
        self.do(lambda work: work.delete(self.address(key)))

    def accesses(self, key: str, body: Any) -> list[tuple[str, str]]:
        """The (action, environment) pairs that a patch needed, as the audit log lists them."""
        changes = self.changes(lambda work: work.patch(self.address(key), patches.read(body)))
        assert len(changes) <= 1, "one act on one flag is one change"
        accesses = [access for change in changes for access in change.accesses]
        return [(access.action, access.address.split("env/")[1].split(":")[0]) for access in accesses]

    def experiment(self, key: str, flag: str, rule_id: str, *, status: str, environment: str = "test") -> None:
        """An experiment as far as flags look at it, put where experiments live."""
        parent = f"proj/{self.project}:env/{environment}"
        body = {"key": key, "currentIteration": {"status": status, "flags": {flag: {"ruleId": rule_id}}}}

        def put(work: Work) -> None:
            found = Document(f"{parent}:experiment/{key}", "experiment", parent, 1, 1, work.now, work.now, body)
            self.documents.put(work.connection, found, 0)

        self.do(put)

    def wire(self, environment: str = "test") -> Body:
        """All flags as SDKs receive them in an environment."""

        def read(work: Work) -> Body:
            resource = self.catalogue["flag"]
            assert resource.project is not None
            found = {}
            for flag in work.collection("flag", f"proj/{self.project}"):
                facet = work.facets(flag, [environment])[environment]
                shown = resource.project(flag, facet, environment)
                if shown is not None:
                    found[shown.key] = {**shown.item, "version": work.facet_version(flag, facet)}
            return found

        return self.do(read)

    def _run(self, act: Callable[[Work], Answer]) -> tuple[Answer, list[Change]]:
        made: list[Change] = []

        def run(connection: Any) -> Answer:
            work = Work(
                connection=connection,
                documents=self.documents,
                catalogue=self.catalogue,
                actor=self.actor,
                writing=True,
            )
            work.approved |= self.approved
            answer = act(work)
            made.extend(work.changes)
            return answer

        return self.database.write(run), made


@pytest.fixture(scope="session")
def flag_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One store for all projects."""
    database = Database(sqlite_url(tmp_path_factory.mktemp("flags")))
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def world(flag_store: Database) -> World:
    """A project to make flags in."""
    return World(flag_store)
