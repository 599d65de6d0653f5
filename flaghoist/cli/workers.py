"""Several processes on one address: start them, start again those that die, stop them in order.

Each worker listens on the port with a socket of its own (SO_REUSEPORT), so connections are spread evenly and those that
come while a worker is dead go to the others. The supervisor serves nothing; it holds the port, and its end of a pipe to
each worker: should it be killed, the workers notice and stop by themselves.
"""

import contextlib
import logging
import selectors
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, fields

from flaghoist.base import json
from flaghoist.base.settings import Settings

log = logging.getLogger("flaghoist.workers")

AGAIN_SECONDS, AGAIN_SECONDS_MAX = 0.2, 30.0
STEADY_SECONDS = 60.0
"""A worker that has served this long is no longer suspected of dying at each start."""
DRAIN_SECONDS = 30.0
READY = b"ready\n"
COMMAND = (sys.executable, "-m", "flaghoist.cli.worker")


def supervise(settings: Settings, chosen: Namespace, held: socket.socket, listening: Callable[[int], None]) -> int:
    """Serve with several processes at the address held; ``listening`` is told the port once all of them serve."""
    with held:
        port = int(held.getsockname()[1])
        given = {each.name: getattr(chosen, each.name, None) for each in fields(Settings)}
        flags = {**{name: text for name, text in given.items() if text is not None}, "port": str(port)}
        return _Supervisor(settings, flags, lambda: listening(port)).run()


def hold_port(host: str, port: int) -> socket.socket:
    """A socket that keeps the port for our workers but takes no connections; raises ``OSError`` if others have it."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as alone:
        # Sharing is not asked for here, so that another server on this port is found out.
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind((host, port))
        port = alone.getsockname()[1]
    return shared_port(family, host, port)


def shared_port(family: int, host: str, port: int) -> socket.socket:
    """One of several sockets that are bound to the same port."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((host, port))
    return bound


@dataclass(slots=True)
class _Worker:
    place: int
    process: "subprocess.Popen[bytes] | None" = None
    is_ready: bool = False
    started_at: float = 0.0
    start_at: float = 0.0
    again_seconds: float = AGAIN_SECONDS


class _Supervisor:
    """One thread that waits for workers to speak or die, for signals, and for the time to start a worker again."""

    def __init__(self, settings: Settings, flags: dict[str, str], serving: Callable[[], None]) -> None:
        self._flags = flags
        self._serving: Callable[[], None] | None = serving
        self._workers = [_Worker(place) for place in range(settings.workers)]
        self._drain_seconds = DRAIN_SECONDS + settings.drain_seconds
        self._selector = selectors.DefaultSelector()
        self._woken, self._waking = socket.socketpair()
        self._stopping = 0
        self._failed = False

    def run(self) -> int:
        """Until every worker has ended; gives the exit status."""
        self._selector.register(self._woken, selectors.EVENT_READ)
        for each in (self._woken, self._waking):
            each.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            self._start_due()
            self._listen()
        status = self._drain()
        signal.set_wakeup_fd(-1)
        return status

    def _stop(self, number: int, _frame: object) -> None:
        self._stopping = self._stopping or number

    def _start_due(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is None and worker.start_at <= now:
                self._start(worker, now)

    def _start(self, worker: _Worker, now: float) -> None:
        # A session of its own: Ctrl-C in a terminal reaches the supervisor alone, which stops them in order.
        process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert process.stdin is not None and process.stdout is not None
        told = {"flags": self._flags, "place": worker.place, "of": len(self._workers)}
        with contextlib.suppress(BrokenPipeError):  # it is dead already, which is noticed below like any other death
            process.stdin.write(json.encode(told) + b"\n")
            process.stdin.flush()
        worker.process, worker.started_at, worker.is_ready = process, now, False
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)

    def _listen(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            if key.data is None:
                self._woken.recv(64)
            elif self._read(key.fileobj) == READY:
                self._is_ready(key.data)
            else:
                self._has_died(key.data)

    def _patience(self) -> float | None:
        due = [worker.start_at for worker in self._workers if worker.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _read(self, stream: object) -> bytes:
        assert hasattr(stream, "readline")
        return bytes(stream.readline())

    def _is_ready(self, worker: _Worker) -> None:
        worker.is_ready = True
        if self._serving is None:
            log.info("serving again worker=%s", worker.place)
        elif all(each.is_ready for each in self._workers):
            self._serving()
            self._serving = None

    def _has_died(self, worker: _Worker) -> None:
        process = worker.process
        assert process is not None
        self._let_go(worker)
        if self._serving is not None:
            log.error("cannot start worker=%s status=%s", worker.place, process.returncode)
            self._failed, self._stopping = True, signal.SIGTERM
            return
        now = time.monotonic()
        if now - worker.started_at > STEADY_SECONDS:
            worker.again_seconds = AGAIN_SECONDS
        worker.start_at = now + worker.again_seconds
        log.error(
            "died worker=%s status=%s again_in_seconds=%.1f", worker.place, process.returncode, worker.again_seconds
        )
        worker.again_seconds = min(worker.again_seconds * 2, AGAIN_SECONDS_MAX)

    def _let_go(self, worker: _Worker) -> None:
        process = worker.process
        assert process is not None
        assert process.stdin is not None and process.stdout is not None
        self._selector.unregister(process.stdout)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()
        worker.process = None

    def _drain(self) -> int:
        """Tell all to stop, wait for them, and kill whoever does not."""
        running = [worker for worker in self._workers if worker.process is not None]
        for worker in running:
            assert worker.process is not None
            worker.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._drain_seconds
        for worker in running:
            process = worker.process
            assert process is not None
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("killed worker=%s since it did not stop in %s s", worker.place, self._drain_seconds)
                process.kill()
            self._let_go(worker)
            has_obeyed = process.returncode == 0 or (process.returncode == -signal.SIGTERM and not worker.is_ready)
            self._failed = self._failed or not has_obeyed
        return 1 if self._failed else 0
