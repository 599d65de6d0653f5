"""What happens when many come at once, when the store is away, and when keys end."""

import asyncio
import dataclasses
import threading
import time

from flaghoist.base import clock
from flaghoist.delivery import credentials, environment

ANN = {"kind": "user", "key": "ann"}


def test_stampede_of_first_clients_loads_the_environment_once(make_world, make_flag, listen):
    world = make_world(flags=[make_flag("checkout")])
    world.source.before_load_ends = lambda: time.sleep(0.1)
    sdk_key = {"headers": {"Authorization": world.sdk_key}}

    async def first(number):
        if number % 2:
            url = f"{world.url}/sdk/latest-all"
            async with listen("GET", url, **sdk_key) as poll:
                return await poll.response.json()
        async with listen("GET", f"{world.url}/all", **sdk_key) as stream:
            return (await stream.next())[1]["data"]

    async def story():
        return await asyncio.gather(*(first(number) for number in range(60)))

    answers = asyncio.run(story())
    assert all(answer == answers[0] for answer in answers)
    assert world.source.loads == 1


def test_change_committed_while_the_environment_loads_is_not_lost(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout")])

    def commit_another():
        world.source.before_load_ends = lambda: None
        world.change("flags", make_flag("checkout", on=False))
        # The load has read its rows already; it ends only after the change was told.
        time.sleep(0.1)

    world.source.before_load_ends = commit_another
    sdk_key = {"Authorization": world.sdk_key}
    flags = world.ask("GET", "/sdk/flags", headers=sdk_key).json()
    assert flags["checkout"]["on"] is False
    assert world.source.loads == 1


def test_while_the_store_is_away_the_known_are_served_and_the_unknown_told_to_wait(
    make_world, make_flag, b64, monkeypatch
):
    monkeypatch.setattr(credentials, "TRUST_MS", 0)
    world = make_world(flags=[make_flag("checkout")])
    sdk_key = {"Authorization": world.sdk_key}
    assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).ok
    context = f"{world.environment_id}/contexts/{b64(ANN)}"
    assert world.ask("GET", f"/sdk/evalx/{context}").ok

    world.source.is_away = True
    assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).json()["flags"]["checkout"]["on"] is True
    assert world.ask("GET", f"/sdk/evalx/{context}").json()["checkout"]["value"] is True
    assert world.sdk().is_initialized()
    for path, key in [("/all", "sdk-other"), ("/sdk/latest-all", "sdk-other"), ("/mping", world.mobile_key)]:
        assert world.ask("GET", path, headers={"Authorization": key}).status_code == 503
    unknown = world.ask("GET", f"/sdk/evalx/{'0' * 24}/contexts/{b64(ANN)}")
    assert unknown.status_code == 503
    assert unknown.headers["access-control-allow-origin"] == "*"

    world.source.is_away = False
    assert world.ask("GET", "/all", headers={"Authorization": "sdk-other"}).status_code == 401


def test_first_load_that_fails_is_tried_again_by_the_next_client(make_world, make_flag, monkeypatch):
    world = make_world(flags=[make_flag("checkout")])
    sdk_key = {"Authorization": world.sdk_key}
    load, world.source.load = world.source.load, lambda environment_id: _away()
    assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).status_code == 503
    world.source.load = load
    assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).json()["flags"].keys() == {"checkout"}


def _away():
    raise environment.Unavailable("the store is away")


def test_store_that_hangs_holds_up_only_those_it_must(make_world, make_flag, monkeypatch):
    monkeypatch.setattr(credentials, "ANSWER_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(credentials, "TRUST_MS", 0)
    world = make_world(flags=[make_flag("checkout")])
    sdk_key = {"Authorization": world.sdk_key}
    assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).ok
    back = threading.Event()
    resolve, world.source.resolve = world.source.resolve, lambda kind, credential: back.wait(5) and None
    try:
        assert world.ask("GET", "/sdk/latest-all", headers=sdk_key).ok
        assert world.ask("GET", "/sdk/latest-all", headers={"Authorization": "sdk-other"}).status_code == 503
    finally:
        world.source.resolve = resolve
        back.set()


def test_reload_is_tried_until_the_store_is_back(make_world, make_flag, until, monkeypatch):
    monkeypatch.setattr(environment, "RETRY_SECONDS", 0.02)
    world = make_world(flags=[make_flag("checkout")])
    sdk_key = {"Authorization": world.sdk_key}

    def is_on():
        return world.ask("GET", "/sdk/flags", headers=sdk_key).json()["checkout"]["on"]

    assert is_on()
    world.source.is_away = True
    world.store("flags", make_flag("checkout", on=False))
    world.hub.invalidate(world.environment_id)
    until(lambda: world.source.loads >= 3)
    assert is_on()
    world.source.is_away = False
    until(lambda: not is_on())


def test_key_that_runs_out_ends_its_streams_and_no_others(make_world, make_flag, listen):
    world = make_world(flags=[make_flag("checkout")], heartbeat_seconds=0.1)
    until_ms = clock.now_ms() + 300
    world.source.credentials["sdk", "sdk-old"] = dataclasses.replace(world.identity, expires_at_ms=until_ms)

    async def story():
        url = f"{world.url}/all"
        async with (
            listen("GET", url, headers={"Authorization": "sdk-old"}) as old,
            listen("GET", url, headers={"Authorization": world.sdk_key}) as current,
        ):
            assert (await old.next())[0] == (await current.next())[0] == "put"
            assert await old.next() == ("comment", "")
            del world.source.credentials["sdk", "sdk-old"]
            assert await old.next_event() == ("end", None)
            assert clock.now_ms() >= until_ms
            world.change("flags", make_flag("checkout", on=False))
            assert (await current.next_event())[0] == "patch"

    asyncio.run(story())
    assert world.ask("GET", "/all", headers={"Authorization": "sdk-old"}).status_code == 401


def test_deleted_environment_ends_every_stream_and_is_unknown(make_world, make_flag, listen, until):
    world = make_world(flags=[make_flag("checkout")])

    async def story():
        async with listen("GET", f"{world.url}/ping/{world.environment_id}") as browser:
            await browser.next()
            world.source.credentials.clear()
            del world.source.items[world.environment_id]
            world.hub.revoke(world.environment_id)
            assert await browser.next() == ("end", None)

    asyncio.run(story())
    assert world.ask("GET", f"/ping/{world.environment_id}").status_code == 404
    # An environment of the same name may come again.
    world.add_environment()
    world.store("flags", make_flag("again"))
    assert world.ask("GET", "/sdk/flags", headers={"Authorization": world.sdk_key}).json().keys() == {"again"}


def test_secure_mode_switched_on_counts_from_the_next_request(make_world, make_flag, b64, until):
    world = make_world(flags=[make_flag("checkout")])
    path = f"/sdk/evalx/{world.environment_id}/contexts/{b64(ANN)}"
    assert world.ask("GET", path).ok
    secured = dataclasses.replace(world.identity, secure_mode=True)
    world.source.credentials["client", world.environment_id] = secured
    world.hub.invalidate(world.environment_id)
    assert world.ask("GET", path).status_code == 400
