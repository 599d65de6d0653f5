"""Experiments in the console: set up with guidance, started, watched as people come, stopped with a reason."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from accessibility import check_accessibility
from driven import until
from ldclient import Context, LDClient
from living import sdk
from people import NARROW, Person
from shop import Shop

pytestmark = pytest.mark.world
sync_api = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it")
Page, expect = sync_api.Page, sync_api.expect
HYPOTHESIS = "If the price shows first, more visitors buy, because they need not look for it."


def at(shop: Shop, path: str = "") -> str:
    return f"/projects/{shop.project}/production/experiments{path}"


def stored(shop: Shop, key: str) -> dict[str, Any]:
    expand = "treatments,draftIteration,previousIterations,analysisConfig"
    return dict(shop.server.ok("GET", f"{shop.at}/experiments/{key}?expand={expand}"))


def instruct(shop: Shop, key: str, kind: str, **more: Any) -> None:
    shop.server.ok("PATCH", f"{shop.at}/experiments/{key}", json={"instructions": [{"kind": kind, **more}]})


def go_on(page: Page, step: str) -> None:
    page.get_by_role("button", name=f"Next: {step}").click()
    expect(page.get_by_role("heading", name=step, level=2)).to_be_visible()


def visit(client: LDClient, flag: str, visitors: int) -> dict[Any, set[str]]:
    """Visitors look, and every third buys; gives who saw what."""
    seen: dict[Any, set[str]] = {}
    for number in range(visitors):
        visitor = Context.create(f"visitor-{number}")
        seen.setdefault(client.variation(flag, visitor, None), set()).add(visitor.key)
        if number % 3 == 0:
            client.track("bought", visitor)
    client.flush()
    return seen


@pytest.fixture
def drafted(shop: Shop) -> list[str]:
    """An experiment ``prices`` on the flag ``price``, not yet started; gives the ids of the flag's variations."""
    variations = shop.flag("price", ("low", "high", "none"))
    shop.metric("bought", kind="custom", eventKey="bought", isNumeric=False)
    shop.metric("spent")
    shop.experiment("prices", flag="price", variations=variations[:2], metric="bought", percent=50, start=False)
    return variations


def test_from_an_empty_project_to_a_verdict_in_the_browser(console: Person, shop: Shop) -> None:
    page = console.open(at(shop))
    expect(page.get_by_role("heading", name="No experiments in production yet")).to_be_visible()
    page.get_by_role("link", name="Set up the first one").click()
    page.get_by_role("textbox", name="Name").fill("Price first")
    expect(page.get_by_role("textbox", name="Key")).to_have_value("price-first")
    page.get_by_role("textbox", name="Hypothesis").fill(HYPOTHESIS)

    go_on(page, "Flag and rule")
    page.get_by_role("button", name="Create a flag").click()
    page.get_by_label("Name of the flag").fill("Show price")
    page.get_by_role("button", name="Create and turn on in production").click()
    expect(page.get_by_text("On in production", exact=True)).to_be_visible()

    go_on(page, "Treatments")
    expect(page.get_by_role("radio", name="Off is the baseline")).to_be_checked()
    page.get_by_label("Share of On in percent").fill("60")
    expect(page.get_by_label("Share of Off in percent")).to_have_value("40%")
    go_on(page, "Randomization unit")
    expect(page.get_by_role("radio", name="User")).to_be_checked()

    go_on(page, "Metrics")
    page.get_by_role("link", name="Create metric").click()
    page.get_by_role("radio", name="Conversion:").check()
    page.get_by_role("combobox", name="Event key").fill("bought")
    page.get_by_label("Name", exact=False).first.fill("Bought")
    page.get_by_role("button", name="Create metric").click()
    expect(page.get_by_role("radio", name="Bought is the primary metric")).to_be_checked()

    go_on(page, "Method and size")
    page.get_by_label("Baseline", exact=False).fill("10")
    page.get_by_label("Units per day").fill("4000")
    expect(page.get_by_text("units in all treatments to show a difference of 5% with 80% power:")).to_be_visible()
    go_on(page, "Review")
    expect(
        page.get_by_text("Everybody who meets the default rule of “Show price” in production will see “On” (60%)")
    ).to_be_visible()
    check_accessibility(console)
    page.get_by_role("button", name="Create experiment").click()

    expect(page.get_by_role("heading", name="Price first", level=1)).to_be_visible()
    expect(page.get_by_text("No SDK has evaluated 'show-price' in 'production' yet.")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("serves “On” to 60% and “Off” to 40%")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_text("0 user contexts", exact=True)).to_be_visible()

    with sdk(shop) as client:
        seen = visit(client, "show-price", 240)
        # Nobody reloads: the page asks by itself.
        expect(page.get_by_text("240 user contexts", exact=True)).to_be_visible(timeout=15_000)
        expect(page.get_by_text(f"240 user contexts take part: {len(seen[True])} 'On'")).to_be_visible()
        expect(page.get_by_role("row", name="Bought (primary)")).to_contain_text("events")
        check_accessibility(console)

        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("dialog").get_by_role("radio", name="On", exact=True).check()
        page.get_by_role("button", name="Give the verdict as the reason").click()
        expect(page.get_by_label("Why?")).not_to_have_value("")
        page.get_by_label("Why?").fill("Nobody complained")
        expect(page.get_by_role("dialog").get_by_text("will serve “On” to everybody it reaches")).to_be_visible()
        page.get_by_role("button", name="Stop and serve “On”").click()
        expect(page.get_by_text("“On”: Nobody complained")).to_be_visible()
        until(lambda: client.variation("show-price", Context.create("late"), None) is True, within_seconds=10)
    iteration = stored(shop, "price-first")["currentIteration"]
    assert (iteration["status"], iteration["winningReason"]) == ("stopped", "Nobody complained")
    assert iteration["hypothesis"] == HYPOTHESIS


def test_a_draft_survives_a_reload_and_says_what_is_missing(console: Person, shop: Shop) -> None:
    shop.flag("price", ("low", "high"), on=False)
    page = console.open(at(shop, "/new?flag=price"))
    page.get_by_role("button", name="Next: Flag and rule").click()
    expect(page.get_by_text("Say what you expect to happen, and why.").first).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("Prices")
    page.get_by_role("textbox", name="Hypothesis").fill(HYPOTHESIS)
    go_on(page, "Flag and rule")
    expect(page.get_by_text("Targeting is off in production. Turn it on before you start.")).to_be_visible()
    page.reload()
    console.settle()
    expect(page.get_by_role("heading", name="Flag and rule", level=2)).to_be_visible()
    expect(page.get_by_role("combobox", name="Flag")).to_have_value("price (price)")
    page.get_by_role("button", name="7. Review").click()
    expect(page.get_by_text("Choose at least one metric.").first).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("")


def test_a_part_of_those_whom_a_rule_reaches_is_randomized_by_account(console: Person, shop: Shop) -> None:
    low, _ = shop.flag("price", ("low", "high"))
    members = {"contextKind": "user", "attribute": "plan", "op": "in", "values": ["member"]}
    shop.change("price", {"kind": "addRule", "variationId": low, "clauses": [members], "description": "Members"})
    shop.metric("bought", kind="custom", eventKey="bought", isNumeric=False, randomizationUnits=["account", "user"])
    shop.server.ok("PUT", f"/projects/{shop.project}/context-kinds/account", json={"name": "Account"})
    page = console.open(at(shop, "/new?flag=price"))
    page.get_by_role("textbox", name="Name").fill("Prices")
    page.get_by_role("textbox", name="Hypothesis").fill(HYPOTHESIS)
    go_on(page, "Flag and rule")
    page.get_by_role("radio", name="Rule 1 (“Members”)").check()
    go_on(page, "Treatments")
    page.get_by_label("Part of the audience in percent").fill("30")
    page.get_by_label("Part of the audience in percent").press("Tab")
    page.get_by_role("combobox", name="Those who take no part get").click()
    page.get_by_role("option", name="high").click()
    go_on(page, "Randomization unit")
    page.get_by_role("button", name="Randomize by Account").click()
    expect(page.get_by_role("radio", name="Account")).to_be_checked()
    go_on(page, "Metrics")
    page.get_by_role("checkbox", name="bought").check()
    go_on(page, "Method and size")
    page.get_by_role("radio", name="Frequentist").check()
    page.get_by_role("switch", name="Sequential testing").uncheck()
    go_on(page, "Review")
    expect(page.get_by_text("30% of those who meet rule 1 (“Members”) of “price”")).to_be_visible()
    page.get_by_role("button", name="Create experiment").click()
    expect(page.get_by_role("heading", name="Check-list")).to_be_visible()
    experiment = stored(shop, "prices")
    draft = experiment["draftIteration"]
    assert draft["randomizationUnit"] == "account"
    assert draft["flags"]["price"]["targetingRuleDescription"] == "Members"
    assert draft["flags"]["price"]["notInExperimentVariationId"] != low
    assert [each["allocationPercent"] for each in draft["treatments"]] == ["15", "15"]
    assert (experiment["methodology"], experiment["analysisConfig"]["sequentialTestingEnabled"]) == (
        "frequentist",
        False,
    )
    assert shop.server.ok("GET", f"/projects/{shop.project}/experimentation-settings")["randomizationUnits"][1:]


def test_what_refuses_the_start_is_said_and_mended_on_the_spot(console: Person, shop: Shop, drafted: list[str]) -> None:
    shop.change("price", {"kind": "turnFlagOff"})
    page = console.open(at(shop, "/prices"))
    start = page.get_by_role("button", name="Start")
    expect(start).to_have_attribute("aria-disabled", "true")
    expect(start).to_have_accessible_description("the flag 'price' is off in 'production': turn it on first")
    check_accessibility(console)
    page.get_by_role("button", name="Turn on in production").click()
    expect(page.get_by_text("The flag 'price' is on in 'production'.")).to_be_visible()
    start.click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Counted so far")).to_be_visible()
    assert stored(shop, "prices")["currentIteration"]["status"] == "running"


def test_a_running_experiment_is_changed_by_a_new_iteration(console: Person, shop: Shop, drafted: list[str]) -> None:
    instruct(shop, "prices", "startIteration")
    page = console.open(at(shop, "/prices?tab=design"))
    page.get_by_role("button", name="Edit metrics").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="spent").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_be_hidden()
    assert [each["key"] for each in stored(shop, "prices")["currentIteration"]["metrics"]] == ["bought", "spent"]

    page.get_by_role("button", name="Edit treatments").click()
    expect(dialog.get_by_text("this begins a new iteration")).to_be_visible()
    dialog.get_by_label("Part of the audience in percent").fill("20")
    dialog.get_by_label("Part of the audience in percent").press("Tab")
    dialog.get_by_label("Why?").fill("Too many complaints")
    check_accessibility(console)
    dialog.get_by_role("button", name="Save and start a new iteration").click()
    expect(dialog).to_be_hidden()
    experiment = stored(shop, "prices")
    assert [each["allocationPercent"] for each in experiment["currentIteration"]["treatments"]] == ["10", "10"]
    page.get_by_role("tab", name="Iterations").click()
    expect(page.get_by_role("region", name="Iteration 2")).to_contain_text("Running")
    expect(page.get_by_role("region", name="Iteration 1")).to_contain_text("another iteration took its place")
    check_accessibility(console)
    page.get_by_role("button", name="Results of Iteration 1").click()
    (previous,) = experiment["previousIterations"]
    expect(page).to_have_url(re.compile(f"iteration={previous['_id']}"))
    expect(page.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")


def test_a_draft_takes_the_place_of_what_runs(console: Person, shop: Shop, drafted: list[str]) -> None:
    draft = stored(shop, "prices")["draftIteration"]
    instruct(shop, "prices", "startIteration")
    names = ("name", "baseline", "allocationPercent", "parameters")
    again = {
        "hypothesis": "It will be better in spring",
        "metrics": [{"key": "bought", "isGroup": False}],
        "primarySingleMetricKey": "bought",
        "treatments": [{name: each[name] for name in names} for each in draft["treatments"]],
        "flags": {"price": {"ruleId": "fallthrough"}},
    }
    shop.server.ok("POST", f"{shop.at}/experiments/prices/iterations", json=again)
    page = console.open(at(shop, "/prices?tab=iterations"))
    expect(page.get_by_role("region", name="Next iteration (draft)")).to_contain_text("better in spring")
    page.get_by_role("button", name="Start the next iteration").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why?").fill("Spring has come")
    dialog.get_by_role("button", name="Start the next iteration").click()
    expect(page.get_by_role("region", name="Iteration 2")).to_contain_text("better in spring")
    assert stored(shop, "prices")["currentIteration"]["status"] == "running"


def test_what_others_do_appears_without_reload(console: Person, shop: Shop, drafted: list[str]) -> None:
    page = console.open(at(shop))
    row = page.get_by_role("row", name="prices")
    expect(row).to_contain_text("Not started")
    instruct(shop, "prices", "startIteration")
    expect(row).to_contain_text("Running")
    page.get_by_role("link", name="prices").click()
    instruct(shop, "prices", "updateName", value="Prices in spring")
    expect(page.get_by_role("heading", name="Prices in spring", level=1)).to_be_visible()
    instruct(shop, "prices", "stopIteration", winningTreatmentId=drafted[1], winningReason="enough")
    expect(page.get_by_text("“variation 1”: enough")).to_be_visible()


def test_experiments_are_found_by_status_flag_and_name(console: Person, shop: Shop, drafted: list[str]) -> None:
    colours = shop.flag("colour", ("red", "blue"))
    shop.experiment("colours", flag="colour", variations=colours, metric="bought", percent=50)
    page = console.open(at(shop))
    rows = page.get_by_role("table", name="Experiments").get_by_role("link")
    expect(rows).to_have_text(["colours", "prices"])
    page.get_by_role("button", name="Name").click()
    page.get_by_role("button", name="Name").click()
    expect(rows).to_have_text(["prices", "colours"])
    page.get_by_text("Running (1)").click()
    expect(rows).to_have_text(["colours"])
    page.get_by_text("All (2)").click()
    page.get_by_label("Search experiments").fill("PRICE")
    expect(rows).to_have_text(["prices"])
    page.reload()
    console.settle()
    expect(rows).to_have_text(["prices"])
    expect(page.get_by_label("Search experiments")).to_have_value("PRICE")
    page.get_by_label("Search experiments").fill("nothing like it")
    page.get_by_role("button", name="Clear the search and filters").click()
    expect(rows).to_have_count(2)
    check_accessibility(console)


def test_what_is_archived_keeps_out_of_sight_and_comes_back(console: Person, shop: Shop, drafted: list[str]) -> None:
    page = console.open(at(shop, "/prices"))
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert "archivedDate" in stored(shop, "prices")
    console.open(at(shop))
    expect(page.get_by_text("No experiment fits")).to_be_visible()
    page.get_by_text("Archived (1)").click()
    page.get_by_role("link", name="prices").click()
    page.get_by_role("tab", name="Design").click()
    expect(page.get_by_role("button", name="Edit hypothesis")).to_have_accessible_description(
        "This experiment is archived: restore it first"
    )
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert "archivedDate" not in stored(shop, "prices")


def test_what_has_stopped_can_run_again(console: Person, shop: Shop, drafted: list[str]) -> None:
    instruct(shop, "prices", "startIteration")
    instruct(shop, "prices", "stopIteration", winningTreatmentId=drafted[0], winningReason="too few")
    page = console.open(at(shop, "/prices"))
    page.get_by_role("button", name="Draft the next iteration").click()
    page.get_by_role("button", name="Edit hypothesis").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Hypothesis").fill("In winter it works")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    experiment = stored(shop, "prices")
    assert experiment["currentIteration"]["hypothesis"] == "In winter it works"
    assert len(experiment["previousIterations"]) == 1


def test_who_may_only_look_is_told_why(person: Callable[..., Person], shop: Shop, drafted: list[str]) -> None:
    reader = person(viewport=NARROW)
    page = reader.open(at(shop, "/prices"))
    start = page.get_by_role("button", name="Start")
    expect(start).to_have_attribute("aria-disabled", "true")
    start.click(force=True)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("tab", name="Design").click()
    expect(page.get_by_role("button", name="Edit treatments")).to_have_attribute("aria-disabled", "true")
    check_accessibility(reader)
    page = reader.open(at(shop))
    expect(page.get_by_role("button", name="New experiment")).to_have_attribute("aria-disabled", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
