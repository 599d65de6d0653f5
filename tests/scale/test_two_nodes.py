"""Two servers on one PostgreSQL, with a folder of facts that both reach, are one system."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from audiences import Audience, until
from servers import PostgreSQL, Server, start_server

LIMIT = 30
Pair = tuple[Server, Server]


@pytest.fixture(scope="module")
def nodes(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    url, folder = postgresql.database(), tmp_path_factory.mktemp("nodes")
    shared = {"database_url": url, "lake_dir": str(folder / "lake"), "rate_limit": str(LIMIT), "import_rate_limit": "8"}
    first = start_server(folder / "first", **shared)
    second = start_server(folder / "second", **shared)
    yield first, second
    assert (first.stop(), second.stop()) == (0, 0)


@pytest.fixture
def token(nodes: Pair) -> str:
    """A token of its own for a test, since limits are kept for each."""
    return nodes[0].token_for(role="admin")


def test_a_change_on_one_node_reaches_the_streams_of_the_other(nodes: Pair, token: str) -> None:
    here, there = nodes
    here.ok("POST", "/flags/default", token=token, json={"key": "checkout", "name": "Checkout"})
    audience = Audience(_environment(here, token)["apiKey"])
    streams = audience.open(there.url, 3)
    changed_at = time.perf_counter()
    here.ok("PATCH", "/flags/default/checkout", token=token, json=_turned(on=True))
    until(lambda: all(b"event: patch" in stream.heard for stream in streams))
    # A second is what a lost nudge costs; nudged, it is a matter of milliseconds.
    assert max(stream.heard_at for stream in streams) - changed_at < 0.9
    audience.close()


def test_a_key_that_is_reset_on_one_node_opens_nothing_on_the_other_and_its_streams_end(
    nodes: Pair, token: str
) -> None:
    here, there = nodes
    old = _environment(here, token)["apiKey"]
    audience = Audience(old)
    streams = audience.open(there.url, 3)
    new = here.ok("POST", "/projects/default/environments/test/apiKey", token=token)["apiKey"]
    until(lambda: all(stream.has_ended for stream in streams), seconds=2)
    assert (_poll(there, old), _poll(there, new)) == (401, 200)
    audience.close()


def test_a_token_made_on_one_node_is_good_on_the_other_until_it_ends_on_either(nodes: Pair, token: str) -> None:
    here, there = nodes
    gone = here.ok("POST", "/tokens", token=token, json={"name": "short-lived", "role": "reader"})
    assert there.call("GET", "/projects", token=gone["token"]).status_code == 200
    here.ok("DELETE", f"/tokens/{gone['_id']}", token=token)
    assert there.call("GET", "/projects", token=gone["token"]).status_code == 401


def test_a_rate_limit_holds_over_both(nodes: Pair) -> None:
    token = nodes[0].token_for(role="reader")
    _wait_for_a_fresh_window()
    answers = []
    for number in range(2 * LIMIT):
        answers.append(nodes[number % 2].call("GET", "/tags", token=token).status_code)
        if number % 10 == 9:
            time.sleep(0.25)  # one exchange of counts
    passed = answers.count(200)
    assert LIMIT - 5 <= passed <= LIMIT + 12, "each node alone would have let all of them pass"
    assert set(answers) == {200, 429}


def test_an_import_pace_holds_over_both(nodes: Pair) -> None:
    token = nodes[0].token_for(role="writer")
    event = {"kind": "custom", "key": "k", "contextKeys": {"user": "u"}, "creationDate": 1}
    answers = []
    began = time.monotonic()
    for number in range(30):
        path = "/v2/event-data-import/default/test"
        headers = {"X-LaunchDarkly-Event-Schema": "4"}
        answers.append(nodes[number % 2].call("POST", path, token=token, json=[event], headers=headers).status_code)
        time.sleep(0.1)
    refilled = 0.8 * (time.monotonic() - began)
    # 8 at once and as many as refill meanwhile; each node alone would let 16 pass at once, and twice as many refill.
    assert 8 <= answers.count(202) <= 8 + refilled + 3
    assert set(answers) == {202, 429}


def test_attempts_to_sign_in_are_counted_over_both(nodes: Pair) -> None:
    asked = {"email": "nobody@example.com", "password": "a wrong password"}
    answers = [nodes[number % 2].call("POST", "/internal/session", token="", json=asked) for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


def test_the_same_payload_sent_to_both_counts_once_on_both(nodes: Pair, token: str) -> None:
    sdk_key = _environment(nodes[0], token)["apiKey"]
    for node in (*nodes, *nodes):
        event = {"kind": "custom", "key": "bought", "contextKeys": {"user": "ann"}}
        headers = {"X-LaunchDarkly-Event-Schema": "4", "X-LaunchDarkly-Payload-ID": "the-same"}
        assert node.call("POST", "/bulk", token=sdk_key, json=[event], headers=headers).status_code == 202
    for node in nodes:
        found = node.ok("GET", "/internal/projects/default/environments/test/event-keys", token=token)["items"]
        assert [each["events"] for each in found if each["key"] == "bought"] == [1]


def _environment(node: Server, token: str) -> dict[str, Any]:
    return dict(node.ok("GET", "/projects/default/environments/test", token=token))


def _poll(node: Server, sdk_key: str) -> int:
    return requests.get(f"{node.url}/sdk/latest-all", headers={"Authorization": sdk_key}, timeout=10).status_code


def _turned(*, on: bool) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": "/environments/test/on", "value": on}]


def _wait_for_a_fresh_window() -> None:
    """Windows of the limit last ten seconds by the clock; this leaves at least seven of them."""
    into_it = time.time() % 10
    if into_it > 3:
        time.sleep(10 - into_it)
