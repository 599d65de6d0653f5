"""What the doors for events have in common: a bounded body in, a durable batch, an answer."""

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Raw

from flaghoist.base.errors import Invalid, NotAcceptable, TooLarge, Unavailable
from flaghoist.base.http import Request, inflate
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.ingest import wire
from flaghoist.ingest.identity import EnvironmentIdentity
from flaghoist.ingest.recent import Recent
from flaghoist.store.batches import Batch, Marks, Source
from flaghoist.store.inbox import Outcome
from flaghoist.store.logs import Intake
from flaghoist.store.position import EVENTS_MAX

WIRE_LIMIT = 10 * MEBIBYTE
INFLATED_LIMIT = 100 * MEBIBYTE
BESIDE_BYTES = 64 * 1024
"""Larger bodies are read beside the event loop, so that others need not wait for them."""

PAYLOAD_ID_LENGTH_MAX = 256
_AGENT = re.compile(r"[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._+-]{1,64})?")


@dataclass(frozen=True, slots=True)
class Body:
    """A body as received, and its events, each unread."""

    raw: bytes
    events: Sequence[Raw]
    is_gzipped: bool
    is_array: bool


async def read_body(request: Request, *, lines: bool = False) -> Body:
    """The body of a request, checked as a whole; raises ``TooLarge`` and ``Invalid``."""
    raw = await request.raw_body(limit=WIRE_LIMIT)
    encoding = request.headers.get("content-encoding", "")
    if len(raw) <= BESIDE_BYTES:
        return open_body(raw, encoding, lines=lines)
    return await asyncio.to_thread(open_body, raw, encoding, lines=lines)


def open_body(raw: bytes, encoding: str, *, lines: bool = False) -> Body:
    """A body as received; raises ``TooLarge`` and ``Invalid``."""
    inflated = inflate(raw, encoding, limit=INFLATED_LIMIT)
    events = wire.split(inflated, lines=lines)
    if len(events) > EVENTS_MAX:
        raise TooLarge(f"the body has {len(events)} events, more than the {EVENTS_MAX} allowed here")
    return Body(raw, events, is_gzipped=inflated is not raw, is_array=not lines and wire.is_array(inflated))


async def keep(inbox: Intake, recent: Recent, batch: Batch) -> Outcome:
    """Make a batch durable; raises ``Unavailable`` when that cannot be done now."""
    try:
        outcome = await asyncio.wrap_future(inbox.accept(batch))
    except Unavailable:
        recent.turned_away()
        raise
    recent.note(batch, outcome)
    return outcome


@contextlib.contextmanager
def refusals_seen(recent: Recent, request: Request, environment: EnvironmentIdentity, source: Source) -> Iterator[None]:
    """Let those who watch an environment see why a body for it is refused."""
    try:
        yield
    except (Invalid, TooLarge, NotAcceptable) as refusal:
        agent, wrapper = agent_of(request)
        recent.refused(Batch(environment.id, source, b"", 0, agent=agent, wrapper=wrapper), refusal.message)
        raise


def agent_of(request: Request) -> tuple[str, str]:
    """Name and version of the sender, and of what wraps it, as far as they look like one."""
    headers = request.headers
    agent = headers.get("x-launchdarkly-user-agent") or headers.get("user-agent", "")
    wrapper = headers.get("x-launchdarkly-wrapper", "")
    return _product(agent), _product(wrapper)


def payload_id_of(request: Request) -> str:
    """The id under which the sender would repeat this payload; empty if it gave none that can be used."""
    payload_id = request.headers.get("x-launchdarkly-payload-id", "").strip()
    return payload_id if len(payload_id) <= PAYLOAD_ID_LENGTH_MAX else ""


def environment_header(environment: EnvironmentIdentity) -> tuple[str, str]:
    """The header by which SDKs learn the client-side id of their environment."""
    return ("x-ld-envid", environment.id)


def gzip_mark(body: Body) -> Marks:
    """The mark of a body that is kept compressed."""
    return Marks.GZIP if body.is_gzipped else Marks(0)


def _product(text: str) -> str:
    found = _AGENT.match(text)
    return found.group() if found else ""
