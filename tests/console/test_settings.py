"""Projects, environments and their keys, access tokens, members and the audit log, as people keep them."""

import re
from collections.abc import Callable

import pytest
from accessibility import check_accessibility
from people import Person, member_with
from servers import Server
from shop import Shop

pytestmark = pytest.mark.world
sync_api = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it")
Page, expect = sync_api.Page, sync_api.expect


def choose(page: Page, what: str, act: str) -> None:
    """Open the menu of a thing and choose an act."""
    page.get_by_role("button", name=f"Actions for {what}").click()
    page.get_by_role("menuitem", name=act).click()


def answers(server: Server, key: str) -> int:
    """How an SDK key is received."""
    return server.session.get(f"{server.url}/sdk/latest-all", headers={"authorization": key}, timeout=30).status_code


def test_a_project_is_created_renamed_and_deleted(console: Person, site: Server) -> None:
    page = console.open("/settings/projects")
    page.get_by_role("button", name="Create project").click()
    dialog = page.get_by_role("dialog", name="Create project")
    dialog.get_by_role("textbox", name="Name").fill("Corner shop!")
    expect(dialog.get_by_role("textbox", name="Key")).to_have_value("corner-shop")
    dialog.get_by_role("button", name="Create project").click()
    page.wait_for_url("**/projects/corner-shop/production/flags")
    assert site.ok("GET", "/projects/corner-shop")["name"] == "Corner shop!"
    page = console.open("/settings/projects?q=corner")
    choose(page, "Corner shop!", "Rename or tag")
    page.get_by_role("textbox", name="Name").fill("Corner store")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Corner store")).to_be_visible()
    choose(page, "Corner store", "Delete")
    delete = page.get_by_role("button", name="Delete project")
    expect(delete).to_be_disabled()
    page.get_by_role("textbox", name="Type corner-shop to confirm").fill("corner-shop")
    delete.click()
    expect(page.get_by_role("heading", name="No project has “corner”")).to_be_visible()
    assert site.call("GET", "/projects/corner-shop").status_code == 404


def test_a_leaked_sdk_key_is_replaced_at_once_or_in_a_while(console: Person, shop: Shop) -> None:
    server, first = shop.server, shop.sdk_key
    page = console.open(f"/projects/{shop.project}/production/settings")
    expect(page.get_by_text(first, exact=True)).to_be_hidden()
    page.get_by_role("button", name="Show the SDK key of Production").click()
    expect(page.get_by_text(first, exact=True)).to_be_visible()
    page.get_by_role("button", name="Reset the SDK key of Production").click()
    expect(page.get_by_text("Until then both keys work.")).to_be_visible()
    check_accessibility(console)
    page.get_by_role("button", name="Reset SDK key").click()
    expect(page.get_by_text("Production has a new SDK key.")).to_be_visible()
    second = server.ok("GET", shop.at)["apiKey"]
    expect(page.get_by_text(second, exact=True)).to_be_visible()
    assert (answers(server, first), answers(server, second)) == (200, 200)
    page.get_by_role("button", name="Reset the SDK key of Production").click()
    page.get_by_role("radio", name="At once").check()
    expect(page.get_by_text("cut off now")).to_be_visible()
    page.get_by_role("textbox", name="Type production to confirm").fill("production")
    page.get_by_role("button", name="Reset SDK key").click()
    expect(page.get_by_text(second, exact=True)).to_be_hidden()
    third = server.ok("GET", shop.at)["apiKey"]
    assert [answers(server, key) for key in (first, second, third)] == [401, 401, 200]


def test_an_environment_begins_as_a_copy_and_gets_rules_of_its_own(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    page = console.open(f"/projects/{shop.project}/production/settings")
    page.get_by_role("button", name="Create environment").click()
    page.get_by_role("combobox", name="Begin as a copy of").click()
    page.get_by_role("option", name="Production").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Staging EU")
    page.get_by_role("checkbox", name="Critical").uncheck()
    page.get_by_role("checkbox", name="Require comments").check()
    check_accessibility(console)
    page.get_by_role("dialog").get_by_role("button", name="Create environment").click()
    card = page.get_by_role("region", name="Staging EU")
    expect(card.get_by_text("Comments required")).to_be_visible()
    expect(card.get_by_text("Critical")).to_be_hidden()
    flag = shop.server.ok("GET", f"/flags/{shop.project}/checkout")
    assert flag["environments"]["staging-eu"]["on"]
    choose(page, "Staging EU", "Edit")
    page.get_by_role("textbox", name="Name").fill("Rehearsal")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Rehearsal", exact=True)).to_be_visible()
    choose(page, "Rehearsal", "Delete")
    page.get_by_role("textbox", name="Type staging-eu to confirm").fill("staging-eu")
    page.get_by_role("button", name="Delete environment").click()
    expect(page.get_by_role("heading", name="Rehearsal", exact=True)).to_be_hidden()
    kept = shop.server.ok("GET", f"/projects/{shop.project}/environments")["items"]
    assert [each["key"] for each in kept] == ["production", "test"]


def test_who_may_not_is_told_why_and_sees_no_secret(person: Callable[..., Person], shop: Shop) -> None:
    looker = person()
    page = looker.open(f"/projects/{shop.project}/production/settings")
    reset = page.get_by_role("button", name="Reset the SDK key of Production")
    expect(reset).to_have_attribute("aria-disabled", "true")
    expect(reset).to_have_accessible_description(re.compile("no statement"))
    expect(page.get_by_text("your role does not let you see it").first).to_be_visible()
    assert shop.sdk_key not in page.content()


def test_a_token_is_shown_once_reset_and_deleted(console: Person, site: Server) -> None:
    def secret() -> str:
        code = page.get_by_role("dialog").locator("code").first
        expect(code).to_contain_text("api-")
        return code.inner_text()

    def works(token: str) -> bool:
        return site.call("GET", "/projects", token=token).ok

    page = console.open("/settings/tokens")
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("textbox", name="Name").fill("Nightly build")
    page.get_by_role("dialog").get_by_role("button", name="Create token").click()
    first = secret()
    assert works(first)
    assert site.call("POST", "/projects", token=first, json={"key": "x", "name": "X"}).status_code == 403, "a reader"
    check_accessibility(console)
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_role("row", name="Nightly build")).to_contain_text("Reader")
    assert first not in page.content()
    choose(page, "Nightly build", "Reset")
    page.get_by_role("button", name="Reset token").click()
    second = secret()
    assert (works(first), works(second)) == (False, True)
    page.get_by_role("button", name="I have copied it").click()
    choose(page, "Nightly build", "Delete")
    page.get_by_role("button", name="Delete token").click()
    expect(page.get_by_role("row", name="Nightly build")).to_be_hidden()
    assert not works(second)


def test_the_audit_log_is_narrowed_down_in_the_address(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    shop.server.ok("PATCH", f"/projects/{shop.project}", json=[{"op": "add", "path": "/tags/-", "value": "eu"}])
    page = console.open(f"/settings/audit?project={shop.project}")
    entries = page.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(entries).to_have_count(6)
    page.get_by_role("combobox", name="What", exact=True).click()
    page.get_by_role("option", name="Flags").click()
    expect(entries).to_have_count(2)
    assert page.url.endswith(f"?project={shop.project}&what=flag")
    expect(entries.first).to_contain_text("turned on the flag checkout in Production")
    page.get_by_role("button", name="Details").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("row", name="environments.production.on")).to_contain_text("true")
    expect(drawer.get_by_text("updateOn")).to_be_visible()
    check_accessibility(console)
    link = page.url
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    shop.change("checkout", {"kind": "turnFlagOff"})
    expect(entries).to_have_count(3)  # what others change appears by itself
    expect(console.open(link.replace(site_of(link), "")).get_by_role("dialog")).to_contain_text("updateOn")


def test_older_changes_are_shown_without_gaps_or_repeats(console: Person, shop: Shop) -> None:
    for number in range(25):
        shop.flag(f"flag-{number:02}", on=False)
    page = console.open(f"/settings/audit?project={shop.project}&what=flag")
    entries = page.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(entries).to_have_count(20)
    page.get_by_role("button", name="Show older changes").click()
    expect(entries).to_have_count(25)
    told = entries.all_inner_texts()
    assert [f"flag-{number:02}" in told[24 - number] for number in range(25)] == [True] * 25
    expect(page.get_by_role("button", name="Show older changes")).to_be_hidden()


def test_a_member_is_found_and_given_another_role(console: Person, site: Server) -> None:
    email = member_with(site, "climber", [])
    member = site.ok("GET", f"/members?filter=email:{email}")["items"][0]
    role = [{"op": "replace", "path": "/customRoles", "value": []}]
    site.ok("PATCH", f"/members/{member['_id']}", json=role)
    page = console.open("/settings/members?q=climber")
    row = page.get_by_role("row", name="Climber")
    expect(row).to_contain_text("No access")
    choose(page, email, "Change role")
    page.get_by_role("radio", name="Writer").check()
    page.get_by_role("button", name="Change role").click()
    expect(row).to_contain_text("Writer")
    assert site.ok("GET", f"/members/{member['_id']}")["role"] == "writer"
    page = console.open("/settings/members?q=owner")
    page.get_by_role("button", name="Actions for owner@example.com").click()
    item = page.get_by_role("menuitem", name="Change role")
    expect(item).to_contain_text("The owner of the account keeps that role")


def site_of(url: str) -> str:
    return "/".join(url.split("/")[:3])
