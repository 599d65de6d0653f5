"""The command line: ``flaghoist serve``, its settings, and a way in for who forgot their password."""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from types import FrameType
from typing import Any

import uvicorn

from flaghoist import __version__
from flaghoist.app import App, build
from flaghoist.app.sign_in_links import Link, new_link
from flaghoist.base import json
from flaghoist.base.settings import Settings
from flaghoist.resources import operations
from flaghoist.rest.openapi import describe

_LINE = "─" * 78


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 0
    if chosen.command == "openapi":
        print(json.encode(describe(operations())).decode())
        return 0
    try:
        settings = Settings.load(vars(chosen))
    except ValueError as error:
        parser.error(str(error))
    if chosen.command == "settings":
        for name, value in settings.described().items():
            print(f"FLAGHOIST_{name.upper():24} {value}")
        return 0
    if chosen.command == "sign-in-link":
        return sign_in_link(settings, chosen.email)
    return serve(settings)


def serve(settings: Settings) -> int:
    """Serve until told to stop; SIGTERM and SIGINT drain and end with 0."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = build(settings)
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


def sign_in_link(settings: Settings, email: str) -> int:
    """Print a link with which a member sets a new password, once; the one they had before ends."""
    try:
        link = new_link(settings, email)
    except ValueError as error:
        print(f"flaghoist sign-in-link: {error}", file=sys.stderr)
        return 1
    print(_told(link, _url(settings, settings.port)))
    return 0


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
    url = _url(settings, port)
    state = "PostgreSQL" if settings.database_url else str(settings.data_dir.resolve())
    lines = [_LINE, f"Flaghoist {__version__} serves console, API, SDKs and events on {url}", f"State is in {state}"]
    if app.owner.link is None:
        lines.append(f"Sign in at {url}/sign-in as {app.owner.email}; 'flaghoist sign-in-link' helps who cannot.")
    else:
        lines.append(_told(app.owner.link, url))
    if app.first_token is None:
        lines.append("The API takes an access token you already have.")
    elif app.first_token.is_given:
        lines.append("The first admin token is the one given in FLAGHOIST_ACCESS_TOKEN.")
    else:
        lines.append("The first admin token, shown this once and kept nowhere:")
        lines.append(f"    {app.first_token.secret}")
    lines.append(f"Try: curl -H 'Authorization: <token>' '{url}/api/v2/projects?expand=environments'")
    return "\n".join([*lines, _LINE])


def _told(link: Link, url: str) -> str:
    ends = datetime.fromtimestamp(link.expires_at / 1000).astimezone()
    return (
        f"Set the password of {link.email} here, once, before {ends:%d %B %H:%M} (a newer link ends this one):\n"
        f"    {url}{link.path}"
    )


def _url(settings: Settings, port: int) -> str:
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return f"http://{host}:{port}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flaghoist",
        description="Feature flags, metrics and experiments on a server you own, compatible with LaunchDarkly SDKs.",
    )
    parser.add_argument("--version", action="version", version=f"flaghoist {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    text = "print the description of the API (OpenAPI 3.1)"
    commands.add_parser("openapi", help=text, description=f"{text[0].upper()}{text[1:]}.")
    for name, text in (
        ("serve", "serve the API, SDK endpoints and events on one address"),
        ("settings", "print every setting as it would be in force"),
        ("sign-in-link", "print a link with which a member sets a new password, once"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == "sign-in-link":
            command.add_argument("--email", default="", help="whose password [the owner's]", metavar="E-MAIL")
        for each in fields(Settings):
            flag = f"--{each.name.replace('_', '-')}"
            default = "" if each.metadata["secret"] or each.default == "" else f" [{each.default}]"
            told = f"{each.metadata['help']}{default} (also FLAGHOIST_{each.name.upper()})"
            command.add_argument(flag, dest=each.name, help=told.replace("%", "%%"), metavar="VALUE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
