"""What code has been tracking is known before a metric is made of it: keys, numbers, and whom they are about."""

from typing import Any

import pytest
import python_sdk
import requests
from ldclient import Context
from servers import Server

from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS

EVENT_KEYS = "/internal/projects/{}/environments/test/event-keys"


@pytest.fixture
def sdk_key(server: Server, project: str) -> str:
    return str(server.ok("GET", f"/projects/{project}/environments/test")["apiKey"])


def send(server: Server, sdk_key: str, *events: dict[str, Any]) -> None:
    answer = requests.post(
        f"{server.url}/bulk",
        json=events,
        headers={"Authorization": sdk_key, "X-LaunchDarkly-Event-Schema": "4"},
        timeout=10,
    )
    assert answer.status_code == 202


def custom(key: str, value: Any = None, **units: str) -> dict[str, Any]:
    return {"kind": "custom", "key": key, "metricValue": value, "contextKeys": units or {"user": "ann"}}


def test_what_an_sdk_tracks_is_known_at_once(server: Server, project: str, sdk_key: str) -> None:
    before = clock.now_ms()
    ann = Context.create_multi(Context.create("ann"), Context.create("acme", "org"))
    with python_sdk.following(server.url, sdk_key, send_events=True) as client:
        for amount in (5, 30.5, 12):
            client.track("purchase", ann, metric_value=amount)
        client.track("purchase", Context.create("bob"))
        client.track("signed up: web/mobile", Context.create("bob"))
        client.flush()

    keys = {each["key"]: each for each in server.ok("GET", EVENT_KEYS.format(project))["items"]}
    assert set(keys) == {"purchase", "signed up: web/mobile"}
    purchase = keys["purchase"]
    assert (purchase["kind"], purchase["events"], purchase["metrics"]) == ("custom", 4, [])
    assert before <= purchase["firstSeen"] <= purchase["lastSeen"] <= clock.now_ms()
    assert before <= purchase["lastValueAt"] <= clock.now_ms()
    assert [kind["kind"] for kind in purchase["unitKinds"]] == ["org", "user"]
    assert "lastValueAt" not in keys["signed up: web/mobile"]

    activity = server.ok("GET", EVENT_KEYS.format(project) + "/purchase/activity")
    assert (activity["events"], activity["withValue"]) == (4, 3)
    assert activity["values"] == {"min": 5, "median": 12, "max": 30.5}
    assert activity["unitKinds"] == [{"kind": "org", "events": 3}, {"kind": "user", "events": 4}]
    assert len(activity["spans"]) == 24 and activity["spanMs"] == HOUR_MS
    assert sum(span["events"] for span in activity["spans"]) == 4
    assert sum(span["events"] for span in activity["spans"][-2:]) == 4, "an hour may have turned meanwhile"
    assert activity["lastSeen"] == purchase["lastSeen"]

    odd = server.ok("GET", EVENT_KEYS.format(project) + "/signed%20up%3A%20web%2Fmobile/activity?hours=720")
    assert (odd["events"], odd["withValue"], len(odd["spans"])) == (1, 0, 30) and "values" not in odd


def test_a_key_that_never_came_has_an_empty_past(server: Server, project: str) -> None:
    activity = server.ok("GET", EVENT_KEYS.format(project) + "/nothing/activity?hours=168")
    assert activity == {
        "key": "nothing",
        "kind": "custom",
        "spanMs": 24 * HOUR_MS,
        "spans": [{"since": each["since"], "events": 0, "withValue": 0} for each in activity["spans"]],
        "events": 0,
        "withValue": 0,
        "unitKinds": [],
    }
    since = [each["since"] for each in activity["spans"]]
    assert len(since) == 7 and since[-1] <= clock.now_ms() < since[-1] + 24 * HOUR_MS


def test_keys_are_searched_ordered_and_paged(server: Server, project: str, sdk_key: str) -> None:
    send(server, sdk_key, custom("Checkout finished"), custom("checkout_started"), custom("checkout_started"))
    send(server, sdk_key, custom("search 100%"), {"kind": "click", "key": "cta", "contextKeys": {"user": "ann"}})
    at = EVENT_KEYS.format(project)

    def keys(query: str) -> list[str]:
        return [each["key"] for each in server.ok("GET", f"{at}?{query}")["items"]]

    assert keys("q=CHECKOUT&sort=key") == ["Checkout finished", "checkout_started"]
    assert keys("q=%25") == ["search 100%"], "what is looked for is no pattern"
    assert keys("q=_") == ["checkout_started"]
    assert keys("kind=click") == ["cta"]
    assert keys("sort=-events&limit=1") == ["checkout_started"]
    assert sorted(keys("sort=lastSeen")[:2]) == ["Checkout finished", "checkout_started"]
    first = server.ok("GET", f"{at}?sort=key&limit=3")
    second = server.ok("GET", first["_links"]["next"]["href"])
    assert first["totalCount"] == second["totalCount"] == 4
    assert [each["key"] for each in first["items"] + second["items"]] == [
        "Checkout finished",
        "checkout_started",
        "cta",
        "search 100%",
    ]


def test_a_key_names_the_metrics_that_count_it(server: Server, project: str, sdk_key: str) -> None:
    send(
        server,
        sdk_key,
        custom("paid"),
        custom("opened"),
        {"kind": "click", "key": "paid", "contextKeys": {"user": "a"}},
    )
    server.ok("POST", f"/metrics/{project}", json={"key": "converted", "kind": "custom", "eventKey": "paid"})
    ratio = {"denominator": {"eventName": "opened"}}
    server.ok("POST", f"/metrics/{project}", json={"key": "per-opening", "kind": "custom", "eventKey": "paid", **ratio})
    items = server.ok("GET", EVENT_KEYS.format(project))["items"]
    assert {(each["kind"], each["key"]): each["metrics"] for each in items} == {
        ("custom", "paid"): ["converted", "per-opening"],
        ("custom", "opened"): ["per-opening"],
        ("click", "paid"): [],
    }


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("?kind=summary", "custom, click, pageview"),
        ("?sort=name", "lastSeen"),
        ("/paid/activity?hours=25", "24, 168, 720"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(server: Server, project: str, path: str, said: str) -> None:
    answer = server.call("GET", EVENT_KEYS.format(project) + path)
    assert answer.status_code == 400 and said in answer.json()["message"]


def test_only_who_may_view_the_project_is_told(server: Server, project: str) -> None:
    nobody = server.token_for(inlineRole=[{"effect": "deny", "resources": ["*"], "actions": ["*"]}])
    for path in ("", "/paid/activity"):
        assert server.call("GET", EVENT_KEYS.format(project) + path, token=nobody).status_code == 403
        assert server.call("GET", EVENT_KEYS.format("elsewhere") + path).status_code == 404
