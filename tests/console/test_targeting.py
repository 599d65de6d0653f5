"""Targeting edited in the console: nothing happens until it is saved, and then SDKs see just that."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import ldclient
import pytest
import python_sdk
from accessibility import check_accessibility
from driven import until
from people import NARROW, Person
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect

IN_PRODUCTION = "proj/{}:env/production:flag/*"


@contextmanager
def sdk(shop: Shop) -> Iterator[ldclient.LDClient]:
    """The official server-side SDK for Python, connected."""
    with python_sdk.following(shop.server.url, shop.sdk_key) as client:
        assert client.is_initialized()
        yield client


def served(client: ldclient.LDClient, key: str, kind: str = "user", **attributes: Any) -> Any:
    context = ldclient.Context.from_dict({"kind": kind, "key": key, **attributes})
    return client.variation("checkout", context, "fallback")


def edited(person: Person, shop: Shop) -> "Page":
    page = person.open(f"/projects/{shop.project}/production/flags/checkout")
    expect(page.get_by_role("heading", name="Default rule")).to_be_visible()
    return page


def choose(page: "Page", label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).last.click()
    page.get_by_role("option", name=option, exact=True).click()


def fill_condition(page: "Page", rule: int, attribute: str, comparison: str, *values: str) -> None:
    card = page.locator("[data-rule]").nth(rule)
    condition = card.get_by_role("group", name="Condition").last
    condition.get_by_role("combobox", name="Attribute").fill(attribute)
    condition.get_by_role("combobox", name="Comparison").click()
    page.get_by_role("option", name=comparison, exact=True).click()
    for value in values:
        field = condition.get_by_role("combobox", name="Values", exact=True)
        field.fill(value)
        field.press("Enter")


def save(page: "Page", comment: str = "") -> None:
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog")
    if comment:
        dialog.get_by_label("Comment").fill(comment)
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)


def after_the_drop(page: "Page") -> None:
    """The moment that no person is quick enough to notice: for 50 ms after a drop dnd-kit swallows every click, so
    that the end of a drag is not taken for one. Waited for by the page's own clock, which is late when that one is.
    """
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 60))")


def press_until_told(page: "Page", key: str, told: str) -> None:
    """Press a key as a person does who listens: nothing moves in the moment in which a rule is just being taken."""
    for _ in range(5):
        page.keyboard.press(key)
        with suppress(AssertionError):
            expect(page.get_by_text(told)).to_be_attached(timeout=1_000)
            return
    raise AssertionError(f"{key} was pressed in vain: never told '{told}'")


def config(shop: Shop) -> dict[str, Any]:
    flag = shop.server.ok("GET", f"/flags/{shop.project}/checkout")
    found = flag["environments"]["production"]
    assert isinstance(found, dict)
    return found


def rules_named(shop: Shop, *names: str) -> None:
    ids = shop.flag("checkout", ("new", "old"))
    clause = {"contextKind": "user", "attribute": "plan", "op": "in", "negate": False}
    for name in names:
        rule = {"clauses": [{**clause, "values": [name]}], "variationId": ids[0], "description": name}
        shop.change("checkout", {"kind": "addRule", **rule})


def test_a_rule_a_target_and_the_switch_are_drafted_reviewed_and_served(console: Person, shop: Shop) -> None:
    shop.flag("checkout", ("new", "old", "blue"), on=False)
    page = edited(console, shop)
    with sdk(shop) as client:
        page.get_by_role("switch", name="Targeting").press("Space")
        page.get_by_role("button", name="Add targets").click()
        keys = page.get_by_role("combobox", name="Serve “new” to these user keys")
        keys.press_sequentially("ada,bob")
        keys.press("Enter")
        page.get_by_role("button", name="Add a rule").click()
        page.get_by_label("Description").fill("Colleagues abroad")
        fill_condition(page, 0, "email", "ends with", "@corp.com")
        page.get_by_role("button", name="Add a condition").click()
        fill_condition(page, 0, "country", "is one of", "IT", "FR")
        choose(page, "Serve", "new")
        choose(page, "By default, serve", "old")
        sentence = "If user email ends with “@corp.com” and country is one of “IT”, “FR”, serve new."
        expect(page.locator("[data-rule]")).to_contain_text(sentence)
        expect(page.get_by_role("region", name="Unsaved changes")).to_contain_text("4 unsaved changes in Production")
        check_accessibility(console)
        assert config(shop)["on"] is False, "nothing is saved before it has been reviewed"
        assert served(client, "ada") == "blue"

        page.get_by_role("button", name="Review and save").click()
        words = page.get_by_role("dialog").get_by_role("listitem").all_inner_texts()
        assert words == [
            "Turn targeting on",
            "Serve “new” to user ada, bob",
            f"Add a rule “Colleagues abroad”: {sentence[:-1]}",
            "By default, serve old instead of new",
        ]
        check_accessibility(console)
        page.keyboard.press("Escape")
        save(page, comment="Italy and France first")

        until(lambda: served(client, "ada") == "new", within_seconds=5)
        assert served(client, "eve", email="eve@corp.com", country="IT") == "new"
        assert served(client, "eve", email="eve@corp.com", country="DE") == "old"
    entry = shop.server.ok("GET", f"/auditlog?limit=1&spec={IN_PRODUCTION.format(shop.project)}")["items"][0]
    assert entry["comment"] == "Italy and France first"
    expect(page.get_by_text("4 changes saved in Production.")).to_be_visible()


def test_shares_of_a_rollout_always_add_to_a_hundred_percent(console: Person, shop: Shop) -> None:
    ids = shop.flag("checkout", ("new", "old", "blue"))
    page = edited(console, shop)
    choose(page, "By default, serve", "A percentage rollout")
    share = page.get_by_role("textbox", name="Share of new")
    share.fill("40")
    share.press("Enter")
    page.get_by_role("slider", name="Share of blue").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Together 100%")).to_be_visible()
    page.get_by_role("combobox", name="Share out by").fill("company")
    page.get_by_role("combobox", name="Share out by").press("Tab")
    save(page)
    rollout = config(shop)["fallthrough"]["rollout"]
    weights = {ids[share["variation"]]: share["weight"] for share in rollout["variations"]}
    assert sum(weights.values()) == 100_000
    assert weights[ids[2]] == 10_000
    assert weights[ids[0]] * 60 == pytest.approx(weights[ids[1]] * 40, rel=1e-3), "the others keep their proportions"
    assert rollout["contextKind"] == "company"
    with sdk(shop) as client:
        seen = [served(client, f"c{number}", "company") for number in range(500)]
    assert seen.count("blue") == pytest.approx(50, abs=25)


def test_rules_are_put_in_order_by_keyboard_and_by_menu(console: Person, shop: Shop) -> None:
    rules_named(shop, "one", "two", "three")
    page = edited(console, shop)
    page.get_by_role("button", name="Move one:").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("one is (taken, at|over) position 1 of 3"))).to_be_attached()
    press_until_told(page, "ArrowDown", "one is over position 2 of 3.")
    page.keyboard.press("Space")
    expect(page.locator("[data-rule] h3").first).to_have_text("1. two")
    page.get_by_role("button", name="More for three").click()
    page.get_by_role("menuitem", name="Move up").click()
    save(page)
    assert [rule["description"] for rule in config(shop)["rules"]] == ["two", "three", "one"]


def test_rules_are_put_in_order_by_dragging(console: Person, shop: Shop) -> None:
    rules_named(shop, "one", "two", "three")
    page = edited(console, shop)
    page.get_by_role("button", name="Move three:").scroll_into_view_if_needed()
    start = page.get_by_role("button", name="Move three:").bounding_box()
    goal = page.get_by_role("button", name="Move one:").bounding_box()
    assert start and goal
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + 8, goal["y"] + 40, steps=12)
    page.mouse.move(goal["x"] + 8, goal["y"] + 4, steps=4)
    page.mouse.up()
    expect(page.locator("[data-rule] h3").first).to_have_text("1. three")
    after_the_drop(page)
    save(page)
    assert [rule["description"] for rule in config(shop)["rules"]] == ["three", "one", "two"]


def test_what_somebody_else_saves_meanwhile_is_shown_and_both_can_be_kept(console: Person, shop: Shop) -> None:
    rules_named(shop, "one")
    page = edited(console, shop)
    choose(page, "By default, serve", "old")
    rule_id = config(shop)["rules"][0]["_id"]
    shop.change("checkout", {"kind": "updateRuleDescription", "ruleId": rule_id, "description": "first"})
    notice = page.get_by_role("alert").filter(has_text="Somebody else has changed this meanwhile")
    expect(notice).to_contain_text("Call one “first”")
    review = page.get_by_role("button", name="Review and save")
    expect(review).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Keep my changes, on top of theirs").click()
    expect(page.locator("[data-rule] h3")).to_have_text("1. first")
    save(page)
    after = config(shop)
    assert (after["rules"][0]["description"], after["fallthrough"]) == ("first", {"variation": 1})


def test_unsaved_changes_outlive_a_look_at_another_tab_and_can_be_dropped(console: Person, shop: Shop) -> None:
    rules_named(shop, "one")
    page = edited(console, shop)
    page.get_by_role("button", name="More for one").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("tab", name="Variations").click()
    page.get_by_role("tab", name="Targeting").click()
    expect(page.get_by_role("region", name="Unsaved changes")).to_contain_text("1 unsaved change in Production")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[data-rule]")).to_have_count(1)
    assert len(config(shop)["rules"]) == 1


def test_each_part_says_why_it_may_not_be_changed(person: Callable[..., Person], shop: Shop) -> None:
    """Who may only switch the flag, may do that, and reads why the rest stays as it is."""
    rules_named(shop, "one")
    may = {"effect": "allow", "resources": [IN_PRODUCTION.format(shop.project)], "actions": ["updateOn"]}
    somebody = person(may)
    page = edited(somebody, shop)
    rules = page.get_by_role("region", name="Rules")
    expect(rules).to_contain_text("allows updateRules on")
    add = page.get_by_role("button", name="Add a rule")
    expect(add).to_have_attribute("aria-disabled", "true")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-rule]")).to_have_count(1)
    expect(page.get_by_role("combobox", name="By default, serve")).to_be_disabled()
    page.get_by_role("switch", name="Targeting").press("Space")
    save(page)
    assert config(shop)["on"] is False


def test_an_environment_that_wants_comments_gets_one(console: Person, shop: Shop) -> None:
    shop.flag("checkout", ("new", "old"))
    comments = [{"op": "replace", "path": "/requireComments", "value": True}]
    shop.server.ok("PATCH", f"/projects/{shop.project}/environments/production", json=comments)
    page = edited(console, shop)
    choose(page, "While off, serve", "new")
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save changes")).to_be_disabled()
    dialog.get_by_label("Comment (this environment requires one)").fill("because it is Tuesday")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)
    assert config(shop)["offVariation"] == 0


def test_a_rule_that_is_never_reached_says_so(console: Person, shop: Shop) -> None:
    rules_named(shop, "one", "one")
    page = edited(console, shop)
    expect(page.locator("[data-rule]").nth(1)).to_contain_text("never reached: everybody it is for meets one first")


def test_targeting_is_edited_on_a_phone(enter: Callable[..., Person], owner_cookies: Any, shop: Shop) -> None:
    rules_named(shop, "one")
    somebody = enter(owner_cookies, viewport=NARROW)
    page = edited(somebody, shop)
    page.get_by_role("button", name="Edit one").click()
    fill_condition(page, 0, "plan", "contains", "pro")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], "nothing runs out of the page"
    check_accessibility(somebody)
    save(page)
    clause = config(shop)["rules"][0]["clauses"][0]
    assert (clause["op"], clause["values"]) == ("contains", ["one", "pro"])


def test_a_prerequisite_is_found_by_name(console: Person, shop: Shop) -> None:
    shop.flag("checkout", ("new", "old"))
    shop.flag("login", on=False)
    page = edited(console, shop)
    page.get_by_role("button", name="Add a prerequisite").click()
    field = page.get_by_role("combobox", name="Which flag must be on first?")
    field.fill("log")
    page.get_by_role("option", name="login").click()
    choose(page, "The variation that login must serve", "false")
    expect(page.get_by_role("region", name="Prerequisites")).to_contain_text("login is off in Production")
    save(page)
    assert config(shop)["prerequisites"] == [{"key": "login", "variation": 1}]


def test_what_an_experiment_measures_is_left_to_the_experiment(console: Person, shop: Shop) -> None:
    ids = shop.flag("checkout", ("new", "old"))
    shop.metric("bought")
    shop.experiment("new-till", flag="checkout", variations=ids, metric="bought", percent=50)
    page = edited(console, shop)
    default = page.get_by_role("region", name="Default rule")
    expect(default).to_contain_text("an experiment (50% new, 50% old)")
    expect(default.get_by_role("combobox")).to_have_count(0)
    page.get_by_role("switch", name="Targeting").press("Space")
    save(page)
    assert config(shop)["fallthrough"]["rollout"]["experimentAllocation"], (
        "the rest can be changed, and leaves it alone"
    )
    default.get_by_role("link", name="new-till").click()
    expect(page.get_by_role("heading", name="new-till", level=1)).to_be_visible()


def test_thousands_of_targets_and_dozens_of_rules_stay_quick_to_type_in(console: Person, shop: Shop) -> None:
    """Typing draws what is typed anew, not every rule: the bound is generous, since machines differ."""
    ids = shop.flag("checkout", ("new", "old"))
    clause = {"contextKind": "user", "attribute": "email", "op": "endsWith", "negate": False}
    rules = [{"clauses": [{**clause, "values": [f"@{number}.com"]}], "variationId": ids[0]} for number in range(60)]
    everybody = [f"user-{number}" for number in range(5_000)]
    targets = {"kind": "addTargets", "contextKind": "user", "variationId": ids[1], "values": everybody}
    shop.change("checkout", *[{"kind": "addRule", **rule} for rule in rules], targets)
    page = edited(console, shop)
    page.get_by_role("textbox", name="Find among Serve “old” to these user keys").fill("4999")
    page.get_by_role("button", name="Remove user-4999").click()
    page.get_by_role("button", name="Edit rule 2", exact=True).click()
    page.get_by_label("Description").focus()
    began = time.monotonic()
    page.keyboard.type("What twenty letters do")
    assert time.monotonic() - began < 6
    save(page)
    after = config(shop)
    assert after["rules"][1]["description"] == "What twenty letters do"
    assert after["targets"][0]["values"] == everybody[:-1]


def test_what_others_save_appears_by_itself_where_nothing_is_pending(console: Person, shop: Shop) -> None:
    rules_named(shop, "one")
    page = edited(console, shop)
    rule_id = config(shop)["rules"][0]["_id"]
    described = {"kind": "updateRuleDescription", "ruleId": rule_id, "description": "renamed elsewhere"}
    shop.change("checkout", described, {"kind": "turnFlagOff"})
    expect(page.locator("[data-rule] h3")).to_have_text("1. renamed elsewhere")
    expect(page.get_by_text("Targeting is off in Production.")).to_be_visible()
    expect(page.get_by_role("region", name="Unsaved changes")).to_have_count(0)


def test_an_environment_that_asks_for_approval_says_so_before_anybody_tries(
    person: Callable[..., Person], shop: Shop
) -> None:
    shop.flag("checkout", ("new", "old"))
    approval = [{"op": "replace", "path": "/approvalSettings/required", "value": True}]
    shop.server.ok("PATCH", f"/projects/{shop.project}/environments/production", json=approval)
    may = {"effect": "allow", "resources": [IN_PRODUCTION.format(shop.project)], "actions": ["update*"]}
    page = edited(person(may), shop)
    choose(page, "While off, serve", "new")
    review = page.get_by_role("button", name="Review and save")
    expect(review).to_have_attribute("aria-disabled", "true")
    expect(review).to_contain_text("Production asks for an approval of changes, which your role may not pass by")
