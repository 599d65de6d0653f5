"""``flaghoist settings``: every setting as it would be in force."""

from argparse import Namespace

from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command


def _settings(settings: Settings, _chosen: Namespace) -> int:
    for name, value in settings.described().items():
        print(f"FLAGHOIST_{name.upper():24} {value}")
    return 0


COMMAND = Command(_settings)
