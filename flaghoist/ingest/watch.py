"""Watching events arrive: from the bodies of the last minutes to server-sent events, as fast as a person can read."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from flaghoist.base import json
from flaghoist.base.errors import Invalid, Refusal, TooLarge
from flaghoist.base.http import inflate
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.ingest import wire
from flaghoist.ingest.parse import parse
from flaghoist.ingest.recent import Arrival, Recent
from flaghoist.ingest.shown import (
    REQUEST,
    UNKNOWN,
    ShownEvent,
    contexts_of,
    event_shown,
    members_of,
    request_shown,
)
from flaghoist.store.batches import Marks, StoredBatch
from flaghoist.store.facts.tally import Drop, Tally

T = TypeVar("T")
INFLATED_MAX = 8 * MEBIBYTE
SHOWN_PER_STEP = 250
READ_PER_SHOWN = 4
"""Where events must be read to know whether they are wanted, this many are read for each that may be shown."""

STEP_SECONDS = 0.25
HEARTBEAT = b":\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events somebody wants to see; what is empty asks for nothing. Texts are looked for ignoring case."""

    kinds: frozenset[str] = frozenset()
    key: str = ""
    """In the key of an event, or, of a summary, of one of its flags."""
    text: str = ""
    """In a context: its kind, key and attributes."""
    fates: frozenset[str] = frozenset()
    after: int = 0
    """The last position that was seen already."""


async def watch(
    recent: Recent,
    environment_id: str,
    wanted: Wanted,
    *,
    permitted: Callable[[], Awaitable[object]],
    heartbeat_seconds: float,
    max_lateness_ms: int,
) -> AsyncGenerator[bytes, None]:
    """Frames of a stream: ``event`` for each event wanted, ``skipped`` with how many were too many to show.

    What came in the last minutes comes first. At most a thousand events a second are shown. With each
    heartbeat ``permitted`` is asked, which raises a ``Refusal`` once whoever watches no longer may.
    """
    watcher = recent.watcher(environment_id)
    loop = asyncio.get_running_loop()
    beats_at = 0.0
    try:
        while not watcher.ended:
            if loop.time() >= beats_at:
                await permitted()
                beats_at = loop.time() + heartbeat_seconds
                yield HEARTBEAT
            arrivals, lost = await watcher.take(max(beats_at - loop.time(), 0))
            frames = await asyncio.to_thread(_frames, arrivals, wanted, lost, max_lateness_ms)
            if frames:
                yield frames
                await asyncio.sleep(STEP_SECONDS)
    except Refusal:
        return  # whoever comes back is told why
    finally:
        recent.leave(environment_id, watcher)


def show(
    arrivals: Sequence[Arrival], wanted: Wanted, *, most: int, max_lateness_ms: int
) -> tuple[Sequence[ShownEvent], int]:
    """At most so many of the events wanted, spread over all of them; and how many may have been left out."""
    opened = [_open(arrival, wanted) for arrival in arrivals]
    candidates = sum(len(each.places) for each in opened)
    looks_inside = bool(wanted.text or wanted.fates)
    share = min(1.0, most * (READ_PER_SHOWN if looks_inside else 1) / max(candidates, 1))
    found: list[ShownEvent] = []
    skipped = 0
    for each in opened:
        read = _thinned(each.places, math.ceil(len(each.places) * share))
        skipped += each.unread + len(each.places) - len(read)
        found += [event for event in _events(each, read, wanted, max_lateness_ms) if _is_wanted(event, wanted)]
    kept = _thinned(found, most)
    return kept, skipped + len(found) - len(kept)


def _frames(arrivals: Sequence[Arrival], wanted: Wanted, lost: int, max_lateness_ms: int) -> bytes:
    events, skipped = show(arrivals, wanted, most=SHOWN_PER_STEP, max_lateness_ms=max_lateness_ms)
    frames = [b"event: event\nid: %s\ndata: %s\n\n" % (event.id.encode(), json.encode(event)) for event in events]
    if skipped + lost:
        frames.append(b'event: skipped\ndata: {"events":%d}\n\n' % (skipped + lost))
    return b"".join(frames)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A body cut into events, of which those at ``places`` may be wanted; or why it could not be."""

    arrival: Arrival
    raws: Sequence[Raw] = ()
    places: Sequence[int] = ()
    unread: int = 0
    refusal: str = ""


class _Head(msgspec.Struct, gc=False):
    kind: Any = None
    key: Any = None
    features: Any = None


_head = msgspec.json.Decoder(_Head)


def _open(arrival: Arrival, wanted: Wanted) -> _Opened:
    stored, batch = arrival.stored, arrival.stored.batch
    if stored.position + max(batch.events, 1) <= wanted.after + 1:
        return _Opened(arrival)
    if arrival.fate == "refused":
        return _Opened(arrival, refusal=arrival.refusal)
    try:
        body = inflate(batch.body, "gzip" if Marks.GZIP in batch.marks else "", limit=INFLATED_MAX)
        raws = wire.split(body, lines=Marks.LINES in batch.marks)
    except TooLarge:
        return _Opened(arrival, unread=batch.events)
    except Invalid as refusal:
        return _Opened(arrival, refusal=refusal.message)
    seen = max(wanted.after + 1 - stored.position, 0)
    return _Opened(arrival, raws, [place for place in range(seen, len(raws)) if _may_be_wanted(raws[place], wanted)])


def _may_be_wanted(raw: Raw, wanted: Wanted) -> bool:
    """As far as kind and key tell, which are quickly read."""
    if not (wanted.kinds or wanted.key):
        return True
    try:
        head = _head.decode(raw)
    except wire.UNREADABLE:
        head = _Head()
    kind = head.kind if isinstance(head.kind, str) and head.kind in wire.BY_KIND else UNKNOWN
    if wanted.kinds and kind not in wanted.kinds:
        return False
    if not wanted.key:
        return True
    flags = head.features if kind == "summary" and isinstance(head.features, dict) else ()
    return any(isinstance(name, str) and wanted.key.casefold() in name.casefold() for name in (head.key, *flags))


def _events(opened: _Opened, places: Sequence[int], wanted: Wanted, max_lateness_ms: int) -> Iterator[ShownEvent]:
    arrival = opened.arrival
    if opened.refusal:
        yield request_shown(arrival, opened.refusal)
    rejected = _rejected(opened, places, max_lateness_ms) if places and arrival.fate == "kept" else {}
    for index, place in enumerate(places):
        raw = opened.raws[place]
        members = members_of(raw)
        if _speaks_of(members, wanted.text):
            yield event_shown(arrival, place, raw, members, rejected.get(index))


def _rejected(opened: _Opened, places: Sequence[int], max_lateness_ms: int) -> dict[int, Drop]:
    """What the parser leaves out of some events, by their number here: what is shown is what is counted."""
    stored = opened.arrival.stored
    body = b"[" + b",".join([bytes(opened.raws[place]) for place in places]) + b"]"
    marks = stored.batch.marks & ~(Marks.GZIP | Marks.LINES)
    batch = replace(stored.batch, body=body, events=len(places), marks=marks)
    repeats = frozenset(index for index, place in enumerate(places) if place in stored.repeats)
    part = StoredBatch(stored.position, batch, repeats)
    return dict(parse(part, Tally(), max_lateness_ms=max_lateness_ms).rejected)


def _is_wanted(event: ShownEvent, wanted: Wanted) -> bool:
    if event.kind == REQUEST and (wanted.key or wanted.text or (wanted.kinds and REQUEST not in wanted.kinds)):
        return False
    return not wanted.fates or event.fate in wanted.fates


def _speaks_of(members: Mapping[str, Any], text: str) -> bool:
    """Whether a text is in a context."""
    if not text:
        return True
    try:
        said = json.encode(contexts_of(members)).decode()
    except RecursionError:  # what can just be read may be too deep to write
        return False
    return text.casefold() in said.casefold()


def _thinned(items: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, evenly spread."""
    if len(items) <= most:
        return items
    return [items[index * len(items) // most] for index in range(most)]
