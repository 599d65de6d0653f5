"""Where those who come are told to come again, while a server that has started waits for its state store."""

import asyncio
import socket
import threading
import time
from types import TracebackType

import uvicorn

from flaghoist.app.awaiting import waiting_site
from flaghoist.app.upgrading import CannotStart
from flaghoist.base.connections import Connection
from flaghoist.base.settings import Settings
from flaghoist.cli.encrypting import certificate_of
from flaghoist.cli.workers import hold_port, shared_port

OPENS_WITHIN_SECONDS = 30.0
HEARD_OUT_SECONDS = 0.5


class WaitingRoom:
    """Opened when it is needed, and closed by whoever serves at its address, or at the end of the block.

    Once it was opened, ``held`` is the address for several who are to serve there: a socket that does not listen.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.held: socket.socket | None = None
        self._listening: socket.socket | None = None

    def __enter__(self) -> "WaitingRoom":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if self._thread is not None:
            self._thread.join()
        if self.held is not None:
            self.held.close()

    def open(self) -> None:
        """Listen, unless that is done already; raises ``CannotStart`` if somebody else does."""
        if self._server is not None:
            return
        host = self._settings.host
        self.held = address_of(self._settings)
        self._listening = shared_port(self.held.family, host, self.held.getsockname()[1])
        config = uvicorn.Config(
            waiting_site(),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            http=Connection,
            **certificate_of(self._settings),  # type: ignore[arg-type]
        )
        self._server = _Server(config)
        own = self._listening.dup()
        self._thread = threading.Thread(target=self._server.run, args=([own],), name="waiting-room", daemon=True)
        self._thread.start()
        until = time.monotonic() + OPENS_WITHIN_SECONDS
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)

    def handed_over(self) -> list[socket.socket] | None:
        """What one who serves alone is to go on listening with, so that nobody in line is lost; none if not opened."""
        listening, self._listening = self._listening, None
        return None if listening is None else [listening]

    def close(self) -> None:
        """Let go of the address, in a moment."""
        if self._listening is not None:
            self._listening.close()
        if self._server is not None:
            self._server.should_exit = True


class _Server(uvicorn.Server):
    """Hears out who has come before it lets them go."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(HEARD_OUT_SECONDS)
        await super().shutdown(sockets)


def address_of(settings: Settings) -> socket.socket:
    """The address that is set, held and not listened to; raises ``CannotStart`` if it is somebody else's."""
    try:
        return hold_port(settings.host, settings.port)
    except OSError as error:
        raise CannotStart(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
