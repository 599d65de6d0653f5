"""The same words said to many listeners: in one call to the kernel where it has one, else to one after the other."""

import functools
import logging
from collections.abc import Sequence

from flaghoist.base.io_ring import ENTRIES, IoRing
from flaghoist.delivery.sockets import Listener, SocketListener
from flaghoist.delivery.words import Batch, Words

log = logging.getLogger("flaghoist.delivery")

# So many are told before anybody else has a turn, in one call where they can be.
SLICE = ENTRIES
# A call for many pays from so many on, and matters only where words are short.
MANY = 16
SHORT_BYTES = 16 * 1024


class Teller:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._ring: IoRing | None = None
        try:
            self._ring = IoRing()
        except OSError as error:
            _say_without(str(error))

    def tell(self, listeners: Sequence[Listener], batch: Batch) -> None:
        """Say to each of at most ``SLICE`` what of a batch it has not heard."""
        if self._ring is None or len(listeners) < MANY or len(batch.whole.chunk) > SHORT_BYTES:
            _offer(listeners, batch)
            return
        others: list[Listener] = []
        ready: list[SocketListener] = []
        before = batch.before
        for listener in listeners:
            if isinstance(listener, SocketListener) and listener.takes_chunks and listener.has_heard <= before:
                ready.append(listener)
            else:
                others.append(listener)
        _offer(others, batch)
        self._hand_out(self._ring, ready, batch.whole)

    def close(self) -> None:
        """From now on one after the other."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def _hand_out(self, ring: IoRing, listeners: Sequence[SocketListener], words: Words) -> None:
        try:
            taken = ring.send([listener.socket for listener in listeners], words.chunk)
        except OSError:
            self.close()
            log.exception("dropped streams that may have been told or not streams=%s", len(listeners))
            for listener in listeners:
                listener.drop()
            return
        for listener, size in zip(listeners, taken, strict=True):
            if size != len(words.chunk):
                listener.go_on(words, max(size, 0))


def _offer(listeners: Sequence[Listener], batch: Batch) -> None:
    whole, before = batch.whole, batch.before
    for listener in listeners:
        words = whole if listener.has_heard <= before else batch.after(listener.has_heard)
        if words is None:
            continue
        try:
            listener.offer(words)
        except Exception:  # whatever is wrong with one of them, the others are to hear it
            log.exception("dropped a stream")
            listener.drop()


@functools.cache
def _say_without(reason: str) -> None:
    log.info("listeners are told one after the other, the kernel gives no ring reason=%r", reason)
