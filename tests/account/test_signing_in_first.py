"""The first sign-in: a link that the server prints, and one that the command line prints while it runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from browsers import Browser
from servers import Server, start_server
from sqlalchemy import Connection

from flaghoist.app.first_start import first_start
from flaghoist.app.sign_in_links import welcome_owner
from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.core.catalogue import Catalogue
from flaghoist.resources import families
from flaghoist.store import passwords, sessions
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

PASSWORD = "seven lamps in the attic"
CATALOGUE = Catalogue(resource for family in families() for resource in family.resources)


def printed(server: Server) -> str:
    """What the server says once it serves, after its address."""
    lines: list[str] = []
    assert server.process.stdout is not None
    for line in server.process.stdout:
        lines.append(line)
        if line.startswith("───"):
            break
    return "".join(lines)


def link_in(text: str) -> str:
    found = re.search(r"/welcome\?token=(\S+)", text)
    assert found, text
    return found[1]


def test_the_owner_enters_with_the_printed_link_and_is_still_in_after_a_restart(
    tmp_path: Path, store_url: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgresql").database() if store_url else ""
    server = start_server(tmp_path, database_url=url, owner_email="olga@example.com")
    try:
        told = printed(server)
        assert "Set the password of olga@example.com" in told
        first = link_in(told)
        assert not Browser(server).seen()["ownerHasPassword"]
        command = [sys.executable, "-m", "flaghoist.cli", "sign-in-link", "--data-dir", str(tmp_path)]
        environment = {**os.environ, "FLAGHOIST_DATABASE_URL": url}
        second = link_in(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
        browser = Browser(server)
        assert browser.use_link(first, PASSWORD).status_code == 404, "a newer link ends the older"
        assert browser.use_link(second, PASSWORD).status_code == 201
    finally:
        assert server.stop() == 0
    again = start_server(tmp_path, database_url=url)
    try:
        told = printed(again)
        assert f"Sign in at {again.url}/sign-in as olga@example.com" in told
        assert "/welcome" not in told
        secret = browser.cookie()
        moved = Browser(again)
        port = again.url.rpartition(":")[2]
        moved.session.headers["cookie"] = f"flaghoist-{port}={secret}"
        assert moved.seen()["member"]["role"] == "owner"
    finally:
        assert again.stop() == 0


def test_each_start_gives_the_owner_a_fresh_link_until_they_have_a_password(database: Database) -> None:
    documents = Documents()
    first_start(database, documents, CATALOGUE, given_token="", owner_email="olga@example.com")
    first, second = (welcome_owner(database, documents).link for _ in range(2))
    assert first is not None
    assert second is not None
    now = clock.now_ms()
    with database.read() as connection:
        assert passwords.find_link(connection, first.token, now) is None
        found = passwords.find_link(connection, second.token, now)
        assert found is not None
        assert passwords.find_link(connection, second.token, second.expires_at) is None
    member = found.member
    database.write(lambda connection: passwords.put(connection, member, "$argon2id$…", now=now))
    assert welcome_owner(database, documents).link is None


def test_a_session_in_use_goes_on_but_not_for_ever(database: Database) -> None:
    day = DAY_MS

    def begin(connection: Connection) -> sessions.Session:
        return sessions.add(connection, "secret", "member/x", now=0, user_agent="", client="")

    begun = database.write(begin)
    used: list[int] = []
    for today in range(10, 100, 10):
        with database.read() as connection:
            if sessions.find(connection, "secret", today * day) is None:
                break
        used.append(today)
        database.write(
            lambda connection, today=today: sessions.touch(  # type: ignore[misc]
                connection, begun.digest, created_at=begun.created_at, now=today * day
            )
        )
    assert used == [10, 20, 30, 40, 50, 60, 70, 80]
    idle = database.write(lambda c: sessions.add(c, "idle", "member/x", now=0, user_agent="", client=""))
    assert idle.expires_at == 14 * day
    with database.read() as connection:
        assert sessions.find(connection, "idle", 14 * day - 1) is not None
        assert sessions.find(connection, "idle", 14 * day) is None
