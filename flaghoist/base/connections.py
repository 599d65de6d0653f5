"""What a connection must keep to before there is a request: how much it may say of it, and how long it may take."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from flaghoist.base import json
from flaghoist.base.errors import HeadTooLarge, Invalid, Refusal, TooSlow

HEAD_BYTES_MAX = 128 * 1024  # contexts and events of browsers may come in the address
HEADERS_MAX = 200
HEAD_SECONDS = 10.0
LINGER_SECONDS = 5.0
"""How long a client may go on with a body that was answered before it was whole."""
UNREAD_SECONDS = 30.0
"""How long a client may read nothing of an answer that waits for it."""
_TOLD = ((b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff"), (b"connection", b"close"))


# uvicorn warns of each request that is none: strangers could fill the disk with that.
_log = logging.getLogger("flaghoist.http.connections")
_log.setLevel(logging.ERROR)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which waits for ever and takes any amount before a request is known: this one does not."""

    _is_in_head = True
    _head_bytes = 0
    _refusal: Refusal | None = None
    _patience: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = _log

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected: a request must begin soon."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._wait(None)
        if self._reading is not None:
            self._reading.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes more, of a head or of a body."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._is_in_head:
            self._bound_what_is_beside_the_body()
        elif self._head_bytes > HEAD_BYTES_MAX:
            self._refuse(HeadTooLarge(f"the head of the request has more than {HEAD_BYTES_MAX} bytes"))
        elif self._patience is None:
            self._wait(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole; what is wrong with it is told in ``send_400_response``."""
        self._is_in_head, self._head_bytes = False, 0
        self._wait(None)
        if len(self.headers) > HEADERS_MAX:
            self._refusal = HeadTooLarge(f"the request has {len(self.headers)} headers, more than {HEADERS_MAX}")
            raise self._refusal
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body itself."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._head_bytes = 0
        self._wait(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is on its way; who is still sending what was asked has little time to end."""
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing():
            self._wait(LINGER_SECONDS)
        if (unread := self.transport.get_write_buffer_size()) and self._reading is None:
            self._reading = self.loop.call_later(UNREAD_SECONDS, self._look_at_reader, unread)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, in the API's shape."""
        self._refuse(self._refusal or Invalid(msg))

    def _bound_what_is_beside_the_body(self) -> None:
        """Extensions of chunks, and headers behind the last one: nobody sends such, and they would be kept."""
        if self._head_bytes > HEAD_BYTES_MAX or len(self.headers) > HEADERS_MAX:
            self.transport.abort()

    def _wait(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._patience = None
        if self.transport.is_closing():
            return
        if self._is_in_head and self._head_bytes and not self._is_answering():
            self._refuse(TooSlow(f"the head of the request was not whole after {HEAD_SECONDS:.0f} seconds"))
        else:
            self.transport.close()

    def _look_at_reader(self, before: int) -> None:
        """Cut off who has read nothing meanwhile: an answer that nobody takes would stay in memory for ever."""
        unread = self.transport.get_write_buffer_size()
        self._reading = None
        if unread >= before:
            self.transport.abort()
        elif unread:
            self._reading = self.loop.call_later(UNREAD_SECONDS, self._look_at_reader, unread)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, refusal: Refusal) -> None:
        self._wait(None)
        body = json.encode(refusal.body())
        lines = [*self.server_state.default_headers, *_TOLD, (b"content-length", str(len(body)).encode())]
        head = b"".join([b"%s: %s\r\n" % header for header in lines])
        phrase = HTTPStatus(refusal.status).phrase.encode()
        self.transport.write(b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (refusal.status, phrase, head, body))
        self.transport.close()
