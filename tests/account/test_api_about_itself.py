"""What the API says of itself: its beginnings, its caller, its versions, its networks, its description."""

import ipaddress
from collections.abc import Callable
from typing import Any

import launchdarkly_api
import pytest
from servers import Server

from flaghoist.resources import families


def test_the_root_leads_somewhere(server: Server, api: Any) -> None:
    links = launchdarkly_api.OtherApi(api).get_root().links
    assert {"self", "projects", "members", "roles", "tokens", "auditlog", "tags"} <= set(links)
    for name, link in links.items():
        assert server.call("GET", link.href).status_code == 200, name


@pytest.mark.parametrize("path", ["", "/openapi.json", "/public-ip-list"])
def test_some_things_are_told_to_anybody(server: Server, path: str) -> None:
    assert server.call("GET", f"/api/v2{path}", token="").status_code == 200


@pytest.mark.parametrize("path", ["/caller-identity", "/versions"])
def test_others_only_to_somebody_known(server: Server, path: str) -> None:
    for token in ("", "api-unknown"):
        answer = server.call("GET", path, token=token)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_personal_token_is_recognised(server: Server, api: Any, someone: Callable[..., Any]) -> None:
    identity = launchdarkly_api.OtherApi(api).get_caller_identity()
    me = server.ok("GET", "/members/me")
    assert (identity.auth_kind, identity.token_name, identity.member_id) == ("token", "First admin token", me["_id"])
    assert identity.service_token is False
    powerless = someone(role="no_access")
    assert server.ok("GET", "/caller-identity", token=powerless.token)["memberId"] == powerless.id
    bearer = server.ok("GET", "/caller-identity", token=f"Bearer {powerless.token}")
    assert bearer["memberId"] == powerless.id


@pytest.mark.parametrize(("key", "kind"), [("apiKey", "sdkKey"), ("mobileKey", "mobileKey"), ("_id", "clientSideId")])
def test_the_keys_of_an_environment_are_recognised_and_open_nothing_else(
    server: Server, project: str, key: str, kind: str
) -> None:
    environment = server.ok("GET", f"/projects/{project}/environments/test")
    identity = server.ok("GET", "/caller-identity", token=environment[key])
    whole = server.ok("GET", f"/projects/{project}")
    assert identity == {
        "accountId": server.ok("GET", "/caller-identity")["accountId"],
        "authKind": kind,
        "environmentId": environment["_id"],
        "environmentName": "Test",
        "projectId": whole["_id"],
        "projectName": whole["name"],
    }
    assert server.call("GET", "/versions", token=environment[key]).status_code == 401


def test_versions(server: Server, api: Any) -> None:
    versions = launchdarkly_api.OtherApi(api).get_versions()
    assert versions.valid_versions == sorted(versions.valid_versions)
    assert versions.latest_version == versions.valid_versions[-1] == versions.current_version
    assert versions.beta is False
    asked = server.ok("GET", "/versions", headers={"LD-API-Version": "20191212"})
    assert (asked["currentVersion"], asked["beta"]) == (20191212, False)
    beta = server.ok("GET", "/versions", headers={"LD-API-Version": "beta"})
    assert (beta["currentVersion"], beta["beta"]) == (versions.latest_version, True)
    assert server.call("GET", "/versions", headers={"LD-API-Version": "20200101"}).status_code == 400


def test_networks_are_networks(api: Any) -> None:
    networks = launchdarkly_api.OtherApi(api).get_ips()
    assert networks.addresses == ["127.0.0.1/32"], "where the server under test listens"
    for each in networks.outbound_addresses:
        assert ipaddress.ip_network(each).num_addresses == 1


def test_every_operation_served_is_described(server: Server) -> None:
    described = server.ok("GET", "/openapi.json")
    found = {operation["operationId"] for path in described["paths"].values() for operation in path.values()}
    assert found == {operation.name for family in families() for operation in family.operations}
    assert described["openapi"].startswith("3.1")
    assert server.call("GET", "/openapi.json").content == server.call("GET", "/openapi.json", token="").content
