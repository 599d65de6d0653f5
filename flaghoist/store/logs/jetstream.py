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
from nats.js import JetStreamContext
from nats.js.api import Header, StreamInfo
from nats.js.errors import NotFoundError

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Accepted, Duplicate, Outcome
from flaghoist.store.logs import letters
from flaghoist.store.logs.address import Address
from flaghoist.store.logs.elsewhere import Elsewhere
from flaghoist.store.logs.jetstream_access import access
from flaghoist.store.logs.jetstream_reader import ANSWER_SECONDS, JetStreamReader
from flaghoist.store.logs.jetstream_terms import terms_of
from flaghoist.store.logs.terms import Extent, Terms
from flaghoist.store.position import Positions

log = logging.getLogger("flaghoist.logs")
T = TypeVar("T")

SAFE_WITHIN_SECONDS = 8.0
"""Senders wait about ten seconds for an answer."""

AGAIN_SECONDS = 1
WAITING_BYTES_MAX = 64 * MEBIBYTE
KEPT_SECONDS = 7 * 86_400.0
"""For so long a stream that is made here keeps what it has."""


class Missing(Unavailable):
    """There is no such stream."""


class JetStream(Elsewhere):
    """A batch is one message; the client is asynchronous, so it has an event loop in a thread of its own.

    The stream itself leaves out what comes twice within its window of duplicates, and says so.
    """

    def __init__(self, address: Address) -> None:
        """``nats://host:port,host:port/stream?option=value``; the stream takes in subjects ``stream.*``."""
        super().__init__("JetStream")
        self.stream = address.name
        self._access = access(address)
        self._positions = Positions()
        self._client = Client()
        self._trouble = "it has just been asked for"
        self._has_said_why = False
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

    @property
    def title(self) -> str:
        """The stream."""
        return f"the stream '{self.stream}' of JetStream"

    def extents(self) -> dict[str, Extent]:
        """Its one partition."""
        try:
            info = self.call(self.info())
        except Missing:
            return {}
        return {_named(info): Extent(max(info.state.first_seq, 1), info.state.last_seq + 1)}

    def terms(self) -> Terms:
        """What is set for the stream, and how much the server takes at once."""
        return terms_of(self.call(self.info()).config, most_bytes=self._client.max_payload)

    def call(self, asked: Coroutine[Any, Any, T]) -> T:
        """Have something done in the client's thread; raises ``Unavailable`` where NATS does not do it."""
        try:
            return self._soon(asked).result(2 * ANSWER_SECONDS)
        except NotFoundError as error:
            raise Missing(f"JetStream has no stream '{self.stream}'") from error
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise Unavailable(f"JetStream cannot be asked: {error or type(error).__name__}") from error

    def connected(self) -> JetStreamContext:
        """The way to the streams; raises ``Unavailable`` while there is none."""
        if not self._client.is_connected:
            raise Unavailable(f"there is no connection to NATS at the moment; try again ({self._trouble})")
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
        return [_named(info)]

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._stay_connected())
        finally:
            self._loop.close()

    async def _stay_connected(self) -> None:
        connecting = asyncio.create_task(self._connect())
        await self._stopping.wait()
        connecting.cancel()
        await self._finish()

    async def _connect(self) -> None:
        """The client itself connects again whenever that is lost; what it cannot overcome is tried anew."""
        while True:
            self._client = Client()
            try:
                await self._client.connect(
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=AGAIN_SECONDS,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._hear_of_trouble,
                    **self._access,
                )
                self._has_said_why = False
                return
            except (nats.errors.Error, OSError, TimeoutError) as error:
                self.complaints.about(error)
                await self._hear_of_trouble(error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _hear_of_trouble(self, error: Exception) -> None:
        """The client tells of each attempt; so do we when somebody asks, and do not fill the log with it."""
        if isinstance(error, BrokenPipeError):
            return  # the end of what was told before
        if isinstance(error, ConnectionResetError) and self._has_said_why:
            return  # it hangs up on those it refuses, often before they have read why
        self._trouble = str(error) or type(error).__name__
        self._has_said_why = isinstance(error, nats.errors.Error)

    async def _finish(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if self._waiting_bytes:
            await asyncio.wait(others, timeout=SAFE_WITHIN_SECONDS)
        with contextlib.suppress(Exception):
            await self._client.close()


def _named(info: StreamInfo) -> str:
    made_at = int(info.created.timestamp() * 1000) if info.created else 0
    return f"nats:{info.config.name}-{made_at}:0"
