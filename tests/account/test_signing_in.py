"""Signing in with e-mail and password: the first time, wrongly, too often, and what a session may do."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import Browser
from servers import Server
from sqlalchemy import text

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings
from flaghoist.store.database import Database, sqlite_url

Someone = Callable[..., Any]
PASSWORD = "seven lamps in the attic"
NEW_PASSWORD = "eight lamps in the cellar"


def link_for(server: Server, email: str) -> str:
    """The token of a new one-time link."""
    return new_link(Settings(data_dir=server.data_dir, database_url=server.database_url), email).token


def browser_of(server: Server, person: Any, **more: Any) -> Browser:
    """Where a member has just set their password."""
    browser = Browser(server, **more)
    answer = browser.use_link(link_for(server, person.email), PASSWORD)
    assert answer.status_code == 201, answer.text
    return browser


@pytest.fixture(scope="module")
def beside(server: Server) -> Iterator[Database]:
    """The server's state store, opened beside it."""
    url = server.database_url.replace("postgresql://", "postgresql+psycopg://") or sqlite_url(server.data_dir)
    database = Database(url)
    yield database
    database.close()


def run_out(database: Database, table: str, member: str) -> None:
    """Let time pass for a member's sessions or link."""
    statement = text(f"UPDATE {table} SET expires_at = 1 WHERE member = :member")
    database.write(lambda connection: connection.execute(statement, {"member": f"member/{member}"}) and None)


def test_whoever_is_signed_in_does_what_their_role_allows_and_the_audit_log_names_them(
    server: Server, someone: Someone, project: str
) -> None:
    rename = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    writer = browser_of(server, someone(role="writer", email="wri.ter@example.com"))
    assert writer.call("PATCH", f"/api/v2/projects/{project}", json=rename).status_code == 200
    entry = server.ok("GET", f"/auditlog?limit=1&spec=proj/{project}")["items"][0]
    assert entry["member"]["email"] == "wri.ter@example.com"
    assert "token" not in entry
    reader = browser_of(server, someone(role="reader"))
    assert reader.call("GET", f"/api/v2/projects/{project}").status_code == 200
    refused = reader.call("PATCH", f"/api/v2/projects/{project}", json=rename)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert writer.call("GET", "/api/v2/members/me").json()["email"] == "wri.ter@example.com"
    assert reader.call("GET", "/api/v2/caller-identity").json()["authKind"] == "session"
    assert reader.seen()["member"]["hasCustomRoles"] is False


def test_a_link_sets_a_password_and_a_name_once(server: Server, someone: Someone, changes: Callable[[], int]) -> None:
    person = someone(role="reader", email="New.Comer@example.com")
    token = link_for(server, person.email)
    browser = Browser(server)
    looked = browser.call("POST", "/internal/session/link/look", json={"token": token}).json()
    assert (looked["email"], looked["hasPassword"]) == ("New.Comer@example.com", False)
    assert looked["expiresAt"] > time.time() * 1000
    counted = changes()
    for password, why in (
        ("short", "it needs 10 or more"),
        ("NEW.COMER@example.com", "must not be your e-mail"),
        ("aaaaaaaaaaaa", "one character over and over"),
    ):
        answer = browser.use_link(token, password)
        assert (answer.status_code, why in answer.json()["message"]) == (400, True), answer.text
    assert browser.use_link(token, PASSWORD, firstName="Nina", lastName="Comer").status_code == 201
    assert browser.seen()["member"]["firstName"] == "Nina"
    assert changes() == counted + 1
    entry = server.ok("GET", f"/auditlog?limit=1&spec=member/{person.id}")["items"][0]
    assert (entry["member"]["email"], entry["accesses"][0]["action"]) == ("New.Comer@example.com", "updateName")
    again = Browser(server).use_link(token, NEW_PASSWORD)
    assert (again.status_code, again.json()["code"]) == (404, "link_ended")
    assert Browser(server).sign_in("new.comer@EXAMPLE.com ", PASSWORD).status_code == 201


def test_a_link_runs_out_and_ends_when_there_is_a_newer_one(server: Server, someone: Someone, beside: Database) -> None:
    person = someone()
    older, newer = link_for(server, person.email), link_for(server, person.email)
    assert Browser(server).use_link(older, PASSWORD).json()["code"] == "link_ended"
    run_out(beside, "sign_in_links", person.id)
    assert Browser(server).use_link(newer, PASSWORD).json()["code"] == "link_ended"
    with pytest.raises(ValueError, match="no member here has the e-mail stranger"):
        link_for(server, "stranger@example.com")


def test_a_new_link_for_who_forgot_their_password_signs_them_out_everywhere_else(
    server: Server, someone: Someone
) -> None:
    person = someone()
    before = browser_of(server, person)
    token = link_for(server, person.email)
    assert before.seen()["signedIn"], "a link alone changes nothing"
    after = Browser(server)
    assert after.use_link(token, NEW_PASSWORD).status_code == 201
    assert not before.seen()["signedIn"]
    assert Browser(server).sign_in(person.email, PASSWORD).status_code == 401
    assert Browser(server).sign_in(person.email, NEW_PASSWORD).status_code == 201


def test_a_wrong_password_and_an_unknown_email_cannot_be_told_apart(server: Server, someone: Someone) -> None:
    person, without_password = someone(), someone()
    browser_of(server, person)

    def attempt(email: str, address: str) -> tuple[int, str, float]:
        browser = Browser(server, address=address)
        started = time.perf_counter()
        answer = browser.sign_in(email, "not the password")
        assert not browser.seen()["signedIn"]
        return answer.status_code, answer.text, time.perf_counter() - started

    kinds = (person.email, without_password.email, "nobody@example.com")
    told = {email: [attempt(email, "198.51.100.7") for _ in range(3)] for email in kinds}
    assert len({(status, said) for tries in told.values() for status, said, _ in tries}) == 1
    assert told[person.email][0][0] == 401
    quickest = [min(seconds for _, _, seconds in tries) for tries in told.values()]
    assert min(quickest) > max(quickest) / 3, "the work of a hash is done for whoever is named"


def test_after_too_many_attempts_one_is_told_when_to_come_back(server: Server, someone: Someone) -> None:
    person = someone()
    browser_of(server, person)
    guessing = [Browser(server, address=f"203.0.113.{number}") for number in range(11)]
    answers = [browser.sign_in(person.email, f"guess number {number}") for number, browser in enumerate(guessing)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert "try again in 15 minutes" in answers[-1].json()["message"]
    assert Browser(server).sign_in(person.email, PASSWORD).status_code == 429, "the right password is not tried either"
    elsewhere = [
        Browser(server, address="192.0.2.1").sign_in(f"nobody{number}@example.com", "x" * 2000) for number in range(51)
    ]
    assert [answer.status_code for answer in elsewhere] == [401] * 50 + [429]


def test_a_session_that_has_run_out_says_so(server: Server, someone: Someone, beside: Database) -> None:
    person = someone(role="reader")
    browser = browser_of(server, person)
    assert browser.call("GET", "/api/v2/projects").status_code == 200
    run_out(beside, "sessions", person.id)
    answer = browser.call("GET", "/api/v2/projects")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    assert "sign in again" in answer.json()["message"]
    assert browser.seen() == {"signedIn": False, "ownerHasPassword": browser.seen()["ownerHasPassword"]}
    assert browser.sign_in(person.email, PASSWORD).status_code == 201, "an ended session is in nobody's way"


def test_one_may_sign_out_here_there_and_everywhere(server: Server, someone: Someone) -> None:
    person = someone()
    desk = browser_of(server, person, agent="Desk/1")
    sofa, phone, train = (Browser(server, agent=agent) for agent in ("Sofa/2", "Phone/3", "Train/4"))
    for browser in (sofa, phone, train):
        assert browser.sign_in(person.email, PASSWORD).status_code == 201
    listed = desk.call("GET", "/internal/sessions").json()["items"]
    assert {each["userAgent"] for each in listed} == {"Desk/1", "Sofa/2", "Phone/3", "Train/4"}
    assert [each["userAgent"] for each in listed if each["isCurrent"]] == ["Desk/1"]
    assert train.call("DELETE", "/internal/session").status_code == 204
    assert len(train.session.cookies) == 0
    lost = next(each["_id"] for each in listed if each["userAgent"] == "Phone/3")
    assert desk.call("DELETE", f"/internal/sessions/{lost}").status_code == 204
    assert [browser.seen()["signedIn"] for browser in (desk, sofa, phone, train)] == [True, True, False, False]
    other = browser_of(server, someone())
    theirs = other.call("GET", "/internal/sessions").json()["items"][0]["_id"]
    assert desk.call("DELETE", f"/internal/sessions/{theirs}").status_code == 404
    assert desk.call("DELETE", "/internal/sessions").status_code == 204
    assert [browser.seen()["signedIn"] for browser in (desk, sofa, other)] == [False, False, True]


def test_members_are_seen_when_they_are_signed_in_and_remembered_when_they_have_left(
    server: Server, someone: Someone
) -> None:
    person, stranger = someone(), someone()

    def seen(member: Any) -> int:
        return int(server.ok("GET", f"/members/{member.id}")["_lastSeen"])

    before = int(time.time() * 1000)
    browser = browser_of(server, person)
    assert before <= seen(person) <= time.time() * 1000
    assert browser.call("DELETE", "/internal/session").status_code == 204
    assert seen(person) >= before
    assert "_lastSeenMetadata" not in server.ok("GET", f"/members/{person.id}"), "it was with no token"
    assert seen(stranger) == 0
    newest = server.ok("GET", "/members?sort=-lastSeen&limit=1000")["items"]
    assert [each["_id"] for each in newest].index(person.id) < [each["_id"] for each in newest].index(stranger.id)


def test_a_browser_has_one_session_at_a_time(server: Server, someone: Someone) -> None:
    first, second = someone(), someone()
    browser = browser_of(server, first)
    left = browser.cookie()
    browser_of(server, second)
    assert browser.sign_in(second.email, PASSWORD).status_code == 201
    assert browser.seen()["member"]["email"] == second.email
    assert browser.cookie() != left
    name = next(cookie.name for cookie in browser.session.cookies)
    again = Browser(server)
    again.session.headers["cookie"] = f"{name}={left}"
    assert not again.seen()["signedIn"], "the session of whoever was there before has ended"


def test_a_changed_password_ends_the_sessions_elsewhere(server: Server, someone: Someone) -> None:
    person = someone()
    here = browser_of(server, person)
    elsewhere = Browser(server)
    elsewhere.sign_in(person.email, PASSWORD)
    wrong = here.call("PUT", "/internal/session/password", json={"current": "wrong", "password": NEW_PASSWORD})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_password")
    weak = here.call("PUT", "/internal/session/password", json={"current": PASSWORD, "password": "short"})
    assert weak.status_code == 400
    assert elsewhere.seen()["signedIn"]
    done = here.call("PUT", "/internal/session/password", json={"current": PASSWORD, "password": NEW_PASSWORD})
    assert done.status_code == 204, done.text
    assert here.seen()["signedIn"]
    assert not elsewhere.seen()["signedIn"]
    assert Browser(server).sign_in(person.email, PASSWORD).status_code == 401
    assert Browser(server).sign_in(person.email, NEW_PASSWORD).status_code == 201


def test_neither_passwords_nor_secrets_are_kept(
    server: Server, someone: Someone, beside: Database, tmp_path: Path
) -> None:
    person = someone()
    browser = browser_of(server, person)
    token = link_for(server, person.email)
    with beside.read() as connection:
        rows = [
            str(row)
            for table in ("passwords", "sign_in_links", "sessions", "changes")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    assert any(person.id in row for row in rows)
    assert any("$argon2id$" in row for row in rows)
    for secret in (PASSWORD, token, browser.cookie(), browser.csrf):
        assert not [row for row in rows if secret in row]
