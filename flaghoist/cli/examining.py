"""``flaghoist doctor``: what is wrong with a data folder and its state, and what to do about it."""

import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict

from flaghoist.app.doctor import examine
from flaghoist.base import json
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.store.doctor.finding import Finding


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON array")


def _doctor(settings: Settings, chosen: Namespace) -> int:
    """Examine; the exit status is 1 if there is trouble."""
    logging.getLogger("flaghoist").setLevel(logging.CRITICAL)  # what is found is told below, once
    found = examine(settings)
    print(json.encode([asdict(each) for each in found]).decode() if chosen.json else _told(found))
    return int(any(each.is_trouble for each in found))


def _told(found: Sequence[Finding]) -> str:
    lines = []
    for each in found:
        lines.append(f"{'TROUBLE' if each.is_trouble else 'note   '}  {each.text}")
        if each.advice:
            lines.append(f"         → {each.advice}")
    trouble = sum(each.is_trouble for each in found)
    lines.append(f"{trouble} of {len(found)} findings are trouble." if trouble else "Nothing is wrong.")
    return "\n".join(lines)


COMMAND = Command(_doctor, _options)
