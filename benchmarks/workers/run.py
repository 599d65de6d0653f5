"""How soon every stream hears of a change, and how much more several processes serve, on this machine."""

import argparse
import itertools
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from audiences import Audience, until
from servers import PostgreSQL, Server, start_server

STREAMS = 100
CHANGES = 60
CONNECTIONS = 16
SECONDS = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    chosen = parser.parse_args()
    print(f"{'':28} {'REST answer to last stream, ms':>34}  {'whole PATCH, ms':>16} {'polls/s':>9} {'REST/s':>8}")
    for workers in (1, 2, 4):
        with _servers(workers=workers) as servers:
            _measure(f"SQLite, {workers} worker{'s' if workers > 1 else ''}", servers, chosen)
    for workers in (1, 2):
        with _servers(nodes=2, workers=workers) as servers:
            _measure(f"PostgreSQL, 2 nodes of {workers}", servers, chosen)


def _measure(name: str, servers: list[Server], chosen: argparse.Namespace) -> None:
    first = servers[0]
    sdk_key = first.ok("GET", "/projects/default/environments/test")["apiKey"]
    first.ok("POST", "/flags/default", json={"key": "checkout", "name": "Checkout"})
    after_answer, whole = _spread(servers, sdk_key, chosen.changes)
    polls = _throughput(servers, "/sdk/latest-all", sdk_key, chosen.seconds)
    rest = _throughput(servers, "/api/v2/projects", first.token, chosen.seconds)
    p50, p99 = statistics.median(after_answer), sorted(after_answer)[int(len(after_answer) * 0.99) - 1]
    print(
        f"{name:28} p50 {p50:6.1f}  p99 {p99:6.1f}  best {min(after_answer):5.1f}"
        f"  p50 {statistics.median(whole):12.1f} {polls:9.0f} {rest:8.0f}",
        flush=True,
    )


def _spread(servers: list[Server], sdk_key: str, changes: int) -> tuple[list[float], list[float]]:
    """For each change: from the answer to the writer until the last stream has it; and from the request, in ms."""
    audience = Audience(sdk_key)
    streams = [stream for server in servers for stream in audience.open(server.url, STREAMS // len(servers))]
    after_answer, whole = [], []
    for number, is_on in zip(range(1, changes + 1), itertools.cycle((True, False)), strict=False):
        patch = [{"op": "replace", "path": "/environments/test/on", "value": is_on}]
        asked_at = time.perf_counter()
        servers[0].ok("PATCH", "/flags/default/checkout", json=patch)
        answered_at = time.perf_counter()
        until(lambda told=number: all(stream.heard.count(b"event: patch") == told for stream in streams))
        last = max(stream.heard_at for stream in streams)
        after_answer.append(max(0.0, last - answered_at) * 1000)
        whole.append((last - asked_at) * 1000)
        time.sleep(0.03)
    audience.close()
    return after_answer, whole


def _throughput(servers: list[Server], path: str, authorization: str, seconds: float) -> float:
    """Answers a second, asked for by two processes with some connections each."""
    context = get_context("spawn")
    with context.Pool(2) as pool:
        urls = [server.url for server in servers]
        asked = [pool.apply_async(ask, (urls, path, authorization, seconds)) for _ in range(2)]
        return sum(each.get(seconds + 30) for each in asked) / seconds


def ask(urls: list[str], path: str, authorization: str, seconds: float) -> int:
    """Ask over and over, each connection waiting for its answer; gives how many came."""
    counts: list[int] = []
    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_one, args=(url, path, authorization, deadline, counts))
        for url, _ in zip(itertools.cycle(urls), range(CONNECTIONS), strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _one(url: str, path: str, authorization: str, deadline: float, counts: list[int]) -> None:
    where = urlsplit(url)
    request = f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: {authorization}\r\n\r\n".encode()
    answers = 0
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=30) as connection:
        while time.monotonic() < deadline:
            connection.sendall(request)
            _read_answer(connection)
            answers += 1
    counts.append(answers)


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(2**16)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    length = int(
        next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    )
    while len(body) < length:
        body += connection.recv(2**16)


@contextmanager
def _servers(*, workers: int, nodes: int = 1) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if nodes > 1:
            postgresql = PostgreSQL()
            stack.callback(postgresql.stop)
            url = postgresql.database()
        servers = []
        for number in range(nodes):
            server = start_server(
                folder / str(number), database_url=url, lake_dir=str(folder / "lake"), workers=str(workers)
            )
            stack.callback(server.stop)
            servers.append(server)
        yield servers


if __name__ == "__main__":
    main()
