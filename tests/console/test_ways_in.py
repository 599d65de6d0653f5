"""The way into the console: by link, by password, too often, and again after the session has ended."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from accessibility import check_accessibility
from people import PASSWORD, Person, member_with, signed_in
from playwright.sync_api import expect
from servers import Server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings

pytestmark = pytest.mark.world
Enter = Callable[..., Person]
NEW_PASSWORD = "eight lamps in the cellar"
SAY_NAME = {"effect": "allow", "resources": ["member/*"], "actions": ["updateName"]}


def sign_out_everywhere(server: Server, cookies: list[dict[str, Any]]) -> None:
    """What the same member does in another browser."""
    jar = {each["name"]: each["value"] for each in cookies}
    csrf = requests.get(f"{server.url}/internal/session", cookies=jar, timeout=30).json()["csrfToken"]
    answer = requests.delete(f"{server.url}/internal/sessions", cookies=jar, headers={"x-csrf-token": csrf}, timeout=30)
    assert answer.status_code == 204


def test_a_link_lets_a_member_choose_a_password_and_leads_in(enter: Enter, site: Server) -> None:
    email = member_with(site, "newcomer", [])
    token = new_link(Settings(data_dir=site.data_dir), email).token
    person = enter([])
    page = person.open(f"/welcome?token={token}")
    expect(page.get_by_role("textbox", name="E-mail")).to_have_value(email)
    page.get_by_role("textbox", name="Password").fill("short")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_text("Use 10 characters or more.")).to_be_visible()
    check_accessibility(person)
    page.get_by_role("textbox", name="Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("button", name="Account: Newcomer")).to_be_visible()
    assert "token" not in page.url
    second = enter([])
    second.expect_complaint("status of 404")
    expect(
        second.open(f"/welcome?token={token}").get_by_role("heading", name="This link serves no more")
    ).to_be_visible()


def test_one_arrives_where_one_wanted_to_go(enter: Enter, site: Server) -> None:
    email = member_with(site, "deep-linker", [])
    signed_in(site, email)
    person = enter([])
    person.expect_complaint("status of 401")
    page = person.open("/settings/audit?what=flag")
    page.get_by_role("textbox", name="E-mail").fill(email.upper())
    page.get_by_role("textbox", name="Password").fill("not my password")
    page.get_by_role("button", name="Sign in").click()
    refusal = page.get_by_role("alert", name="Could not sign in")
    expect(refusal).to_contain_text("This e-mail and this password do not belong together.")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Audit log", level=1)).to_be_visible()
    assert page.url.endswith("/settings/audit?what=flag")


def test_who_guesses_too_often_is_told_how_long_to_wait(enter: Enter) -> None:
    person = enter([])
    person.expect_complaint("status of 4(01|29)")
    page = person.open("/sign-in")
    page.get_by_role("textbox", name="E-mail").fill("nobody-at-all@example.com")
    for number in range(11):
        page.get_by_role("textbox", name="Password").fill(f"guess number {number}")
        with page.expect_response("**/internal/session"):
            page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Too many attempts")).to_be_visible()
    expect(page.get_by_role("button", name="Wait 14 min")).to_be_visible()
    check_accessibility(person)


def test_what_was_typed_outlives_the_session(enter: Enter, site: Server) -> None:
    email = member_with(site, "typist", [SAY_NAME])
    cookies = signed_in(site, email)
    person = enter(cookies)
    person.expect_complaint("status of 401")
    page = person.open("/settings/account")
    page.get_by_role("textbox", name="Last name").fill("Lovelace")
    sign_out_everywhere(site, cookies)
    page.get_by_role("button", name="Save name").click()
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()
    check_accessibility(person)
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("textbox", name="Last name")).to_have_value("Lovelace")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("Your name is changed.")).to_be_visible()
    expect(page.get_by_role("button", name="Account: Typist Lovelace")).to_be_visible()


def test_a_password_is_changed_and_other_browsers_are_signed_out(enter: Enter, site: Server) -> None:
    email = member_with(site, "careful", [])
    here = enter(signed_in(site, email))
    here.expect_complaint("status of 400")
    page = here.open("/settings/account")
    page.get_by_role("textbox", name="Current password").fill("not my password")
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_role("textbox", name="Current password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    there = enter([])
    other = there.open("/sign-in")
    other.get_by_role("textbox", name="E-mail").fill(email)
    other.get_by_role("textbox", name="Password").fill(NEW_PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("button", name="Account: Careful")).to_be_visible()
    page.reload()
    listed = page.get_by_role("region", name="Where you are signed in")
    expect(listed.get_by_text("This browser")).to_have_count(1)
    listed.get_by_role("button", name="Sign out Chrome on Linux").click()
    expect(listed.get_by_text("Chrome on Linux")).to_be_hidden()
    there.expect_complaint("status of 401")
    other.goto("/settings/account")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
