"""``flaghoist openapi``: the description of the API."""

from argparse import Namespace

from flaghoist.base import json
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.resources import operations
from flaghoist.rest.openapi import describe


def _openapi(_settings: Settings, _chosen: Namespace) -> int:
    print(json.encode(describe(operations())).decode())
    return 0


COMMAND = Command(_openapi)
