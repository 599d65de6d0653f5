"""A real browser for tests: the system's Chromium, without a window, that speaks to nobody but the test."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import toolchains

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Nothing goes out by itself; there is no sandbox in a container whose user is root.
_QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def browsing() -> "Iterator[Browser]":
    """A running browser. While it runs, this thread cannot run an event loop of its own."""
    from playwright.sync_api import sync_playwright  # tests without a browser are read where there is none of this

    program = toolchains.chromium()
    if program is None:
        pytest.fail("run `make setup-world` first: it installs Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_QUIETLY))
        yield browser
        browser.close()
