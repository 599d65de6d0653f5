"""How many events per second one core accepts, against appending the same bytes to a file and syncing it.

A server of its own process answers ``POST /bulk`` with 202 once the batch is durable; a load generator on the other
core keeps 64 connections busy with gzipped batches of 100 events, each with a payload id of its own. Afterwards the
same events are moved on to the lake, which normally happens in the background.
"""

import argparse
import asyncio
import gzip
import json
import multiprocessing
import os
import random
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
import uvloop

from flaghoist.base.asgi import Site
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.identity import EnvironmentIdentity
from flaghoist.ingest.receive import Receiver
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts.lake import Lake
from flaghoist.store.inbox import Inbox
from flaghoist.store.migrations import migrate

T = TypeVar("T")

EVENTS_PER_BATCH = 100
CONNECTIONS = 64
BODIES = 200
SERVER_CORE, CLIENT_CORE = 0, 1


def main() -> None:
    """Load, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=10)
    seconds: float = arguments.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-ingest-"))
    try:
        bodies = [_body(random.Random(number)) for number in range(BODIES)]
        print(
            f"batches of {EVENTS_PER_BATCH} events, {len(gzip.decompress(bodies[0])) / 1024:.1f} KiB, "
            f"{len(bodies[0]) / 1024:.1f} KiB gzipped"
        )
        raw = _append_and_sync(folder / "raw", bodies, seconds / 3)
        batches, elapsed, cpu = _load(folder, bodies, seconds)
        events = batches * EVENTS_PER_BATCH
        print(f"appended and synced, groups of {CONNECTIONS}: {raw:12,.0f} events/s")
        print(
            f"accepted over HTTP, durable:      {events / elapsed:12,.0f} events/s "
            f"({elapsed / cpu:.2f} s for each second of CPU)"
        )
        print(
            f"                per core:         {events / cpu:12,.0f} events/s, {cpu / events * 1e6:.2f} µs each, "
            f"{events / cpu / raw:.2f} x the raw limit"
        )
        _compact(folder, events)
    finally:
        shutil.rmtree(folder)


def _body(chance: random.Random) -> bytes:
    """A server-side SDK's flush: purchases, exposures, an index event, a summary."""
    at = int(time.time() * 1000)
    events: list[dict[str, Any]] = []
    for _ in range(EVENTS_PER_BATCH - 2):
        keys = {"user": str(uuid.UUID(int=chance.getrandbits(128)))}
        if chance.random() < 0.3:
            reason = {"kind": "FALLTHROUGH", "inExperiment": True}
            events.append(
                {
                    "kind": "feature",
                    "creationDate": at,
                    "key": f"flag-{chance.randrange(20)}",
                    "version": 7,
                    "variation": chance.randrange(2),
                    "value": True,
                    "default": False,
                    "reason": reason,
                    "contextKeys": keys,
                }
            )
        else:
            events.append(
                {
                    "kind": "custom",
                    "creationDate": at,
                    "key": f"metric-{chance.randrange(20)}",
                    "metricValue": round(chance.random() * 100, 2),
                    "contextKeys": keys,
                    "data": {"plan": chance.choice(["free", "pro"]), "items": chance.randrange(9)},
                }
            )
    context = {"kind": "user", "key": keys["user"], "country": "de", "plan": "pro"}
    events.append({"kind": "index", "creationDate": at, "context": context})
    counters = [{"variation": 0, "version": 7, "value": True, "count": 98}]
    features = {"flag-1": {"default": False, "contextKinds": ["user"], "counters": counters}}
    events.append({"kind": "summary", "startDate": at - 5000, "endDate": at, "features": features})
    return gzip.compress(json.dumps(events).encode())


def _append_and_sync(path: Path, bodies: list[bytes], seconds: float) -> float:
    """Events per second of the plainest durable log."""
    os.sched_setaffinity(0, {SERVER_CORE})
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    started, batches = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        for number in range(CONNECTIONS):
            os.write(descriptor, bodies[(batches + number) % BODIES])
        os.fdatasync(descriptor)
        batches += CONNECTIONS
    elapsed = time.perf_counter() - started
    os.close(descriptor)
    return batches * EVENTS_PER_BATCH / elapsed


def _load(folder: Path, bodies: list[bytes], seconds: float) -> tuple[int, float, float]:
    """Batches accepted, time taken, and the server's CPU time."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(str(folder), theirs))
    server.start()
    port = ours.recv()
    os.sched_setaffinity(0, {CLIENT_CORE})
    _run(_send(port, bodies, seconds / 5))
    ours.send("mark")
    before = ours.recv()
    started = time.perf_counter()
    batches = _run(_send(port, bodies, seconds))
    elapsed = time.perf_counter() - started
    ours.send("mark")
    cpu = ours.recv() - before
    ours.send("stop")
    server.join()
    os.sched_setaffinity(0, {SERVER_CORE, CLIENT_CORE})
    return batches, elapsed, cpu


class _OneEnvironment:
    async def by_sdk_key(self, key: str) -> EnvironmentIdentity | None:
        return EnvironmentIdentity("0123456789abcdef01234567", "default", "test")

    by_mobile_key = by_client_id = by_sdk_key


def _serve(folder: str, pipe: Connection) -> None:
    os.sched_setaffinity(0, {SERVER_CORE})
    inbox = Inbox(Path(folder) / "inbox")
    receiver = Receiver(inbox, _OneEnvironment())

    async def nothing() -> None:
        pass

    site = Site(receiver.routes(), on_start=nothing, on_stop=nothing)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(site, log_level="warning", access_log=False, loop="uvloop", http="httptools")
    server = uvicorn.Server(config)

    async def answer_marks() -> None:
        pipe.send(listener.getsockname()[1])
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, pipe.recv) == "mark":
            pipe.send(time.process_time())
        server.should_exit = True

    async def run() -> None:
        marks = asyncio.create_task(answer_marks())
        await server.serve(sockets=[listener])
        await marks

    _run(run())
    inbox.close()


async def _send(port: int, bodies: list[bytes], seconds: float) -> int:
    """Keep every connection busy; gives the batches that were answered with 202."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    return sum(await asyncio.gather(*(_connection(port, bodies, number, until) for number in range(CONNECTIONS))))


async def _connection(port: int, bodies: list[bytes], number: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    accepted = 0
    while loop.time() < until:
        body = bodies[(accepted + number) % BODIES]
        head = (
            f"POST /bulk HTTP/1.1\r\nHost: x\r\nAuthorization: sdk-1\r\nContent-Type: application/json\r\n"
            f"X-LaunchDarkly-Event-Schema: 4\r\nX-LaunchDarkly-Payload-ID: {uuid.uuid4()}\r\n"
            f"User-Agent: PythonClient/9.20.0\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 202"), answer
        accepted += 1
    writer.close()
    return accepted


def _run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _compact(folder: Path, events: int) -> None:
    database = Database(sqlite_url(folder))
    migrate(database)
    inbox, lake = Inbox(folder / "inbox"), Lake(folder / "lake", database)
    cpu = time.process_time()
    Compactor(inbox, lake, database, max_lateness_ms=0).flush()
    cpu = time.process_time() - cpu
    print(f"moved on to the lake, per core:   {events / cpu:12,.0f} events/s, {cpu / events * 1e6:.2f} µs each")
    inbox.close()
    lake.close()
    database.close()


if __name__ == "__main__":
    main()
