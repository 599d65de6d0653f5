"""What a command is: what it takes besides settings, and what it does."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from flaghoist.base.settings import Settings


def _nothing_more(_parser: ArgumentParser) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Command:
    """``run`` gets the settings in force and what was given besides, and gives the exit status."""

    run: Callable[[Settings, Namespace], int]
    options: Callable[[ArgumentParser], None] = _nothing_more
