"""A batch as one record of a log: the body as it was received, all that is known of it in headers."""

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Any, get_args

from flaghoist.store.batches import Batch, Marks, Source, StoredBatch
from flaghoist.store.known_ids import DIGEST_BYTES, event_digest, payload_digest
from flaghoist.store.position import EVENTS_MAX

VERSION = "1"
_EVENT_ID = struct.Struct(f">I{DIGEST_BYTES}s")  # place in the body, digest


class Foreign(Exception):
    """A record that no Flaghoist wrote, or a newer one."""


def headers(batch: Batch) -> dict[str, str]:
    """What is said of a batch beside its body; ids only by their digests."""
    told = {
        "flaghoist": VERSION,
        "environment": batch.environment_id,
        "source": batch.source,
        "events": str(batch.events),
        "schema": str(batch.schema),
        "marks": str(int(batch.marks)),
        "agent": batch.agent,
        "wrapper": batch.wrapper,
        "payload": payload_of(batch),
        "event-ids": _packed(batch),
    }
    return {name: text for name, text in told.items() if text}


def payload_of(batch: Batch) -> str:
    """The digest of a batch's payload id, in hex; empty if it has none."""
    return payload_digest(batch.environment_id, batch.payload_id).hex() if batch.payload_id else ""


def opened(told: Mapping[str, str], body: bytes) -> StoredBatch:
    """The batch in a record, still without a position; raises ``Foreign`` where there is none."""
    if told.get("flaghoist") != VERSION:
        raise Foreign(f"not a batch of version {VERSION}")
    try:
        return _opened(told, body)
    except (KeyError, ValueError, struct.error, binascii.Error) as error:
        raise Foreign(f"its headers cannot be read: {error!r}") from error


def _opened(told: Mapping[str, str], body: bytes) -> StoredBatch:
    source: Any = told["source"]
    if source not in get_args(Source):
        raise Foreign(f"a source '{source[:40]}' is not known here")
    events = int(told["events"])
    if not 0 < events <= EVENTS_MAX:
        raise Foreign(f"a batch of {events} events")
    batch = Batch(
        told["environment"],
        source,
        body,
        events,
        schema=int(told["schema"]),
        marks=Marks(int(told.get("marks", "0"))),
        agent=told.get("agent", ""),
        wrapper=told.get("wrapper", ""),
    )
    payload = bytes.fromhex(told.get("payload", "")) or None
    packed = base64.b64decode(told.get("event-ids", ""), validate=True)
    return StoredBatch(0, batch, payload=payload, event_digests=tuple(_EVENT_ID.iter_unpack(packed)))


def _packed(batch: Batch) -> str:
    ids = (_EVENT_ID.pack(place, event_digest(batch.environment_id, each)) for place, each in batch.event_ids)
    return base64.b64encode(b"".join(ids)).decode()
