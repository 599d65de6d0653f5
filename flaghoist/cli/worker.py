"""``python -m flaghoist.cli.worker``: one process of several, started by the supervisor and never by people."""

import contextlib
import logging
import os
import signal
import socket
import sys
import threading

from flaghoist.app.awaiting import once_there
from flaghoist.app.opening import open_state
from flaghoist.app.server import build
from flaghoist.app.worker import Worker
from flaghoist.base import json
from flaghoist.base.settings import Settings
from flaghoist.cli.logs import log_as
from flaghoist.cli.serving import run
from flaghoist.cli.workers import DRAIN_SECONDS, READY, shared_port

BACKLOG = 2048


def main() -> int:
    """Serve as told on standard input, until that ends or a signal comes."""
    told = json.decode(sys.stdin.buffer.readline())
    settings = Settings.load(told["flags"])
    log_as(settings, worker=told["place"])
    patience = DRAIN_SECONDS + settings.drain_seconds
    threading.Thread(target=_stop_without_supervisor, args=(patience,), name="lifeline", daemon=True).start()
    state = once_there(settings, lambda: open_state(settings))
    app = build(settings, Worker(told["place"], told["of"]), state)
    family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
    listening = shared_port(family, settings.host, settings.port)
    listening.listen(BACKLOG)
    return run(app, _say_ready, [listening])


def _say_ready(_port: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # whose supervisor is gone ends by its lifeline, in order
        os.write(sys.stdout.fileno(), READY)  # past the buffer, which would be tried again at the end


def _stop_without_supervisor(patience: float) -> None:
    """Standard input ends when the supervisor does, however it ended: then stop in order, or by force."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(patience)
    os._exit(1)


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    # At once, since the lifeline still reads, and the interpreter does not end in order beside a thread that does.
    os._exit(status)
