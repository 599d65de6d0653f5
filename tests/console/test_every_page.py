"""Every page for everybody: in light and dark, on a phone, enlarged, without a mouse, with nothing in it yet."""

import re
from collections.abc import Callable
from typing import Any

import living
import pytest
from accessibility import check_accessibility
from console_pages import EMPTY_PAGES, ENTRANCES, PAGES
from people import NARROW, Person
from servers import Server
from toolchains import ROOT

pytestmark = pytest.mark.world
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "dark", "viewport": NARROW, "has_touch": True},
    # A window of 1280 pixels at 200 %: half as many, each twice as large (WCAG 2.2, 1.4.4 and 1.4.10).
    "enlarged": {"color_scheme": "light", "viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
}
# Tables and pictures of data may scroll sideways within themselves, the page as a whole may not.
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def filled(site: Server) -> Server:
    """The server with a shop in full swing, and a project with nothing in it."""
    living.fill(site, visitors=400)
    site.project(key="new-shop", name="New shop")
    return site


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.usefixtures("filled")
def test_nothing_stands_in_anybodys_way(
    enter: Callable[..., Person], owner_cookies: list[dict[str, Any]], look: str
) -> None:
    faults: list[str] = []
    for pages, cookies in ((ENTRANCES, []), ({**PAGES, **EMPTY_PAGES}, owner_cookies)):
        person = enter(cookies, **LOOKS[look])
        person.expect_complaint("status of 404")  # a welcome with a link that has ended
        for name, path in pages.items():
            faults.extend(f"{name}: {fault}" for fault in faults_of(person, path))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.usefixtures("filled")
def test_nothing_stands_in_anybodys_way_in_what_opens_on_a_page(
    enter: Callable[..., Person], owner_cookies: list[dict[str, Any]], look: str
) -> None:
    person = enter(owner_cookies, **LOOKS[look])
    page = person.open(PAGES["flags"])
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Find or do anything").fill("free")
    page.get_by_text("Flag free-shipping").wait_for()
    check_accessibility(person)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").wait_for()
    check_accessibility(person)
    person.open(PAGES["flags"]).get_by_role("button", name="Create flag").first.click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name", exact=True).first.wait_for()
    check_accessibility(person)


def test_no_page_is_forgotten_here() -> None:
    """Every route that a family declares is visited."""
    declared = {
        path.strip("/")
        for routes in (ROOT / "web" / "src" / "features").glob("*/*/routes.ts")
        for path in re.findall(r"path: '([^']+)'", routes.read_text())
    }
    visited = {urlless(path) for path in {**PAGES, **EMPTY_PAGES, **ENTRANCES}.values()}
    missing = {path for path in declared if not any(re.search(pattern(path), each) for each in visited)}
    assert not missing, f"add these to tests/support/console_pages.py: {sorted(missing)}"


def faults_of(person: Person, path: str) -> list[str]:
    """What is wrong with a page, one text for each fault."""
    person.open(path)
    found = []
    try:
        check_accessibility(person)
    except AssertionError as error:
        found.append(str(error))
    too_wide = person.page.evaluate(TOO_WIDE)
    if too_wide > 1:
        found.append(f"{path} is {too_wide} pixels wider than the window")
    if person.page.locator("h1").count() != 1:
        found.append(f"{path} has {person.page.locator('h1').count()} headings of the first level")
    return found


def urlless(path: str) -> str:
    return path.partition("?")[0].strip("/")


def pattern(path: str) -> str:
    return "(^|/)" + re.sub(r"\\?\$\w+", "[^/]+", re.escape(path)) + "$"
