"""Webhooks: whoever asked for it is sent the audit entry of each change, at least once, soon after it happened."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from flaghoist.base import clock, json
from flaghoist.core import actor, addresses, entries, journal
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.journal import Change
from flaghoist.core.work import Document, Work
from flaghoist.jobs.queue import Queue
from flaghoist.outbound.send import Sender
from flaghoist.policy.decide import Policy
from flaghoist.policy.target import Target
from flaghoist.store import changes
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents
from flaghoist.store.jobs import Errand, Job

QUEUE = "webhooks"
KIND = "webhook"
# A receiver that hangs holds up its own news, not that of others.
AT_ONCE_EACH = 4


class Parcel(NamedTuple):
    """What is sent, and where."""

    url: str
    secret: str
    body: bytes


class Webhooks:
    """Finds out which webhooks want to hear of a change, and tells them."""

    def __init__(self, database: Database, documents: Documents, catalogue: Catalogue, sender: Sender) -> None:
        self._database = database
        self._documents = documents
        self._catalogue = catalogue
        self._sender = sender

    @property
    def queue(self) -> Queue:
        """The deliveries: nine attempts over some three hours."""
        return Queue(name=QUEUE, run=self._deliver, at_once_in_lane=AT_ONCE_EACH)

    def entails(self, connection: Connection, news: Sequence[ChangeRow]) -> list[Errand]:
        """One delivery for each change and each webhook that asks for it."""
        work = self._work(connection)
        listening = [each for each in work.collection(KIND, addresses.ACCOUNT) if each.body["on"]]
        if not listening:
            return []
        created, now = self._documents.created(connection, KIND), clock.now_ms()
        return [
            _errand(webhook, change, now)
            for change in [journal.of_row(row) for row in news]
            for webhook in listening
            if change.seq >= created[webhook.address] and _wants(work, webhook, change)
        ]

    async def _deliver(self, job: Job) -> None:
        parcel = await asyncio.to_thread(self._parcel, job.body)
        if parcel is not None:
            await self._sender.post(parcel.url, parcel.body, secret=parcel.secret)

    def _parcel(self, wanted: dict[str, Any]) -> Parcel | None:
        """What to send, or nothing if the webhook is gone or off by now, or the change no longer on record."""
        with self._database.read() as connection:
            work = self._work(connection)
            webhook = work.find(wanted["webhook"])
            rows = changes.of_seqs(connection, [wanted["seq"]])
            if webhook is None or not webhook.body["on"] or not rows:
                return None
            entry = entries.whole_entry(
                journal.of_row(rows[0]), account_id=entries.account_id(work), name_of=entries.Names(work)
            )
        return Parcel(webhook.body["url"], webhook.body.get("secret", ""), json.encode(entry))

    def _work(self, connection: Connection) -> Work:
        return Work(
            connection=connection,
            documents=self._documents,
            catalogue=self._catalogue,
            actor=actor.server(),
            writing=False,
        )


def _errand(webhook: Document, change: Change, now: int) -> Errand:
    body = {"webhook": webhook.address, "seq": change.seq}
    return Errand(QUEUE, f"{webhook.address} {change.seq}", body, now, lane=webhook.address)


def _wants(work: Work, webhook: Document, change: Change) -> bool:
    """Whether a webhook, by its statements, asks for a change; one without statements asks for all."""
    if not webhook.body["statements"]:
        return True
    policy = Policy.parse(webhook.address, webhook.body["statements"])
    accesses = change.accesses
    return any(policy.verdict(action, _target(work, change, address)).allowed for action, address in accesses)


def _target(work: Work, change: Change, address: str) -> Target:
    """What was acted upon, with its tags; those of a document that is gone are the last it had."""
    target = work.target(address)
    kind, name = addresses.last(change.address)
    if change.after is None and change.before is not None and addresses.last(address) == (kind, name):
        return target.with_traits(kind, tags=change.before.get("tags") or ())
    return target
