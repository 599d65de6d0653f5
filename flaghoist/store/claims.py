"""Payloads and events that were sent to several inboxes count once: as they were first received."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from flaghoist.base.errors import Conflict
from flaghoist.store.batches import StoredBatch
from flaghoist.store.known_ids import EVENT_MEMORY_MS, PAYLOAD_MEMORY_MS, Remembered
from flaghoist.store.tables import claims
from flaghoist.store.upsert import upsert

ASKED_AT_ONCE = 500


class Claimed(Conflict):
    """Another inbox has claimed some of this in the meantime."""


def unclaimed(connection: Connection, batches: Sequence[StoredBatch]) -> list[StoredBatch]:
    """Batches without what was received before, here or by another inbox; repeats among their events are marked.

    What another received later but moved on first is theirs again: they say which positions they supersede. So it does
    not matter which inbox is quicker.
    """
    counted = _claimed(connection, [digest for stored in batches for digest in _digests(stored)])
    found = []
    for stored in batches:
        as_it_counts = _as_it_counts(stored, counted)
        if as_it_counts is not None:
            found.append(as_it_counts)
            counted.update((digest, position) for digest, position, _ in _ids(as_it_counts))
    return found


def claim(connection: Connection, arrived: Sequence[StoredBatch], batches: Sequence[StoredBatch]) -> None:
    """Claim the ids of what is ``unclaimed`` of the batches that arrived, within the write that makes it count.

    Raises ``Claimed`` if that is no longer so.
    """
    if unclaimed(connection, arrived) != batches:
        raise Claimed("another inbox has had some of these events")
    ids = [each for stored in batches for each in _ids(stored)]
    rows = [{"digest": digest, "until": until, "position": position} for digest, position, until in ids]
    upsert(connection, claims, rows, replace=["until", "position"])


def carry_over(connection: Connection, ids: Collection[Remembered]) -> None:
    """Claim ids that an inbox remembers from the time when it was the only one."""
    known = _claimed(connection, [digest for digest, _ in ids])
    new = {digest: until for digest, until in ids if digest not in known}
    if new:
        connection.execute(insert(claims), [{"digest": digest, "until": until} for digest, until in new.items()])


def forget(connection: Connection, *, before: int) -> None:
    """Drop what is past its time of memory."""
    connection.execute(delete(claims).where(claims.c.until < before))


def _as_it_counts(stored: StoredBatch, counted: Mapping[bytes, int]) -> StoredBatch | None:
    """A batch with what it repeats and supersedes, or None if all of it was received before."""
    repeats, supersedes = set(stored.repeats), dict[int, int]()
    copy = None if stored.payload is None else counted.get(stored.payload)
    if copy is not None:
        if copy <= stored.position:
            return None
        supersedes = {place: copy + place for place in range(stored.batch.events) if place not in repeats}
    for place, digest in stored.event_digests:
        copy = counted.get(digest)
        if copy is not None and copy <= stored.position + place:
            repeats.add(place)
            supersedes.pop(place, None)
        elif copy is not None:
            supersedes[place] = copy
    if repeats == stored.repeats and not supersedes:
        return stored
    return replace(stored, repeats=frozenset(repeats), supersedes=tuple(sorted(supersedes.items())))


def _ids(stored: StoredBatch) -> Iterator[tuple[bytes, int, int]]:
    """Digest, position and end of memory of all that counts in a batch."""
    if stored.payload is not None:
        yield stored.payload, stored.position, stored.received_at + PAYLOAD_MEMORY_MS
    for place, digest in stored.event_digests:
        if place not in stored.repeats:
            yield digest, stored.position + place, stored.received_at + EVENT_MEMORY_MS


def _digests(stored: StoredBatch) -> Iterator[bytes]:
    if stored.payload is not None:
        yield stored.payload
    for _, digest in stored.event_digests:
        yield digest


def _claimed(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """The positions of the copies that count, of those that do."""
    wanted, found = list(digests), dict[bytes, int]()
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = wanted[start : start + ASKED_AT_ONCE]
        query = select(claims.c.digest, claims.c.position).where(claims.c.digest.in_(some))
        found.update((row.digest, row.position) for row in connection.execute(query))
    return found
