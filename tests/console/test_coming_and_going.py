"""Into the console and out of it: one-time links, passwords, sessions that end, and all of it without a mouse."""

import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import browsers
import people
import pytest
from people import PASSWORD, Person
from servers import Server
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect


@pytest.fixture
def member(site: Server, shop: Shop) -> str:
    """The e-mail of a member with a password, who may look around and switch flags in the test's project."""
    resource = f"proj/{shop.project}:env/*:flag/*"
    allowed = {"effect": "allow", "resources": [resource], "actions": ["*"]}
    email = people.member_with(site, f"m-{shop.project}", [allowed])
    people.signed_in(site, email)
    return email


def fill_in(page: "Page", email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password", exact=True).press("Enter")


def test_whoever_opens_a_page_signs_in_first_and_gets_that_page(
    enter: Callable[..., Person], shop: Shop, member: str
) -> None:
    shop.flag("checkout")
    visitor = enter([])
    visitor.expect_complaint("status of 401")
    wanted = f"/projects/{shop.project}/production/flags/checkout"
    page = visitor.open(wanted)
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()

    fill_in(page, member, "not this one")
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("Could not sign in")
    wrong_password = refused.inner_text()
    expect(page.get_by_label("E-mail")).to_have_value(member)
    fill_in(page, "nobody@example.com", "not this one")
    expect(page.get_by_role("button", name="Sign in")).to_be_enabled()
    assert refused.inner_text() == wrong_password, "who has an account here is nobody's business"

    fill_in(page, member, PASSWORD)
    page.wait_for_url(f"**{wanted}*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("checkout")


def test_a_link_to_elsewhere_is_not_followed_after_signing_in(
    enter: Callable[..., Person], member: str, site: Server
) -> None:
    page = enter([]).open("/sign-in?then=" + urllib.parse.quote("https://example.com/evil"))
    fill_in(page, member, PASSWORD)
    page.wait_for_url("**/flags*")
    assert page.url.startswith(site.url)


def test_who_guesses_passwords_is_told_to_wait(enter: Callable[..., Person]) -> None:
    guesser = enter([])
    guesser.expect_complaint("status of (401|429)")
    page = guesser.open("/sign-in")
    for number in range(11):
        with page.expect_response("**/internal/session"):
            fill_in(page, "guessed@example.com", f"guess {number}")
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts")
    expect(page.get_by_role("button", name="Wait")).to_be_disabled()


def test_a_session_that_ends_asks_for_the_password_and_keeps_what_was_typed(
    enter: Callable[..., Person], shop: Shop, member: str, site: Server
) -> None:
    way_in = browsers.Browser(site)
    assert way_in.sign_in(member, PASSWORD).status_code == 201
    cookies = [{"name": each.name, "value": each.value, "url": site.url} for each in way_in.session.cookies]
    visitor = enter(cookies)
    visitor.expect_complaint("status of 401")
    page = visitor.open(f"/projects/{shop.project}/production/flags")
    page.get_by_role("button", name="Create flag").first.click()
    form = page.get_by_role("dialog", name="Create a flag")
    form.get_by_role("textbox", name="Name", exact=True).first.fill("Half typed")

    assert way_in.call("DELETE", "/internal/sessions").status_code == 204  # signed out everywhere, from another browser
    form.get_by_role("button", name="Create flag").click()
    ended = page.get_by_role("dialog", name="Your session has ended")
    expect(ended).to_be_visible()
    ended.get_by_label("Password", exact=True).fill(PASSWORD)
    ended.get_by_label("Password", exact=True).press("Enter")
    expect(ended).to_have_count(0)
    expect(form.get_by_role("textbox", name="Name", exact=True).first).to_have_value("Half typed")
    form.get_by_role("button", name="Create flag").click()
    expect(page.get_by_role("heading", level=1, name="Half typed")).to_be_visible()


def test_a_day_without_a_mouse(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    shop.flag("search")
    page = console.open(f"/projects/{shop.project}/production/flags")
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"

    def ask(text: str) -> None:
        keys.press("Control+k")
        expect(page.get_by_role("textbox", name="Find or do anything")).to_be_focused()
        keys.type(text)

    ask("checkout")
    expect(page.get_by_text("Flag checkout")).to_be_visible()
    for _ in range(20):  # down to the flag
        if "checkout" in selected(page):
            break
        keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_url("**/flags/checkout*")
    console.settle()

    ask("turn off search")
    expect(page.get_by_text("Turn off “search” in Production")).to_be_visible()
    if "search" not in selected(page):
        keys.press("ArrowDown")
    keys.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Turn off “search” in Production?")
    expect(dialog.get_by_role("textbox", name="Comment")).to_be_focused()
    keys.type("Too slow today")
    for _ in range(5):
        if page.evaluate("() => document.activeElement.textContent") == "Turn off":
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(dialog).to_have_count(0)
    assert not shop.server.ok("GET", f"/flags/{shop.project}/search")["environments"]["production"]["on"]


def test_signing_out_ends_it(enter: Callable[..., Person], shop: Shop, member: str, site: Server) -> None:
    visitor = enter(people.signed_in(site, member))
    visitor.expect_complaint("status of 401")
    page = visitor.open(f"/projects/{shop.project}/production/flags")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page = visitor.open(f"/projects/{shop.project}/production/flags")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def selected(page: "Page") -> Any:
    return page.evaluate("() => document.querySelector('[data-selected]')?.textContent ?? ''")
