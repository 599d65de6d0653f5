"""What every answer of the API has in common: versions, beta, limits, CORS, method override, slashes."""

from collections.abc import Iterator

import pytest
import requests
from servers import Server, start_server


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps the beta gate shut and limits requests."""
    running = start_server(tmp_path_factory.mktemp("strict"), beta_gate="strict", rate_limit="40")
    yield running
    assert running.stop() == 0


def test_every_answer_tells_how_many_requests_are_left(server: Server) -> None:
    for path in ("/projects", "/projects/nothing"):
        headers = server.call("GET", path).headers
        for name in ("global-limit", "global-remaining", "route-limit", "route-remaining", "reset"):
            assert headers[f"x-ratelimit-{name}"].isdigit()


def test_versions_are_told_and_asked_for(server: Server) -> None:
    told = server.ok("GET", "/versions")
    assert told["validVersions"] == [20160426, 20191212, 20210729, 20220603, 20240415]
    assert told["latestVersion"] == told["currentVersion"] == 20240415
    assert server.ok("GET", "/versions", headers={"LD-API-Version": "20220603"})["currentVersion"] == 20220603
    beta = server.ok("GET", "/versions", headers={"LD-API-Version": "20240415, beta"})
    assert (beta["currentVersion"], beta["beta"]) == (20240415, True)
    assert server.call("GET", "/versions", headers={"LD-API-Version": "1"}).status_code == 400
    older = server.token_for(defaultApiVersion=20191212, role="reader")
    assert server.ok("GET", "/versions", token=older)["currentVersion"] == 20191212


def test_the_beta_gate_opens_to_those_who_ask(strict: Server, server: Server) -> None:
    path = "/projects/default/metric-groups"
    shut = strict.call("GET", path)
    assert shut.status_code == 403
    assert "LD-API-Version: beta" in shut.json()["message"]
    assert strict.call("GET", path, headers={"LD-API-Version": "beta"}).status_code == 200
    assert server.call("GET", path).status_code == 200, "the gate is open by default"


def test_too_many_requests_are_told_when_to_come_back(strict: Server) -> None:
    answers = [strict.call("GET", "/versions") for _ in range(100)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "rate_limited"
    assert int(refused[0].headers["x-ratelimit-reset"]) > 0
    assert 1 <= int(refused[0].headers["retry-after"]) <= 10
    assert {answer.status_code for answer in answers} == {200, 429}


def test_post_may_stand_for_other_methods(server: Server, project: str) -> None:
    path = f"/projects/{project}"
    patch = [{"op": "replace", "path": "/name", "value": "Overridden"}]
    done = server.ok("POST", path, json=patch, headers={"X-HTTP-Method-Override": "PATCH"})
    assert done["name"] == "Overridden"
    assert server.call("POST", path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert server.call("POST", path, headers={"X-HTTP-Method-Override": "GET"}).status_code == 405


def test_pages_of_other_origins_may_call(server: Server) -> None:
    origin = {"Origin": "https://console.example"}
    preflight = requests.options(f"{server.url}/api/v2/projects", headers=origin, timeout=10)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://console.example"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    for token in (server.token, "api-wrong"):
        answer = server.call("GET", "/projects", headers=origin, token=token)
        assert answer.headers["access-control-allow-origin"] == "https://console.example"
        assert answer.headers["vary"] == "Origin"


def test_slashes_head_and_encoded_names(server: Server, project: str) -> None:
    assert server.ok("GET", f"/projects/{project}/")["key"] == project
    assert server.ok("GET", f"/api/v2//projects//{project}")["key"] == project
    head = server.call("HEAD", f"/projects/{project}")
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) > 0


def test_the_bare_address_says_what_is_here(server: Server) -> None:
    told = requests.get(server.url, timeout=10).json()
    assert told["name"] == "Flaghoist"
    for path in told["links"].values():
        headers = {"Authorization": server.token}
        assert requests.get(server.url + path, headers=headers, timeout=10).status_code == 200


def test_bearer_and_raw_tokens_are_the_same(server: Server) -> None:
    assert server.ok("GET", "/caller-identity", token=f"Bearer {server.token}")["authKind"] == "token"
