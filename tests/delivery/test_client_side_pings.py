"""Open apps and pages are told to ask again when, and only when, something may have changed for them."""

import asyncio

import pytest

SERVER_ONLY = {"usingMobileKey": False, "usingEnvironmentId": False}
BROWSER_ONLY = {"usingMobileKey": False, "usingEnvironmentId": True}
ANN = {"kind": "user", "key": "ann"}


@pytest.mark.parametrize(
    "door",
    [
        ("GET", "/eval/{env}/{context}"),
        ("REPORT", "/eval/{env}"),
        ("POST", "/eval/{env}"),
        ("GET", "/ping/{env}"),
        ("GET", "/meval/{context}"),
        ("REPORT", "/meval"),
        ("GET", "/mping"),
    ],
    ids=" ".join,
)
def test_each_stream_pings_at_once_and_on_change(make_world, make_flag, listen, b64, door):
    world = make_world(flags=[make_flag("checkout")])
    method, template = door
    path = template.format(env=world.environment_id, context=b64(ANN))
    options = {"headers": {"Authorization": world.mobile_key}} if "/m" in template else {}
    if method != "GET":
        options["json"] = ANN

    async def story():
        async with listen(method, world.url + path, **options) as stream:
            response = stream.response
            assert (response.status, response.headers["Content-Type"].split(";")[0]) == (200, "text/event-stream")
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert "Content-Encoding" not in response.headers
            assert response.headers["X-LD-EnvID"] == world.environment_id
            assert response.headers["X-Accel-Buffering"] == "no"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert (await stream.next())[0] == "ping"
            world.change("flags", make_flag("checkout", on=False))
            assert (await stream.next())[0] == "ping"
            world.delete("flags", "checkout")
            assert (await stream.next())[0] == "ping"

    asyncio.run(story())


def test_only_changes_that_can_matter_to_a_client_ping_it(
    make_world, make_flag, make_segment, asks_for_segment, listen
):
    gate = make_flag("gate", clientSideAvailability=SERVER_ONLY, rules=[asks_for_segment("not-there-yet")])
    page = make_flag("page", clientSideAvailability=BROWSER_ONLY, prerequisites=[{"key": "gate", "variation": 0}])
    hidden = make_flag("hidden", clientSideAvailability=SERVER_ONLY, rules=[asks_for_segment("internal")])
    world = make_world(flags=[gate, page, hidden], segments=[make_segment("internal")])

    async def story():
        mobile = {"headers": {"Authorization": world.mobile_key}}
        async with (
            listen("GET", f"{world.url}/ping/{world.environment_id}") as browser,
            listen("GET", f"{world.url}/mping", **mobile) as app,
        ):
            assert (await browser.next())[0] == (await app.next())[0] == "ping"

            world.change("flags", {**hidden, "on": False})
            world.change("segments", make_segment("internal", included=["ann"]))
            await browser.nothing()
            # A prerequisite of what the page shows, then a segment that this asks for, then the page's flag itself.
            world.change("flags", {**gate, "offVariation": 0})
            assert (await browser.next())[0] == "ping"
            world.change("segments", make_segment("not-there-yet", included=["ann"]))
            assert (await browser.next())[0] == "ping"
            world.change("flags", {**page, "clientSideAvailability": SERVER_ONLY})
            assert (await browser.next())[0] == "ping"
            world.change("flags", {**page, "clientSideAvailability": SERVER_ONLY, "on": False})
            await browser.nothing()
            await app.nothing(0.01)

    asyncio.run(story())


def test_unchanged_item_under_a_new_version_pings_nobody_but_a_look_alike_does(make_world, make_flag, listen):
    world = make_world(flags=[make_flag("number", variations=[1, 0])])

    async def story():
        async with listen("GET", f"{world.url}/ping/{world.environment_id}") as browser:
            await browser.next()
            world.change("flags", make_flag("number", variations=[1, 0]))
            await browser.nothing()
            # In Python 1 == True; to an SDK they are not the same.
            world.change("flags", make_flag("number", variations=[True, 0]))
            assert (await browser.next())[0] == "ping"

    asyncio.run(story())
