"""One-time links with which members set a password: the owner's at first start, anybody's who forgot theirs."""

from dataclasses import dataclass

from sqlalchemy import Connection

from flaghoist.app.state import state_url
from flaghoist.base import clock, ids
from flaghoist.base.clock import DAY_MS
from flaghoist.base.settings import Settings
from flaghoist.core import addresses
from flaghoist.store import passwords
from flaghoist.store.database import Database
from flaghoist.store.documents import Document, Documents
from flaghoist.store.migrations import migrate

LASTS_MS = DAY_MS


@dataclass(frozen=True, slots=True)
class Link:
    """A way in for whoever has an e-mail: ``token`` is shown once and kept nowhere; it ends at ``expires_at`` (ms)."""

    email: str
    token: str
    expires_at: int

    @property
    def path(self) -> str:
        """Where in the console it leads."""
        return f"/welcome?token={self.token}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the account, with a link as long as they have no password."""

    email: str
    link: Link | None


def welcome_owner(database: Database, documents: Documents) -> Owner:
    """The owner, who gets a fresh link until they have a password; the link before it ends."""

    def act(connection: Connection) -> Owner:
        owner = _member(connection, documents, "")
        assert owner is not None, "an account has an owner from its first start"
        if passwords.hash_of(connection, owner.address) is not None:
            return Owner(owner.body["email"], None)
        return Owner(owner.body["email"], _made(connection, owner))

    return database.write(act)


def new_link(settings: Settings, email: str) -> Link:
    """A link for a member, or for the owner where no e-mail is given; the server may run meanwhile.

    Raises ``ValueError`` saying whom it does not know.
    """
    if not settings.database_url and not (settings.data_dir / "state.db").exists():
        raise ValueError(f"there is no state in {settings.data_dir.resolve()}: name its folder with --data-dir")
    database = Database(state_url(settings))
    documents = Documents()

    def act(connection: Connection) -> Link:
        member = _member(connection, documents, email)
        if member is None:
            raise ValueError(f"no member here has the e-mail {email}" if email else "there is no account here yet")
        return _made(connection, member)

    try:
        migrate(database)
        return database.write(act)
    finally:
        database.close()


def _made(connection: Connection, member: Document) -> Link:
    now = clock.now_ms()
    link = Link(member.body["email"], ids.session_secret(), now + LASTS_MS)
    passwords.put_link(connection, member.address, link.token, now=now, expires_at=link.expires_at)
    return link


def _member(connection: Connection, documents: Documents, email: str) -> Document | None:
    """The member with an e-mail; the owner without."""
    for member in documents.collection(connection, "member", addresses.ACCOUNT, keep=False):
        if member.body["email"].casefold() == email.casefold() or (not email and member.body["role"] == "owner"):
            return member
    return None
