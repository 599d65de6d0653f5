"""While the store is held up, REST says so in time: what was given up has no effect, and no queue grows for ever."""

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers import start_server

from flaghoist.base.errors import Unavailable
from flaghoist.rest import turns
from flaghoist.rest.turns import Turn, Turns


def test_a_change_that_nobody_waits_for_any_more_is_not_made(tmp_path: Path) -> None:
    server = start_server(tmp_path, answer_seconds="1")
    server.ok("GET", "/projects")
    with sqlite3.connect(tmp_path / "state.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # somebody else writes, and does not come to an end
        started = time.monotonic()
        given_up = server.call("POST", "/projects", json={"key": "late", "name": "Late"})
        assert time.monotonic() - started < 10
        assert (given_up.status_code, given_up.headers["retry-after"]) == (503, "1")
        assert "nothing was changed" in given_up.json()["message"]
        assert server.call("GET", "/projects/default").status_code == 200, "reading goes on"
        other.execute("ROLLBACK")
    other.close()
    server.ok("POST", "/projects", json={"key": "next", "name": "Next"})  # after it in the queue of writers
    keys = [each["key"] for each in server.ok("GET", "/projects")["items"]]
    assert sorted(keys) == ["default", "next"]
    assert server.stop() == 0


def test_what_is_about_to_take_effect_is_waited_for() -> None:
    effective, waited = threading.Event(), threading.Event()

    def act(turn: Turn) -> str:
        turn.take_effect()
        effective.set()
        waited.wait(10)
        return "done"

    async def ask() -> str:
        with ThreadPoolExecutor(1) as executor:
            asked = asyncio.ensure_future(Turns(executor, seconds=0.05).run(act))
            await asyncio.to_thread(effective.wait, 10)
            await asyncio.sleep(0.2)
            waited.set()
            return await asked

    assert asyncio.run(ask()) == "done"


def test_what_was_given_up_cannot_take_effect() -> None:
    turn = Turn()
    assert turn.give_up()
    with pytest.raises(Unavailable):
        turn.take_effect()
    other = Turn()
    other.take_effect()
    assert not other.give_up()


def test_there_is_a_last_place_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "AT_ONCE_MAX", 3)
    waited = threading.Event()

    async def ask() -> list[object]:
        with ThreadPoolExecutor(1) as executor:
            many = Turns(executor, seconds=10)
            asked = [asyncio.ensure_future(many.run(lambda _turn: waited.wait(10))) for _ in range(5)]
            await asyncio.sleep(0.05)
            refused = [each.exception() for each in asked if each.done()]
            waited.set()
            await asyncio.gather(*asked, return_exceptions=True)
            assert await many.run(lambda _turn: "again") == "again"
            return list(refused)

    refused = asyncio.run(ask())
    assert [type(each) for each in refused] == [Unavailable, Unavailable]
    assert all(("retry-after", "1") in each.headers for each in refused if isinstance(each, Unavailable))
