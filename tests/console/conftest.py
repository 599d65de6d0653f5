"""A running server with the built console, and people at it, in a real browser."""

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import people
import pytest
from chromium import browsing
from people import Person
from servers import Server, start_server
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A real browser, new for each file of tests."""
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the console, for all tests of it; each makes a project of its own."""
    assert people.console_is_built(), "run `make console` first: it builds the console"
    running = start_server(tmp_path_factory.mktemp("console"))
    yield running
    assert running.stop() == 0, "the server did not drain and exit cleanly"


@pytest.fixture(scope="session")
def owner_cookies(site: Server) -> list[dict[str, Any]]:
    """What a browser keeps of the owner's session."""
    return people.signed_in(site)


@pytest.fixture
def shop(site: Server) -> Shop:
    """A new project to show, with an SDK key; see ``tests/support/shop.py`` for what it can be filled with."""
    return Shop(site)


@pytest.fixture
def enter(browser: "Browser", site: Server) -> Iterator[Callable[..., Person]]:
    """Opens a browser for somebody who has these cookies; further options are those of Playwright's contexts."""
    came: list[Person] = []

    def enter(cookies: list[dict[str, Any]], **context: Any) -> Person:
        came.append(Person(browser, site, cookies, **context))
        return came[-1]

    yield enter
    for each in came:
        each.leave()


@pytest.fixture
def console(enter: Callable[..., Person], owner_cookies: list[dict[str, Any]]) -> Person:
    """The owner, signed in."""
    return enter(owner_cookies)


@pytest.fixture
def person(enter: Callable[..., Person], site: Server) -> Callable[..., Person]:
    """Gives somebody else, signed in, who may look around and do what the statements of their role allow."""

    def person(*statements: dict[str, Any], key: str = "", **context: Any) -> Person:
        email = people.member_with(site, key or f"person-{next(_numbers)}", statements)
        return enter(people.signed_in(site, email), **context)

    return person
