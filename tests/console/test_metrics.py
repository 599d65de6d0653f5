"""Metrics in the console: made with guidance, watched, changed; what the API then holds is what was meant."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from accessibility import check_accessibility
from ldclient import Context
from living import sdk
from people import NARROW, Person
from shop import Shop

pytestmark = pytest.mark.world
sync_api = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it")
Locator, Page, expect = sync_api.Locator, sync_api.Page, sync_api.expect


def at(shop: Shop, path: str = "") -> str:
    return f"/projects/{shop.project}/production/metrics{path}"


def stored(shop: Shop, key: str) -> dict[str, Any]:
    return dict(shop.server.ok("GET", f"/metrics/{shop.project}/{key}"))


def track(shop: Shop, key: str, *numbers: float | None, kind: str = "user") -> None:
    with sdk(shop) as client:
        for place, number in enumerate(numbers):
            client.track(key, Context.create(f"{kind}-{place}", kind), None, number)


def want(page: Page, name: str) -> None:
    """Answer what there is to know."""
    page.get_by_role("radio", name=f"{name}:").check()


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def press(page: Page, name: str) -> None:
    """Click a button once it is known that one may."""
    button = page.get_by_role("button", name=name, exact=True).first
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()


def create(page: Page) -> None:
    press(page, "Create metric")


def test_a_metric_is_made_of_an_event_that_was_seen(console: Person, shop: Shop) -> None:
    track(shop, "purchase", 5, 30.5, 12)
    page = console.open(at(shop))
    expect(page.get_by_role("heading", name="No metrics yet")).to_be_visible()
    press(page, "Create metric")
    want(page, "Total")
    page.get_by_role("combobox", name="Event key").click()
    page.get_by_role("option", name="purchase").click()
    expect(page.get_by_text("Always carries a number: from 5 to 30.5, half of them at most 12")).to_be_visible()
    field(page, "Name").fill("Revenue per user")
    expect(field(page, "Key")).to_have_value("revenue-per-user")
    page.get_by_label("Unit of the number").fill("EUR")
    expect(
        page.get_by_text("Mean per user of the sum of the numbers (EUR) in their “purchase” events.")
    ).to_be_visible()
    expect(page.get_by_text('client.track("purchase", context, metric_value=12.5)')).to_be_visible()
    check_accessibility(console)
    create(page)
    expect(page.get_by_role("heading", name="Revenue per user", level=1)).to_be_visible()
    metric = stored(shop, "revenue-per-user")
    assert (metric["eventKey"], metric["isNumeric"], metric["unitAggregationType"]) == ("purchase", True, "sum")
    assert (metric["unit"], metric["successCriteria"], metric["analysisUnits"]) == (
        "EUR",
        "HigherThanBaseline",
        ["user"],
    )


def test_what_does_not_go_together_is_said_before_it_is_made(console: Person, shop: Shop) -> None:
    track(shop, "opened", None, None, kind="device")
    page = console.open(at(shop, "/new?eventKey=opened&shape=average"))
    expect(page.get_by_text("This event carries no number")).to_be_visible()
    expect(page.get_by_text("This event names no user")).to_be_visible()
    check_accessibility(console)
    page.get_by_role("button", name="Count events instead").click()
    page.get_by_role("button", name="Analyse by device").click()
    expect(page.get_by_text("Mean per device of the number of their “opened” events.")).to_be_visible()
    field(page, "Name").fill("Opened")
    create(page)
    expect(page.get_by_role("heading", name="Opened", level=1)).to_be_visible()
    metric = stored(shop, "opened")
    assert (metric["isNumeric"], metric["unitAggregationType"], metric["analysisUnits"]) == (False, "sum", ["device"])


def test_selectors_and_pages_are_tried_while_they_are_written(console: Person, shop: Shop) -> None:
    page = console.open(at(shop, "/new?shape=click"))
    selector = page.get_by_label("CSS selector")
    selector.fill("..buy")
    expect(page.get_by_text("Browsers do not take this for a CSS selector.")).to_be_visible()
    selector.fill("button.buy")
    expect(page.get_by_text("Browsers do not take this")).to_have_count(0)
    page.get_by_role("button", name="Try it on HTML").click()
    page.get_by_label("HTML of a page").fill('<p><button class="buy big">Buy</button></p>')
    expect(page.get_by_text("✓ Finds 1 element.")).to_be_visible()

    page.get_by_role("combobox", name="How page 1 is compared").click()
    page.get_by_role("option", name="matches (regular expression)").click()
    page.get_by_label("Page 1", exact=True).fill("/item/(")
    expect(page.get_by_text("Invalid regular expression")).to_be_visible()
    page.get_by_label("Page 1", exact=True).fill("/item/\\d+$")
    page.get_by_label("Try an address").fill("https://shop.example/item/12?sort=price")
    expect(page.get_by_text("✓ This page counts.")).to_be_visible()
    page.get_by_label("Try an address").fill("https://shop.example/item/12/reviews")
    expect(page.get_by_text("This page does not count.")).to_be_visible()
    create(page)
    expect(page.get_by_text("Give the metric a name.")).to_be_visible()
    expect(field(page, "Name")).to_be_focused()
    check_accessibility(console)
    page.keyboard.type("Clicked buy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Clicked buy", level=1)).to_be_visible()
    metric = stored(shop, "clicked-buy")
    assert (metric["kind"], metric["selector"]) == ("click", "button.buy")
    assert metric["urls"] == [{"kind": "regex", "pattern": "/item/\\d+$"}]


def test_a_percentile_of_some_of_the_events(console: Person, shop: Shop) -> None:
    page = console.open(at(shop, "/new?shape=average&eventKey=page-loaded"))
    page.get_by_role("button", name="Count only some of these events").click()
    page.get_by_label("Attribute of condition 1").fill("country")
    page.get_by_label("Values of condition 1").fill("DE, AT")
    field(page, "Name").fill("Slow pages")
    page.get_by_label("Unit of the number").fill("ms")
    page.get_by_text("Lower", exact=True).click()
    page.get_by_role("combobox", name="Compare").click()
    page.get_by_role("option", name="The 95th percentile").click()
    create(page)
    expect(page.get_by_role("heading", name="Slow pages", level=1)).to_be_visible()
    metric = stored(shop, "slow-pages")
    assert (metric["analysisType"], metric["percentileValue"], metric["eventDefault"]) == (
        "percentile",
        95,
        {"disabled": True},
    )
    assert metric["successCriteria"] == "LowerThanBaseline"
    (condition,) = metric["filters"]["values"]
    assert (condition["attribute"], condition["values"]) == ("country", ["DE", "AT"])


def test_a_refusal_leaves_what_was_written(console: Person, shop: Shop) -> None:
    shop.metric("taken")
    page = console.open(at(shop, "/new?eventKey=paid"))
    field(page, "Name").fill("Taken")
    console.expect_complaint("409")
    create(page)
    expect(page.get_by_text("a metric with the key 'taken' already exists")).to_be_visible()
    expect(page.get_by_role("combobox", name="Event key")).to_have_value("paid")


def test_whoever_came_from_an_experiment_goes_back_with_the_metric(console: Person, shop: Shop) -> None:
    then = f"/projects/{shop.project}/production/events?key=a"
    page = console.open(at(shop, f"/new?eventKey=paid&then={requests.utils.quote(then, safe='')}"))
    field(page, "Name").fill("Paid")
    create(page)
    page.wait_for_url("**/events?*metric=paid*")


def test_the_events_of_a_metric_come_in_while_somebody_looks(console: Person, shop: Shop) -> None:
    shop.metric(
        "revenue", kind="custom", eventKey="paid", isNumeric=True, unit="EUR", successCriteria="HigherThanBaseline"
    )
    page = console.open(at(shop, "/revenue"))
    expect(page.get_by_text("“paid” was never received in production")).to_be_visible()
    track(shop, "paid", 5, 7, None)
    expect(page.get_by_text("1 of 3 events carry no number")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("lowest 5 EUR, median 6 EUR, highest 7 EUR")).to_be_visible()
    expect(page.get_by_role("img", name="Events per hour: 3 in 24 hours")).to_be_visible()
    check_accessibility(console)
    page.get_by_role("button", name="Show as a table").click()
    expect(page.get_by_role("table", name="Events over time").get_by_role("row").nth(1)).to_contain_text("3")
    page.get_by_text("7 days", exact=True).click()
    page.wait_for_url("**hours=168*")


def test_an_edit_changes_what_was_touched_and_nothing_else(console: Person, shop: Shop) -> None:
    nested = {
        "type": "group",
        "op": "or",
        "values": [{"type": "eventProperty", "attribute": "a", "op": "in", "values": [1]}],
    }
    more = {"filters": {"type": "group", "op": "and", "values": [nested]}, "windowEndOffset": 90_000, "tags": ["a"]}
    shop.metric("paid", kind="custom", eventKey="paid", name="Paid", **more)
    before = stored(shop, "paid")
    page = console.open(at(shop, "/paid"))
    press(page, "Edit")
    expect(page.get_by_text("nested conditions, which stay as they are")).to_be_visible()
    field(page, "Name").fill("Paid at all")
    check_accessibility(console)
    press(page, "Save changes")
    expect(page.get_by_role("heading", name="Paid at all", level=1)).to_be_visible()
    after = stored(shop, "paid")
    volatile = {"_version", "_versionId", "lastModified", "_links", "_access"}
    assert {name for name in after if after[name] != before.get(name)} - volatile == {"name"}
    versions = page.get_by_role("region", name="Versions").get_by_role("button")
    expect(versions).to_have_count(2)
    versions.first.click()
    expect(page.get_by_role("cell", name="Paid at all")).to_be_visible()


def test_a_metric_in_use_is_kept_and_says_why(console: Person, shop: Shop) -> None:
    variations = shop.flag("checkout")
    shop.metric("paid")
    shop.experiment("sells-more", flag="checkout", variations=variations, metric="paid", percent=50)
    page = console.open(at(shop, "/paid"))
    expect(page.get_by_role("link", name="sells-more")).to_be_visible()
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("menuitem", name="Archive")).to_contain_text("A running experiment uses it")
    expect(page.get_by_role("menuitem", name="Delete")).to_contain_text("its past must stay readable")


def test_a_metric_is_archived_found_again_restored_and_deleted(console: Person, shop: Shop) -> None:
    shop.metric("paid")
    page = console.open(at(shop, "/paid"))
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.get_by_label("Comment").fill("replaced by revenue")
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Archived", exact=True)).to_be_visible()
    assert stored(shop, "paid")["archived"] is True
    expect(page.get_by_text("“replaced by revenue”")).to_be_visible()

    page = console.open(at(shop))
    expect(page.get_by_role("link", name="paid")).to_have_count(0)
    page.get_by_role("button", name="Show archived metrics").click()
    page.get_by_role("link", name="paid").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Restore").click()
    expect(page.get_by_text("Archived", exact=True)).to_have_count(0)
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_label("Type paid to confirm").fill("paid")
    console.expect_complaint("404")  # the page may ask for it once more before it is left
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No metrics yet")).to_be_visible()
    assert shop.server.call("GET", f"/metrics/{shop.project}/paid").status_code == 404


def test_the_list_is_searched_by_its_address_and_follows_the_server(console: Person, shop: Shop) -> None:
    for number in range(60):
        shop.metric(
            f"metric-{number:02}", kind="custom", eventKey=f"event-{number % 7}", tags=["odd"] if number % 2 else []
        )
    page = console.open(at(shop, "?event=event-3&tag=odd"))
    rows = page.get_by_role("table", name="Metrics").get_by_role("row")
    expect(rows).to_have_count(6)
    expect(page.get_by_text("5 metrics found")).to_be_attached()
    shop.metric("newcomer", kind="custom", eventKey="event-3", tags=["odd"])
    expect(page.get_by_role("link", name="newcomer")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("61 metrics found")).to_be_attached()
    assert rows.count() < 45, "only what is in view exists"
    page.get_by_role("button", name="Metric", exact=True).click()
    expect(rows.nth(1)).to_contain_text("newcomer")
    page.wait_for_url("**sort=-name*")
    check_accessibility(console)


def test_who_may_not_make_metrics_is_told_why(person: Callable[..., Person], shop: Shop) -> None:
    shop.metric("paid")
    somebody = person(color_scheme="dark", viewport=NARROW)
    page = somebody.open(at(shop))
    expect(page.get_by_role("button", name="Create metric")).to_have_attribute("aria-disabled", "true")
    check_accessibility(somebody)
    page = somebody.open(at(shop, "/paid"))
    edit = page.get_by_role("button", name="Edit")
    expect(edit).to_have_attribute("aria-disabled", "true")
    edit.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    edit.blur()
    expect(page.get_by_role("tooltip")).to_have_count(0)
    check_accessibility(somebody)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], "nothing runs out of the page"
