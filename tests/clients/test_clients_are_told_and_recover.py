"""When a key is wrong, clients are told and give up; when a server goes away, they wait and come back by themselves."""

import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from driven import until
from sdks import Clients
from servers import start_server
from shop import Shop

pytestmark = pytest.mark.world
ADA = {"kind": "user", "key": "ada"}
CLIENT_SIDE = ("client_sdk", "browser_sdk")
STREAMING = {"streaming": True, "diagnosticOptOut": True}


@pytest.mark.parametrize("key", ["sdk-00000000-0000-4000-8000-000000000000", "mobile"])
def test_a_server_with_a_wrong_key_is_told_once_and_asks_no_more(shop: Shop, clients: Clients, key: str) -> None:
    if key == "mobile":
        key = shop.server.ok("GET", shop.at)["mobileKey"]
    client, started = clients.node(shop, key=key, options={"diagnosticOptOut": True})
    assert not started["initialized"]
    assert "401" in started["error"] or "Authentication failed" in started["error"]
    time.sleep(1.5)  # longer than the SDK waits before it tries again
    assert client.traffic() == [("GET", "/all", 401)]
    assert client.call("variation", "anything", ADA, "default") == "default"


@pytest.mark.parametrize("sdk", CLIENT_SIDE)
def test_a_page_with_an_unknown_environment_is_told_and_shows_its_defaults(
    shop: Shop, clients: Clients, sdk: str
) -> None:
    client, started = clients.client_side(
        sdk, shop, ADA, environment="000000000000000000000000", options={"diagnosticOptOut": True}
    )
    assert not started["initialized"]
    assert started["error"]
    assert client.call("variation", "anything", "default") == "default"
    assert {status for *_, status in client.traffic()} == {404}


def test_a_reset_key_closes_the_streams_it_had_opened(shop: Shop, clients: Clients) -> None:
    shop.flag("sale", on=False)
    client, started = clients.node(shop, options={"diagnosticOptOut": True, "sendEvents": False})
    assert started["initialized"]
    shop.server.ok("POST", f"{shop.at}/apiKey")
    until(lambda: ("GET", "/all", 401) in client.traffic(), within_seconds=10)
    shop.change("sale", {"kind": "turnFlagOn"})
    time.sleep(0.5)
    assert client.call("variation", "sale", ADA, "none") is False, "it knows what it knew, and no more"


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=lambda ending: ending.name)
def test_every_client_comes_back_after_the_server_was_stopped_and_started(
    clients: Clients, tmp_path: Path, ending: signal.Signals
) -> None:
    server = start_server(tmp_path)
    shop = Shop(server)
    shop.flag("sale", on=False)
    button = shop.flag("button", values=("blue", "green"))
    shop.metric("order-placed")
    shop.experiment("colours", flag="button", variations=button, metric="order-placed", percent=50)
    node, _ = clients.node(shop, options={"diagnosticOptOut": True})
    pages = [clients.client_side(sdk, shop, ADA, options=STREAMING)[0] for sdk in CLIENT_SIDE]
    for page in pages:
        until(lambda page=page: any("/eval/" in path for _, path, _ in page.traffic()), within_seconds=5)

    assert server.stop(ending) == (0 if ending is signal.SIGTERM else -ending)
    assert node.call("variation", "sale", ADA, "none") is False
    assert [page.call("variation", "sale", "none") for page in pages] == [False, False]
    shop.server = start_server(tmp_path, port=str(urlsplit(server.url).port))
    shop.change("sale", {"kind": "turnFlagOn"})

    until(lambda: node.call("variation", "sale", ADA, "none") is True, within_seconds=30)
    for page in pages:
        until(lambda page=page: page.call("variation", "sale", "none") is True, within_seconds=30)
    shown = node.call("variationDetail", "button", ADA, "none")["variationIndex"]
    for client in (node, *pages):
        who = [ADA] if client is node else []
        client.call("variation", "button", *who, "none")
        client.call("track", "order-placed", *who, None, 10)
        client.call("flush")
    nobody = {"variation 0": (0, 0.0), "variation 1": (0, 0.0)}
    shop.shows("colours", "order-placed", {**nobody, f"variation {shown}": (1, 30.0)})
    assert shop.server.stop() == 0
