"""What there is to tell of changes: each as all readers hear of it, and which of them somebody may hear of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from flaghoist.base import json
from flaghoist.base.errors import Unauthorized
from flaghoist.base.http import Request
from flaghoist.core import addresses, journal
from flaghoist.core.actor import Actor
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.guards import Access
from flaghoist.core.journal import Change
from flaghoist.core.work import Work
from flaghoist.policy.decide import Grant
from flaghoist.rest.authenticate import Caller, admitted
from flaghoist.store import changes
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

AT_ONCE_MAX = 200
_NAME_SHOWN = 200


class Notice(NamedTuple):
    """A change as all readers are told of it."""

    seq: int
    address: str
    frame: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Where changes and readers' rights are looked up."""

    database: Database
    documents: Documents
    catalogue: Catalogue

    def admit(self, request: Request) -> tuple[Caller, int]:
        """Who wants to read, and the newest change number as of now."""
        with self.database.read() as connection:
            return self._known(connection, request)[0], changes.last_seq(connection)

    def after(self, request: Request, position: int, recent: Sequence[Notice]) -> tuple[int, bytes, Grant]:
        """The next position of whoever sent the request, what they may see on the way there, and what they may do.

        Who they are and what they may do is asked anew each time; raises ``Unauthorized`` once they are nobody.
        """
        with self.database.read() as connection:
            _, actor = self._known(connection, request)
            if recent and recent[0].seq <= position + 1:
                news: Sequence[Notice] = [each for each in recent if each.seq > position][:AT_ONCE_MAX]
            else:
                news = [notice(change) for change in journal.after(connection, position, AT_ONCE_MAX)]
            if not news:
                return position, b"", actor.grant
            return news[-1].seq, b"".join(self._visible(connection, actor, news)), actor.grant

    def _known(self, connection: Connection, request: Request) -> tuple[Caller, Actor]:
        caller = admitted(connection, self.documents, request, writes=False)
        if caller is None or caller.actor is None:
            raise Unauthorized("changes are told to members and access tokens; this credential is of neither")
        return caller, caller.actor

    def _visible(self, connection: Connection, actor: Actor, news: Sequence[Notice]) -> list[bytes]:
        work = Work(
            connection=connection, documents=self.documents, catalogue=self.catalogue, actor=actor, writing=False
        )
        sights: dict[Access, bool] = {}
        frames = []
        for each in news:
            sight = self.catalogue.sight(each.address)
            if sight not in sights:
                sights[sight] = work.allows(*sight).allowed
            if sights[sight]:
                frames.append(each.frame)
        return frames


def notice(change: Change) -> Notice:
    """A change in the words of the stream: without its content, which whoever wants it asks for."""
    kind = addresses.last(change.address)[0]
    what = "created" if change.before is None else "deleted" if change.after is None else "updated"
    told = {
        "seq": change.seq,
        "address": change.address,
        "kind": kind,
        "name": change.name[:_NAME_SHOWN],
        "change": what,
        "version": change.version_after,
        "actor": change.actor["name"],
        "at": change.at,
    }
    return Notice(change.seq, change.address, b"event: change\nid: %d\ndata: %s\n\n" % (change.seq, json.encode(told)))
