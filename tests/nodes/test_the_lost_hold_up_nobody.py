"""A node that vanishes in the middle of a write, or while it waits for its turn, holds up the others for seconds."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from audiences import until
from fleet import Fleet
from namespaces import Machine, Networks
from sqlalchemy import text

from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database

pytestmark = pytest.mark.world
LOST_WITHIN_SECONDS = 20.0  # six, twice if the turn goes to another of the lost, and some for a busy machine


@pytest.fixture(scope="module")
def fleet(networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(networks, tmp_path_factory.mktemp("fleet"), nodes="xy")
    made.database.start()
    yield made
    made.close()


class Writer(threading.Thread):
    """Writes once, from a machine."""

    def __init__(self, machine: Machine, database: Database, pause: Callable[[], object] = lambda: None) -> None:
        super().__init__(daemon=True)
        self.is_writing = threading.Event()
        self.outcome: object = None
        self.took = 0.0
        self._machine, self._database, self._pause = machine, database, pause

    def run(self) -> None:
        def act(connection: Any) -> str:
            self.is_writing.set()
            self._pause()
            connection.execute(text("SELECT 1"))
            return "written"

        began = time.monotonic()
        with self._machine.inside():
            try:
                self.outcome = self._database.write(act)
            except Unavailable:
                self.outcome = "away"
        self.took = time.monotonic() - began


def test_whoever_vanishes_while_it_writes_or_waits_for_its_turn_loses_it(fleet: Fleet) -> None:
    url = fleet.database.url.replace("postgresql:", "postgresql+psycopg:")
    lost, other = Database(url), Database(url)
    going_on = threading.Event()
    holder = Writer(fleet.machines["x"], lost, going_on.wait)
    holder.start()
    assert holder.is_writing.wait(10)
    queued = [Writer(fleet.machines["x"], lost) for _ in range(3)]
    for each in queued:
        each.start()
    until(lambda: _waiting(fleet) == 3)
    fleet.cut_off("x")
    patient = Writer(fleet.machines["y"], other)
    patient.start()
    patient.join(30)
    assert (patient.outcome, patient.took < LOST_WITHIN_SECONDS) == ("written", True), patient.took
    going_on.set()
    for each in (holder, *queued):
        each.join(30)
        assert (each.outcome, each.took < 2 * LOST_WITHIN_SECONDS) == ("away", True), each.took
    hurried = Writer(fleet.machines["x"], lost)
    hurried.start()
    hurried.join(30)
    assert (hurried.outcome, hurried.took < LOST_WITHIN_SECONDS) == ("away", True), hurried.took
    fleet.rejoin("x")
    until(lambda: _writes(fleet.machines["x"], lost))
    for database in (lost, other):
        database.close()


def test_whoever_hangs_while_it_writes_loses_its_turn(fleet: Fleet) -> None:
    url = fleet.database.url.replace("postgresql:", "postgresql+psycopg:")
    hanging, other = Database(url), Database(url)
    going_on = threading.Event()
    holder = Writer(fleet.machines["x"], hanging, going_on.wait)
    holder.start()
    assert holder.is_writing.wait(10)
    patient = Writer(fleet.machines["y"], other)
    patient.start()
    patient.join(40)
    assert (patient.outcome, patient.took < 2 * LOST_WITHIN_SECONDS) == ("written", True), patient.took
    going_on.set()
    holder.join(10)
    assert holder.outcome == "away"
    for database in (hanging, other):
        database.close()


def _waiting(fleet: Fleet) -> int:
    """How many wait for their turn."""
    import psycopg

    with fleet.database.machine.inside(), psycopg.connect(fleet.database.url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int(found.fetchall()[0][0])


def _writes(machine: Machine, database: Database) -> bool:
    writer = Writer(machine, database)
    writer.start()
    writer.join(20)
    return writer.outcome == "written"
