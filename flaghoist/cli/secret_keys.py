"""A new key for what is secret at rest."""

import logging
import sys
from argparse import ArgumentParser, Namespace

from flaghoist.app import secret_keys
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.store.keyring import WrongKey


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--rotate", action="store_true", help="seal every secret with a new key; servers may go on")


def _secret_key(settings: Settings, chosen: Namespace) -> int:
    """Tell which keys are at hand, never the keys themselves; or put a new one in force."""
    logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        if chosen.rotate:
            sealed = secret_keys.rotate(settings)
            print(f"Secrets in {sealed} documents are sealed with a new key.")
        ring = secret_keys.keyring(settings)
    except WrongKey as error:
        print(f"flaghoist secret-key: {error}", file=sys.stderr)
        return 1
    print(f"Keys in {ring.where}: {', '.join(ring.ids) or 'none yet; the first start makes one'}")
    return 0


COMMAND = Command(_secret_key, _options)
