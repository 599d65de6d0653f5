"""A shop's page: client-side SDKs get flags for one visitor at a time, and report what the visitor does."""

import base64
import json
from typing import Any

import pytest
from driven import until
from sdks import Clients
from shop import Shop

pytestmark = pytest.mark.world

# The JavaScript SDK of the third generation (as its Node edition) and of the fourth (as on a page).
SDKS = ("client_sdk", "browser_sdk")
REASONS = {"client_sdk": "evaluationReasons", "browser_sdk": "withReasons"}
ADA = {"kind": "user", "key": "ada", "country": "AT"}
BOB = {"kind": "user", "key": "bob", "country": "US"}


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest) -> str:
    """The program that drives a client-side SDK."""
    return str(request.param)


def test_a_visitor_gets_the_flags_made_for_browsers_and_why(shop: Shop, clients: Clients, sdk: str) -> None:
    greet_austrians(shop)
    shop.flag("for-servers-only")
    shop.server.ok(
        "PATCH",
        f"/flags/{shop.project}/for-servers-only",
        json=[{"op": "replace", "path": "/clientSideAvailability/usingEnvironmentId", "value": False}],
    )
    client, started = clients.client_side(sdk, shop, ADA, options=options(sdk, **{REASONS[sdk]: True}))

    assert started["initialized"]
    assert client.call("allFlags") == {"greeting": "servus"}
    shown = client.call("variationDetail", "greeting", "none")
    assert (shown["value"], shown["variationIndex"]) == ("servus", 1)
    assert (shown["reason"]["kind"], shown["reason"]["ruleIndex"]) == ("RULE_MATCH", 0)
    assert client.traffic() == [("GET", f"/sdk/evalx/{shop.client_id}/contexts/{encoded(ADA)}?withReasons=true", 200)]


def test_another_visitor_on_the_same_page_gets_other_values(shop: Shop, clients: Clients, sdk: str) -> None:
    greet_austrians(shop)
    client, _ = clients.client_side(sdk, shop, ADA, options=options(sdk))
    assert client.call("variation", "greeting", "none") == "servus"
    client.call("identify", BOB)
    assert client.call("variation", "greeting", "none") == "hello"
    client.call("identify", {"kind": "multi", "user": {"key": "eve", "country": "AT"}, "org": {"key": "büro/1"}})
    assert client.call("variation", "greeting", "none") == "servus"


def test_a_change_reaches_an_open_page_within_a_second(shop: Shop, clients: Clients, sdk: str) -> None:
    shop.flag("sale", on=False)
    client, _ = clients.client_side(sdk, shop, ADA, options=options(sdk, streaming=True))
    assert client.call("variation", "sale", "none") is False
    until(lambda: stream(shop, ADA) in client.traffic(), within_seconds=5)

    shop.change("sale", {"kind": "turnFlagOn"})
    until(lambda: client.call("variation", "sale", "none") is True, within_seconds=1)
    client.call("identify", BOB)
    until(lambda: stream(shop, BOB) in client.traffic(), within_seconds=5)
    shop.change("sale", {"kind": "turnFlagOff"})
    until(lambda: client.call("variation", "sale", "none") is False, within_seconds=1)


def test_contexts_may_travel_in_the_body_instead_of_the_address(shop: Shop, clients: Clients, sdk: str) -> None:
    shop.flag("sale", on=False)
    client, started = clients.client_side(sdk, shop, ADA, options=options(sdk, useReport=True, streaming=True))
    assert started["initialized"]
    # A page's own event source cannot send a body: there the SDK waits for pings that suit every visitor.
    pings = ("GET", f"/ping/{shop.client_id}", 200)
    streamed = {"client_sdk": ("REPORT", f"/eval/{shop.client_id}", 200), "browser_sdk": pings}[sdk]
    until(lambda: streamed in client.traffic(), within_seconds=5)
    shop.change("sale", {"kind": "turnFlagOn"})
    until(lambda: client.call("variation", "sale", "none") is True, within_seconds=1)

    assert {each for each in client.traffic() if each != streamed} == {
        ("REPORT", f"/sdk/evalx/{shop.client_id}/context", 200)
    }


def test_a_streaming_page_in_data_saving_mode_is_sent_back_to_what_it_knows(shop: Shop, clients: Clients) -> None:
    greet_austrians(shop)
    saving = options("browser_sdk", dataSystem={}, streaming=True)
    client, started = clients.client_side("browser_sdk", shop, ADA, options=saving)
    assert started["initialized"]
    assert client.call("variation", "greeting", "none") == "servus"
    auth = f"auth={shop.client_id}"
    assert client.traffic() == [
        ("GET", f"/sdk/poll/eval/{encoded(ADA)}?{auth}", 404),
        ("GET", f"/sdk/evalx/{shop.client_id}/contexts/{encoded(ADA)}?{auth}", 200),
    ]


def test_in_secure_mode_only_the_hash_made_by_a_server_lets_a_visitor_in(
    shop: Shop, clients: Clients, sdk: str
) -> None:
    greet_austrians(shop)
    shop.server.ok("PATCH", shop.at, json=[{"op": "replace", "path": "/secureMode", "value": True}])
    node, _ = clients.node(shop, options={"sendEvents": False, "diagnosticOptOut": True})
    for_ada, for_bob = (node.call("secureModeHash", person) for person in (ADA, BOB))

    let_in, started = clients.client_side(sdk, shop, ADA, hash=for_ada, options=options(sdk, streaming=True))
    assert started["initialized"]
    assert let_in.call("variation", "greeting", "none") == "servus"
    until(lambda: any("/eval/" in path and status == 200 for _, path, status in let_in.traffic()), within_seconds=5)
    let_in.call("identify", BOB, for_bob)
    assert let_in.call("variation", "greeting", "none") == "hello"

    kept_out, started = clients.client_side(sdk, shop, ADA, hash=for_bob, options=options(sdk))
    assert not started["initialized"]
    assert "400" in started["error"]
    assert kept_out.call("variation", "greeting", "none") == "none"
    assert shop.server.call("GET", f"/sdk/evalx/{shop.client_id}/contexts/{encoded(ADA)}").status_code == 400


def test_what_visitors_see_and_do_on_pages_becomes_the_experiments_results(
    shop: Shop, clients: Clients, sdk: str
) -> None:
    variations = shop.flag("button", values=("blue", "green"))
    shop.metric("order-placed")
    shop.experiment("colours", flag="button", variations=variations, metric="order-placed", percent=30)
    client, _ = clients.client_side(sdk, shop, visitor(0), options={**options(sdk), "sendEvents": True})

    expected = {"variation 0": (0, 0.0), "variation 1": (0, 0.0)}
    for number in range(30):
        client.call("identify", visitor(number))
        client.call("variation", "button", "none")
        client.call("track", "order-placed", {"cart": number}, 1.5 + number)
        # Whether somebody takes part is for the server to say: the SDK was not asked for reasons.
        shown = evaluated(shop, visitor(number))["button"]
        if shown["reason"].get("inExperiment"):
            people, total = expected[f"variation {shown['variation']}"]
            expected[f"variation {shown['variation']}"] = (people + 1, total + 1.5 + number)
    client.call("flush")

    assert all(people > 0 for people, _ in expected.values())
    assert sum(people for people, _ in expected.values()) < 30
    shop.shows("colours", "order-placed", expected)
    posts = {(method, path): status for method, path, status in client.traffic() if method == "POST"}
    assert posts == {
        ("POST", f"/events/bulk/{shop.client_id}"): 202,
        ("POST", f"/events/diagnostic/{shop.client_id}"): 202,
    }


def test_a_page_view_that_a_metric_waits_for_is_reported_and_counted(shop: Shop, clients: Clients) -> None:
    variations = shop.flag("button", values=("blue", "green"))
    shop.metric("thanked", kind="pageview", urls=[{"kind": "substring", "substring": "/thanks"}])
    shop.experiment("colours", flag="button", variations=variations, metric="thanked", percent=50)
    client, _ = clients.client_side(
        "browser_sdk", shop, ADA, page="https://shop.example/cart", options={"diagnosticOptOut": True}
    )
    shown = client.call("variation", "button", "none")
    until(lambda: ("GET", f"/sdk/goals/{shop.client_id}", 200) in client.traffic(), within_seconds=5)
    client.call("visit", "https://shop.example/thanks?order=7")
    client.call("flush")

    seen_by_ada = f"variation {('blue', 'green').index(shown)}"
    expected = {"variation 0": (0, 0.0), "variation 1": (0, 0.0), seen_by_ada: (1, 1.0)}
    shop.shows("colours", "thanked", expected)


def greet_austrians(shop: Shop) -> None:
    """Austrians are greeted in their way."""
    _, servus = shop.flag("greeting", values=("hello", "servus"))
    austrians = {"contextKind": "user", "attribute": "country", "op": "in", "values": ["AT"]}
    shop.change("greeting", {"kind": "addRule", "variationId": servus, "clauses": [austrians]})


def options(sdk: str, **more: Any) -> dict[str, Any]:
    """Options that keep an SDK from sending what the test is not about."""
    goals = {"fetchGoals": False} if sdk == "browser_sdk" else {}
    return {"sendEvents": False, **goals, **more}


def visitor(number: int) -> dict[str, Any]:
    return {"kind": "user", "key": f"visitor-{number}"}


def evaluated(shop: Shop, context: dict[str, Any]) -> Any:
    return shop.server.ok("GET", f"/sdk/evalx/{shop.client_id}/contexts/{encoded(context)}?withReasons=true")


def encoded(context: dict[str, Any]) -> str:
    compact = json.dumps(context, separators=(",", ":"))
    return base64.urlsafe_b64encode(compact.encode()).decode().rstrip("=")


def stream(shop: Shop, context: dict[str, Any]) -> tuple[str, str, int]:
    return ("GET", f"/eval/{shop.client_id}/{encoded(context)}", 200)
