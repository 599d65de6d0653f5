"""The door through which other systems import metric events, and, if they ask for it, exposures and attributes."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

import msgspec

from flaghoist.base import clock
from flaghoist.base.errors import Invalid, NotAcceptable, RateLimited, Unauthorized
from flaghoist.base.http import Answer, Request, Route, json_response
from flaghoist.ingest import wire
from flaghoist.ingest.doors import (
    BESIDE_BYTES,
    Body,
    agent_of,
    environment_header,
    gzip_mark,
    keep,
    payload_id_of,
    read_body,
    refusals_seen,
)
from flaghoist.ingest.identity import Authorize, EnvironmentIdentity, Pace
from flaghoist.ingest.parse import parse
from flaghoist.ingest.recent import Recent
from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.facts.tally import Drop, Tally
from flaghoist.store.inbox import Duplicate
from flaghoist.store.logs import Intake
from flaghoist.store.position import first_at

P = ParamSpec("P")
T = TypeVar("T")

SCHEMA = "4"
JSON_TYPE, LINES_TYPE = "application/json", "application/x-ndjson"
KINDS = ("custom",)
EXTENDED_KINDS = ("custom", "feature", "identify")


class Importer:
    """Takes in what other systems send with an access token.

    Only a body that is wrong as a whole is refused. With ``strict=true`` the answer names each event that was not
    taken, and why; the others are.
    """

    def __init__(
        self,
        inbox: Intake,
        authorize: Authorize,
        *,
        max_lateness_ms: int,
        pace: Pace = lambda token: 0.0,
        recent: Recent | None = None,
    ) -> None:
        """``max_lateness_ms`` bounds the age of events whose sender vouches for their time.

        ``recent`` is told of all that comes.
        """
        self._inbox = inbox
        self._authorize = authorize
        self._max_lateness_ms = max_lateness_ms
        self._pace = pace
        self._recent = recent or Recent()

    def routes(self) -> list[Route]:
        """The import's one path."""
        return [("POST", "/v2/event-data-import/{projectKey}/{environmentKey}", self.receive)]

    async def receive(self, request: Request) -> Answer:
        """One import."""
        environment = await self._admitted(request)
        with refusals_seen(self._recent, request, environment, "import"):
            batch, heads = await self._read(request, environment)
        is_strict = request.first("strict") == "true" or request.headers.get("x-import-strict", "").strip() == "1"
        rejected: dict[int, Drop] = {}
        if is_strict or any(head.event_id is not None for head in heads):
            rejected = await _beside(batch.body, self._judge, batch)
        batch = replace(batch, event_ids=_event_ids(heads, rejected))
        report = await self._keep(batch, rejected)
        return json_response(202, report if is_strict else {}, (environment_header(environment),))

    async def _read(self, request: Request, environment: EnvironmentIdentity) -> "tuple[Batch, list[_Head]]":
        if request.headers.get("x-launchdarkly-event-schema", "").strip() != SCHEMA:
            raise NotAcceptable(f"send the header X-LaunchDarkly-Event-Schema: {SCHEMA}")
        extended = request.headers.get("x-import-extensions", "").strip() == "1"
        lines = _is_lines(request, extended=extended)
        body = await read_body(request, lines=lines)
        if not lines and not body.is_array:
            raise Invalid("the body must be a JSON array of events")
        heads = await _beside(body.raw, _heads, body, EXTENDED_KINDS if extended else KINDS)
        return _batch(request, environment, body, extended=extended, lines=lines), heads

    async def _admitted(self, request: Request) -> EnvironmentIdentity:
        token = request.headers.get("authorization", "").strip()
        if not token:
            raise Unauthorized("send an access token as the Authorization header")
        environment = await self._authorize(token, request.params["projectKey"], request.params["environmentKey"])
        wait_seconds = self._pace(token)
        if wait_seconds > 0:
            seconds = math.ceil(wait_seconds)
            refusal = RateLimited(f"this token imports too fast; try again in {seconds} s")
            refusal.headers = (("retry-after", str(seconds)),)
            raise refusal
        return environment

    def _judge(self, batch: Batch) -> dict[int, Drop]:
        """What the parser will leave out of a batch, by place."""
        stored = StoredBatch(first_at(clock.now_ms()), batch)
        return dict(parse(stored, Tally(), max_lateness_ms=self._max_lateness_ms).rejected)

    async def _keep(self, batch: Batch, rejected: Mapping[int, Drop]) -> dict[str, Any]:
        usable = batch.events - len(rejected)
        repeats = 0
        if batch.events:
            outcome = await keep(self._inbox, self._recent, batch)
            repeats = usable if isinstance(outcome, Duplicate) else len(outcome.repeats)
        return {
            "accepted": usable - repeats,
            "rejected": [{"index": place, "reason": reason} for place, reason in sorted(rejected.items())],
            "duplicates": repeats,
        }


class _Head(msgspec.Struct, rename="camel", gc=False):
    kind: Any = None
    event_id: Any = None


_head = msgspec.json.Decoder(_Head)


def _heads(body: Body, kinds: Sequence[str]) -> list[_Head]:
    """Kind and id of each event; raises ``Invalid`` for the whole import if any is of another kind."""
    heads = []
    for place, raw in enumerate(body.events):
        try:
            head = _head.decode(raw)
        except wire.UNREADABLE:
            raise Invalid(f"event {place} is not a JSON object with a 'kind'") from None
        if head.kind not in kinds:
            raise Invalid(f"event {place} is of kind {head.kind!r}; possible here: {', '.join(kinds)}")
        heads.append(head)
    return heads


def _event_ids(heads: Sequence[_Head], rejected: Mapping[int, Drop]) -> tuple[tuple[int, str], ...]:
    """The ids of usable events; an unusable one leaves its id free for when it is sent again, mended."""
    return tuple(
        (place, head.event_id)
        for place, head in enumerate(heads)
        if head.event_id is not None and place not in rejected
    )


def _batch(request: Request, environment: EnvironmentIdentity, body: Body, *, extended: bool, lines: bool) -> Batch:
    marks = gzip_mark(body)
    if extended:
        marks |= Marks.EXTENSIONS
    if lines:
        marks |= Marks.LINES
    if request.headers.get("x-attribution-time", "").strip().lower() == "creationdate":
        marks |= Marks.BY_CREATION
    agent, wrapper = agent_of(request)
    return Batch(
        environment.id,
        "import",
        body.raw,
        len(body.events),
        payload_id=payload_id_of(request),
        marks=marks,
        agent=agent,
        wrapper=wrapper,
    )


def _is_lines(request: Request, *, extended: bool) -> bool:
    """Whether the body is one object a line; raises ``Invalid`` for a type that is not read here."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == JSON_TYPE:
        return False
    if content_type == LINES_TYPE and extended:
        return True
    hint = f" or, with X-Import-Extensions: 1, {LINES_TYPE}"
    raise Invalid(f"Content-Type '{content_type}' cannot be imported; send {JSON_TYPE}{hint}")


async def _beside(raw: bytes, act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do what a body's size makes slow, beside the event loop if it is large."""
    if len(raw) <= BESIDE_BYTES:
        return act(*arguments, **named)
    return await asyncio.to_thread(act, *arguments, **named)
