"""A shop in a real browser: the SDKs for browsers report the clicks and page views that metrics wait for, no others."""

import base64
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from chromium import browsing
from driven import until
from shop import Shop
from storefront import storefront

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.world

# The generations of the SDK for browsers that are in use.
SDKS = (3, 4)

# What a visitor does on the way through the shop: where to go, what to click there, and what should be counted for it.
# The address is changed without loading anything, as single-page applications do.
TOUR: tuple[tuple[str, tuple[str, ...], dict[str, int]], ...] = (
    (
        "/shop",
        (".buy b", ".look", "label"),
        {"at-shop": 1, "at-shop-ever": 1, "around-shop": 1, "buys": 1, "bought": 1, "gifts": 1},
    ),
    ("/shop?sort=price", (".buy b", ".buy", "#inner"), {"around-shop": 1, "buys": 2, "bought": 2, "tiles": 2}),
    (
        "/shop#/item/7",
        (".card em", ".buy b"),
        {"around-shop": 1, "items": 1, "item": 1, "one-item": 1, "looks": 1, "buys": 1, "bought": 1},
    ),
    ("/shop#top", ("label", ".look"), {"around-shop": 1}),
    ("/item/12/reviews", (".look", ".buy b", "label"), {"items": 1, "item": 1, "looks": 1}),
    ("/item/12", (".card em", ".look", "#outer"), {"items": 1, "item": 1, "one-item": 1, "looks": 2}),
    ("/thanks?next=/item/3", ("#inner", ".buy b", ".card em"), {"tiles": 2}),
)
# One of these on a page would end the watching of all others there, so none of them may become a metric.
READABLE = {
    "selector": (
        ".buy", "#a, .b", "button.buy > b", 'a[href^="/shop"]', "[data-x]", "*.x", ".sm\\:flex", "li:nth-child(2n + 1)",
        "div:not(.a, .b) em", "article:has(> img, + p)", "a:not(:is(b, i):hover)", '[data-x="a]b"]', ".é ~ p + p",
    ),
    "pattern": ("/item/\\d+$", "(?<item>\\d)", "a+?", "a\\++", "[*+]+", "(?<=a)b", "\\\\Aa", "^https?://x\\.y/(a|b)?$"),
}  # fmt: skip
UNREADABLE = {
    "selector": (
        " ", "..buy", ".a,", ",.a", ".a > > .b", "> .a", ".a div#x ..", "a.b*", "a b >", "#1x", ".1x", "[a=]", "[a=1]",
        "a:not(.b))", "a:not()", ".a:contains('x')", "a:visible", ".a{}", "$x", ".a/.b",
    ),
    "pattern": ("(", "(?P<item>\\d)", "(?i)shop", "a++", "a{2}+", "(?>a)", "(?#x)a", "(a)(?(1)b|c)", "*a", "[b-a]"),
}  # fmt: skip
ONCE_EACH = ("at-shop-ever", "item", "bought")  # these metrics ask whether it happened, the others how often


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A real browser."""
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """Where the shop's pages are."""
    with storefront() as address:
        yield address


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest) -> int:
    """The generation of the SDK that the page uses."""
    return int(request.param)


class Visitor:
    """Somebody with a browser of their own; ``counted`` is what should be counted of them."""

    def __init__(self, browser: "Browser", pages: str, shop: Shop, sdk: int, key: str) -> None:
        self._pages, self._shop, self._sdk, self._key = pages, shop, sdk, key
        self.counted: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.page = browser.new_context().new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def enter(self, path: str) -> None:
        """Load a page and wait until the SDK knows what to watch."""
        told = {"sdk": self._sdk, "url": self._shop.server.url, "environment": self._shop.client_id}
        context = {"kind": "user", "key": self._key}
        self.page.add_init_script(f"window.visit = {{...{told}, context: {context}}}")
        self.page.goto(self._pages + path)
        self._wait_until_watched()

    def reload(self) -> None:
        """Load the same page again."""
        self.page.reload()
        self._wait_until_watched()

    def _wait_until_watched(self) -> None:
        self.page.wait_for_function("() => window.shown")
        self.page.wait_for_function(
            "() => performance.getEntriesByType('resource')"
            ".some(entry => entry.name.includes('/sdk/goals/') && entry.responseEnd > 0)"
        )
        self.set_out_for()
        self.arrive()

    def set_out_for(self, path: str = "") -> None:
        """Change the address; the SDK looks three times a second where it is."""
        self.page.evaluate(
            "path => { if (path) history.pushState({}, '', path);"
            " window.noticed = new Promise(resolve => setTimeout(resolve, 450)); return 0; }",
            path,
        )

    def arrive(self) -> None:
        """Wait until the SDK has looked."""
        self.page.evaluate("window.noticed")

    def click(self, *selectors: str) -> None:
        """Click in the middle of some things."""
        for selector in selectors:
            self.page.click(selector)

    def leave(self) -> None:
        """Let the SDK hand over what it has to report."""
        self.page.evaluate("client.flush()")
        assert self.complaints == []
        self.page.context.close()

    @property
    def treatment(self) -> str:
        """The treatment that the visitor sees, empty for those who take no part."""
        shown = self.page.evaluate("window.shown")
        return f"variation {shown['variationIndex']}" if shown["reason"].get("inExperiment") else ""


def test_clicks_and_page_views_become_the_experiments_results(
    shop: Shop, browser: "Browser", pages: str, sdk: int
) -> None:
    metrics = _metrics(pages)
    for key, metric in metrics.items():
        shop.metric(key, **metric)
    variations = shop.flag("button", values=("blue", "green"))
    decisive, *others = metrics
    shop.experiment("colours", flag="button", variations=variations, metric=decisive, also=others, percent=40)

    visitors = [Visitor(browser, pages, shop, sdk, key) for key in _invited(shop)]
    for visitor in visitors:
        visitor.enter("/welcome")
    for stop, (path, clicks, counts) in enumerate(TOUR):
        _stop(_who_goes_there(visitors, stop), path, clicks, counts)
    ledger = _ledger(visitors, metrics)
    for visitor in visitors:
        visitor.leave()

    assert {people for people, _ in ledger[decisive].values()} == {2}
    assert all(sum(total for _, total in arms.values()) for arms in ledger.values()), "each metric counts something"
    for key, expected in ledger.items():
        shop.shows("colours", key, expected)


def test_a_page_that_is_open_counts_by_the_metric_as_it_was_until_it_is_loaded_again(
    shop: Shop, browser: "Browser", pages: str, sdk: int
) -> None:
    shop.metric("buys", **_click(".buy", {"kind": "exact", "url": f"{pages}/shop"}, "sum"))
    variations = shop.flag("button", values=("blue", "green"))
    shop.experiment("colours", flag="button", variations=variations, metric="buys", percent=50)
    visitor = Visitor(browser, pages, shop, sdk, "eva")
    visitor.enter("/shop")
    nobody = {"variation 0": (0, 0.0), "variation 1": (0, 0.0)}
    treatment = visitor.treatment
    visitor.click(".buy")

    change = {"op": "replace", "path": "/selector", "value": ".look"}
    shop.server.ok("PATCH", f"/metrics/{shop.project}/buys", json=[change])
    goals = f"{shop.server.url}/sdk/goals/{shop.client_id}"
    until(lambda: shop.server.session.get(goals, timeout=5).json()[0]["selector"] == ".look", within_seconds=5)
    visitor.click(".look", ".look", ".look", ".buy")
    visitor.page.evaluate("client.flush()")
    shop.shows("colours", "buys", {**nobody, treatment: (1, 2.0)})

    visitor.reload()
    visitor.click(".look", ".buy", ".buy", ".buy")
    visitor.leave()
    shop.shows("colours", "buys", {**nobody, treatment: (1, 3.0)})


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("what", ["selector", "pattern"])
def test_only_what_browsers_can_read_becomes_a_metric(
    shop: Shop, browser: "Browser", what: str, readable: bool
) -> None:
    anywhere = {"kind": "substring", "substring": "/"}
    reading = {"selector": "text => document.querySelector(text)", "pattern": "text => { new RegExp(text); }"}[what]
    page = browser.new_page()
    for number, text in enumerate((READABLE if readable else UNREADABLE)[what]):
        by_page = page.evaluate(
            f"text => {{ try {{ ({reading})(text); return true; }} catch {{ return false; }} }}", text
        )
        metric = _click(text, anywhere, "sum")
        if what == "pattern":
            metric = _page_view({"kind": "regex", "pattern": text}, "sum")
        answer = shop.server.call("POST", f"/metrics/{shop.project}", json={"key": f"m{number}", **metric})
        assert (by_page, answer.status_code) == ((True, 201) if readable else (False, 400)), text
        assert readable or what in answer.json()["message"]
    page.close()


def _invited(shop: Shop) -> list[str]:
    """Two people for each of the two colours, and one who takes no part."""
    wanted = Counter({"variation 0": 2, "variation 1": 2, "none": 1})
    invited: list[str] = []
    keys = (f"visitor-{number}" for number in itertools.count())
    while wanted.total():
        key = next(keys)
        person = base64.urlsafe_b64encode(json.dumps({"kind": "user", "key": key}).encode()).decode()
        flags = shop.server.ok("GET", f"/sdk/evalx/{shop.client_id}/contexts/{person}?withReasons=true")
        takes_part = flags["button"]["reason"].get("inExperiment")
        group = f"variation {flags['button']['variation']}" if takes_part else "none"
        if wanted[group]:
            wanted[group] -= 1
            invited.append(key)
    return invited


def _metrics(pages: str) -> dict[str, dict[str, Any]]:
    """Every kind of address, selector and aggregation."""
    shop = f"{pages}/shop"
    exact, around = {"kind": "exact", "url": shop}, {"kind": "canonical", "url": shop}
    item, one_item = {"kind": "substring", "substring": "/item/"}, {"kind": "regex", "pattern": r"/item/\d+$"}
    return {
        "at-shop": _page_view(exact, "sum"),
        "at-shop-ever": _page_view(exact, "average"),
        "around-shop": _page_view(around, "sum"),
        "items": _page_view(item, "sum"),
        "item": _page_view(item, "average"),
        "one-item": _page_view(one_item, "sum"),
        "buys": _click(".buy", around, "sum"),
        "bought": _click(".buy", around, "average"),
        "looks": _click(".card, button.look", item, "sum"),
        "tiles": _click(".tile", {"kind": "regex", "pattern": "/(shop|thanks)$"}, "sum"),
        "gifts": _click("#gift", exact, "sum"),
    }


def _page_view(url: dict[str, str], aggregation: str) -> dict[str, Any]:
    return {"kind": "pageview", "urls": [url], "unitAggregationType": aggregation}


def _click(selector: str, url: dict[str, str], aggregation: str) -> dict[str, Any]:
    return {"kind": "click", "selector": selector, "urls": [url], "unitAggregationType": aggregation}


def _who_goes_there(visitors: list[Visitor], stop: int) -> list[Visitor]:
    return [visitor for number, visitor in enumerate(visitors) if (number + 2 * stop) % 5 < 3]


def _stop(visitors: list[Visitor], path: str, clicks: tuple[str, ...], counts: dict[str, int]) -> None:
    for visitor in visitors:
        visitor.set_out_for(path)
    for visitor in visitors:
        visitor.arrive()
    for visitor in visitors:
        visitor.click(*clicks)
        visitor.counted.update(counts)


def _ledger(visitors: list[Visitor], metrics: dict[str, Any]) -> dict[str, dict[str, tuple[int, float]]]:
    """For each metric and treatment: people, and what is measured of them in all."""
    arms: dict[str, list[Visitor]] = {"variation 0": [], "variation 1": []}
    for visitor in visitors:
        if visitor.treatment:
            arms[visitor.treatment].append(visitor)
    return {key: {arm: (len(people), _total(key, people)) for arm, people in arms.items()} for key in metrics}


def _total(metric: str, people: list[Visitor]) -> float:
    counts = [visitor.counted[metric] for visitor in people]
    return float(sum(bool(count) for count in counts) if metric in ONCE_EACH else sum(counts))
