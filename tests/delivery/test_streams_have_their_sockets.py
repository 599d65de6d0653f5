"""Streams that write to their sockets themselves say the same, over every way of serving, as those that do not."""

import asyncio
import contextlib
import logging
import re
import socket
import ssl
import time

import ldclient
import pytest
from certificates import certificate
from plain_readers import connect, read_to_end, read_until, trusted

from flaghoist.base import takeover
from flaghoist.delivery import sockets, words

WAYS = {
    "our connection on uvloop": {},
    "httptools on uvloop": {"http": "httptools"},
    "h11 on asyncio": {"http": "h11", "loop": "asyncio"},
    "TLS on uvloop": {"certificate": True},
    "TLS on asyncio": {"certificate": True, "http": "h11", "loop": "asyncio"},
}
# Any other ASGI server; it alone decides what to do about what its readers send, and waits for those that are stuck.
KEPT = {"a server that keeps its sockets": {"keeps_sockets": True}}


@pytest.fixture(scope="module")
def localhost(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=WAYS)
def own(request, localhost):
    """The ways in which streams have their sockets for themselves."""
    server = WAYS[request.param]
    return {**server, "certificate": localhost} if "certificate" in server else server


@pytest.fixture(params=[*WAYS, *KEPT])
def way(request, localhost):
    """Every way."""
    server = {**WAYS, **KEPT}[request.param]
    return {**server, "certificate": localhost} if "certificate" in server else server


def asked(world, **different):
    return {"headers": {"Authorization": world.sdk_key}, "ssl": _context(world), **different}


def _context(world):
    return trusted(world.over.certificate) if world.over.certificate else None


def test_hundreds_hear_every_change_once_and_in_order(make_world, make_flag, listen, way):
    world = make_world(flags=[make_flag("counted")], **way)
    streams, changes = (300, 40) if world.over.scheme == "http" else (60, 20)

    async def follow():
        async with listen("GET", f"{world.url}/all", **asked(world)) as stream:
            _, data = await stream.next()
            versions = [data["data"]["flags"]["counted"]["version"]]
            while versions[-1] < last:
                _, data = await stream.next()
                versions.append(data["data"]["version"])
            return versions

    first, last = world.source.seq, world.source.seq + changes

    async def story():
        followers = []
        for _ in range(changes):
            followers += [asyncio.create_task(follow()) for _ in range(streams // changes)]
            await asyncio.sleep(0.002)
            world.change("flags", make_flag("counted", variations=[True, world.source.seq]))
        return await asyncio.gather(*followers)

    heard = asyncio.run(story())
    assert len(heard) == streams // changes * changes
    for versions in heard:
        assert versions == list(range(versions[0], last + 1))
        assert versions[0] >= first


def test_open_streams_cost_the_server_no_task_and_no_connection_unless_it_keeps_its_sockets(
    make_world, make_flag, until, way
):
    world = make_world(flags=[make_flag("checkout")], **way)
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(connect(world)) for _ in range(20)]
        for reader in readers:
            read_until(reader, b"}\n\n\r\n")
        assert world.hub.open_streams == 20
        # A connection and a task each, or nothing.
        until(lambda: world.requests_at_work == (40 if way.get("keeps_sockets") else 0))
    until(lambda: world.hub.open_streams == 0)


def test_streams_are_the_same_bytes_whoever_writes_them(make_world, make_flag, make_segment, way):
    world = make_world(flags=[make_flag("checkout")], segments=[make_segment("testers")], **way)
    with connect(world) as reader:
        head, _, opening = read_until(reader, b"}\n\n\r\n").partition(b"\r\n\r\n")
        world.change("flags", make_flag("checkout", on=False))
        patch = read_until(reader, b"}\n\n\r\n")
        world.delete("segments", "testers")
        delete = read_until(reader, b"}\n\n\r\n")
        world.stop()
        end = read_to_end(reader)
    status, *lines = head.decode().lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status == "http/1.1 200 ok"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d gmt", headers.pop("date"))
    assert (
        headers.items()
        >= {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "x-accel-buffering": "no",
            "x-ld-envid": world.environment_id,
            "transfer-encoding": "chunked",
        }.items()
    )
    assert "content-length" not in headers
    for chunk, name in ((opening, b"put"), (patch, b"patch"), (delete, b"delete")):
        size, _, content = chunk.partition(b"\r\n")
        assert content.startswith(b"event: " + name + b"\ndata: {")
        assert int(size, 16) == len(content) - 2
    assert end == b"0\r\n\r\n"


@pytest.mark.parametrize("http", ["httptools", "h11"])
def test_http_1_0_gets_the_bare_stream_until_the_socket_closes(make_world, make_flag, http):
    world = make_world(flags=[make_flag("checkout")], http=http)
    with connect(world, version="1.0") as reader:
        head, _, content = read_until(reader, b"}\n\n").partition(b"\r\n\r\n")
        assert b"chunked" not in head
        assert b"connection: close" in head
        assert content.startswith(b"event: put\ndata: ")
        world.change("flags", make_flag("checkout", on=False))
        assert read_until(reader, b"}\n\n").startswith(b"event: patch\n")
        world.stop()
        assert read_to_end(reader) == b""


def test_head_tells_of_the_stream_and_opens_none(make_world, way):
    world = make_world(**way)
    with connect(world, "HEAD") as reader:
        head = read_until(reader, b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"text/event-stream" in head
        assert world.hub.open_streams == 0


@pytest.mark.parametrize(
    "more",
    [b"GET /sdk/latest-all HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\xffnoise" * 10_000, b"x" * 70_000],
    ids=["another-request", "noise", "flood"],
)
def test_what_a_reader_says_on_its_stream_is_of_no_consequence(make_world, make_flag, more, own):
    world = make_world(flags=[make_flag("checkout")], **own)
    with connect(world) as reader, connect(world) as other:
        read_until(reader, b"}\n\n\r\n")
        read_until(other, b"}\n\n\r\n")
        reader.sendall(more)
        world.change("flags", make_flag("checkout", on=False))
        assert b"event: patch\n" in read_until(reader, b"}\n\n\r\n")
        assert b"event: patch\n" in read_until(other, b"}\n\n\r\n")


def test_requests_sent_in_one_go_with_the_stream_leave_it_open(make_world, make_flag, way):
    world = make_world(flags=[make_flag("checkout")], **way)
    with connect(world, headers="\r\nGET /sdk/flags HTTP/1.1\r\nHost: x\r\nX: y\r\n") as reader:
        read_until(reader, b"}\n\n\r\n")
        world.change("flags", make_flag("checkout", on=False))
        assert b"event: patch\n" in read_until(reader, b"}\n\n\r\n")


def test_readers_who_leave_in_any_way_are_noticed(make_world, make_flag, until, way):
    world = make_world(flags=[make_flag("checkout", variations=["x" * 100_000, ""])], **way)
    for at_once in (True, False):
        for leaves in (socket.socket.close, _reset, _says_no_more):
            reader = connect(world)
            if not at_once:
                read_until(reader, b"}\n\n\r\n")
            leaves(reader)
            until(lambda: world.hub.open_streams == 0 and world.requests_at_work == 0)
            reader.close()


def _reset(reader):
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    reader.close()


def _says_no_more(reader):
    with contextlib.suppress(OSError):
        socket.socket.shutdown(reader, socket.SHUT_WR)


def test_one_who_never_reads_is_dropped_and_the_others_hear_everything(make_world, make_flag, listen, until, own):
    world = make_world(flags=[make_flag("large")], **own)
    sent = 0

    async def story():
        nonlocal sent
        async with listen("GET", f"{world.url}/all", **asked(world)) as reader:
            await reader.next()
            while world.hub.open_streams == 2:
                text = f"{sent:010}" * 20_000
                world.change("flags", make_flag("large", variations=[text, ""]))
                _, data = await reader.next()
                assert data["data"]["variations"][0] == text
                sent += len(text)
                # What the kernels on both sides hold, some megabytes each, and the backlog.
                assert sent < sockets.BACKLOG_BYTES + 32 * 2**20

    with connect(world) as stuck:
        until(lambda: world.hub.open_streams == 1)
        asyncio.run(story())
        assert sent > sockets.BACKLOG_BYTES
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            assert not read_to_end(stuck).endswith(sockets.LAST_CHUNK), "cut off where it stood"


def test_one_who_reads_slowly_gets_a_large_opening_whole_and_what_follows(make_world, make_flag, way):
    large = "x" * (8 * 2**20)
    world = make_world(flags=[make_flag("large", variations=[large, ""]), make_flag("small")], **way)
    with connect(world) as slow:
        slow.recv(100)
        for _ in range(5):
            world.change("flags", make_flag("small", variations=[world.source.seq, ""]))
            time.sleep(0.02)
        received = b""
        while received.count(b"event: patch\n") < 5:
            piece = slow.recv(2**20)
            assert piece, "a reader that takes its time over the opening is not stuck"
            received += piece


def test_key_taken_away_ends_its_streams_in_order(make_world, make_flag, until, way):
    world = make_world(flags=[make_flag("checkout")], **way)
    with connect(world) as taken, connect(world, path=f"/ping/{world.environment_id}") as browser:
        read_until(taken, b"}\n\n\r\n")
        read_until(browser, b"\n\n\r\n")
        del world.source.credentials["sdk", world.sdk_key]
        world.hub.revoke(world.environment_id)
        if way.get("keeps_sockets"):
            assert taken.recv(100) == b"0\r\n\r\n"
        else:
            assert read_to_end(taken) == b"0\r\n\r\n"
        world.change("flags", make_flag("checkout", on=False))
        assert b"event: ping\n" in read_until(browser, b"\n\n\r\n")


def test_stop_sends_everybody_home_in_turn_and_waits_for_none_that_is_stuck(make_world, make_flag, until, own):
    world = make_world(flags=[make_flag("large", variations=["x" * (8 * 2**20), ""])], **own)
    with contextlib.ExitStack() as stack:
        stuck = stack.enter_context(connect(world))
        stuck.recv(100)
        until(lambda: world.hub.open_streams == 1)
        readers = [stack.enter_context(connect(world, path=f"/ping/{world.environment_id}")) for _ in range(220)]
        for reader in readers:
            read_until(reader, b"\n\n\r\n")
        began = time.monotonic()
        world.stop(within_seconds=1.0)
        assert time.monotonic() - began < 5
        for reader in readers:
            assert read_to_end(reader) == b"0\r\n\r\n"
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            assert not read_to_end(stuck).endswith(sockets.LAST_CHUNK)


def test_official_sdk_follows_over_every_way(make_world, make_flag, until, way):
    world = make_world(flags=[make_flag("checkout", on=False)], **way)
    sdk = world.sdk()
    ann = ldclient.Context.create("ann")
    assert sdk.is_initialized()
    assert sdk.variation("checkout", ann, None) is False
    world.change("flags", make_flag("checkout"))
    until(lambda: sdk.variation("checkout", ann, None) is True)


@pytest.mark.parametrize(
    ("names", "missing"),
    [("_OF_CYCLE", "a_socket_hatch"), ("_OF_PROTOCOL", "an_inner_door"), ("_ONE_SOCKET_EACH", None)],
)
def test_should_uvicorn_change_inside_streams_go_on_and_the_log_says_so_once(
    make_world, make_flag, monkeypatch, caplog, names, missing
):
    takeover._tell.cache_clear()
    known = getattr(takeover, names)
    monkeypatch.setattr(takeover, names, (*known, missing) if missing else ())
    world = make_world(flags=[make_flag("checkout")])
    with caplog.at_level(logging.WARNING, "flaghoist.http"):
        for _ in range(3):
            with connect(world) as reader:
                read_until(reader, b"}\n\n\r\n")
                world.change("flags", make_flag("checkout", on=False, variations=[world.source.seq, 0]))
                read_until(reader, b"}\n\n\r\n")
    told = [record for record in caplog.records if record.name == "flaghoist.http"]
    assert len(told) == 1
    assert (missing or "httptools") in told[0].getMessage()


def test_streams_beyond_what_the_system_allows_are_told_to_come_back(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout")])
    world.hub.places.most = 2
    with connect(world) as first, connect(world):
        read_until(first, b"}\n\n\r\n")
        until(lambda: world.hub.open_streams == 2)
        refused = world.ask("GET", "/all", headers={"Authorization": world.sdk_key})
        assert refused.status_code == 503
        assert world.ask("GET", "/sdk/latest-all", headers={"Authorization": world.sdk_key}).ok
    until(lambda: world.hub.open_streams == 0)
    with connect(world) as again:
        read_until(again, b"}\n\n\r\n")


def test_frames_that_wait_together_leave_together_and_nobody_hears_one_twice():
    outgoing = words.Outgoing()
    frames = [b"a", b"b", b"x" * words.JOINED_BYTES, b"c", b"d", b"e"]
    for frame in frames:
        outgoing.add(frame)
    for heard in range(len(frames) + 1):
        told, number = [], heard
        again = words.Outgoing()
        for frame in frames:
            again.add(frame)
        while again:
            batch = again.take()
            if (said := batch.after(heard)) is not None:
                told.append(said.bare)
                size, _, content = said.chunk.partition(b"\r\n")
                assert (int(size, 16), content) == (len(said.bare), said.bare + b"\r\n")
        assert b"".join(told) == b"".join(frames[number:])
    assert outgoing.take().whole.bare == b"ab"


def test_two_pings_in_a_row_are_one():
    ping = b"event: ping\n\n"
    assert words.said([ping, ping]).bare is ping
    assert words.said([ping, b"other", ping]).bare == ping + b"other" + ping
