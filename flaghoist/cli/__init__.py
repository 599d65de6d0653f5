"""The command line: ``flaghoist serve`` and what helps who runs it."""

import argparse
from collections.abc import Sequence
from dataclasses import fields

from flaghoist import __version__
from flaghoist.base.settings import Settings
from flaghoist.cli.backing_up import BACKUP
from flaghoist.cli.examining import DOCTOR
from flaghoist.cli.migrating import MIGRATE
from flaghoist.cli.restoring import RESTORE
from flaghoist.cli.secret_keys import SECRET_KEY
from flaghoist.cli.serving import SERVE
from flaghoist.cli.shown import OPENAPI, SETTINGS
from flaghoist.cli.signing_in import SIGN_IN_LINK

COMMANDS = (SERVE, SETTINGS, OPENAPI, SIGN_IN_LINK, SECRET_KEY, BACKUP, RESTORE, MIGRATE, DOCTOR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    command = next((each for each in COMMANDS if each.name == chosen.command), None)
    if command is None:
        parser.print_help()
        return 0
    try:
        settings = Settings.load(vars(chosen))
    except ValueError as error:
        parser.error(str(error))
    return command.run(settings, chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flaghoist",
        description="Feature flags, metrics and experiments on a server you own, compatible with LaunchDarkly SDKs.",
    )
    parser.add_argument("--version", action="version", version=f"flaghoist {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    for command in COMMANDS:
        description = f"{command.text[0].upper()}{command.text[1:]}."
        own = commands.add_parser(command.name, help=command.text, description=description)
        command.options(own)
        for each in fields(Settings):
            flag = f"--{each.name.replace('_', '-')}"
            default = "" if each.metadata["secret"] or each.default == "" else f" [{each.default}]"
            told = f"{each.metadata['help']}{default} (also FLAGHOIST_{each.name.upper()})"
            own.add_argument(flag, dest=each.name, help=told.replace("%", "%%"), metavar="VALUE")
    return parser
