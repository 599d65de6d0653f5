"""What an empty store begins with: one account, one owner, one admin token, and a project to play in."""

from dataclasses import dataclass

from sqlalchemy import Connection

from flaghoist.base import ids
from flaghoist.core.actor import server
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.resources.workspace.projects.operations import DEFAULT_ENVIRONMENTS
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents


@dataclass(frozen=True, slots=True)
class FirstToken:
    """The admin token made at first start; ``secret`` is shown once and nowhere kept."""

    secret: str
    is_given: bool


def first_start(
    database: Database, documents: Documents, catalogue: Catalogue, *, given_token: str, owner_email: str
) -> FirstToken | None:
    """Fill an empty store; on any other, change nothing and give nothing."""
    with database.read() as connection:
        if documents.read(connection, "acct"):
            return None
    secret = given_token or ids.access_token()

    def begin(connection: Connection) -> bool:
        if documents.read(connection, "acct"):
            return False  # another process was quicker
        work = Work(connection=connection, documents=documents, catalogue=catalogue, actor=server(), writing=True)
        _begin(work, secret, owner_email)
        return True

    return FirstToken(secret, bool(given_token)) if database.write(begin) else None


def _begin(work: Work, secret: str, owner_email: str) -> None:
    work.create("acct", {}, {"_id": ids.object_id(), "name": "Flaghoist"})
    member = ids.object_id()
    work.create(
        "member",
        {"id": member},
        {"_id": member, "email": owner_email, "firstName": "", "lastName": "", "role": "owner"},
        name=owner_email,
    )
    token = ids.object_id()
    document = work.create(
        "token",
        {"memberId": member, "id": token},
        {
            "_id": token,
            "name": "First admin token",
            "role": "admin",
            "serviceToken": False,
            "memberId": member,
            "ownerId": member,
            "ending": secret[-4:],
        },
    )
    work.issue(secret, kind="token", address=document.address)
    work.make("proj", {}, {"key": "default", "name": "Default project"})
    for environment in DEFAULT_ENVIRONMENTS:
        work.make("env", {"projectKey": "default"}, environment)
