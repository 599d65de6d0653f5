"""What keeps other sites, other browsers and other credentials out of somebody's session."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from browsers import Browser
from servers import Server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings

Someone = Callable[..., Any]
PASSWORD = "seven lamps in the attic"
SETTINGS = {"json": {"key": "made-elsewhere", "name": "Made elsewhere"}}


def browser_of(server: Server, person: Any) -> Browser:
    token = new_link(Settings(data_dir=server.data_dir, database_url=server.database_url), person.email).token
    browser = Browser(server)
    assert browser.use_link(token, PASSWORD).status_code == 201
    return browser


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-csrf-token": None}, "csrf_token_missing"),
        ({"x-csrf-token": "0" * 64}, "csrf_token_wrong"),
        ({"x-csrf-token": "é"}, "csrf_token_wrong"),
        ({"sec-fetch-site": "cross-site"}, "cross_site"),
        ({"sec-fetch-site": "same-site"}, "cross_site"),
        ({"sec-fetch-site": None, "origin": "https://evil.example"}, "cross_site"),
        ({"sec-fetch-site": None, "origin": "null"}, "cross_site"),
    ],
)
def test_a_change_that_another_site_wants_is_refused_and_leaves_no_trace(
    server: Server, someone: Someone, changes: Callable[[], int], headers: dict[str, Any], code: str
) -> None:
    browser = browser_of(server, someone(role="admin"))
    counted = changes()
    encoded = {name: value.encode() if value else value for name, value in headers.items()}
    answer = browser.call("POST", "/api/v2/projects", headers=encoded, **SETTINGS)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert changes() == counted
    assert browser.call("GET", "/api/v2/projects", headers={"x-csrf-token": None}).status_code == 200


def test_the_token_of_one_session_does_not_serve_another(server: Server, someone: Someone) -> None:
    mine, theirs = browser_of(server, someone(role="admin")), browser_of(server, someone(role="admin"))
    answer = mine.call("POST", "/api/v2/projects", headers={"x-csrf-token": theirs.csrf}, **SETTINGS)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_wrong")
    assert mine.seen()["csrfToken"] == mine.csrf, "a page that is loaded anew is told the same token"


def test_another_site_cannot_sign_somebody_in(server: Server, someone: Someone) -> None:
    person = someone()
    browser_of(server, person)
    body = {"email": person.email, "password": PASSWORD}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        answer = requests.post(f"{server.url}/internal/session", json=body, headers=headers, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
        assert "set-cookie" not in answer.headers
    proxied = {"origin": "https://flags.example.com", "x-forwarded-host": "flags.example.com"}
    answer = requests.post(f"{server.url}/internal/session", json=body, headers=proxied, timeout=30)
    assert answer.status_code == 201, "a proxy in front may have another name than we do"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(server: Server, someone: Someone) -> None:
    person = someone()
    browser_of(server, person)
    body = {"email": person.email, "password": PASSWORD}
    plain = requests.post(f"{server.url}/internal/session", json=body, timeout=30)
    name, *traits = [part.strip() for part in plain.headers["set-cookie"].split(";")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(traits)
    assert not {"Secure"} & set(traits)
    assert name.startswith("flaghoist-"), "named after the port, for cookies are shared by all ports of a host"
    assert plain.headers["cache-control"] == "no-store"
    https = {"x-forwarded-proto": "https"}
    behind_tls = requests.post(f"{server.url}/internal/session", json=body, headers=https, timeout=30)
    name, *traits = [part.strip() for part in behind_tls.headers["set-cookie"].split(";")]
    assert name.startswith("__Host-flaghoist=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"} <= set(traits)
    assert not [trait for trait in traits if trait.startswith("Domain")]
    seen = requests.get(f"{server.url}/internal/session", headers={**https, "cookie": name}, timeout=30)
    assert seen.json()["signedIn"]
    downgraded = requests.get(f"{server.url}/internal/session", headers={"cookie": name}, timeout=30)
    assert not downgraded.json()["signedIn"]


def test_tokens_work_as_before_and_win_over_the_cookie(server: Server, someone: Someone) -> None:
    browser = browser_of(server, someone(role="no_access"))
    assert browser.call("GET", "/api/v2/tokens", headers={"authorization": server.token}).status_code == 200
    made = browser.call(
        "POST",
        "/api/v2/tokens",
        headers={"authorization": server.token, "x-csrf-token": None, "sec-fetch-site": "cross-site"},
        json={"name": "made with a token", "role": "reader"},
    )
    assert made.status_code == 201, "whoever sends a token needs nothing else"
    wrong = browser.call("GET", "/api/v2/projects", headers={"authorization": "api-unknown"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthorized")
    nobody = requests.get(f"{server.url}/api/v2/projects", timeout=30)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized")


def test_sessions_are_no_business_of_tokens(server: Server) -> None:
    for method, path, body in (
        ("GET", "/internal/sessions", None),
        ("DELETE", "/internal/sessions", None),
        ("DELETE", "/internal/session", None),
        ("PUT", "/internal/session/password", {"current": "x", "password": PASSWORD}),
    ):
        headers = {"authorization": server.token}
        answer = requests.request(method, server.url + path, json=body, headers=headers, timeout=30)
        assert answer.status_code == 403, f"{method} {path}: {answer.text}"
        assert "an access token has no sessions" in answer.json()["message"]


def test_the_secret_of_a_session_is_no_access_token(server: Server, someone: Someone) -> None:
    browser = browser_of(server, someone(role="admin"))
    answer = requests.get(f"{server.url}/api/v2/projects", headers={"authorization": browser.cookie()}, timeout=30)
    assert answer.status_code == 401
