"""Asks a log as long as it takes to be connected to it."""

import time
from collections.abc import Callable
from typing import TypeVar

from flaghoist.base.errors import Unavailable

T = TypeVar("T")

WITHIN_SECONDS = 6.0
AGAIN_SECONDS = 0.1


def patiently(ask: Callable[[], T]) -> T:
    """What it answers in some seconds; raises ``Unavailable`` with the reason it gave last."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        try:
            return ask()
        except Unavailable:
            if time.monotonic() >= deadline:
                raise
            time.sleep(AGAIN_SECONDS)
