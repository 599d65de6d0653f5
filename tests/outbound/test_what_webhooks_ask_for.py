"""Which changes a webhook is told of, whatever clocks say: those since it was made, as its statements choose."""

from collections.abc import Callable
from typing import Any

import pytest

from flaghoist.base import clock
from flaghoist.core import actor
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.outbound.guard import Guard
from flaghoist.outbound.send import Sender
from flaghoist.outbound.webhooks import QUEUE, Webhooks
from flaghoist.resources import families
from flaghoist.store import changes, jobs
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

CATALOGUE = Catalogue(resource for family in families() for resource in family.resources)


def test_a_change_is_told_however_far_behind_the_clock_of_its_node_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = Documents()

    def write(act: Callable[[Work], Any]) -> None:
        database.write(
            lambda connection: act(
                Work(
                    connection=connection,
                    documents=documents,
                    catalogue=CATALOGUE,
                    actor=actor.server(),
                    writing=True,
                    services={"guard": Guard()},
                )
            )
        )

    def role(key: str) -> Callable[[Work], Any]:
        policy = [{"effect": "allow", "resources": ["acct"], "actions": ["*"]}]
        return lambda work: work.make("role", {}, {"key": key, "name": key, "policy": policy})

    write(role("before"))
    write(lambda work: work.make("webhook", {}, {"url": "https://diary.example.com", "sign": False, "on": True}))
    with monkeypatch.context() as patched:
        now = clock.now_ms()
        patched.setattr(clock, "now_ms", lambda: now - 3_600_000)
        write(role("an-hour-behind"))

    webhooks = Webhooks(database, documents, CATALOGUE, Sender(Guard()))
    with database.read() as connection:
        news = changes.after(connection, 0)
        errands = webhooks.entails(connection, news)
    database.write(lambda connection: jobs.enqueue(connection, errands, clock.now_ms()))
    told = {errand.body["seq"] for errand in errands}
    assert [row.name for row in news if row.seq in told and row.kind == "role"] == ["an-hour-behind"]
    assert {errand.queue for errand in errands} == {QUEUE}
    assert all(errand.due_at >= now for errand in errands)
