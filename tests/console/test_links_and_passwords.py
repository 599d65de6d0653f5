"""Links that let a member in, and passwords that change."""

from collections.abc import Callable

import pytest
from accessibility import check_accessibility
from people import PASSWORD, Person, member_with, signed_in
from servers import Server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base.settings import Settings

pytestmark = pytest.mark.world
sync_api = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it")
expect = sync_api.expect
Enter = Callable[..., Person]
NEW_PASSWORD = "eight lamps in the cellar"


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
