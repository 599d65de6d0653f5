"""The same bytes to hundreds of sockets in one call to the kernel: io_uring, by nothing but its system calls.

The layout and the numbers are those of Linux's ``include/uapi/linux/io_uring.h``; see io_uring(7), io_uring_setup(2)
and io_uring_enter(2).
"""

import contextlib
import ctypes
import errno
import mmap
import os
import socket
from array import array
from collections.abc import Iterable, Sequence

ENTRIES = 256
"""The most sockets in one call."""

_SETUP, _ENTER = 425, 426  # the numbers of the calls, the same on x86-64 and ARM
_GET_EVENTS = 1
_OP_SEND = 26  # since Linux 5.6
_ONE_MAPPING = 1  # a feature since Linux 5.4
_ENTRIES_OFFSET = 0x10000000

# An entry is 64 bytes: 16 words of 32 bits, of which some pairs are one of 64.
_ENTRY_WORDS, _SOCKET, _LENGTH, _FLAGS = 16, 1, 6, 7
_ENTRY_PAIRS, _ADDRESS, _MARK = 8, 2, 4
# What came of it is 16 bytes: the mark of the entry, then the result and a word that says nothing here.
_OUTCOME_WORDS, _OUTCOME_MARK, _OUTCOME_RESULT = 4, 0, 2

_WORD = 1 << 32

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _Queue(ctypes.Structure):
    """Where something is in the memory that is shared with the kernel."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("head", "tail", "mask", "entries", "a", "b", "c", "d")]
    _fields_ += [("address", ctypes.c_uint64)]


class _Layout(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("entries", "outcomes", "flags", "cpu", "idle", "features")]
    _fields_ += [("reserved", ctypes.c_uint32 * 4), ("asked", _Queue), ("answered", _Queue)]

    @property
    def order(self) -> int:
        """Where it stands in which order the kernel takes the entries."""
        return int(self.asked.c)

    @property
    def first_outcome(self) -> int:
        return int(self.answered.b)


class IoRing:
    """A ring for one thread, which waits until all is sent that can be sent at once; other threads go on meanwhile."""

    def __init__(self) -> None:
        """Raises ``OSError`` where the kernel has no rings, or allows none."""
        layout = _Layout()
        self._ring = _call(_SETUP, ENTRIES, ctypes.byref(layout))
        try:
            if not layout.features & _ONE_MAPPING:
                raise OSError(errno.ENOSYS, "io_uring is too old")
            size = max(layout.order + 4 * layout.entries, layout.first_outcome + 16 * layout.outcomes)
            self._memory = mmap.mmap(self._ring, -(-size // 8) * 8)
            self._entries = mmap.mmap(self._ring, 64 * layout.entries, offset=_ENTRIES_OFFSET)
            self._layout = layout
            self._words = memoryview(self._memory).cast("I")
            self._fill()
            self._try()
        except BaseException:
            self.close()
            raise

    def send(self, sockets: Sequence[int], content: bytes) -> list[int]:
        """Send the same bytes to each of at most ``ENTRIES`` sockets, as far as they take them without waiting.

        Gives for each how many bytes it took, or an error number below zero. Raises ``OSError`` when it is not known
        what was sent, after which the ring is of no use.
        """
        count = len(sockets)
        address = ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p).value or 0
        self._sockets[:count] = array("i", sockets)
        self._addresses[:count] = array("Q", [address]) * count
        self._lengths[:count] = array("I", [len(content)]) * count
        asked = self._ask(count)
        taken = [-errno.EAGAIN] * count
        for mark, result in self._outcomes(asked):
            taken[mark] = result
        return taken

    def close(self) -> None:
        """Let go of the ring."""
        os.close(self._ring)  # the memory goes with the last of its views

    def _fill(self) -> None:
        """Say what is the same of every send, and have the rest at hand."""
        count = self._layout.entries
        words, pairs = memoryview(self._entries).cast("I"), memoryview(self._entries).cast("Q")
        words[::_ENTRY_WORDS] = array("I", [_OP_SEND]) * count
        words[_FLAGS::_ENTRY_WORDS] = array("I", [socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL]) * count
        pairs[_MARK::_ENTRY_PAIRS] = array("Q", range(count))
        self._sockets = memoryview(self._entries).cast("i")[_SOCKET::_ENTRY_WORDS]
        self._addresses = pairs[_ADDRESS::_ENTRY_PAIRS]
        self._lengths = words[_LENGTH::_ENTRY_WORDS]
        outcomes = slice(self._layout.first_outcome // 4, self._layout.first_outcome // 4 + 4 * self._layout.outcomes)
        self._marks = self._words[outcomes][_OUTCOME_MARK::_OUTCOME_WORDS]
        self._results = memoryview(self._memory).cast("i")[outcomes][_OUTCOME_RESULT::_OUTCOME_WORDS]
        self._in_turn = array("I", range(count)) * 2

    def _try(self) -> None:
        """Kernels that have rings but cannot send say so of each entry."""
        here, there = socket.socketpair()
        with here, there:
            (taken,) = self.send([here.fileno()], b"?")
        if taken != 1:
            raise OSError(max(-taken, 0), "io_uring does not send")

    def _ask(self, count: int) -> int:
        """Have the kernel take the first entries, in order; gives how many it took, each of which has an outcome."""
        layout, words = self._layout, self._words
        began, entries = words[layout.asked.tail // 4], layout.entries
        first = began % entries
        order = layout.order // 4
        words[order : order + entries] = self._in_turn[entries - first : 2 * entries - first]
        words[layout.asked.tail // 4] = (began + count) % _WORD
        asked = 0
        while asked < count:
            try:
                asked += _call(_ENTER, self._ring, count - asked, 0, 0, None, 0)
            except InterruptedError:
                continue
            except OSError:
                # Short of memory: it looks at what is left in no other call, so that this can be taken back.
                words[layout.asked.tail // 4] = (began + asked) % _WORD
                break
        return asked

    def _outcomes(self, count: int) -> Iterable[tuple[int, int]]:
        """What came of so many entries, each by its number; they do not wait, and so are done when they were taken."""
        answered, words = self._layout.answered, self._words
        head = words[answered.head // 4]
        while (done := (words[answered.tail // 4] - head) % _WORD) < count:
            with contextlib.suppress(InterruptedError):
                _call(_ENTER, self._ring, 0, count - done, _GET_EVENTS, None, 0)
        words[answered.head // 4] = (head + count) % _WORD
        first, entries = head % self._layout.outcomes, self._layout.outcomes
        here, again = slice(first, first + count), slice(max(first + count - entries, 0))
        marks = self._marks[here].tolist() + self._marks[again].tolist()
        return zip(marks, self._results[here].tolist() + self._results[again].tolist(), strict=True)


def _call(number: int, *given: object) -> int:
    """A system call; raises ``OSError``."""
    result: int = _libc.syscall(number, *given)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
