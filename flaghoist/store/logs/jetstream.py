"""A stream of NATS JetStream as the log of events."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, Header, StreamInfo
from nats.js.errors import NotFoundError

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Accepted, Duplicate, Outcome
from flaghoist.store.logs import Record, letters
from flaghoist.store.logs.address import Address
from flaghoist.store.logs.elsewhere import Elsewhere
from flaghoist.store.position import Positions

log = logging.getLogger("flaghoist.logs")
T = TypeVar("T")

ANSWER_SECONDS = 5.0
SAFE_WITHIN_SECONDS = 8.0
"""Senders wait about ten seconds for an answer."""

AGAIN_SECONDS = 1.0
WAITING_BYTES_MAX = 64 * MEBIBYTE
AT_ONCE_MAX = 256
IDLE_SECONDS = 60.0
KEPT_SECONDS = 7 * 86_400.0
"""For so long a stream that is made here keeps what it has."""


class JetStream(Elsewhere):
    """A batch is one message; the client is asynchronous, so it has an event loop in a thread of its own.

    The stream itself leaves out what comes twice within its window of duplicates, and says so.
    """

    def __init__(self, address: Address) -> None:
        """``nats://host:port,host:port/stream?credentials=file``; the stream takes in subjects ``stream.*``."""
        super().__init__("JetStream")
        self.stream = address.name
        if unknown := sorted(set(address.options) - {"credentials"}):
            raise ValueError(f"event_log_url over NATS knows no option '{unknown[0]}'")
        self._servers = [f"nats://{host}" for host in address.hosts.split(",")]
        self._credentials = address.options.get("credentials")
        self._positions = Positions()
        self._client: Client | None = None
        self._waiting_bytes = 0
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="jetstream", daemon=True)
        self._thread.start()

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Publish a batch; whether others have had it longer ago is found out as it is moved on."""
        return self._soon(self._publish(batch))

    def partitions(self) -> Sequence[str]:
        """One, by the stream's name and the moment it was made; makes the stream if there is none."""
        return self.call(self._partitions())

    def reader(self, partition: str) -> "JetStreamReader":
        """Read it."""
        return JetStreamReader(self)

    def call(self, asked: Coroutine[Any, Any, T]) -> T:
        """Have something done in the client's thread; raises ``Unavailable`` where NATS does not do it."""
        try:
            return self._soon(asked).result(2 * ANSWER_SECONDS)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Unavailable(f"JetStream cannot be asked: {error or type(error).__name__}") from error

    def connected(self) -> JetStreamContext:
        """The way to the streams; raises ``Unavailable`` while there is none."""
        if self._client is None or not self._client.is_connected:
            raise Unavailable("there is no connection to NATS at the moment; try again")
        return self._client.jetstream(timeout=ANSWER_SECONDS)

    def close(self) -> None:
        """Give what is on its way the time it has."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    async def info(self) -> StreamInfo:
        """What the stream says of itself."""
        return await self.connected().stream_info(self.stream)

    def _soon(self, asked: Coroutine[Any, Any, T]) -> "Future[T]":
        if not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                return asyncio.run_coroutine_threadsafe(asked, self._loop)
        asked.close()
        refused: Future[T] = Future()
        refused.set_exception(Unavailable("the event log is closed; try again"))
        return refused

    async def _publish(self, batch: Batch) -> Outcome:
        if self._waiting_bytes > WAITING_BYTES_MAX:
            raise Unavailable("too many events wait for the event log; try again")
        headers = letters.headers(batch)
        if batch.payload_id:
            headers[Header.MSG_ID] = letters.payload_of(batch)
        self._waiting_bytes += len(batch.body)
        try:
            subject = f"{self.stream}.{batch.environment_id}"
            taken = await self.connected().publish(
                subject, batch.body, timeout=SAFE_WITHIN_SECONDS, stream=self.stream, headers=headers
            )
        except (nats.errors.Error, OSError, TimeoutError, Unavailable) as error:
            self.complaints.about(error or type(error).__name__)
            raise Unavailable("events cannot be handed to the event log at the moment; try again") from error
        finally:
            self._waiting_bytes -= len(batch.body)
        self.complaints.over()
        if taken.duplicate:
            return Duplicate()
        return Accepted(self._positions.next(clock.now_ms(), batch.events), frozenset())

    async def _partitions(self) -> Sequence[str]:
        try:
            info = await self.info()
        except NotFoundError:
            subjects = [f"{self.stream}.*"]
            info = await self.connected().add_stream(name=self.stream, subjects=subjects, max_age=KEPT_SECONDS)
            log.info("made a stream name=%s", self.stream)
        made_at = int(info.created.timestamp() * 1000) if info.created else 0
        return [f"nats:{self.stream}-{made_at}:0"]

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._stay_connected())
        finally:
            self._loop.close()

    async def _stay_connected(self) -> None:
        while not self._stopping.is_set():
            try:
                self._client = await nats.connect(
                    self._servers,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=AGAIN_SECONDS,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    user_credentials=self._credentials,
                    error_cb=_quietly,
                )
                await self._stopping.wait()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                self.complaints.about(error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), AGAIN_SECONDS)
        await self._finish()

    async def _finish(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if self._waiting_bytes:
            await asyncio.wait(others, timeout=SAFE_WITHIN_SECONDS)
        if self._client is not None:
            with contextlib.suppress(Exception):
                await self._client.close()


class JetStreamReader:
    """A consumer that NATS forgets when nobody reads; what was read is known to the state store, not to NATS."""

    def __init__(self, stream: JetStream) -> None:
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


async def _quietly(_error: Exception) -> None:
    """The client tells of each attempt to connect again; senders are told instead."""
