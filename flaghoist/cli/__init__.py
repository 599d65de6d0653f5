"""The command line: ``flaghoist serve`` and what helps who runs it."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module

from flaghoist import __version__
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command

# Name, module of this room, and a sentence. Only the module of the command asked for is loaded: most are quick, and
# would otherwise wait for what a server needs.
COMMANDS = (
    ("serve", "serving", "serve the API, SDK endpoints and events on one address"),
    ("settings", "shown", "print every setting as it would be in force"),
    ("openapi", "describing", "print the description of the API (OpenAPI 3.1)"),
    ("sign-in-link", "signing_in", "print a link with which a member sets a new password, once"),
    ("secret-key", "secret_keys", "tell which key secrets at rest are sealed with, or seal them with a new one"),
    ("backup", "backing_up", "write everything that is kept to a file or folder, while the server runs"),
    ("restore", "restoring", "fill an empty data folder (and database) from a backup"),
    ("migrate", "migrating", "bring the state to this version's schema, or --preview what that runs"),
    ("doctor", "examining", "examine data folder and state, and say what is wrong and what to do"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    name = next((word for word in words if not word.startswith("-")), "")
    command = _command(name)
    parser = _parser(name, command)
    chosen = parser.parse_args(words)
    if command is None:
        parser.print_help()
        return 0
    try:
        settings = Settings.load(vars(chosen))
    except ValueError as error:
        parser.error(str(error))
    return command.run(settings, chosen)


def _command(asked: str) -> Command | None:
    for name, module, _ in COMMANDS:
        if name == asked:
            command: Command = import_module(f"flaghoist.cli.{module}").COMMAND
            return command
    return None


def _parser(asked: str, command: Command | None) -> argparse.ArgumentParser:
    """Knows all commands by name, and what is to be given to the one that is asked for."""
    parser = argparse.ArgumentParser(
        prog="flaghoist",
        description="Feature flags, metrics and experiments on a server you own, compatible with LaunchDarkly SDKs.",
    )
    parser.add_argument("--version", action="version", version=f"flaghoist {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    for name, _, text in COMMANDS:
        own = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if command is not None and name == asked:
            command.options(own)
            _add_settings(own)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    for each in fields(Settings):
        flag = f"--{each.name.replace('_', '-')}"
        default = "" if each.metadata["secret"] or each.default == "" else f" [{each.default}]"
        told = f"{each.metadata['help']}{default} (also FLAGHOIST_{each.name.upper()})"
        parser.add_argument(flag, dest=each.name, help=told.replace("%", "%%"), metavar="VALUE")
