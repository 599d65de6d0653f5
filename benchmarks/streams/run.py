"""How long a change takes to the last of 10,000 open streams on one worker, beside a loop of ``send()`` in C.

Both write to the same sockets, heard by the same C program, and are measured in turns. Then: what a stream costs in
memory, how long REST requests take during a fan-out, what a reader that is stuck does to the others, and a restart
after which everybody comes back.
"""

import argparse
import http.client
import shutil
import signal
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from parties import TOKEN, Listeners, Server, Told, compiled

FLAGS = 50
LARGE = 100_000


def main() -> None:
    """Measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--streams", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=10)
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-streams-"))
    try:
        programs = {name: compiled(folder, name) for name in ("listeners", "floor")}
        server = Server(folder / "data", flags=FLAGS)
        try:
            _rest("while as much is changed, no stream open", server, lambda: _changes(server, chosen.rounds))
            listeners = _open(server, programs, folder, chosen.streams)
            _fan_out(server, listeners, programs, folder, chosen.streams, chosen.rounds)
            listeners.stop()
            _stuck_reader(server, programs, folder)
        finally:
            server.stop()
        for how in (signal.SIGTERM, signal.SIGKILL):
            _restart(programs, folder, chosen.streams, how)
    finally:
        shutil.rmtree(folder)


def _open(server: Server, programs: dict[str, Path], folder: Path, count: int) -> Listeners:
    _first_frames(server)  # the environment is loaded and encoded before memory is looked at
    before, cpu, began = server.memory_kb(), server.cpu_seconds(), time.monotonic()
    listeners = Listeners(programs["listeners"], folder, server.port, count, server.sdk_key)
    took = time.monotonic() - began
    time.sleep(1)
    after = server.memory_kb()
    each = {name: (after[name] - before[name]) * 1024 / count for name in ("Rss", "Pss", "Private_Dirty")}
    print(f"opened {count:,} streams in {took:.1f} s ({server.cpu_seconds() - cpu:.1f} s CPU): {listeners.sync}")
    print(f"memory per stream: {each['Pss']:,.0f} B PSS, {each['Rss']:,.0f} B RSS")
    return listeners


def _fan_out(
    server: Server, listeners: Listeners, programs: dict[str, Path], folder: Path, count: int, rounds: int
) -> None:
    _, frame = _first_frames(server)
    listeners.keep_to_one_core()
    floor = _floor(server, programs["floor"], count)
    print(f"one change is {len(frame)} bytes on the wire; milliseconds, best and median of {rounds} in turns:")
    taken: dict[str, list[float]] = {name: [] for name in ("floor", "first", "median", "last", "loop")}
    version = server.switch()
    for number in range(rounds):
        words = f"x-round-{number:04d}-x"
        (folder / "frame").write_bytes(frame[:-40] + words.encode() + frame[-40 + len(words) :])
        listeners.ask(f"watch {words}")
        sent = floor.ask(str(folder / "frame"))
        heard = listeners.hear()
        assert heard["heard"] == count, heard
        taken["floor"].append((heard["last"] - sent["began"]) / 1e6)
        taken["loop"].append((sent["ended"] - sent["began"]) / 1e6)
        time.sleep(0.2)
        listeners.ask(f'watch "version":{version + 1}')
        began = time.monotonic_ns()
        version = server.switch()
        heard = listeners.hear()
        assert heard["heard"] == count, heard
        for name in ("first", "median", "last"):
            taken[name].append((heard[name] - began) / 1e6)
        time.sleep(0.2)
    for name, text in (
        ("loop", "C send() loop alone"),
        ("floor", "C send() loop, to the last client"),
        ("first", "REST PATCH sent, to the first client"),
        ("median", "REST PATCH sent, to the median client"),
        ("last", "REST PATCH sent, to the last client"),
    ):
        print(f"  {text:40} {min(taken[name]):7.1f} {statistics.median(taken[name]):7.1f}")
    alone = [last - first for last, first in zip(taken["last"], taken["first"], strict=True)]
    print(f"  {'first to last client':40} {min(alone):7.1f} {statistics.median(alone):7.1f}")
    of_all = min(taken["last"]) / min(taken["floor"])
    of_median = statistics.median(taken["last"]) / statistics.median(taken["floor"])
    print(f"ratio, PATCH to last client / C floor: best {of_all:.2f}x, median {of_median:.2f}x")
    floor.stop()
    _rest("with idle streams", server, lambda: time.sleep(2))
    _rest("during fan-outs", server, lambda: _changes(server, rounds, listeners))


def _floor(server: Server, program: Path, count: int) -> Told:
    """The loop in C, over the very sockets of the server's streams."""
    for _ in range(100):
        server.hang_up()
        time.sleep(0.1)  # in which the server notices
        floor = Told(program, str(server.pid), str(server.port))
        found = floor.hear()["value"]
        if found == count:
            return floor
        floor.stop()
    raise AssertionError(f"the server has {found} open sockets instead of {count}")


def _changes(server: Server, rounds: int, listeners: Listeners | None = None) -> None:
    """One change after the other, each when all have heard of the one before."""
    version = server.switch()
    time.sleep(0.5)
    for _ in range(2 * rounds):
        if listeners is None:
            version = server.switch()
            time.sleep(0.05)
            continue
        listeners.ask(f'watch "version":{version + 1}')
        version = server.switch()
        assert listeners.hear()["heard"]


def _rest(when: str, server: Server, act: Callable[[], None]) -> None:
    times = _Visitor(server.port).during(act)
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"REST reads {when} ({len(times)}): p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {max(times):.1f} ms")


class _Visitor:
    """Reads one flag over REST again and again."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def during(self, act: Callable[[], None]) -> list[float]:
        """Milliseconds of each read while something is done."""
        times: list[float] = []
        done = threading.Event()
        reading = threading.Thread(target=self._read, args=(times, done))
        reading.start()
        act()
        done.set()
        reading.join()
        return times

    def _read(self, times: list[float], done: threading.Event) -> None:
        while not done.is_set():
            began = time.perf_counter()
            self._connection.request("GET", "/api/v2/flags/default/flag-1", headers={"Authorization": TOKEN})
            answer = self._connection.getresponse()
            answer.read()
            assert answer.status == 200
            times.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.002)


def _stuck_reader(server: Server, programs: dict[str, Path], folder: Path) -> None:
    """Large changes for 200 readers, without and with one among them who never reads."""
    others = Listeners(programs["listeners"], folder, server.port, 200, server.sdk_key)
    body = {"key": "large", "name": "Large", "variations": [{"value": "a" * LARGE}, {"value": "b"}]}
    server.call("POST", "/flags/default", body)
    for text, is_stuck in (("nobody is stuck", False), ("one reader is stuck", True)):
        stuck = socket.socket()
        if is_stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.connect(("127.0.0.1", server.port))
            stuck.sendall(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {server.sdk_key}\r\n\r\n".encode())
        version, times, before = server.switch("large"), [], server.memory_kb()["Rss"]
        for _ in range(100):
            others.ask(f'watch "version":{version + 1}')
            began = time.monotonic_ns()
            version = server.switch("large")
            times.append((others.hear()["last"] - began) / 1e6)
        grown = (server.memory_kb()["Rss"] - before) / 1024
        p99 = statistics.quantiles(times, n=100)[98]
        print(
            f"100 changes of {LARGE // 1000} KB to 200 readers, {text}: "
            f"last reader p50 {statistics.median(times):.1f} ms, p99 {p99:.1f} ms; RSS {grown:+.1f} MiB"
        )
        stuck.close()
    others.stop()


def _restart(programs: dict[str, Path], folder: Path, count: int, how: signal.Signals) -> None:
    server = Server(folder / "data")
    listeners = Listeners(programs["listeners"], folder, server.port, count, server.sdk_key, come_back=True)
    began = time.monotonic()
    server.stop(how)
    stopped = time.monotonic()
    server = Server(folder / "data", port=server.port)
    serving = time.monotonic()
    before = server.memory_kb()["Rss"]
    told = listeners.hear()
    in_sync = time.monotonic()
    print(
        f"{how.name} with {count:,} streams: stopped in {stopped - began:.1f} s, serves again after "
        f"{serving - stopped:.1f} s, everybody in sync {in_sync - serving:.1f} s later; "
        f"RSS {before / 1024:.0f} MiB, at most {server.peak_kb() / 1024:.0f} MiB; {server.cpu_seconds():.1f} s CPU"
    )
    print(f"  clients were told {told}")
    listeners.stop()
    print(f"  the server {server.stop()[-1]}")


def _first_frames(server: Server) -> tuple[bytes, bytes]:
    """What one stream opens with, and one change as it comes over the wire."""
    with socket.create_connection(("127.0.0.1", server.port)) as reader:
        reader.sendall(f"GET /all HTTP/1.1\r\nHost: x\r\nAuthorization: {server.sdk_key}\r\n\r\n".encode())
        opening = _until_end(reader)
        server.switch()
        return opening, _until_end(reader)


def _until_end(reader: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"}\n\n\r\n"):
        received += reader.recv(2**20)
    return received


if __name__ == "__main__":
    main()
