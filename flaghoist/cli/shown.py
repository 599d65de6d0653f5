"""Commands that only show something: the settings in force, the description of the API."""

from argparse import Namespace

from flaghoist.base import json
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.resources import operations
from flaghoist.rest.openapi import describe


def _settings(settings: Settings, _chosen: Namespace) -> int:
    for name, value in settings.described().items():
        print(f"FLAGHOIST_{name.upper():24} {value}")
    return 0


def _openapi(_settings: Settings, _chosen: Namespace) -> int:
    print(json.encode(describe(operations())).decode())
    return 0


SETTINGS = Command("settings", "print every setting as it would be in force", _settings)
OPENAPI = Command("openapi", "print the description of the API (OpenAPI 3.1)", _openapi)
