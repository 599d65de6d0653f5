"""A way in for who forgot their password."""

import sys
from argparse import ArgumentParser, Namespace

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.cli.places import told, url_of


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--email", default="", help="whose password [the owner's]", metavar="E-MAIL")


def _sign_in_link(settings: Settings, chosen: Namespace) -> int:
    """Print a link with which a member sets a new password, once; the one they had before ends."""
    try:
        link = new_link(settings, chosen.email)
    except ValueError as error:
        print(f"flaghoist sign-in-link: {error}", file=sys.stderr)
        return 1
    print(told(link, url_of(settings, settings.port)))
    return 0


COMMAND = Command(_sign_in_link, _options)
