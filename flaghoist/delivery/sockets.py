"""A stream that has its socket for itself: written to by the channel, without a task and without waiting."""

import asyncio
import sys
from collections.abc import Callable
from typing import Protocol

from flaghoist.base.http import Taker
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.delivery.source import CredentialKind
from flaghoist.delivery.words import Words, size_line

# What may wait for a reader beside the state it opened with; whoever is further behind is dropped.
BACKLOG_BYTES = MEBIBYTE
LAST_CHUNK = b"0\r\n\r\n"
# As the number of the last frame heard: there is nothing more to tell.
EVERYTHING = sys.maxsize
NO_SOCKET = -1

Holder = tuple[CredentialKind, str]
Opening = Callable[[], bytes]


class Listener(Protocol):
    """One open stream, as a channel sees it; ``has_heard`` is the number of the last frame it need not be told."""

    holder: Holder
    has_heard: int

    def offer(self, words: Words) -> None:
        """Say something, or drop the reader if it is too far behind; SDKs then come back and catch up."""

    def end(self) -> None:
        """Close the stream once all that was said has left."""

    def drop(self) -> None:
        """Close the stream now, whatever is still on its way."""


class Gathering(Protocol):
    """Where listeners join and leave."""

    def join(self, listener: Listener) -> bool:
        """Begin to listen; false where there is nothing more to hear."""
        ...

    def leave(self, listener: Listener) -> None:
        """Listen no more."""

    def give_up(self, listener: Listener) -> None:
        """Drop a listener who is too far behind."""


class SocketListener(Taker):
    """Writes are the transport's to hold, as references to bytes that everybody shares.

    ``socket`` is the number of the socket, if it is one that takes chunks as they are. As long as it ``takes_chunks``,
    nothing waits for the reader, and they may be written there past the transport; ``go_on`` is to be told of what the
    socket did not take. A number is given to another connection only after ``connection_lost``.
    """

    __slots__ = (
        "_gathering",
        "_is_behind",
        "_is_chunked",
        "_last",
        "_opening",
        "_room",
        "_transport",
        "_write",
        "has_heard",
        "holder",
        "socket",
    )

    def __init__(self, gathering: Gathering, holder: Holder, opening: Opening) -> None:
        self.holder = holder
        self.has_heard = 0
        self.socket = NO_SOCKET
        self._gathering = gathering
        self._opening: Opening | None = opening
        self._is_behind = False
        self._last = b""
        self._room = BACKLOG_BYTES

    @property
    def takes_chunks(self) -> bool:
        """Whether chunks may be written to the socket now."""
        return self.socket != NO_SOCKET and not self._is_behind

    def begin(self, transport: asyncio.Transport, head: bytes, *, chunked: bool) -> None:
        """Say what the stream opens with, and listen from that moment on."""
        self._transport, self._write, self._is_chunked = transport, transport.write, chunked
        # Written at once rather than at the end of the round, and said of whatever the socket does not take.
        transport.set_write_buffer_limits(high=0)
        if chunked and transport.get_extra_info("sslcontext") is None:
            self.socket = transport.get_extra_info("socket").fileno()
        opening, self._opening = self._opening, None
        if opening is None or not self._gathering.join(self):
            self._write(head)
            self.end()
            return
        # Nothing is awaited between joining and opening, so nothing can be missed in between.
        content = opening()
        self._room += len(content)
        transport.writelines((head, size_line(content), content, b"\r\n") if chunked else (head, content))

    def connection_lost(self, _reason: Exception | None) -> None:
        """The socket is gone, whoever has closed it."""
        self._leave()

    def pause_writing(self) -> None:
        """The socket takes no more for now."""
        self._is_behind = True

    def resume_writing(self) -> None:
        """All that was said has left."""
        self._is_behind = False

    def offer(self, words: Words) -> None:
        """Hand words to the socket, or what it does not take to the transport."""
        if self._is_behind and not self._has_room(words):
            return
        self._write(words.chunk if self._is_chunked else words.bare)

    def go_on(self, words: Words, taken: int) -> None:
        """Hand the transport what the socket did not take of words."""
        self._write(words.chunk[taken:])

    def end(self) -> None:
        """Say that this is all; the socket closes when it has left."""
        if self._transport.is_closing():
            return
        self._hear_no_more()
        if self._is_chunked:
            self._write(LAST_CHUNK)
        self._transport.close()

    def drop(self) -> None:
        """Close the socket now, with what has not left."""
        self._leave()
        self._transport.abort()

    def _has_room(self, words: Words) -> bool:
        """Whether more may wait for this reader; if it is too far behind, it is dropped."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and words.bare is self._last:
            return False  # the same ping is on its way already
        self._last = words.bare
        if waiting and waiting + len(words.bare) > self._room:
            self._gathering.give_up(self)
            return False
        return True

    def _leave(self) -> None:
        self._hear_no_more()
        self._gathering.leave(self)

    def _hear_no_more(self) -> None:
        self.has_heard = EVERYTHING
        self.socket = NO_SOCKET
