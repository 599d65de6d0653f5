"""One call to the kernel is as good as a ``send()`` for each socket."""

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaghoist.base import io_ring
from flaghoist.base.io_ring import ENTRIES, IoRing

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def ring() -> Iterator[IoRing]:
    ring = IoRing()
    yield ring
    ring.close()


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    with contextlib.ExitStack() as open_ones:
        found = [socket.socketpair() for _ in range(ENTRIES)]
        for pair in found:
            for end in pair:
                end.settimeout(5)
                open_ones.enter_context(end)
        yield found


def test_everybody_gets_the_same_however_many_there_are_and_however_often(ring: IoRing, pairs: list[Pair]) -> None:
    for count in (1, ENTRIES, 3, 100, ENTRIES - 1, 0, 77, ENTRIES, 200, 2):
        content = os.urandom(500)
        assert ring.send([here.fileno() for here, _ in pairs[:count]], content) == [500] * count
        assert all(there.recv(1_000) == content for _, there in pairs[:count])


def test_what_a_socket_does_not_take_is_said_of_that_one(ring: IoRing, pairs: list[Pair]) -> None:
    content = os.urandom(4 * 2**20)
    full, left, fine = (here.fileno() for here, _ in pairs[:3])
    pairs[1][1].close()
    closed = os.dup(full)
    os.close(closed)
    taken = ring.send([full, left, closed], content)
    assert 0 < taken[0] < len(content)
    assert taken[1:] == [-errno.EPIPE, -errno.EBADF]
    assert ring.send([full, fine, left], b"more") == [-errno.EAGAIN, 4, -errno.EPIPE]
    received = b""
    while len(received) < taken[0]:
        received += pairs[0][1].recv(2**20)
    assert received == content[: taken[0]]


def test_a_ring_that_is_gone_takes_nothing_and_leaves_nothing_behind(ring: IoRing, pairs: list[Pair]) -> None:
    sockets = [here.fileno() for here, _ in pairs[:20]]
    kept = os.dup(ring._ring)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), ring._ring)
    assert ring.send(sockets, b"lost") == [-errno.EAGAIN] * 20
    os.dup2(kept, ring._ring)
    os.close(kept)
    assert ring.send(sockets, b"heard") == [5] * 20
    assert {there.recv(100) for _, there in pairs[:20]} == {b"heard"}


def test_a_kernel_without_rings_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io_ring, "_SETUP", 9_999)
    with pytest.raises(OSError, match="not implemented"):
        IoRing()


def test_a_kernel_whose_rings_cannot_send_says_so_and_keeps_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io_ring, "_OP_SEND", 200)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="does not send"):
        IoRing()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
