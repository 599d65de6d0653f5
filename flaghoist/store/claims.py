"""Payloads and events that were sent to several inboxes count once: where they were first committed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from flaghoist.base.errors import Conflict
from flaghoist.store.batches import StoredBatch
from flaghoist.store.known_ids import EVENT_MEMORY_MS, PAYLOAD_MEMORY_MS, Remembered
from flaghoist.store.tables import claims

ASKED_AT_ONCE = 500


class Claimed(Conflict):
    """Another inbox has claimed some of this in the meantime."""


def unclaimed(connection: Connection, batches: Sequence[StoredBatch]) -> list[StoredBatch]:
    """Batches without those that another inbox has had, and with the repeats among their events marked.

    What stands in these batches twice is left out the second time.
    """
    known = _known(connection, [digest for stored in batches for digest, _ in _ids(stored)])
    fresh = []
    for stored in batches:
        if stored.payload in known:
            continue
        repeats = set(stored.repeats)
        for place, digest in stored.event_digests:
            if digest in known:
                repeats.add(place)
            known.add(digest)
        if stored.payload is not None:
            known.add(stored.payload)
        fresh.append(replace(stored, repeats=frozenset(repeats)) if repeats != stored.repeats else stored)
    return fresh


def claim(connection: Connection, batches: Sequence[StoredBatch]) -> None:
    """Claim the ids of batches, within the write that makes them count; raises ``Claimed`` if somebody was quicker."""
    ids = dict(remembered for stored in batches for remembered in _ids(stored))
    if _known(connection, ids):
        raise Claimed("another inbox has had some of these events")
    if ids:
        connection.execute(insert(claims), [{"digest": digest, "until": until} for digest, until in ids.items()])


def carry_over(connection: Connection, ids: Collection[Remembered]) -> None:
    """Claim ids that an inbox remembers from the time when it was the only one."""
    known = _known(connection, [digest for digest, _ in ids])
    new = {digest: until for digest, until in ids if digest not in known}
    if new:
        connection.execute(insert(claims), [{"digest": digest, "until": until} for digest, until in new.items()])


def forget(connection: Connection, *, before: int) -> None:
    """Drop what is past its time of memory."""
    connection.execute(delete(claims).where(claims.c.until < before))


def _ids(stored: StoredBatch) -> Iterator[Remembered]:
    if stored.payload is not None:
        yield stored.payload, stored.received_at + PAYLOAD_MEMORY_MS
    for place, digest in stored.event_digests:
        if place not in stored.repeats:
            yield digest, stored.received_at + EVENT_MEMORY_MS


def _known(connection: Connection, digests: Iterable[bytes]) -> set[bytes]:
    wanted, found = list(digests), set[bytes]()
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = wanted[start : start + ASKED_AT_ONCE]
        found.update(connection.execute(select(claims.c.digest).where(claims.c.digest.in_(some))).scalars())
    return found
