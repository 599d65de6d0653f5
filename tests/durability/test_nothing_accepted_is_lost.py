"""Every event of every batch that was answered 202 counts once in the results, by the senders' own books."""

import time
from pathlib import Path

from ledger import Rig

from flaghoist.base.clock import HOUR_MS


def test_kill_9_under_load_and_a_clock_that_jumps_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with Rig(tmp_path / "data", seed=4) as rig:
        rig.begin()
        for jump in (5 * HOUR_MS, -3 * HOUR_MS, 0):
            time.sleep(rig.chance.uniform(0.2, 0.6))
            rig.move_clock(jump)
            time.sleep(rig.chance.uniform(0.1, 0.4))
            rig.kill()
            rig.start()
        assert rig.settle() == []
        assert rig.complaints() == []
        assert rig.ledger.sent_again > 10, "the senders had something to send again"
