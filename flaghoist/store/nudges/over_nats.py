"""Nudges over NATS: one connection, on an event loop in a thread of its own."""

import asyncio
import contextlib
import logging
import threading

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from flaghoist.store.nudges import WORDS, Hear, Word

log = logging.getLogger("flaghoist.nudges")
SUBJECT = "flaghoist.nudges"
AGAIN_SECONDS = 1.0


class OverNats:
    """The client finds its way back by itself, once it has been connected; until then we try again each second."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._stopping = asyncio.Event()
        self._thread: threading.Thread | None = None

    def start(self, hear: Hear) -> None:
        """Connect in a thread of its own."""
        self._thread = threading.Thread(target=self._run, args=(hear,), name="nudges", daemon=True)
        self._thread.start()

    def send(self, word: Word) -> None:
        """Have a word sent soon."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: we are stopping
            self._loop.call_soon_threadsafe(self._publish_soon, word)

    def close(self) -> None:
        """Disconnect."""
        if self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def _run(self, hear: Hear) -> None:
        try:
            self._loop.run_until_complete(self._listen(hear))
        finally:
            self._loop.close()

    async def _listen(self, hear: Hear) -> None:
        async def heard(message: Msg) -> None:
            for word in WORDS:
                if message.data == word.encode():
                    hear(word)

        async def is_cut_off() -> None:
            if not self._stopping.is_set():
                log.warning("cannot nudge over=NATS reason=the connection is lost")

        async def is_back() -> None:
            log.info("nudging over=NATS")
            for word in WORDS:
                hear(word)

        is_away = False
        while not self._stopping.is_set():
            try:
                self._client = await nats.connect(
                    self._url,
                    no_echo=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=AGAIN_SECONDS,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    reconnected_cb=is_back,
                    disconnected_cb=is_cut_off,
                    error_cb=_quietly,
                )
                await self._client.subscribe(SUBJECT, cb=heard)
                await is_back()
                await self._stopping.wait()
            except Exception as error:  # whatever its client raises: nudges are a hint, and we go on without
                if not is_away:
                    log.warning("cannot nudge over=NATS reason=%s", error)
                is_away = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), AGAIN_SECONDS)
            finally:
                await self._disconnect()

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                await client.close()

    def _publish_soon(self, word: Word) -> None:
        if self._client is not None and self._client.is_connected:
            publishing = self._loop.create_task(self._client.publish(SUBJECT, word.encode()))
            publishing.add_done_callback(_let_be)


async def _quietly(_error: Exception) -> None:
    pass


def _let_be(publishing: "asyncio.Task[None]") -> None:
    if not publishing.cancelled() and (error := publishing.exception()) is not None:
        log.debug("not nudged over=NATS reason=%s", error)
