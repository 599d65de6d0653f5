"""``flaghoist serve``: one process that listens, says where, and stops in order."""

import logging
import sys
from argparse import Namespace
from types import FrameType
from typing import Any

import uvicorn

from flaghoist import __version__
from flaghoist.app import App, build
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.cli.places import told, url_of
from flaghoist.store.keyring import WrongKey

_LINE = "─" * 78


def _serve(settings: Settings, _chosen: Namespace) -> int:
    """Serve until told to stop; SIGTERM and SIGINT drain and end with 0."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app = build(settings)
    except WrongKey as error:
        print(f"flaghoist serve: {error}", file=sys.stderr)
        return 1
    config = uvicorn.Config(
        app.site,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=128 * 1024,
    )
    server = _Server(config, app)
    server.run()
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Says where it is once it listens, and closes streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in order; a signal that has been obeyed is not raised again, so the process ends with 0."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(_welcome(self._app, port), flush=True)

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        await self._app.close_streams()
        await super().shutdown(sockets)


def _welcome(app: App, port: int) -> str:
    settings = app.settings
    url = url_of(settings, port)
    state = "PostgreSQL" if settings.database_url else str(settings.data_dir.resolve())
    lines = [_LINE, f"Flaghoist {__version__} serves console, API, SDKs and events on {url}", f"State is in {state}"]
    if app.owner.link is None:
        lines.append(f"Sign in at {url}/sign-in as {app.owner.email}; 'flaghoist sign-in-link' helps who cannot.")
    else:
        lines.append(told(app.owner.link, url))
    if app.first_token is None:
        lines.append("The API takes an access token you already have.")
    elif app.first_token.is_given:
        lines.append("The first admin token is the one given in FLAGHOIST_ACCESS_TOKEN.")
    else:
        lines.append("The first admin token, shown this once and kept nowhere:")
        lines.append(f"    {app.first_token.secret}")
    lines.append(f"Try: curl -H 'Authorization: <token>' '{url}/api/v2/projects?expand=environments'")
    return "\n".join([*lines, _LINE])


SERVE = Command("serve", "serve the API, SDK endpoints and events on one address", _serve)
