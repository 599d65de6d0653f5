"""Browsers and mobile apps get the flags made available to them, evaluated, however they ask."""

import base64
import hashlib
import hmac
import json
from urllib.parse import quote

import pytest
from ldclient import Context

BROWSER_ONLY = {"usingMobileKey": False, "usingEnvironmentId": True}
MOBILE_ONLY = {"usingMobileKey": True, "usingEnvironmentId": False}
SERVER_ONLY = {"usingMobileKey": False, "usingEnvironmentId": False}


def clause(attribute, op, *values, kind="user"):
    return {"contextKind": kind, "attribute": attribute, "op": op, "values": list(values), "negate": False}


def split(kind, *, tracked=True, context_kind="user"):
    weights = [{"variation": index, "weight": 50_000, "untracked": not tracked} for index in (0, 1)]
    return {"rollout": {"kind": kind, "contextKind": context_kind, "variations": weights, "seed": 61}}


@pytest.fixture(scope="module")
def assortment(make_flag, make_segment, asks_for_segment):
    """One flag of every sort."""
    flags = [
        make_flag("plain"),
        make_flag("off", on=False),
        make_flag("off-without-value", on=False, offVariation=None),
        make_flag("tracked", trackEvents=True, debugEventsUntilDate=4_000_000_000_000),
        make_flag("malformed", fallthrough={"variation": 9}),
        make_flag("split", fallthrough=split("rollout")),
        make_flag("experiment", fallthrough=split("experiment")),
        make_flag("org-experiment", fallthrough=split("experiment", context_kind="org")),
        make_flag("tracked-fallthrough", trackEventsFallthrough=True),
        make_flag("needs", prerequisites=[{"key": "gate", "variation": 0}, {"key": "plain", "variation": 0}]),
        make_flag("needs-in-vain", prerequisites=[{"key": "off", "variation": 0}, {"key": "plain", "variation": 0}]),
        make_flag("gate", clientSideAvailability=SERVER_ONLY),
        make_flag("segmented", fallthrough={"variation": 1}, rules=[asks_for_segment("testers")]),
        make_flag(
            "ruled",
            variations=[{"deep": [1.5, None]}, "b", 3],
            rules=[
                {"id": "r1", "clauses": [clause("email", "endsWith", "@shop.example")], "variation": 1},
                {
                    "id": "r2",
                    "clauses": [clause("plan", "in", "gold", kind="org")],
                    "variation": 2,
                    "trackEvents": True,
                },
            ],
        ),
        make_flag("targeted", targets=[{"variation": 1, "values": ["ann"]}]),
        make_flag("browser", clientSideAvailability=BROWSER_ONLY),
        make_flag("app", clientSideAvailability=MOBILE_ONLY),
    ]
    return {"flags": flags, "segments": [make_segment("testers", included=["ben"])]}


@pytest.fixture
def shop(make_world, assortment):
    """A shop of one's own."""
    return make_world(**assortment)


@pytest.fixture(scope="module")
def shared_shop(make_shared_world, assortment):
    """A shop for all who only look."""
    return make_shared_world(**assortment)


CONTEXTS = [
    {"kind": "user", "key": "ann", "email": "ann@shop.example"},
    {"kind": "user", "key": "ben"},
    {"kind": "org", "key": "acme", "plan": "gold"},
    {"kind": "multi", "user": {"key": "cy"}, "org": {"key": "acme", "plan": "gold"}},
]


@pytest.mark.parametrize("with_reasons", [False, True])
@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context["kind"] + context.get("key", ""))
def test_evaluated_flags_are_those_of_the_official_sdk(shared_shop, b64, context, with_reasons):
    query = "?withReasons=true" if with_reasons else ""
    answer = shared_shop.ask("GET", f"/sdk/evalx/{shared_shop.environment_id}/contexts/{b64(context)}{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-ld-envid"] == shared_shop.environment_id

    state = shared_shop.sdk().all_flags_state(
        Context.from_dict(context), client_side_only=True, with_reasons=with_reasons
    )
    expected = state.to_json_dict()
    meta = expected.pop("$flagsState")
    expected.pop("$valid")
    told = answer.json()
    assert {key: flag["value"] for key, flag in told.items()} == expected
    for flag in told.values():
        assert flag.pop("version") >= flag["flagVersion"]
        flag["version"] = flag.pop("flagVersion")
        del flag["value"]
    assert told == {key: _without_nothing(each) for key, each in meta.items()}


def _without_nothing(meta):
    return {name: value for name, value in meta.items() if value is not None and value is not False and value != []}


def _forms(world, context):
    raw = json.dumps(context).encode()
    unpadded = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    padded = base64.urlsafe_b64encode(raw).decode()
    standard = quote(base64.b64encode(raw).decode(), safe="")
    env = f"/sdk/evalx/{world.environment_id}"
    for encoded in (unpadded, padded, standard):
        yield "GET", f"{env}/contexts/{encoded}", {}
        yield "GET", f"{env}/users/{encoded}", {}
        yield "GET", f"//sdk/evalx/{world.environment_id}/contexts/{encoded}/", {}
    for method in ("REPORT", "POST"):
        for content_type in ("application/json", "application/json; charset=utf-8", "text/plain"):
            yield method, f"{env}/context", {"data": raw, "headers": {"Content-Type": content_type}}
            yield method, f"{env}/user", {"data": raw, "headers": {"Content-Type": content_type}}


def test_however_a_context_is_sent_the_answer_is_the_same(shared_shop):
    context = {"kind": "user", "key": "åsa ÿ>>??", "email": "åsa@shop.example"}
    answers = {shared_shop.ask(method, path, **options).text for method, path, options in _forms(shared_shop, context)}
    assert len(answers) == 1
    assert json.loads(answers.pop())["ruled"]["value"] == "b"


def test_users_of_the_time_before_contexts_are_understood(shared_shop, b64):
    user = {"key": "ann", "custom": {"plan": "gold"}, "email": "ann@shop.example"}
    answer = shared_shop.ask("GET", f"/sdk/evalx/{shared_shop.environment_id}/users/{b64(user)}")
    assert answer.json()["ruled"]["value"] == "b"


def test_oldest_sdks_get_values_alone(shared_shop, b64):
    for method, path, body in [
        ("GET", f"/sdk/eval/{shared_shop.environment_id}/users/{b64(CONTEXTS[0])}", None),
        ("REPORT", f"/sdk/eval/{shared_shop.environment_id}/user", CONTEXTS[0]),
    ]:
        values = shared_shop.ask(method, path, json=body).json()
        assert (values["plain"], values["off"], values["off-without-value"], values["ruled"]) == (
            True,
            False,
            None,
            "b",
        )
        assert "app" not in values


def test_each_kind_of_client_sees_what_is_made_available_to_it(shared_shop, b64):
    context = b64(CONTEXTS[1])
    browser = shared_shop.ask("GET", f"/sdk/evalx/{shared_shop.environment_id}/contexts/{context}").json()
    mobile = {"Authorization": shared_shop.mobile_key}
    app = shared_shop.ask("GET", f"/msdk/evalx/contexts/{context}", headers=mobile).json()
    everything = shared_shop.ask(
        "GET", f"/sdk/evalx/contexts/{context}", headers={"Authorization": shared_shop.sdk_key}
    ).json()
    assert everything.keys() - browser.keys() == {"app", "gate"}
    assert everything.keys() - app.keys() == {"browser", "gate"}
    # What a hidden flag decides is seen nevertheless.
    assert browser["needs"]["prerequisites"] == ["gate", "plain"]
    assert "gate" in everything


@pytest.mark.parametrize("key", ["mob-abc", "api_key mob-abc", " API_KEY  mob-abc "])
@pytest.mark.parametrize(
    "door",
    [
        ("GET", "/msdk/evalx/contexts/{}"),
        ("GET", "/msdk/evalx/users/{}"),
        ("REPORT", "/msdk/evalx/context"),
        ("REPORT", "/msdk/evalx/user"),
        ("POST", "/msdk/evalx/context"),
    ],
    ids=" ".join,
)
def test_mobile_apps_are_let_in_with_or_without_prefix(shared_shop, b64, key, door):
    method, path = door
    body = CONTEXTS[0] if method != "GET" else None
    answer = shared_shop.ask(method, path.format(b64(CONTEXTS[0])), json=body, headers={"Authorization": key.strip()})
    assert answer.status_code == 200
    assert answer.json()["app"]["value"] is True


def test_secure_mode_asks_browsers_for_the_published_hash(make_world, make_flag, b64):
    world = make_world(flags=[make_flag("plain")])
    world.sdk_key = "sdk-abc"
    world.add_environment(secure_mode=True)
    world.store("flags", make_flag("plain"))
    path = f"/sdk/evalx/{world.environment_id}/contexts/{b64({'kind': 'user', 'key': 'u1'})}"
    # Computed by the official Node SDK for this key and user.
    good = "6238156c6391dbd1783097e15b1616398bdb5695147bfbc2505cc7ee79367da4"
    assert world.ask("GET", f"{path}?h={good}").json()["plain"]["value"] is True
    for query in ("", "?h=", f"?h={good[:-1]}5", "?h=%C3%A9"):
        refusal = world.ask("GET", path + query)
        assert refusal.status_code == 400
        assert "secure mode" in refusal.json()["message"]
        assert refusal.headers["access-control-allow-origin"] == "*"
    stream = f"/eval/{world.environment_id}/{b64({'kind': 'user', 'key': 'u1'})}"
    assert world.ask("GET", stream).status_code == 400
    # Apps are not asked: what they hold is a key, not a public id.
    mobile = {"Authorization": world.mobile_key}
    assert world.ask("REPORT", "/msdk/evalx/context", json={"kind": "user", "key": "u1"}, headers=mobile).ok


def test_secure_mode_takes_either_key_during_rotation_and_any_kind_of_context(make_world, make_flag, b64):
    world = make_world(flags=[make_flag("plain")])
    rotating = {"address": "a", "project_key": "p", "environment_key": "e", "secure_mode": True}
    identity = type(world.identity)(id=world.environment_id, sdk_keys=("sdk-new", "sdk-old"), **rotating)
    world.source.credentials["client", world.environment_id] = identity
    path = f"/sdk/evalx/{world.environment_id}/contexts/{b64(CONTEXTS[3])}"
    for key in ("sdk-new", "sdk-old", "sdk-unknown"):
        proof = hmac.new(key.encode(), b"org:acme:user:cy", hashlib.sha256).hexdigest()
        assert world.ask("GET", f"{path}?h={proof}").status_code == (400 if key == "sdk-unknown" else 200)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b"{}",
        b'{"kind":"user"}',
        b'{"kind":"user","key":""}',
        b'{"kind":"kind","key":"a"}',
        b'{"kind":"multi"}',
        b'{"kind":"user","key":"a","anonymous":1}',
        b'{"kind":"user","key":"\\ud800"}',
        b'{"kind":"user","key":"\xff"}',
        b'{"kind":"user","key":"a","age":NaN}',
        b'{"kind":"user","key":"a","deep":' + b"[" * 5000,
        b'{"kind":"user","key":"a","many":' + b"1" * 5000 + b"}",
    ],
    ids=lambda raw: raw[:44].decode("latin-1"),
)
def test_unusable_context_is_refused_with_a_reason(shared_shop, raw):
    encoded = base64.urlsafe_b64encode(raw).decode() or "%20"
    doors = [
        ("GET", f"/sdk/evalx/{shared_shop.environment_id}/contexts/{encoded}", None),
        ("REPORT", f"/sdk/evalx/{shared_shop.environment_id}/context", raw),
        ("GET", f"/eval/{shared_shop.environment_id}/{encoded}", None),
    ]
    for method, path, body in doors:
        refusal = shared_shop.ask(method, path, data=body)
        assert refusal.status_code == 400
        assert refusal.headers["content-type"].startswith("application/json")
        assert refusal.json()["message"]


@pytest.mark.parametrize("encoded", ["*", "abcde", "eyJr aW5k", "%FF%FE"])
def test_unreadable_base64_is_refused(shared_shop, encoded):
    answer = shared_shop.ask("GET", f"/sdk/evalx/{shared_shop.environment_id}/contexts/{encoded}")
    assert answer.status_code == 400


def test_tag_holds_while_a_clients_flags_are_the_same(shop, make_flag, b64, until):
    path = f"/sdk/evalx/{shop.environment_id}/contexts/{b64(CONTEXTS[0])}"
    first = shop.ask("GET", path)
    assert first.headers["cache-control"] == "no-cache"
    assert "Authorization" in first.headers["vary"]

    def ask_again(suffix=""):
        return shop.ask("GET", path + suffix, headers={"If-None-Match": first.headers["etag"]})

    assert (ask_again().status_code, ask_again().content) == (304, b"")
    assert ask_again().headers["access-control-allow-origin"] == "*"
    assert ask_again("?withReasons=true").status_code == 200
    shop.change("flags", make_flag("nobody-sees", clientSideAvailability=SERVER_ONLY))
    sdk_key = {"Authorization": shop.sdk_key}
    until(lambda: "nobody-sees" in shop.ask("GET", "/sdk/flags", headers=sdk_key).json())
    assert ask_again().status_code == 304
    shop.change("flags", make_flag("plain", on=False))
    until(lambda: ask_again().status_code == 200)


def test_answer_version_rises_with_whatever_the_answer_rests_on(shop, make_flag, make_segment, b64, until):
    path = f"/sdk/evalx/{shop.environment_id}/contexts/{b64(CONTEXTS[0])}"

    def versions():
        return {key: flag["version"] for key, flag in shop.ask("GET", path).json().items()}

    before = versions()
    shop.change("segments", make_segment("testers", included=["ann"]))
    shop.change("flags", make_flag("gate", clientSideAvailability=SERVER_ONLY, on=False))
    until(lambda: versions()["needs"] > before["needs"])
    after = versions()
    assert {key for key in after if after[key] > before[key]} == {"segmented", "needs"}


def test_goals_are_given_to_browsers(make_world, until):
    world = make_world()
    assert world.ask("GET", f"/sdk/goals/{world.environment_id}").json() == []
    goal = {"key": "buy", "kind": "click", "selector": ".buy", "urls": [{"kind": "substring", "substring": "/cart"}]}
    world.source.goals[world.environment_id] = [goal]
    world.hub.invalidate(world.environment_id)
    until(lambda: world.ask("GET", f"/sdk/goals/{world.environment_id}").json() == [goal])
