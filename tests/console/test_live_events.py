"""Events watched in the console: what an SDK sends is there a moment later, however much of it there is."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
Page, expect = sync_api.Page, sync_api.expect

# What a thousand events a second may cost: a frame is 17 ms where nothing else is going on, and two share this machine.
FRAMES_PER_SECOND_MIN = 20


def watched(person: Person, shop: Shop, query: str = "") -> Page:
    page = person.open(f"/projects/{shop.project}/production/events{query}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def send(shop: Shop, *events: Any, body: bytes | None = None) -> requests.Response:
    return requests.post(
        f"{shop.server.url}/bulk",
        data=json.dumps(events).encode() if body is None else body,
        headers={"Authorization": shop.sdk_key, "X-LaunchDarkly-Event-Schema": "4", "User-Agent": "TestSDK/1.0"},
        timeout=10,
    )


def bought(key: str = "bought", **more: Any) -> dict[str, Any]:
    return {"kind": "custom", "key": key, "contextKeys": {"user": "ann"}, **more}


def line(page: Page, text: str) -> Any:
    return page.get_by_role("list", name="Events, the newest first").get_by_role("button").filter(has_text=text).first


def test_the_first_event_takes_the_place_of_the_code_that_sends_it(console: Person, shop: Shop) -> None:
    page = watched(console, shop)
    expect(page.get_by_role("heading", name="Waiting for events in production")).to_be_visible()
    expect(page.get_by_role("region", name="the Python code")).to_contain_text(shop.sdk_key)
    check_accessibility(console)
    with sdk(shop) as client:
        ann = Context.builder("ann").set("plan", "pro").build()
        client.track("purchase", ann, {"basket": 3}, 12.5)
    expect(line(page, "purchase")).to_contain_text("user ann")
    line(page, "purchase").click()
    expect(page.get_by_text('"basket": 3')).to_be_visible()
    expect(page.get_by_text("PythonClient/")).to_be_visible()
    check_accessibility(console)
    page.get_by_role("link", name="Create a metric from purchase").click()
    expect(page.get_by_role("combobox", name="Event key")).to_have_value("purchase")


def test_an_event_that_is_not_counted_says_why(console: Person, shop: Shop) -> None:
    page = watched(console, shop)
    send(shop, bought("fine"), {"kind": "custom", "key": "nobody"}, bought("odd", metricValue="19,90"))
    assert send(shop, body=b"[{").status_code == 400
    expect(line(page, "fine")).to_be_visible()
    expect(line(page, "nobody")).to_contain_text("Not counted")
    page.get_by_role("switch", name="Problems only").click()
    expect(line(page, "odd")).to_contain_text("its metricValue is not a number that can be measured")
    expect(line(page, "not valid JSON")).to_contain_text("request")
    expect(line(page, "fine")).to_have_count(0)


def test_filters_are_in_the_address_and_for_new_events_too(console: Person, shop: Shop) -> None:
    page = watched(console, shop)
    send(shop, bought("first"), {"kind": "click", "key": "cta", "contextKeys": {"user": "bob"}})
    expect(line(page, "cta")).to_be_visible()
    page.get_by_text("custom", exact=True).first.click()
    page.get_by_label("Event or flag key").fill("FIRST")
    expect(line(page, "first")).to_be_visible()
    expect(line(page, "cta")).to_have_count(0)
    page.wait_for_url("**/events?*key=FIRST*")
    assert "kind=custom" in page.url
    page.reload()
    expect(line(page, "first")).to_be_visible()
    send(shop, bought("second"), bought("first again"))
    expect(line(page, "first again")).to_be_visible()
    expect(line(page, "second")).to_have_count(0)
    page.get_by_label("In a context: key or attribute").fill("nobody")
    expect(page.get_by_role("heading", name="Waiting for events that match")).to_be_visible()
    page.get_by_role("button", name="Show all events").click()
    expect(line(page, "cta")).to_be_visible()


def test_nothing_moves_while_somebody_reads(console: Person, shop: Shop) -> None:
    page = watched(console, shop)
    send(shop, bought("before"))
    expect(line(page, "before")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    send(shop, bought("meanwhile"), bought("meanwhile"))
    show = page.get_by_role("button", name="Show 2 new events")
    expect(show).to_be_visible()
    expect(line(page, "meanwhile")).to_have_count(0)
    show.click()
    expect(line(page, "meanwhile")).to_be_visible()
    line(page, "meanwhile").click()
    send(shop, bought("while open"))
    expect(page.get_by_role("button", name="Show 1 new event")).to_be_visible()


def test_a_thousand_events_a_second_stay_smooth(console: Person, shop: Shop) -> None:
    page = watched(console, shop)
    with _flood(shop, per_second=1000):
        expect(page.get_by_text("2,000 events shown")).to_be_visible(timeout=20_000)
        frames = page.evaluate(
            """() => new Promise(done => {
                let frames = 0;
                const ends = performance.now() + 3000;
                const next = now => { frames += 1; now < ends ? requestAnimationFrame(next) : done(frames); };
                requestAnimationFrame(next);
            })"""
        )
        rows = page.get_by_role("list", name="Events, the newest first").get_by_role("listitem").count()
    assert frames / 3 > FRAMES_PER_SECOND_MIN, f"{frames / 3:.0f} frames a second"
    assert rows < 60, "only what is in view exists"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone(person: Any, shop: Shop, scheme: str) -> None:
    somebody = person(color_scheme=scheme, viewport=NARROW)
    page = watched(somebody, shop)
    send(shop, bought("fine", metricValue=3), {"kind": "custom", "key": "nobody"}, {"kind": "debug", "key": "flag"})
    line(page, "nobody").click()
    expect(page.get_by_text("This event is not counted")).to_be_visible()
    check_accessibility(somebody)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], "nothing runs out of the page"


@contextmanager
def _flood(shop: Shop, *, per_second: int) -> Iterator[None]:
    ends = threading.Event()

    def flow() -> None:
        while not ends.is_set():
            began = time.monotonic()
            send(shop, *[bought(f"event {number}") for number in range(per_second // 10)])
            ends.wait(max(0, 0.1 - (time.monotonic() - began)))

    sender = threading.Thread(target=flow)
    sender.start()
    yield
    ends.set()
    sender.join()
