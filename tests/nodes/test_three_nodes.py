"""Three nodes behind a proxy: one is killed, one cut off from the database and rejoined, and nothing is lost."""

import time
from collections.abc import Iterator

import pytest
import requests
from audiences import until
from crews import Crew, ask
from fleet import Fleet
from namespaces import Networks
from servers import Server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings

pytestmark = pytest.mark.world
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def fleet(networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(networks, tmp_path_factory.mktemp("fleet"))
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def crew(fleet: Fleet) -> Iterator[Crew]:
    made = Crew(fleet)
    yield made
    made.close()


def test_one_is_killed_and_one_cut_off_and_rejoined(fleet: Fleet, crew: Crew) -> None:
    crew.begin()
    time.sleep(2)
    killed_at = time.monotonic()
    fleet.kill("a")
    time.sleep(2)
    cut_off_at = time.monotonic()
    fleet.cut_off("b")
    sent_there = _lives_on_what_it_knows(fleet, crew)
    fleet.start_node("a")
    rejoined_at = time.monotonic()
    fleet.rejoin("b")
    until(lambda: ask(fleet.nodes["b"], "GET", "/api/v2/projects", crew.server.token) == 200, seconds=15)
    healed_at = time.monotonic()
    time.sleep(2)
    crew.settle()
    expected = crew.served()
    until(lambda: not crew.behind(expected), seconds=20)
    assert not crew.those_who_gave_up()
    assert not crew.lost_entries()
    entries = crew.entries()
    until(lambda: entries <= crew.receiver.ids() and not crew.promises(), seconds=30)
    until(lambda: not crew.ledger.told(crew.lab), seconds=20)  # who was away looks for the store every few seconds
    assert crew.counted("sent to the lost") == sent_there
    assert 0 < crew.counted("visited") <= crew.visits
    print(
        f"\nwrites waited {crew.longest_silence(killed_at, cut_off_at):.1f} s at most when one was killed, "
        f"{crew.longest_silence(cut_off_at, rejoined_at):.1f} s when one was cut off; "
        f"that was whole again {healed_at - rejoined_at:.1f} s after it rejoined"
    )
    print(crew.told())


def _lives_on_what_it_knows(fleet: Fleet, crew: Crew) -> int:
    """What a node that is cut off answers for some seconds; gives how many events of a key of their own it accepted."""
    lost, event = fleet.nodes["b"], {"kind": "custom", "key": "sent to the lost", "contextKeys": {"user": "ann"}}
    schema = {"X-LaunchDarkly-Event-Schema": "4"}
    sdks, others, accepted = [], [], 0
    over_at = time.monotonic() + 7
    while time.monotonic() < over_at:
        began = time.monotonic()
        assert ask(lost, "GET", "/sdk/latest-all", crew.sdk_key) == 200
        assert ask(lost, "POST", "/bulk", crew.sdk_key, json=[event], headers=schema) == 202
        accepted += 1
        sdks.append(time.monotonic() - began)
        assert ask(lost, "GET", "/sdk/latest-all", "sdk-nobody-knows-this") == 503
        assert ask(lost, "GET", "/api/v2/projects", crew.server.token) == 503
        others.append(time.monotonic() - began - sdks[-1])
        time.sleep(0.05)
    print(f"\nwhat was known took {max(sdks):.1f} s at most, a refusal {others[0]:.1f} s, the last {others[-1]:.2f} s")
    return accepted


def test_one_is_restarted_in_order_and_one_loses_its_power_and_nobody_is_refused(fleet: Fleet, crew: Crew) -> None:
    crew.begin()
    time.sleep(1)
    stopping_at = time.monotonic()
    assert fleet.stop_node("c") == 0
    fleet.start_node("c")
    dark_at = time.monotonic()
    fleet.lose_power("a")
    time.sleep(6)
    settled_at = time.monotonic()
    crew.settle()
    expected = crew.served()
    until(lambda: not crew.behind(expected), seconds=20)
    fleet.start_node("a")
    assert not crew.those_who_gave_up()
    assert not crew.lost_entries()
    assert not crew.ledger.told(crew.lab)
    entries = crew.entries()
    until(lambda: entries <= crew.receiver.ids() and not crew.promises(), seconds=30)
    print(
        f"\nwrites waited {crew.longest_silence(stopping_at, dark_at):.1f} s at most when one was restarted, "
        f"{crew.longest_silence(dark_at, settled_at):.1f} s when one lost its power"
    )
    print(crew.told())


def test_who_is_let_in_by_one_is_let_in_by_all_until_they_leave_anywhere(fleet: Fleet) -> None:
    nodes = list(fleet.nodes.values())
    for made_on in nodes:
        token = made_on.token_for(role="reader")
        assert [ask(node, "GET", "/api/v2/projects", token) for node in nodes] == [200] * 3
    with fleet.database.machine.inside():
        link = new_link(Settings(database_url=fleet.database.url), "")
    cookies = [_signed_in(nodes[0], "/link", {"token": link.token, "password": PASSWORD})]
    cookies += [_signed_in(node, "", {"email": link.email, "password": PASSWORD}) for node in nodes[1:]]
    for cookie in cookies:
        assert all(_is_known(node, cookie) for node in nodes)
    csrf = nodes[1].session.get(f"{nodes[1].url}/internal/session", headers={"Cookie": cookies[0]}).json()["csrfToken"]
    left = {"Cookie": cookies[0], "x-csrf-token": csrf}
    assert nodes[1].session.delete(f"{nodes[1].url}/internal/sessions", headers=left).status_code == 204
    for cookie in cookies:
        assert not any(_is_known(node, cookie) for node in nodes)


def _signed_in(node: Server, path: str, chosen: dict[str, str]) -> str:
    """The cookie of a browser in which somebody has signed in on a node."""
    answer = requests.post(f"{node.url}/internal/session{path}", json=chosen, timeout=20)
    assert answer.ok, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


def _is_known(node: Server, cookie: str) -> bool:
    seen = requests.get(f"{node.url}/internal/session", headers={"Cookie": cookie}, timeout=20)
    return bool(seen.json()["signedIn"])
