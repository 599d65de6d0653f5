"""Flags in the console: found, created, turned on, changed, followed back, and retired."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from accessibility import check_accessibility
from people import NARROW, Person
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect


def listed(person: Person, shop: Shop, query: str = "") -> "Page":
    return person.open(f"/projects/{shop.project}/production/flags{query}")


def opened(person: Person, shop: Shop, key: str, tab: str) -> "Page":
    page = person.open(f"/projects/{shop.project}/production/flags/{key}?tab={tab}")
    expect(page.get_by_role("tab", name=re.compile(tab, re.IGNORECASE))).to_be_visible()
    return page


def whole(shop: Shop, key: str) -> dict[str, Any]:
    flag = shop.server.ok("GET", f"/flags/{shop.project}/{key}")
    assert isinstance(flag, dict)
    return flag


def is_on(shop: Shop, key: str, environment: str = "production") -> bool:
    return bool(whole(shop, key)["environments"][environment]["on"])


def tag(shop: Shop, key: str, *tags: str) -> None:
    patch = [{"op": "replace", "path": "/tags", "value": list(tags)}]
    shop.server.ok("PATCH", f"/flags/{shop.project}/{key}", json=patch)


def require_comments(shop: Shop) -> None:
    shop.server.ok("PATCH", shop.at, json=[{"op": "replace", "path": "/requireComments", "value": True}])


def test_a_flag_is_found_by_name_and_by_tag_and_the_address_keeps_what_was_asked(console: Person, shop: Shop) -> None:
    for key in ("checkout", "search", "check-in"):
        shop.flag(key, on=False)
    tag(shop, "checkout", "money")
    page = listed(console, shop)
    expect(page.get_by_role("status")).to_have_text("3 flags")
    page.get_by_label("Search by name or key").fill("check")
    expect(page.get_by_role("status")).to_have_text("2 flags")
    page.get_by_role("combobox", name="Tags").click()
    page.get_by_role("option", name="money", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("1 flag")
    asked = page.url
    assert re.search(r"q=check.*tags=money", asked)
    page.goto(asked)
    expect(page.get_by_role("link", name="checkout")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 flag")
    page.get_by_label("Search by name or key").fill("nothing like it")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.get_by_role("status")).to_have_text("3 flags")


def test_hundreds_of_flags_are_drawn_only_where_they_are_looked_at(console: Person, shop: Shop) -> None:
    for number in range(300):
        shop.server.ok("POST", f"/flags/{shop.project}", json={"key": f"flag-{number:03}"})
    page = listed(console, shop, "?sort=key")
    expect(page.get_by_role("link", name="flag-000")).to_be_visible()
    assert page.get_by_role("row").count() < 60
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("link", name="flag-299")).to_be_visible()
    assert page.get_by_role("row").count() < 60
    page.evaluate("window.scrollTo(0, 0)")
    page.get_by_role("button", name="Flag", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))


def test_a_switch_acts_at_once_or_asks_first_where_much_depends_on_it(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    page = console.open(f"/projects/{shop.project}/test/flags")
    page.get_by_role("switch", name="checkout in Test").press("Space")
    expect(page.get_by_text("checkout is on in Test.")).to_be_visible()
    assert is_on(shop, "checkout", "test")
    require_comments(shop)
    page = listed(console, shop)
    switch = page.get_by_role("switch", name="checkout in Production")
    switch.press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Production is a critical environment.")
    expect(dialog.get_by_role("button", name="Turn off")).to_be_disabled()
    assert is_on(shop, "checkout"), "nothing happens before it is confirmed"
    dialog.get_by_label("Comment").fill("Payment is down")
    check_accessibility(console)
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog).to_have_count(0)
    assert not is_on(shop, "checkout")
    expect(switch).not_to_be_checked()


def test_what_the_api_changes_shows_without_reload(console: Person, shop: Shop) -> None:
    shop.flag("checkout", on=False)
    page = listed(console, shop)
    switch = page.get_by_role("switch", name="checkout in Production")
    expect(switch).not_to_be_checked()
    shop.change("checkout", {"kind": "turnFlagOn"})
    expect(switch).to_be_checked()
    shop.flag("search")
    expect(page.get_by_role("link", name="search")).to_be_visible()


def test_a_flag_is_created_with_values_checked_while_they_are_typed(console: Person, shop: Shop) -> None:
    page = listed(console, shop)
    expect(page.get_by_role("heading", name="No flags yet")).to_be_visible()
    expect(page.get_by_role("region", name="the Python code")).to_contain_text(shop.sdk_key)
    page.get_by_role("button", name="Create flag").first.click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name", exact=True).fill("Überall größer?")
    expect(form.get_by_role("textbox", name="Key")).to_have_value("uberall-gro-er")
    form.get_by_role("textbox", name="Key").fill("sizes")
    form.get_by_text("JSON", exact=True).click()
    second = form.get_by_label("Value of variation 2")
    second.fill("{}")
    expect(form).to_contain_text("The same value as variation 1")
    second.fill('{"size":')
    expect(form).to_contain_text("Not valid JSON")
    create = form.get_by_role("button", name="Create flag")
    expect(create).to_be_disabled()
    second.fill('{"size": 12}')
    check_accessibility(console)
    create.click()
    expect(page.get_by_role("heading", name="Überall größer?")).to_be_visible()
    expect(page).to_have_url(re.compile("/flags/sizes$"))
    flag = whole(shop, "sizes")
    assert [each["value"] for each in flag["variations"]] == [{}, {"size": 12}]
    assert flag["defaults"] == {"onVariation": 0, "offVariation": 1}


def test_a_variation_says_what_uses_it_and_goes_only_when_nothing_does(console: Person, shop: Shop) -> None:
    red = shop.flag("colour", ("red", "green", "blue"))[0]
    shop.flag("checkout")
    shop.change("checkout", {"kind": "addPrerequisite", "key": "colour", "variationId": red})
    page = opened(console, shop, "colour", "variations")
    row = page.get_by_role("row").filter(has_text="red")
    expect(row).to_contain_text("Production: default rule, prerequisite of checkout")
    expect(row.get_by_role("button", name="Remove red")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Edit green").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Value").fill("blue")
    expect(dialog).to_contain_text("The same value as variation")
    dialog.get_by_label("Value").fill("lime")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Lime")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Lime")).to_contain_text("Nowhere")
    check_accessibility(console)
    page.get_by_role("button", name="Remove Lime").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("row").filter(has_text="Lime")).to_have_count(0)
    assert [each["value"] for each in whole(shop, "colour")["variations"]] == ["red", "blue"]


def test_settings_are_saved_together_and_a_flag_goes_when_its_key_is_typed(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    page = opened(console, shop, "checkout", "settings")
    page.get_by_role("textbox", name="Description").fill("One page")
    page.get_by_label("Browsers and others with a client-side ID").uncheck()
    page.get_by_label("Comment").fill("Nobody needs it there")
    check_accessibility(console)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    flag = whole(shop, "checkout")
    assert (flag["description"], flag["clientSideAvailability"]["usingEnvironmentId"]) == ("One page", False)
    assert flag["_version"] == 3, "one change, however many settings"
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("dialog")).to_contain_text("It is on in production")
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("archived", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    delete = page.get_by_role("dialog").get_by_role("button", name="Delete")
    expect(delete).to_be_disabled()
    page.get_by_label("Type checkout to confirm").fill("checkout")
    console.expect_complaint("404")
    delete.click()
    expect(page.get_by_role("heading", name="No flags yet")).to_be_visible()
    assert shop.server.call("GET", f"/flags/{shop.project}/checkout").status_code == 404


def test_what_rests_on_a_flag_is_named_before_it_is_retired(console: Person, shop: Shop) -> None:
    variations = shop.flag("checkout")
    shop.flag("search")
    shop.change("search", {"kind": "addPrerequisite", "key": "checkout", "variationId": variations[0]})
    shop.metric("order")
    shop.experiment("bigger-button", flag="checkout", variations=variations, metric="order", percent=50)
    page = opened(console, shop, "checkout", "settings")
    resting = page.get_by_role("listitem")
    expect(resting.filter(has_text="Flag search in Production")).to_be_visible()
    archive = page.get_by_role("button", name="Archive")
    expect(archive).to_have_attribute("aria-disabled", "true")
    archive.focus()
    expect(page.get_by_role("tooltip")).to_have_text("Needed by search: change that first.")
    check_accessibility(console)
    resting.filter(has_text="Experiment bigger-button in Production").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/experiments/bigger-button"))


def test_history_tells_what_happened_and_leads_back(console: Person, shop: Shop) -> None:
    old, new = shop.flag("checkout", ("old", "new"), on=False)
    shop.change("checkout", {"kind": "turnFlagOn"}, {"kind": "addTargets", "variationId": new, "values": ["ann"]})
    shop.change("checkout", {"kind": "updateFallthroughVariationOrRollout", "variationId": new})
    shop.change("checkout", {"kind": "updateName", "value": "New checkout"})
    page = opened(console, shop, "checkout", "history")
    entries = page.get_by_role("list", name="History").locator("> li")
    expect(entries).to_have_count(4)
    expect(entries.nth(2)).to_contain_text("in Production")
    expect(entries.nth(2)).to_contain_text("Turned on")
    entries.nth(0).get_by_role("button", name="Show the fields").click()
    expect(entries.nth(0).get_by_role("row").filter(has_text="name")).to_contain_text("New checkout")
    expect(entries.nth(3).get_by_role("button", name="Revert to before this")).to_have_count(0)
    entries.nth(2).get_by_role("button", name="Revert to before this").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This undoes 3 changes")
    expect(dialog.get_by_role("row").filter(has_text="environments.production.on")).to_contain_text("false")
    check_accessibility(console)
    dialog.get_by_label("Comment").fill("It was better before")
    dialog.get_by_role("button", name="Revert").click()
    expect(entries).to_have_count(5)
    expect(entries.nth(0)).to_contain_text("It was better before")
    flag = whole(shop, "checkout")
    config = flag["environments"]["production"]
    assert (flag["name"], config["on"], config["targets"]) == ("checkout", False, [])
    assert config["fallthrough"] == {"variation": 0}
    assert [each["_id"] for each in flag["variations"]] == [old, new]


def test_code_to_use_a_flag_has_the_keys_of_the_environment(console: Person, shop: Shop) -> None:
    shop.flag("limit", (10, 20))
    page = opened(console, shop, "limit", "use")
    code = page.get_by_role("region", name="the Python code")
    expect(code).to_contain_text(shop.sdk_key)
    expect(code).to_contain_text('client.variation("limit", context, 0)')
    page.get_by_role("tab", name="JavaScript (browser)").click()
    expect(page.get_by_role("region", name="the JavaScript (browser) code")).to_contain_text(shop.client_id)


def test_who_may_only_look_is_told_why_nothing_can_be_changed(person: Callable[..., Person], shop: Shop) -> None:
    shop.flag("checkout")
    guest = person(viewport=NARROW)
    page = listed(guest, shop)
    create = page.get_by_role("button", name="Create flag")
    expect(create).to_have_attribute("aria-disabled", "true")
    create.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    switch = page.get_by_role("switch", name="checkout in Production")
    expect(switch).to_have_attribute("aria-disabled", "true")
    switch.press("Space")
    assert is_on(shop, "checkout")
    page = opened(guest, shop, "checkout", "settings")
    expect(page.get_by_role("textbox", name="Name", exact=True)).not_to_be_editable()
    expect(page.get_by_role("button", name="Archive")).to_have_attribute("aria-disabled", "true")


def test_where_an_approval_is_asked_for_the_switch_says_so(person: Callable[..., Person], shop: Shop) -> None:
    shop.flag("checkout")
    asking = [{"op": "replace", "path": "/approvalSettings/required", "value": True}]
    shop.server.ok("PATCH", shop.at, json=asking)
    mine = f"proj/{shop.project}:env/*:flag/*"
    writer = person({"effect": "allow", "resources": [mine], "actions": ["updateOn"]})
    page = listed(writer, shop)
    switch = page.get_by_role("switch", name="checkout in Production")
    switch.focus()
    expect(page.get_by_role("tooltip")).to_contain_text("Production asks for an approval of changes")
    switch.press("Space")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert is_on(shop, "checkout")
    page = writer.open(f"/projects/{shop.project}/test/flags")
    page.get_by_role("switch", name="checkout in Test").press("Space")
    expect(page.get_by_text("checkout is on in Test.")).to_be_visible()
