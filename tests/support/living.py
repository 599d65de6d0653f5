"""A shop in full swing, for people to look at: flags in use, experiments at every stage, events that keep coming."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldclient
import python_sdk
from driven import until
from servers import Server
from shop import Shop

CONVERSION = {False: 0.20, True: 0.27}
ORDER_VALUE = {False: 50.0, True: 52.0}
VISITORS = 1_500

_TEXTS = {
    "new-checkout": ("New checkout", "One page instead of three."),
    "search-v2": ("Search, second generation", "Answers from the new index."),
    "free-shipping": ("Free shipping", "From 50 EUR on, for members."),
    "dark-mode": ("Dark mode", "Follows the system unless told otherwise."),
    "old-basket": ("Old basket", "To be removed once nobody asks for it."),
}


def fill(server: Server, *, key: str = "web-shop", visitors: int = VISITORS) -> Shop:
    """A new project with something to see on every page of the console."""
    shop = Shop(server, key=key, name="Web shop")
    variations = {flag: shop.flag(flag) for flag in _TEXTS}
    for flag, (name, description) in _TEXTS.items():
        whole = [{"op": "replace", "path": "/name", "value": name}]
        whole += [{"op": "replace", "path": "/description", "value": description}]
        server.ok("PATCH", f"/flags/{shop.project}/{flag}", json=whole)
    _target(shop, variations)
    _measure(shop)
    _experiment(shop, "checkout-2026", "Does the new checkout sell more?", "new-checkout", variations["new-checkout"])
    _experiment(shop, "search-quality", "Do people find more?", "search-v2", variations["search-v2"], start=False)
    visit(shop, visitors)
    return shop


def visit(shop: Shop, visitors: int, *, seed: int = 20261123) -> None:
    """Visitors come through the official SDK, see the checkout and buy or do not; returns once all of it is counted."""
    chance = random.Random(seed)
    with sdk(shop) as client:
        for number in range(visitors):
            visitor = ldclient.Context.builder(f"visitor-{seed}-{number}").set("plan", "member").build()
            treated = bool(client.variation("new-checkout", visitor, False))
            client.variation("free-shipping", visitor, False)
            client.variation("old-basket", visitor, False)
            if chance.random() < CONVERSION[treated]:
                worth = round(chance.gauss(ORDER_VALUE[treated], 12.0), 2)
                client.track("order-placed", visitor, {"currency": "EUR"}, worth)
            if chance.random() < 0.4:
                client.track("page-loaded", visitor, None, round(chance.lognormvariate(6, 0.4), 1))
    until(lambda: _counted(shop) >= visitors, within_seconds=30)


@contextmanager
def sdk(shop: Shop) -> Iterator[ldclient.LDClient]:
    """The official server-side SDK, connected; what it was told is sent by the end."""
    options = {"send_events": True, "flush_interval": 0.2}
    with python_sdk.following(shop.server.url, shop.sdk_key, **options) as client:
        assert client.is_initialized(), "the SDK could not connect"
        yield client
        client.flush()


def _target(shop: Shop, variations: dict[str, list[str]]) -> None:
    members = {"contextKind": "user", "attribute": "plan", "op": "in", "values": ["member", "gold"]}
    abroad = {"contextKind": "user", "attribute": "country", "op": "in", "values": ["AT", "DE", "NL"]}
    yes, no = variations["free-shipping"]
    shop.change("free-shipping", {"kind": "addRule", "variationId": no, "clauses": [members, abroad]})
    named = {"kind": "addRule", "variationId": yes, "clauses": [members], "description": "Members"}
    shop.change("free-shipping", named)
    testers = {"contextKind": "user", "values": ["ada", "eva", "olga"], "variationId": yes}
    shop.change("free-shipping", {"kind": "addTargets", **testers})
    shop.change("dark-mode", {"kind": "turnFlagOff"})
    shop.change(
        "old-basket", {"kind": "updateFallthroughVariationOrRollout", "variationId": variations["old-basket"][1]}
    )


def _measure(shop: Shop) -> None:
    better = {"successCriteria": "HigherThanBaseline"}
    shop.metric("order-placed", kind="custom", eventKey="order-placed", isNumeric=False, **better)
    money = {"isNumeric": True, "unit": "EUR", "unitAggregationType": "sum", **better}
    shop.metric("order-value", kind="custom", eventKey="order-placed", **money)
    slow = {"isNumeric": True, "unit": "ms", "successCriteria": "LowerThanBaseline"}
    shop.metric("page-speed", kind="custom", eventKey="page-loaded", **slow)
    thanks = [{"kind": "substring", "substring": "/thanks"}]
    shop.metric("thanked", kind="pageview", urls=thanks)
    shop.metric(
        "clicked-buy", kind="click", selector=".buy", urls=[{"kind": "canonical", "url": "https://shop.example/"}]
    )


def _experiment(
    shop: Shop, key: str, name: str, flag: str, variations: list[str], *, start: bool = True
) -> dict[str, Any]:
    treated, control = variations
    also = ("order-value", "page-speed")
    shop.experiment(
        key, flag=flag, variations=[control, treated], metric="order-placed", also=also, percent=50, start=start
    )
    renamed: dict[str, Any] = shop.server.ok(
        "PATCH", f"{shop.at}/experiments/{key}", json={"instructions": [{"kind": "updateName", "value": name}]}
    )
    return renamed


def _counted(shop: Shop) -> int:
    return sum(people for people, _ in shop.results("checkout-2026", "order-placed").values())
