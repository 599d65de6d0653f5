"""Statuses and headers, which decide whether a client tries again, gives up, or keeps what it has."""

import gzip

import pytest
import urllib3

SERVER_SIDE = ["/all", "/flags", "/sdk/latest-all", "/sdk/flags", "/sdk/flags/checkout", "/sdk/segments/testers"]
MOBILE = ["/msdk/evalx/contexts/{context}", "/meval/{context}", "/mping", "/msdk/eval/users/{context}"]
BROWSER = [
    "/sdk/evalx/{env}/contexts/{context}",
    "/sdk/evalx/{env}/users/{context}",
    "/sdk/eval/{env}/users/{context}",
    "/eval/{env}/{context}",
    "/ping/{env}",
    "/sdk/goals/{env}",
]
WITH_BODY = ["/sdk/evalx/{env}/context", "/sdk/evalx/{env}/user", "/eval/{env}", "/msdk/evalx/context", "/meval"]


@pytest.fixture(scope="module")
def world(make_shared_world, make_flag, make_segment):
    flags = [make_flag("checkout"), *(make_flag(f"flag-{number}") for number in range(50))]
    return make_shared_world(flags=flags, segments=[make_segment("testers", included=["ann"])])


@pytest.fixture(scope="module")
def path(world, b64):
    context = b64({"kind": "user", "key": "ann"})
    return lambda template, env=world.environment_id: template.format(env=env, context=context)


@pytest.mark.parametrize("key", [None, "", "sdk-unknown", "mob-abc", "Bearer sdk-abc", "sdk-abc sdk-abc"])
@pytest.mark.parametrize("door", SERVER_SIDE)
def test_unknown_sdk_key_is_unauthorized(world, door, key):
    answer = world.ask("GET", door, headers={} if key is None else {"Authorization": key})
    assert answer.status_code == 401


@pytest.mark.parametrize("key", [None, "sdk-abc", "mob-unknown"])
@pytest.mark.parametrize("door", MOBILE)
def test_unknown_mobile_key_is_unauthorized(world, path, door, key):
    answer = world.ask("GET", path(door), headers={} if key is None else {"Authorization": key})
    assert answer.status_code == 401


@pytest.mark.parametrize("env", ["0" * 24, "nonsense", "sdk-abc"])
@pytest.mark.parametrize("door", BROWSER)
def test_unknown_environment_id_is_not_found_and_readable_from_other_origins(world, path, door, env):
    answer = world.ask("GET", path(door, env), headers={"Origin": "https://shop.example"})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["message"]


@pytest.mark.parametrize("door", [*BROWSER, *MOBILE, *WITH_BODY, "/sdk/poll/eval/{context}", "/sdk/stream/eval"])
def test_preflight_succeeds_without_credentials(world, path, door):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "REPORT"}
    answer = world.ask("OPTIONS", path(door), headers=asked)
    assert answer.ok
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"GET", "POST", "REPORT", "OPTIONS"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    assert {"Authorization", "X-LaunchDarkly-User-Agent", "Content-Type", "X-LaunchDarkly-Tags"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert {"ETag", "Date", "X-LD-EnvID"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    assert answer.headers["access-control-max-age"] == "300"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("door", SERVER_SIDE[2:])
def test_polls_are_tagged_and_not_sent_twice(world, door, method):
    sdk_key = {"Authorization": f"api_key {world.sdk_key}"}
    first = world.ask(method, door, headers=sdk_key)
    assert first.status_code == 200
    assert first.headers["x-ld-envid"] == world.environment_id
    assert "Authorization" in first.headers["vary"]
    assert bool(first.content) == (method == "GET")
    for tags in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        again = world.ask(method, door, headers={**sdk_key, "If-None-Match": tags})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["x-ld-envid"] == world.environment_id
    assert world.ask(method, door, headers={**sdk_key, "If-None-Match": '"other"'}).status_code == 200


def test_poll_is_compressed_for_those_who_accept_it(world):
    def ask(accept):
        headers = {"Authorization": world.sdk_key, "Accept-Encoding": accept}
        return urllib3.request("GET", f"{world.url}/sdk/latest-all", headers=headers, decode_content=False)

    plain = ask("identity")
    assert "content-encoding" not in plain.headers
    assert list(plain.json()) == ["flags", "segments"]
    for accept in ("gzip", "deflate, GZIP;q=0.8, br"):
        zipped = ask(accept)
        assert zipped.headers["content-encoding"] == "gzip"
        assert gzip.decompress(zipped.data) == plain.data
        assert len(zipped.data) < len(plain.data) / 5
        assert zipped.headers["etag"] == plain.headers["etag"]
    for accept in ("", "br", "gzip;q=0"):
        assert "content-encoding" not in ask(accept).headers


def test_php_gets_single_items_that_may_be_cached_for_a_moment(world):
    sdk_key = {"Authorization": world.sdk_key}
    everything = world.ask("GET", "/sdk/latest-all", headers=sdk_key).json()
    assert world.ask("GET", "/sdk/flags", headers=sdk_key).json() == everything["flags"]
    flag = world.ask("GET", "/sdk/flags/checkout", headers=sdk_key)
    segment = world.ask("GET", "/sdk/segments/testers", headers=sdk_key)
    assert (flag.json(), segment.json()) == (everything["flags"]["checkout"], everything["segments"]["testers"])
    assert "max-age=" in flag.headers["cache-control"]
    assert flag.headers["expires"].endswith("GMT")
    for missing in ("/sdk/flags/nonsense", "/sdk/segments/nonsense", "/sdk/flags/testers"):
        assert world.ask("GET", missing, headers=sdk_key).status_code == 404


@pytest.mark.parametrize("door", ["/all", "/flags"])
def test_head_of_a_stream_is_just_its_head(world, door):
    answer = world.ask("HEAD", door, headers={"Authorization": world.sdk_key})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("door", ["/all", "/sdk/latest-all"])
def test_payload_filter_that_does_not_exist_is_not_found(world, door):
    sdk_key = {"Authorization": world.sdk_key}
    assert world.ask("GET", f"{door}?filter=mobile-team", headers=sdk_key).status_code == 404
    assert world.ask("HEAD", f"{door}?filter=", headers=sdk_key).status_code == 200


@pytest.mark.parametrize(
    "door",
    [
        ("GET", "/sdk/poll"),
        ("GET", "/sdk/poll?basis=%28p%3Ap1%3A5%29"),
        ("GET", "/sdk/stream"),
        ("GET", "/sdk/poll/eval/abc?auth=64b1f0c2a9d3e4f5a6b7c8d9"),
        ("POST", "/sdk/poll/eval"),
        ("REPORT", "/sdk/stream/eval"),
        ("GET", "/sdk/stream/eval/abc"),
    ],
    ids=" ".join,
)
def test_second_protocol_is_answered_with_the_way_back_to_the_first(world, door):
    answer = world.ask(*door, headers={"Authorization": world.sdk_key})
    assert (answer.status_code, answer.headers["x-ld-fd-fallback"]) == (404, "true")
    if "eval" in door[1]:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "X-LD-FD-Fallback" in answer.headers["access-control-expose-headers"]
