"""Why does this context get that? Asked in the console, answered in a sentence and step by step."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from accessibility import check_accessibility
from people import Person
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect

ANN = {"kind": "user", "key": "ann", "plan": "free", "age": 31}


def asked(person: Person, shop: Shop, context: Any = None, key: str = "checkout") -> "Page":
    query = f"&context={quote(json.dumps(context))}" if context else ""
    page = person.open(f"/projects/{shop.project}/production/flags/{key}?tab=explain{query}")
    expect(page.get_by_role("button", name="Explain")).to_be_visible()
    return page


@pytest.fixture
def rules(shop: Shop) -> Shop:
    """A flag with a prerequisite that is met, and a rule for paying customers of thirty."""
    live = shop.flag("payments", ("off", "live"))[1]
    shop.change("payments", {"kind": "updateFallthroughVariationOrRollout", "variationId": live})
    new = shop.flag("checkout", ("old", "new"))[1]
    clauses = [
        {"attribute": "plan", "op": "in", "values": ["pro", "team"]},
        {"attribute": "age", "op": "greaterThan", "values": [30]},
    ]
    shop.change(
        "checkout",
        {"kind": "addPrerequisite", "key": "payments", "variationId": live},
        {"kind": "addRule", "description": "Paying", "variationId": new, "clauses": clauses},
    )
    return shop


def test_the_answer_is_a_sentence_with_every_clause_below_it(console: Person, rules: Shop) -> None:
    page = asked(console, rules, ANN)
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_text(
        "user ann gets old, because no target and no rule matches, so the default rule decides."
    )
    expect(page.get_by_text('{"kind":"FALLTHROUGH"}')).to_be_visible()
    steps = page.get_by_role("region", name="Steps", exact=True)
    clauses = steps.get_by_role("list").get_by_role("listitem")
    expect(clauses.nth(0)).to_have_text("does not matchplan is one of pro, team – it is free")
    expect(clauses.nth(1)).to_have_text("matchesage is greater than 30 – it is 31 (not needed any more)")
    expect(steps).to_contain_text("payments serves live, as required")
    check_accessibility(console)


def test_a_change_of_the_flag_changes_the_answer_at_once(console: Person, rules: Shop) -> None:
    page = asked(console, rules, {**ANN, "plan": "pro"})
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_text("user ann gets new, because rule 1 “Paying” matches.")
    rules.change("payments", {"kind": "turnFlagOff"})
    expect(verdict).to_contain_text("because its prerequisite payments is off; it would have to be on and serve live.")


def test_what_is_typed_is_checked_and_kept_for_the_next_time(console: Person, rules: Shop) -> None:
    page = asked(console, rules)
    field = page.get_by_label("Context")
    field.fill('{"kind": "user"}')
    expect(page.get_by_text("The user needs a key: a text that is not empty")).to_be_visible()
    expect(page.get_by_role("button", name="Explain")).to_be_disabled()
    field.fill('{"kind": "org", "key": "acme"}')
    field.press("Control+Enter")
    expect(page.get_by_test_id("verdict")).to_contain_text("org acme gets old")
    expect(page.get_by_text("the context has no kind “user”").first).to_be_visible()
    page = asked(console, rules)
    page.get_by_role("group", name="Used lately").get_by_role("button", name="org acme").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("org acme gets old")
    page.get_by_role("button", name="A user", exact=True).click()
    expect(page.get_by_test_id("verdict")).to_contain_text("user ann gets old")


def test_a_rollout_shows_where_the_context_falls_and_other_environments_are_a_click_away(
    console: Person, shop: Shop
) -> None:
    old, new = shop.flag("checkout", ("old", "new"))
    shop.change("checkout", {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {old: 0, new: 100_000}})
    page = asked(console, shop, ANN)
    expect(page.get_by_test_id("verdict")).to_contain_text(
        "gets new, because no target and no rule matches, so the default rule decides "
        "and its percentage rollout puts the user into the share of 100.0%."
    )
    expect(page.get_by_text("user key ann falls at")).to_be_visible()
    others = page.get_by_role("listitem").filter(has_text="targeting is off")
    expect(others).to_have_text("Test: gets new, because targeting is off.")
    others.get_by_role("link", name="Test").click()
    expect(page.get_by_test_id("verdict")).to_have_text("user ann gets new, because targeting is off.")
    assert "/test/flags/checkout" in page.url
