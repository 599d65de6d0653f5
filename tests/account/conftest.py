"""People to act as: members other than the owner, each with a token of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from servers import Server
from sqlalchemy import Connection

from flaghoist.base import ids
from flaghoist.core.actor import server as server_itself
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.resources import families
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Documents

CATALOGUE = Catalogue(resource for family in families() for resource in family.resources)


@dataclass(frozen=True)
class Person:
    """A member, and the secret of a token that is limited by nothing but its member's roles."""

    id: str
    email: str
    token: str


@pytest.fixture(scope="session")
def someone(server: Server, store_url: str) -> Iterator[Callable[..., Person]]:
    """Makes a member of the running server's account, written next to it as a second node would."""
    url = store_url.replace("postgresql://", "postgresql+psycopg://") or sqlite_url(server.data_dir)
    database = Database(url)

    def make(email: str = "", **body: Any) -> Person:
        member = ids.object_id()
        person = Person(member, email or f"{member}@example.com", ids.access_token())

        def act(connection: Connection) -> None:
            work = Work(
                connection=connection, documents=Documents(), catalogue=CATALOGUE, actor=server_itself(), writing=True
            )
            work.create("member", {"id": member}, {"_id": member, "email": person.email, **body})
            token = ids.object_id()
            limits = {"_id": token, "role": "admin", "serviceToken": False, "memberId": member, "ownerId": member}
            made = work.create("token", {"memberId": member, "id": token}, {**limits, "ending": person.token[-4:]})
            work.issue(person.token, kind="token", address=made.address)

        database.write(act)
        return person

    yield make
    database.close()


@pytest.fixture
def changes(server: Server) -> Callable[[], int]:
    """How many changes the audit log holds."""
    return lambda: int(server.ok("POST", "/auditlog/counts?after=0", json=[])["totalCount"])


@pytest.fixture
def role(server: Server) -> Callable[..., dict[str, Any]]:
    """Makes a custom role of (effect, resources, actions) statements; gives it as answered."""

    def make(*statements: tuple[str, list[str], list[str]], **more: Any) -> dict[str, Any]:
        key = f"role-{ids.object_id()}"
        policy = [{"effect": effect, "resources": on, "actions": actions} for effect, on, actions in statements]
        made = server.ok("POST", "/roles", json={"key": key, "name": key, "policy": policy, **more})
        assert isinstance(made, dict)
        return made

    return make
