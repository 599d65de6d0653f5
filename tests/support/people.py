"""People at the console, each with a browser of their own; whatever their pages complain of fails the test."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browsers
import msgspec
from planting import planting
from servers import Server

from flaghoist.app.sign_in_links import new_link
from flaghoist.base import ids
from flaghoist.base.settings import Settings
from flaghoist.console.pages import BUILT
from flaghoist.resources.account.members.schema import Member

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Neither loading nor asking what may be done.
_SETTLED = """() => !document.querySelector('[role=status][aria-label^=Loading]')
    && !document.body.textContent.includes('Checking whether you may do this')"""
PASSWORD = "seven lamps in the attic"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
# What every role sees; statements of a test say what more it may.
LOOK_AROUND: list[dict[str, Any]] = [
    {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
    {"effect": "allow", "resources": ["member/*"], "actions": ["viewMember"]},
]


class Person:
    """Somebody at the console.

    ``page`` is a Playwright page; a path given to ``open`` is the console's own, as in ``/projects/web/~/flags``.
    """

    def __init__(self, browser: "Browser", server: Server, cookies: Sequence[Any] = (), **context: Any) -> None:
        settings = {"viewport": WIDE, "reduced_motion": "reduce", "base_url": server.url, **context}
        self.server = server
        self.context = browser.new_context(**settings)
        self.context.set_default_timeout(10_000)
        self.context.add_cookies([*cookies])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self.page.on("console", lambda said: self._complain(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self._complain(str(error)))

    def open(self, path: str) -> "Page":
        """Go to a page and wait until all of it is there."""
        self.page.goto(path)
        return self.settle()

    def settle(self) -> "Page":
        """Wait until nothing is being loaded any more."""
        self.page.locator("h1").first.wait_for()
        self.page.wait_for_function(_SETTLED)
        return self.page

    def expect_complaint(self, pattern: str) -> None:
        """From now on, take it for granted that the browser complains of this, such as ``403``."""
        self._expected.append(re.compile(pattern))

    def leave(self) -> None:
        """Close the browser; nothing may have been complained of."""
        self.context.close()
        assert not self.complaints, "the browser complained:\n" + "\n".join(self.complaints)

    def _complain(self, text: str) -> None:
        if not any(expected.search(text) for expected in self._expected):
            self.complaints.append(text)


def console_is_built() -> bool:
    """Whether there is a console to look at."""
    return (BUILT / "index.html").exists()


def signed_in(server: Server, email: str = "owner@example.com") -> list[dict[str, Any]]:
    """The cookies of a member who has just set a password with a one-time link."""
    settings = Settings(data_dir=Path(server.data_dir), database_url=server.database_url)
    way_in = browsers.Browser(server)
    answer = way_in.use_link(new_link(settings, email).token, PASSWORD)
    assert answer.status_code == 201, answer.text
    way_in.session.close()
    return [
        {"name": cookie.name, "value": cookie.value, "url": server.url, "httpOnly": True, "sameSite": "Lax"}
        for cookie in way_in.session.cookies
    ]


def member_with(server: Server, key: str, statements: Sequence[dict[str, Any]]) -> str:
    """A new member whose custom role allows to look around, and what the statements say; gives the e-mail."""
    policy = [*LOOK_AROUND, *statements]
    role = server.ok("POST", "/roles", json={"key": f"role-{key}", "name": f"Role of {key}", "policy": policy})
    email = f"{key}@example.com"
    member = Member(id=ids.object_id(), email=email, first_name=key.title(), role="no_access")
    member.custom_roles = [role["_id"]]
    with planting(server, server.database_url) as plant:
        plant(f"member/{member.id}", msgspec.to_builtins(member))
    return email
