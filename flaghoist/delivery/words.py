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
    """Frames with consecutive numbers, from the one after ``before`` on; ``whole`` is all of them."""

    def __init__(self, frames: Sequence[bytes], before: int) -> None:
        self.before = before
        self.whole = said(frames)
        self._frames = frames
        self._later: dict[int, Words] = {}

    def after(self, heard: int) -> Words | None:
        """What is new to somebody who has heard the frame numbered ``heard`` and all before it; None if nothing is."""
        if heard <= self.before:
            return self.whole
        missing = self._frames[heard - self.before :]
        if not missing:
            return None
        if heard not in self._later:
            self._later[heard] = said(missing)
        return self._later[heard]


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
        return Batch(taken, self.last - len(self._frames) - len(taken))


def said(frames: Sequence[bytes]) -> Words:
    """Frames in a row; two pings, or two heartbeats, say no more than one."""
    different = [frame for index, frame in enumerate(frames) if index == 0 or frame is not frames[index - 1]]
    bare = different[0] if len(different) == 1 else b"".join(different)
    return Words(bare, b"".join((size_line(bare), bare, b"\r\n")))


def size_line(content: bytes) -> bytes:
    """How a chunk begins (RFC 9112, section 7.1)."""
    return b"%x\r\n" % len(content)
