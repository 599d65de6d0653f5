"""``flaghoist serve``: listen, say where, and stop in order."""

import asyncio
import signal
import socket
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from types import FrameType

import uvicorn

from flaghoist import __version__
from flaghoist.app.awaiting import once_there
from flaghoist.app.observing.spans import CannotTrace, check_tracing, traced
from flaghoist.app.opening import Begun, State, begin, open_state
from flaghoist.app.server import App, build
from flaghoist.app.upgrading import CannotStart
from flaghoist.base.connections import Connection
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.cli.encrypting import certificate_of
from flaghoist.cli.logs import log_as
from flaghoist.cli.places import told, url_of
from flaghoist.cli.waiting_room import WaitingRoom, address_of
from flaghoist.cli.workers import supervise
from flaghoist.store.keyring import WrongKey

# Connections that may wait to be accepted, as far as the system allows: after a restart all clients come at once.
BACKLOG = 4096
# How long the event loop may go on while a request's thread waits for its turn. Threads give up their turn at each
# question to the store, so under the usual 5 ms a read that asks ten of them would wait for a fan-out to end.
SWITCH_SECONDS = 0.001
NOTICED_EVERY_SECONDS = 0.1
_LINE = "─" * 78


def _serve(settings: Settings, chosen: Namespace) -> int:
    """Serve until told to stop; SIGTERM and SIGINT drain and end with 0, also while a database is waited for."""
    log_as(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        certificate_of(settings)
        check_tracing(settings)
        with WaitingRoom(settings) as room:
            return _serve_from(settings, chosen, room)
    except (CannotStart, CannotTrace, WrongKey, Unavailable) as error:
        print(f"flaghoist serve: {error}", file=sys.stderr)
        return 1


def _serve_from(settings: Settings, chosen: Namespace, room: WaitingRoom) -> int:
    """Serve once the state store is there; until then whoever comes finds the waiting room."""
    state, begun = once_there(settings, lambda: _opened(settings), away=room.open)

    def welcome(port: int) -> None:
        room.close()
        print(_welcome(settings, begun, port), flush=True)

    if settings.workers > 1:
        state.database.close()
        return supervise(settings, chosen, room.held or address_of(settings), welcome)
    return run(build(settings, state=state), welcome, room.handed_over())


def _opened(settings: Settings) -> tuple[State, Begun]:
    state = open_state(settings)
    try:
        return state, begin(settings, state)
    except BaseException:
        state.database.close()
        raise


def _end(_number: int, _frame: FrameType | None) -> None:
    """Until there is something to stop in order: what is under way is undone, as it would be without power."""
    raise SystemExit(0)


def run(app: App, listening: Callable[[int], None], sockets: list[socket.socket] | None = None) -> int:
    """Serve at the address that is set, or on sockets that listen already; ``listening`` is told the port."""
    settings = app.settings
    config = uvicorn.Config(
        app.site,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        http=Connection,
        backlog=BACKLOG,
        **certificate_of(settings),  # type: ignore[arg-type]
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    server = _Server(config, app, listening)
    with traced(settings):
        server.run(sockets)
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Says where it is once it listens, and closes streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: App, listening: Callable[[int], None]) -> None:
        super().__init__(config)
        self._app = app
        self._listening = listening

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in order; a signal that has been obeyed is not raised again, so the process ends with 0."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            self._listening(port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.drain()
        await self._be_noticed()
        for server in self.servers:
            server.close()  # whoever comes now is better served elsewhere, or a moment later
        await self._app.close_streams()
        await super().shutdown(sockets)

    async def _be_noticed(self) -> None:
        """Serve on while balancers find out that this process is not ready any more; a second Ctrl-C ends that."""
        until = time.monotonic() + self._app.settings.drain_seconds
        while time.monotonic() < until and not self.force_exit:
            await asyncio.sleep(NOTICED_EVERY_SECONDS)


def _welcome(settings: Settings, begun: Begun, port: int) -> str:
    url = url_of(settings, port)
    state = "PostgreSQL" if settings.database_url else str(settings.data_dir.resolve())
    lines = [_LINE, f"Flaghoist {__version__} serves console, API, SDKs and events on {url}", f"State is in {state}"]
    if begun.owner.link is None:
        lines.append(f"Sign in at {url}/sign-in as {begun.owner.email}; 'flaghoist sign-in-link' helps who cannot.")
    else:
        lines.append(told(begun.owner.link, url))
    if begun.first_token is None:
        lines.append("The API takes an access token you already have.")
    elif begun.first_token.is_given:
        lines.append("The first admin token is the one given in FLAGHOIST_ACCESS_TOKEN.")
    else:
        lines.append("The first admin token, shown this once and kept nowhere:")
        lines.append(f"    {begun.first_token.secret}")
    lines.append(f"Try: curl -H 'Authorization: <token>' '{url}/api/v2/projects?expand=environments'")
    return "\n".join([*lines, _LINE])


COMMAND = Command(_serve)
