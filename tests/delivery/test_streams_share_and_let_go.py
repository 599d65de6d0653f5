"""Everybody who listens hears the same, in order; who does not is let go; and everybody is sent home in the end."""

import asyncio
import contextlib
import socket
import time

import pytest

from flaghoist.delivery import sockets, streams


def test_every_listener_hears_all_changes_in_order(make_world, make_flag, listen):
    world = make_world(flags=[make_flag("counted")])
    sdk_key = {"headers": {"Authorization": world.sdk_key}}

    async def follow():
        async with listen("GET", f"{world.url}/all", **sdk_key) as stream:
            name, data = await stream.next()
            assert (name, data["path"], data["data"].keys()) == ("put", "/", {"flags", "segments"})
            versions = [data["data"]["flags"]["counted"]["version"]]
            while versions[-1] < last:
                name, data = await stream.next()
                assert (name, data["path"]) == ("patch", "/flags/counted")
                versions.append(data["data"]["version"])
            return versions

    first, last = world.source.seq, world.source.seq + 30

    async def story():
        followers = []
        for _ in range(30):
            followers += [asyncio.create_task(follow()) for _ in range(2)]
            await asyncio.sleep(0)
            world.change("flags", make_flag("counted", variations=[True, world.source.seq]))
        return await asyncio.gather(*followers)

    for versions in asyncio.run(story()):
        assert versions == list(range(versions[0], last + 1))
        assert versions[0] >= first


def test_oldest_sdks_follow_flags_without_segments(make_world, make_flag, make_segment, listen):
    world = make_world(flags=[make_flag("checkout")], segments=[make_segment("testers")])

    async def story():
        async with listen("GET", f"{world.url}/flags", headers={"Authorization": world.sdk_key}) as stream:
            name, data = await stream.next()
            assert (name, data.keys()) == ("put", {"checkout"})
            world.change("segments", make_segment("testers", included=["ann"]))
            world.change("flags", make_flag("checkout", on=False))
            name, data = await stream.next()
            assert (name, data["path"], data["data"]["on"]) == ("patch", "/checkout", False)
            world.delete("flags", "checkout")
            assert await stream.next() == ("delete", {"path": "/checkout", "version": world.source.seq})

    asyncio.run(story())


def test_idle_stream_shows_that_it_is_alive(make_world, listen):
    world = make_world(heartbeat_seconds=0.05)

    async def story():
        async with listen("GET", f"{world.url}/all", headers={"Authorization": world.sdk_key}) as stream:
            assert await stream.next() == ("put", {"path": "/", "data": {"flags": {}, "segments": {}}})
            assert [await stream.next() for _ in range(3)] == [("comment", "")] * 3

    asyncio.run(story())


def test_stuck_reader_is_cut_off_and_holds_up_nobody(make_world, make_flag, listen, until):
    world = make_world(flags=[make_flag("large")])
    sent_bytes = 0

    async def story():
        nonlocal sent_bytes
        async with listen("GET", f"{world.url}/all", headers={"Authorization": world.sdk_key}) as reader:
            await reader.next()
            # More than the backlog and what the kernel's buffers may hold (up to 6 MB on either side).
            while sent_bytes < sockets.BACKLOG_BYTES + 16 * 2**20:
                text = f"{sent_bytes}" * 40_000
                world.change("flags", make_flag("large", variations=[text, ""]))
                _, data = await reader.next()
                assert data["data"]["variations"][0] == text
                sent_bytes += len(text)

    received = bytearray()
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", world.port))
        stuck.sendall(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {world.sdk_key}\r\n\r\n".encode())
        assert b"200 OK" in stuck.recv(100)
        asyncio.run(story())
        until(lambda: not world.hub.open_streams)
        stuck.settimeout(2)
        with contextlib.suppress(ConnectionResetError):
            while chunk := stuck.recv(2**20):
                received += chunk
    assert len(received) < sent_bytes
    # Cut off where it stood, rather than brought to an end once it read again.
    assert not received.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("streams_open", [1, 250])
def test_stop_closes_all_streams_cleanly_and_not_all_at_once(make_world, make_flag, listen, streams_open):
    world = make_world(flags=[make_flag("checkout")])
    sdk_key = {"headers": {"Authorization": world.sdk_key}}
    ended_at = []

    async def follow(ready):
        async with listen("GET", f"{world.url}/all", **sdk_key) as stream:
            await stream.next()
            ready.release()
            # A chunked body that is cut short would raise.
            assert await stream.next() == ("end", None)
            ended_at.append(time.monotonic())

    async def story():
        ready = asyncio.Semaphore(0)
        followers = [asyncio.create_task(follow(ready)) for _ in range(streams_open)]
        for _ in followers:
            await ready.acquire()
        stopping = asyncio.create_task(asyncio.to_thread(world.stop, 2.0))
        await asyncio.gather(*followers)
        await stopping

    asyncio.run(story())
    lasted = max(ended_at) - min(ended_at)
    assert lasted < 2.0
    assert streams_open == 1 or lasted > streams.STEP_SECONDS


def test_listeners_who_leave_are_forgotten(make_world, make_flag, listen, until):
    world = make_world(flags=[make_flag("checkout")])

    async def story():
        for _ in range(5):
            async with listen("GET", f"{world.url}/all", headers={"Authorization": world.sdk_key}) as stream:
                await stream.next()

    asyncio.run(story())
    until(lambda: not world.hub.open_streams)
