"""A server in Go: the official SDK starts, follows changes, agrees with Python and has its events counted."""

from pathlib import Path

import pytest
from driven import until
from parity import FLAGS, MISSING, contexts, python_answers, set_up_flags
from sdks import Clients
from shop import Shop

pytestmark = pytest.mark.world
EVA = {"kind": "user", "key": "eva"}


def test_go_and_python_give_200_contexts_the_same_answers(shop: Shop, clients: Clients, go_program: Path) -> None:
    set_up_flags(shop)
    asked = contexts(200)
    client, started = clients.go(go_program, shop)
    assert started["initialized"]
    in_go = client.call("details", FLAGS, asked, MISSING, within_seconds=60)
    for context, ours, theirs in zip(asked, python_answers(shop, asked), in_go, strict=True):
        assert ours == theirs, context


def test_a_change_reaches_a_go_server_within_a_second(shop: Shop, clients: Clients, go_program: Path) -> None:
    shop.flag("checkout", on=False)
    client, _ = clients.go(go_program, shop)
    assert client.call("details", ["checkout"], [EVA], MISSING)[0][0]["value"] is False
    shop.change("checkout", {"kind": "turnFlagOn"})
    until(lambda: client.call("details", ["checkout"], [EVA], MISSING)[0][0]["value"] is True, within_seconds=1)


def test_what_visitors_of_a_go_server_do_becomes_the_experiments_results(
    shop: Shop, clients: Clients, go_program: Path
) -> None:
    variations = shop.flag("button", values=("blue", "green"))
    shop.metric("order-placed")
    shop.experiment("colours", flag="button", variations=variations, metric="order-placed", percent=50)
    client, _ = clients.go(go_program, shop)

    visitors = [{"kind": "user", "key": f"visitor-{number}"} for number in range(30)]
    expected = {"variation 0": (0, 0.0), "variation 1": (0, 0.0)}
    answers = client.call("details", ["button"], visitors, MISSING)
    for number, ((shown,), visitor) in enumerate(zip(answers, visitors, strict=True)):
        client.call("track", "order-placed", visitor, None, number)
        people, total = expected[f"variation {shown['variationIndex']}"]
        expected[f"variation {shown['variationIndex']}"] = (people + 1, total + number)
    client.call("flush")
    shop.shows("colours", "order-placed", expected)


def test_a_go_server_with_a_wrong_key_is_told(shop: Shop, clients: Clients, go_program: Path) -> None:
    _, started = clients.go(go_program, shop, key="sdk-unknown")
    assert not started["initialized"]
    assert started["error"]
