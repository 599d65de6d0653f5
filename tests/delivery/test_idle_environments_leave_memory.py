"""An environment that nobody uses takes no room, and is there again for the next who asks."""

import asyncio
import gc
import time
import weakref

ANN = {"kind": "user", "key": "ann"}
IDLE = {"heartbeat_seconds": 0.05, "idle_seconds": 0.3}


def test_nobody_asks_for_a_while_and_all_that_was_made_of_the_environment_is_gone(
    make_world, make_flag, make_segment, asks_for_segment, b64, until
):
    flag = make_flag("checkout", rules=[asks_for_segment("beta")])
    world = make_world(flags=[flag], segments=[make_segment("beta")], **IDLE)
    key = {"Authorization": world.sdk_key}
    gc.disable()  # what refers to itself would stay: large environments are kept from the collector
    try:
        for path in ("/sdk/latest-all", "/sdk/flags", f"/sdk/evalx/{world.environment_id}/contexts/{b64(ANN)}"):
            assert world.ask("GET", path, headers=key).ok
        made = weakref.ref(world.hub._environments[world.environment_id].snapshot)
        until(lambda: world.hub.environments == 0)
        until(lambda: made() is None)
    finally:
        gc.enable()
    world.change("flags", make_flag("checkout", on=False))
    assert world.ask("GET", "/sdk/flags", headers=key).json()["checkout"]["on"] is False
    assert world.source.loads == 2


def test_environment_stays_while_somebody_polls(make_world, make_flag):
    world = make_world(flags=[make_flag("checkout")], **IDLE)
    ends = time.monotonic() + 1
    while time.monotonic() < ends:
        assert world.ask("GET", "/sdk/latest-all", headers={"Authorization": world.sdk_key}).ok
        time.sleep(0.02)
    assert world.source.loads == 1


def test_environment_stays_while_somebody_listens_and_hears_what_changes(make_world, make_flag, listen):
    world = make_world(flags=[make_flag("checkout")], **IDLE)

    async def story():
        async with listen("GET", f"{world.url}/all", headers={"Authorization": world.sdk_key}) as stream:
            assert (await stream.next_event())[0] == "put"
            await asyncio.sleep(1)
            world.change("flags", make_flag("checkout", on=False))
            assert (await stream.next_event())[0] == "patch"

    asyncio.run(story())
    assert world.source.loads == 1


def test_environment_stays_for_ever_where_nothing_is_to_be_let_go(make_world, make_flag):
    world = make_world(flags=[make_flag("checkout")], heartbeat_seconds=0.05, idle_seconds=0)
    key = {"Authorization": world.sdk_key}
    assert world.ask("GET", "/sdk/latest-all", headers=key).ok
    time.sleep(0.5)
    assert world.hub.environments == 1
