"""Whatever is sent, the answer has the API's own shape, nothing changes, and the server goes on."""

import gzip
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers import Server

from flaghoist.base.sizes import MEBIBYTE


def refused(answer: Any, status: int, code: str | None = None) -> str:
    """The message of a refusal in the API's own shape."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
    body = answer.json()
    assert {"code", "message"} <= body.keys()
    assert body["message"]
    assert answer.headers["content-type"] == "application/json"
    if code is not None:
        assert body["code"] == code
    return str(body["message"])


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"{", "not valid JSON"),
        (b"", "the body is empty"),
        (b'{"key": "a", "key": "b", "name": "x"}', "'key' appears twice"),
        (b'{"key": "a", "name": NaN}', "NaN is not a JSON number"),
        (b'{"key": "a", "name": 1e999}', "too large"),
        (b'{"key": "a", "name": "\xff\xfe"}', "not valid UTF-8"),
        (b"[" * 200_000, "nested deeper"),
        (b'{"key": 5, "name": "x"}', "$.key"),
        (b'{"key": "a"}', "name"),
        (b'{"key": "no spaces", "name": "x"}', "key 'no spaces' is not valid"),
        (b'{"key": "' + b"k" * 300 + b'", "name": "x"}', "at most 256 characters"),
        (b'{"key": "a", "name": "\\u0000"}', "has a NUL or half of a surrogate pair"),
        (b'{"key": "a", "name": "x", "\\ud83d": 1}', "has a NUL or half of a surrogate pair"),
        (b"null", "the body is empty"),
        (b"[]", "Expected"),
    ],
)
def test_bodies_that_cannot_be_read_are_named(server: Server, raw: bytes, says: str) -> None:
    assert says in refused(server.call("POST", "/projects", data=raw), 400, "invalid_request")


def test_a_gzip_bomb_and_an_oversized_body_are_refused(server: Server) -> None:
    bomb = gzip.compress(b" " * (150 * MEBIBYTE))
    assert len(bomb) < MEBIBYTE
    refused(
        server.call("POST", "/projects", data=bomb, headers={"Content-Encoding": "gzip"}),
        413,
        "request_entity_too_large",
    )
    refused(server.call("POST", "/projects", data=b" " * (11 * MEBIBYTE)), 413, "request_entity_too_large")
    refused(server.call("POST", "/projects", data=b"junk", headers={"Content-Encoding": "gzip"}), 400)


def test_unknown_paths_methods_and_names(server: Server) -> None:
    refused(server.call("GET", "/nothing"), 404, "not_found")
    refused(server.call("PUT", "/projects"), 405, "method_not_allowed")
    refused(server.call("GET", "/projects/no-such-project"), 404, "not_found")
    refused(server.call("GET", "/flags/no-such-project"), 404, "not_found")
    refused(server.call("GET", "/projects?limit=many"), 400)
    refused(server.call("GET", "/projects?limit=-1"), 400)
    assert "possible: " in refused(server.call("GET", "/projects?sort=colour"), 400)
    assert "unknown field" in refused(server.call("GET", "/projects?filter=colour:red"), 400)
    for version in ("19991231", "²", "9" * 5000):
        refused(server.call("GET", "/projects", headers={"LD-API-Version": version.encode("latin-1")}), 400)
    refused(server.call("GET", f"/tags?asOf={2**63}"), 400)


def test_no_name_in_a_path_leads_to_something_of_another_kind(server: Server, project: str) -> None:
    server.ok("DELETE", f"/projects/{project}/environments/test")
    for name in (f"{project}%3Aenv%2Fproduction", f"{project}%00", f"{project}%2F"):
        for method in ("GET", "DELETE"):
            refused(server.call(method, f"/projects/{name}"), 404, "not_found")
        refused(server.call("GET", f"/projects/{name}/flag-defaults"), 404, "not_found")
    # The last environment of a project cannot be deleted, by whatever road.
    assert server.ok("GET", f"/projects/{project}/environments/production")["key"] == "production"


def test_queries_that_no_store_can_compare_with_are_named(server: Server) -> None:
    assert "NUL" in refused(server.call("GET", "/auditlog?q=%00"), 400, "invalid_request")
    assert "64 bits" in refused(server.call("GET", f"/auditlog?before={'9' * 30}"), 400, "invalid_request")


@pytest.mark.parametrize(
    "text",
    [
        "query:{}",
        "query:[1]",
        "query:[[1]]",
        "tags:{}",
        "tags:" + "[" * 3000,
        "creationDate:[]",
        "(" * 3000,
        "a equals",
    ],
)
def test_filters_of_the_wrong_shape_break_nothing(server: Server, project: str, text: str) -> None:
    for path in (
        "/projects",
        "/members",
        f"/flags/{project}",
        f"/metrics/{project}",
        f"/projects/{project}/environments",
    ):
        answer = server.call("GET", path, params={"filter": text})
        assert answer.status_code in (200, 400), answer.text


def test_every_key_opens_only_its_own_doors(server: Server) -> None:
    project = server.ok("GET", f"/projects/{server.project()['key']}?expand=environments")
    environment = project["environments"]["items"][0]
    for key in (environment["apiKey"], environment["mobileKey"], environment["_id"], "api-nobody", "x" * 5000, "ключ"):
        answer = server.call("GET", "/projects", token=key.encode().decode("latin-1"))
        refused(answer, 401, "unauthorized")
    identity = server.ok("GET", "/caller-identity", token=environment["apiKey"])
    assert identity["environmentId"] == environment["_id"]
    for path in ("/sdk/latest-all", "/bulk"):
        method = "POST" if path == "/bulk" else "GET"
        for key in (server.token, environment["mobileKey"], "sdk-nobody"):
            refused(server.call(method, path, token=key, json=[]), 401)
    refused(server.call("GET", "/sdk/goals/ffffffffffffffffffffffff"), 404)


def test_an_instruction_that_does_not_exist_names_the_nearest(server: Server, project: str) -> None:
    server.ok("POST", f"/flags/{project}", json={"key": "f", "name": "F"})
    before = server.ok("GET", f"/flags/{project}/f")
    body = {"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}, {"kind": "turnFlagOnn"}]}
    message = refused(server.call("PATCH", f"/flags/{project}/f", json=body), 400)
    assert "instructions[1]" in message
    assert "did you mean 'turnFlagOn'?" in message
    assert server.ok("GET", f"/flags/{project}/f") == before


def test_stale_versions_and_duplicate_keys_conflict_and_change_nothing(server: Server, project: str) -> None:
    server.ok("POST", f"/flags/{project}", json={"key": "f", "name": "F"})
    refused(server.call("POST", f"/flags/{project}", json={"key": "f", "name": "again"}), 409)
    before = server.ok("GET", f"/flags/{project}/f")
    stale = [{"op": "test", "path": "/name", "value": "G"}, {"op": "replace", "path": "/name", "value": "H"}]
    refused(server.call("PATCH", f"/flags/{project}/f", json=stale), 409)
    for patch in (
        [{"op": "remove", "path": "/nowhere"}],
        [{"op": "fly", "path": "/name"}],
        [{"op": "replace", "path": "/key", "value": "other"}],
        [{"op": "replace", "path": "/temporary", "value": "perhaps"}],
        "text",
        [5],
        {"merge": ""},
        {"merge": []},
        {"patch": {}},
        {"instructions": {}},
    ):
        refused(server.call("PATCH", f"/flags/{project}/f", json=patch), 400)
    assert server.ok("GET", f"/flags/{project}/f") == before


@pytest.mark.parametrize(
    "event",
    [
        {},
        5,
        None,
        {"kind": "custom"},
        {"kind": "custom", "key": 7, "creationDate": 1, "contextKeys": {"user": "u"}},
        {"kind": "custom", "key": "k", "creationDate": "yesterday", "contextKeys": {"user": "u"}},
        {"kind": "custom", "key": "k", "creationDate": 1, "contextKeys": "u"},
        {"kind": "custom", "key": "k", "creationDate": 1, "contextKeys": {"user": "u"}, "metricValue": "lots"},
        {"kind": "feature", "key": "f", "creationDate": -1, "context": {"kind": "user"}},
        {"kind": "summary", "features": 5},
        {"kind": "\u0000", "key": "\ud83d"},
    ],
)
def test_no_event_is_refused_for_what_it_says(server: Server, event: Any) -> None:
    environment = server.ok("GET", "/projects/default/environments/test")
    good = {"kind": "custom", "key": "fine", "creationDate": 1, "contextKeys": {"user": "u"}}
    body = json.dumps([event, good])
    for path, token in ((f"/events/bulk/{environment['_id']}", ""), ("/bulk", environment["apiKey"])):
        answer = server.call("POST", path, token=token, data=body, headers={"X-LaunchDarkly-Event-Schema": "4"})
        assert answer.status_code == 202, answer.text
        assert "date" in answer.headers


def test_malformed_payloads_at_the_event_doors_are_named(server: Server) -> None:
    environment = server.ok("GET", "/projects/default/environments/test")
    for data, headers, status in (
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"x" * (11 * MEBIBYTE), {}, 413),
        (gzip.compress(b" " * (150 * MEBIBYTE)), {"Content-Encoding": "gzip"}, 413),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
    ):
        refused(server.call("POST", "/bulk", token=environment["apiKey"], data=data, headers=headers), status)


def test_half_a_request_harms_nobody(server: Server) -> None:
    where = urlsplit(server.url)
    assert where.hostname
    assert where.port
    for raw in (
        b"POST /bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[",
        b"GET /api/v2/projects HTTP/1.1\r\n",
        b"\x16\x03\x01 this is not HTTP\r\n\r\n",
    ):
        with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
            connection.sendall(raw)
    assert server.ok("GET", "/versions")["latestVersion"] == 20240415


def test_the_server_went_on_through_all_of_this(server: Server) -> None:
    assert server.process.poll() is None
    assert server.ok("GET", "/projects/default")["key"] == "default"
