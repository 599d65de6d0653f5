"""A server in Node: the official server-side SDK streams, polls, evaluates and reports as against LaunchDarkly."""

from collections import Counter
from typing import Any

import pytest
from driven import until
from parity import FLAGS, MISSING, contexts, python_answers, set_up_flags
from sdks import Clients
from shop import Shop

from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import activity

pytestmark = pytest.mark.world
EVA = {"kind": "user", "key": "eva"}


def test_a_change_in_the_page_reaches_a_streaming_client_within_a_second(shop: Shop, clients: Clients) -> None:
    shop.flag("checkout", on=False)
    client, started = clients.node(shop, options={"diagnosticOptOut": True, "sendEvents": False})
    assert started["initialized"]
    assert client.call("variation", "checkout", EVA, "unset") is False

    shop.change("checkout", {"kind": "turnFlagOn"})
    until(lambda: client.call("variation", "checkout", EVA, "unset") is True, within_seconds=1)
    shop.flag("brand-new", values=("a", "b"))
    until(lambda: client.call("variation", "brand-new", EVA, "unset") == "a", within_seconds=1)
    shop.server.ok("DELETE", f"/flags/{shop.project}/brand-new")
    until(lambda: client.call("variation", "brand-new", EVA, "unset") == "unset", within_seconds=1)

    assert client.traffic() == [("GET", "/all", 200)], "one stream, never a poll"


def test_a_polling_client_is_told_nothing_new_until_there_is(shop: Shop, clients: Clients) -> None:
    shop.flag("checkout", on=False)
    client, started = clients.node(
        shop, options={"stream": False, "diagnosticOptOut": True, "sendEvents": False}, longWaitsTakeMs=100
    )
    assert started["initialized"]
    until(lambda: len(client.traffic()) >= 4, within_seconds=5)
    shop.change("checkout", {"kind": "turnFlagOn"})
    until(lambda: client.call("variation", "checkout", EVA, "unset") is True, within_seconds=5)
    polls = client.traffic()

    assert {(method, path) for method, path, _ in polls} == {("GET", "/sdk/latest-all")}
    statuses = [status for *_, status in polls]
    assert statuses[:3] == [200, 304, 304]
    assert Counter(statuses)[200] == 2, "sent once at the start and once when it changed"


def test_a_client_in_data_saving_mode_is_sent_back_to_polling(shop: Shop, clients: Clients) -> None:
    shop.flag("checkout", on=False)
    client, started = clients.node(
        shop, options={"dataSystem": {}, "diagnosticOptOut": True, "sendEvents": False}, longWaitsTakeMs=100
    )
    assert started["initialized"]
    shop.change("checkout", {"kind": "turnFlagOn"})
    until(lambda: client.call("variation", "checkout", EVA, "unset") is True, within_seconds=5)
    assert client.traffic()[:2] == [("GET", "/sdk/poll", 404), ("GET", "/sdk/latest-all", 200)]


def test_node_and_python_give_200_contexts_the_same_answers(shop: Shop, clients: Clients) -> None:
    set_up_flags(shop)
    asked = contexts(200)
    client, started = clients.node(shop, options={"diagnosticOptOut": True, "sendEvents": False})
    assert started["initialized"]
    in_node = client.call("details", FLAGS, asked, MISSING, within_seconds=60)

    in_python = python_answers(shop, asked)
    for context, ours, theirs in zip(asked, in_python, in_node, strict=True):
        assert ours == theirs, context
    _assert_that_every_kind_of_answer_was_given(in_python)


def test_what_visitors_see_and_do_becomes_the_experiments_results(shop: Shop, clients: Clients, store_url: str) -> None:
    variations = shop.flag("button", values=("blue", "green"))
    shop.metric("order-placed")
    shop.experiment("colours", flag="button", variations=variations, metric="order-placed", percent=40)
    client, started = clients.node(shop)
    assert started["initialized"]

    expected = {"variation 0": (0, 0.0), "variation 1": (0, 0.0)}
    outside = 0
    for number in range(60):
        visitor = {"kind": "user", "key": f"visitor-{number}", "plan": "gold"}
        shown = client.call("variationDetail", "button", visitor, "none")
        client.call("track", "order-placed", visitor, {"cart": number}, 2.5 * number)
        if not shown["reason"].get("inExperiment"):
            outside += 1
            continue
        arm = f"variation {shown['variationIndex']}"
        people, total = expected[arm]
        expected[arm] = (people + 1, total + 2.5 * number)
    client.call("identify", {"kind": "user", "key": "passer-by", "name": "Ada"})
    client.call("flush")

    assert outside > 0
    assert all(people > 0 for people, _ in expected.values())
    shop.shows("colours", "order-placed", expected)
    posts = {(method, path): status for method, path, status in client.traffic() if method == "POST"}
    assert posts == {("POST", "/bulk"): 202, ("POST", "/diagnostic"): 202}
    sdks, left_out = _noted(shop, store_url)
    assert sdks == {"NodeJSClient"}
    assert left_out == {}, "every event was understood"


def test_evaluations_show_on_the_flags_status(shop: Shop, clients: Clients) -> None:
    shop.flag("checkout")
    status = f"/flag-statuses/{shop.project}/production/checkout"
    assert shop.server.ok("GET", status)["name"] == "new"
    client, _ = clients.node(shop)
    client.call("variation", "checkout", EVA, "fallback-in-code")
    client.call("flush")

    def is_noticed() -> bool:
        shown = shop.server.ok("GET", status)
        return shown.get("default") == "fallback-in-code" and "lastRequested" in shown

    until(is_noticed, within_seconds=10)


def _assert_that_every_kind_of_answer_was_given(answers: list[list[dict[str, Any]]]) -> None:
    reasons = [detail["reason"] for row in answers for detail in row]
    assert {reason["kind"] for reason in reasons} == {
        "OFF",
        "TARGET_MATCH",
        "RULE_MATCH",
        "FALLTHROUGH",
        "PREREQUISITE_FAILED",
        "ERROR",
    }
    assert {reason["ruleIndex"] for reason in reasons if reason["kind"] == "RULE_MATCH"} == {0, 1, 2, 3}
    assert {bool(reason.get("inExperiment")) for reason in reasons if reason["kind"] == "FALLTHROUGH"} == {True, False}


def _noted(shop: Shop, store_url: str) -> tuple[set[str], dict[str, int]]:
    """The SDKs that sent diagnostics, and how many events were left out, by reason."""
    url = store_url.replace("postgresql://", "postgresql+psycopg://") or sqlite_url(shop.server.data_dir)
    database = Database(url)
    with database.read() as connection:
        sdks = {sdk.name for sdk in activity.sdks(connection, shop.client_id)}
        left_out = activity.dropped(connection, shop.client_id)
    database.close()
    return sdks, left_out
