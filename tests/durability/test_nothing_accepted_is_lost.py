"""Every event of every batch that was answered 202 counts once in the results, by the senders' own books."""

import time
from pathlib import Path

import pytest
from killing import Whom, workers_of
from ledger import Rig
from servers import PostgreSQL

from flaghoist.base.clock import DAY_MS, HOUR_MS


def test_kill_9_under_load_and_a_clock_that_jumps_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with Rig(tmp_path / "data", seed=4) as rig:
        rig.begin()
        for jump in (5 * HOUR_MS, -3 * HOUR_MS):
            time.sleep(rig.chance.uniform(0.2, 0.6))
            rig.move_clock(jump)
            time.sleep(rig.chance.uniform(0.1, 0.4))
            rig.kill()
            rig.start()
        assert rig.settle() == []
        assert rig.complaints() == []
        assert rig.ledger.sent_again > 10, "the senders had something to send again"


@pytest.mark.world
def test_workers_killed_one_by_one_and_together_while_every_clock_jumps_lose_and_repeat_nothing(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    kills: tuple[tuple[Whom, int], ...] = (("worker", 0), ("parent", 400 * DAY_MS), ("worker", -3 * DAY_MS), ("all", 0))
    settings = {"workers": "2", "database_url": postgresql.database(), "event_retention_days": "30"}
    with Rig(tmp_path / "data", seed=5, faketime=True, **settings) as rig:
        assert len(workers_of(rig.server)) == 2
        rig.begin(pause=0.02)
        for whom, jump in kills:
            time.sleep(1.0)
            if rig.every_inbox_is_used(2):
                rig.move_clock(jump)
            time.sleep(1.5)  # a process looks at its clock anew after a second
            rig.kill(whom)
            if rig.has_ended:
                rig.start()
        assert rig.settle() == []
        assert rig.complaints() == []
