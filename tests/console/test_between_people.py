"""People at the console together: what one does the other sees, and what one may not do says why."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from people import Person
from servers import Server
from shop import Shop

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect

WITHIN_MS = 2_000


def may_turn(shop: Shop, environment: str) -> dict[str, Any]:
    resource = f"proj/{shop.project}:env/{environment}:flag/*"
    return {"effect": "allow", "resources": [resource], "actions": ["updateOn"]}


def test_what_somebody_turns_off_is_off_on_everybodys_page(
    console: Person, person: Callable[..., Person], shop: Shop
) -> None:
    shop.flag("checkout")
    colleague = person(may_turn(shop, "production"))
    flags = f"/projects/{shop.project}/production/flags"
    theirs, mine = colleague.open(flags), console.open(flags)
    seen = theirs.get_by_role("switch", name="checkout in Production")
    expect(seen).to_be_checked()
    mine.get_by_role("switch", name="checkout in Production").press("Space")
    confirm = mine.get_by_role("dialog").get_by_role("button", name="Turn off")
    if confirm.is_visible():
        confirm.click()
    expect(seen).not_to_be_checked(timeout=WITHIN_MS)

    shop.change("checkout", {"kind": "turnFlagOn"})
    for page in (mine, theirs):
        expect(page.get_by_role("switch", name="checkout in Production")).to_be_checked(timeout=WITHIN_MS)
    shop.flag("made-by-a-program")
    for page in (mine, theirs):
        expect(page.get_by_role("link", name="made-by-a-program").first).to_be_visible(timeout=WITHIN_MS)


def test_a_switch_that_may_not_be_used_stays_in_reach_and_says_why(person: Callable[..., Person], shop: Shop) -> None:
    shop.flag("checkout")
    guest = person(may_turn(shop, "test"))
    page = guest.open(f"/projects/{shop.project}/production/flags")
    switch = page.get_by_role("switch", name="checkout in Production")
    expect(switch).to_have_attribute("aria-disabled", "true")
    why = re.compile('no statement of "role-person-.*" allows updateOn')
    expect(switch).to_have_accessible_description(why)
    switch.focus()
    expect(page.get_by_role("tooltip")).to_contain_text(why)
    page.keyboard.press("Space")
    expect(switch).to_be_checked()
    assert shop.server.ok("GET", f"/flags/{shop.project}/checkout")["environments"]["production"]["on"]

    elsewhere = guest.open(f"/projects/{shop.project}/test/flags").get_by_role("switch", name="checkout in Test")
    expect(elsewhere).not_to_have_attribute("aria-disabled", "true")


def test_a_permission_that_is_taken_away_is_gone_from_the_open_page(
    person: Callable[..., Person], shop: Shop, site: Server
) -> None:
    shop.flag("checkout")
    page = person(may_turn(shop, "production"), key="mara").open(f"/projects/{shop.project}/production/flags")
    page.get_by_role("button", name="Account: Mara").click()
    expect(page.get_by_text("mara@example.com · custom roles")).to_be_visible()
    page.keyboard.press("Escape")
    switch = page.get_by_role("switch", name="checkout in Production")
    expect(switch).not_to_have_attribute("aria-disabled", "true")
    policy = site.ok("GET", "/roles/role-mara")["policy"]
    site.ok("PATCH", "/roles/role-mara", json=[{"op": "replace", "path": "/policy", "value": policy[:-1]}])
    expect(switch).to_have_attribute("aria-disabled", "true", timeout=WITHIN_MS)


def test_what_the_server_refuses_is_shown_in_its_own_words_and_nothing_typed_is_lost(
    console: Person, shop: Shop
) -> None:
    shop.flag("checkout")
    console.expect_complaint("status of 409")
    page = console.open(f"/projects/{shop.project}/production/flags")
    page.get_by_role("button", name="Create flag").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).first.fill("Checkout")
    expect(dialog.get_by_role("textbox", name="Key", exact=True).first).to_have_value("checkout")
    dialog.get_by_role("button", name="Create flag").click()
    refused = shop.server.call("POST", f"/flags/{shop.project}", json={"key": "checkout", "name": "Checkout"})
    expect(page.get_by_role("alert").first).to_contain_text(refused.json()["message"])
    expect(dialog.get_by_role("textbox", name="Name", exact=True).first).to_have_value("Checkout")
    dialog.get_by_role("textbox", name="Key", exact=True).first.fill("checkout-2")
    dialog.get_by_role("button", name="Create flag").click()
    expect(page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()
    assert shop.server.ok("GET", f"/flags/{shop.project}/checkout-2")["name"] == "Checkout"
