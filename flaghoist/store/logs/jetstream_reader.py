"""A stream, read from where the state store says."""

import contextlib
import logging
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import nats
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo

from flaghoist.base.errors import Unavailable
from flaghoist.store.logs import Record

log = logging.getLogger("flaghoist.logs")
T = TypeVar("T")

ANSWER_SECONDS = 5.0
AT_ONCE_MAX = 256
IDLE_SECONDS = 60.0


class Stream(Protocol):
    """What a reader asks of the stream."""

    stream: str

    def call(self, asked: Coroutine[Any, Any, T]) -> T:
        """Have something done in the client's thread; raises ``Unavailable``."""
        ...

    def connected(self) -> JetStreamContext:
        """The way to the streams; raises ``Unavailable``."""
        ...

    async def info(self) -> StreamInfo:
        """What the stream says of itself."""
        ...


class JetStreamReader:
    """A consumer that NATS forgets when nobody reads; what was read is known to the state store, not to NATS."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pulling: JetStreamContext.PullSubscription | None = None
        self._next = 0
        self._delivered = 0
        self.end = 0

    def read(self, offset: int | None, *, limit_bytes: int) -> list[Record]:
        """Records from an offset on, up to what is the end when this is called."""
        try:
            return self._stream.call(self._read(offset, limit_bytes))
        except Unavailable:
            self._pulling = None
            raise

    def close(self) -> None:
        """Let NATS forget it."""
        with contextlib.suppress(Unavailable):
            self._stream.call(self._let_go())

    async def _read(self, offset: int | None, limit_bytes: int) -> list[Record]:
        state = (await self._stream.info()).state
        self.end = state.last_seq + 1
        name = self._stream.stream
        if offset is not None and offset > state.last_seq + 1:
            raise Unavailable(f"{name} ends at {state.last_seq}, before {offset}, up to which it was read")
        if offset is not None and offset < state.first_seq:
            lost = state.first_seq - offset
            log.error("the event log let go of records before they counted stream=%s records=%s", name, lost)
        start = max(offset or 0, state.first_seq)
        if not state.messages or start > state.last_seq:
            return []
        typical = max(state.bytes // state.messages, 1)
        most = max(min(limit_bytes // typical, AT_ONCE_MAX), 1)
        pulling = self._pulling
        if pulling is None or self._next != start:
            pulling = await self._pull_from(start)
        messages = await pulling.fetch(most, timeout=ANSWER_SECONDS)
        for message in messages:
            self._delivered += 1
            if message.metadata.sequence.consumer != self._delivered:
                raise Unavailable("JetStream left out what it had sent before; asking again")
        records = [_record(message) for message in messages]
        self._next = records[-1].offset + 1
        return records

    async def _pull_from(self, start: int) -> JetStreamContext.PullSubscription:
        await self._let_go()
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=start,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=IDLE_SECONDS,
        )
        streams = self._stream.connected()
        self._pulling = await streams.pull_subscribe(">", stream=self._stream.stream, config=config)
        self._delivered = 0
        return self._pulling

    async def _let_go(self) -> None:
        pulling, self._pulling = self._pulling, None
        if pulling is not None:
            with contextlib.suppress(nats.errors.Error):
                await pulling.unsubscribe()


def _record(message: Msg) -> Record:
    told = message.metadata
    at_ms = int(told.timestamp.timestamp() * 1000)
    return Record(told.sequence.stream, at_ms, dict(message.headers or {}), message.data)
