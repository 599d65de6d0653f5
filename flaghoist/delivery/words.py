"""What is said next on a channel: frames that wait together leave together, as the same bytes for everybody."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

# Frames that are joined: more would be held against readers who have yet to take what came before.
JOINED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Words:
    """Frames as they are, and as one chunk of HTTP/1.1."""

    bare: bytes
    chunk: bytes


class Batch:
    """Frames with consecutive numbers, the last of them ``last``."""

    def __init__(self, frames: Sequence[bytes], last: int) -> None:
        self._frames = frames
        self._last = last
        self._made: dict[int, Words] = {}

    def after(self, heard: int) -> Words | None:
        """What is new to somebody who has heard the frame numbered ``heard`` and all before it; None if nothing is."""
        missing = min(self._last - heard, len(self._frames))
        if missing <= 0:
            return None
        words = self._made.get(missing)
        if words is None:
            words = self._made[missing] = said(self._frames[-missing:])
        return words


class Outgoing:
    """Frames that are yet to be said, each with its number."""

    def __init__(self) -> None:
        self.last = 0
        self._frames: deque[bytes] = deque()

    def __bool__(self) -> bool:
        return bool(self._frames)

    def add(self, frame: bytes) -> None:
        """One more, to be said after all others."""
        self.last += 1
        self._frames.append(frame)

    def take(self) -> Batch:
        """The next of them, at least one."""
        taken = [self._frames.popleft()]
        size = len(taken[0])
        while self._frames and size + len(self._frames[0]) <= JOINED_BYTES:
            taken.append(self._frames.popleft())
            size += len(taken[-1])
        return Batch(taken, self.last - len(self._frames))


def said(frames: Sequence[bytes]) -> Words:
    """Frames in a row; two pings, or two heartbeats, say no more than one."""
    different = [frame for index, frame in enumerate(frames) if index == 0 or frame is not frames[index - 1]]
    bare = different[0] if len(different) == 1 else b"".join(different)
    return Words(bare, b"".join((size_line(bare), bare, b"\r\n")))


def size_line(content: bytes) -> bytes:
    """How a chunk begins (RFC 9112, section 7.1)."""
    return b"%x\r\n" % len(content)
