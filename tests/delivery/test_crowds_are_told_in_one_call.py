"""What many hear in one call to the kernel is what each of them would have heard alone."""

import contextlib
import os
from pathlib import Path

import pytest
from plain_readers import connect, read_until

from flaghoist.base import io_ring
from flaghoist.delivery import sockets
from flaghoist.delivery.sockets import SocketListener

CROWD = 20


@pytest.fixture
def crowd(make_world, make_flag):
    """A world, and readers who have heard what it opens with."""
    world = make_world(flags=[make_flag("checkout")])
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(connect(world)) for _ in range(CROWD)]
        for reader in readers:
            read_until(reader, b"}\n\n\r\n")
        yield world, readers


def all_hear(world, readers, make_flag):
    text = f"change {world.source.seq}"
    world.change("flags", make_flag("checkout", variations=[text, ""]))
    return all(text.encode() in read_until(reader, b"}\n\n\r\n") for reader in readers)


def test_one_in_the_crowd_who_reads_late_gets_everything_in_order(crowd, make_flag, monkeypatch):
    world, readers = crowd
    fell_behind = []
    goes_on = SocketListener.go_on
    monkeypatch.setattr(
        SocketListener, "go_on", lambda self, words, taken: (fell_behind.append(taken), goes_on(self, words, taken))
    )
    changes, size = 250, 15_000  # together more than the kernel holds
    monkeypatch.setattr(sockets, "BACKLOG_BYTES", 2 * changes * size)
    in_time = received = b""
    with connect(world, buffer_bytes=4_096) as late:
        read_until(late, b"}\n\n\r\n")
        for number in range(changes):
            world.change("flags", make_flag("checkout", variations=[f"{number:06}" * (size // 6), ""]))
            first, *_ = [read_until(reader, b"}\n\n\r\n") for reader in readers]
            in_time += first
            if number > changes / 2:
                received += late.recv(size)  # so that there is room again now and then, while something waits
        assert [taken for taken in fell_behind if taken], "its socket took everything, and nothing is shown"
        while len(received) < len(in_time):
            received += late.recv(2**20)
    assert in_time.count(b"event: patch\n") == changes
    assert received == in_time
    assert all_hear(world, readers, make_flag)


def test_those_who_leave_in_the_middle_disturb_nobody(crowd, make_flag, until):
    world, readers = crowd
    for leaver in readers[::2]:
        leaver.close()
        assert all_hear(world, readers[1::2], make_flag)
    until(lambda: world.hub.open_streams == CROWD // 2)


def test_should_the_ring_break_everybody_is_told_all_the_same(crowd, make_flag):
    world, readers = crowd
    assert all_hear(world, readers, make_flag)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), world.hub._teller._ring._ring)
    for _ in range(3):
        assert all_hear(world, readers, make_flag)


def test_where_the_kernel_gives_no_ring_everybody_is_told_one_after_the_other(make_world, make_flag, monkeypatch):
    monkeypatch.setattr(io_ring, "_SETUP", 9_999)
    world = make_world(flags=[make_flag("checkout")])
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(connect(world)) for _ in range(CROWD)]
        for reader in readers:
            read_until(reader, b"}\n\n\r\n")
        assert world.hub._teller._ring is None
        assert all_hear(world, readers, make_flag)
