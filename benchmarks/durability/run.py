"""How many of the events that were accepted are lost or counted twice while the server is killed again and again.

A real server is loaded by SDK-like senders and importers, killed with SIGKILL at random moments and started again; in
every third round its clock has jumped by hours meanwhile, in either direction. What was not answered with 202 is sent
again, and now and then what was. From time to time, and at the end, the results that the server tells are compared
with the senders' own books.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from ledger import Rig

from flaghoist.base.clock import HOUR_MS

COMPARED_EVERY = 25
SETTLED_SECONDS = 1.0


def main() -> int:
    """Kill, start, compare; the exit status says whether anything differed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-durability-"))
    differences: list[str] = []
    started = time.monotonic()
    with Rig(folder / "data", seed=chosen.seed) as rig:
        for number in range(1, chosen.rounds + 1):
            if number % COMPARED_EVERY == 1:
                rig.begin(pause=0.02)
            _round(rig, number)
            if number % COMPARED_EVERY == 0 or number == chosen.rounds:
                differences = rig.settle()
                _tell(rig, number, differences, time.monotonic() - started)
                if differences:
                    break
        complaints = rig.complaints()
    print("\n".join(complaints[:20]))
    if not differences and not complaints:
        shutil.rmtree(folder)
    return int(bool(differences or complaints))


def _round(rig: Rig, number: int) -> None:
    time.sleep(rig.chance.uniform(0.0, SETTLED_SECONDS))
    if number % 3 == 0:
        rig.move_clock(rig.chance.randint(-6, 6) * HOUR_MS)
        time.sleep(rig.chance.uniform(0.0, SETTLED_SECONDS))
    rig.kill()
    rig.start()


def _tell(rig: Rig, rounds: int, differences: list[str], seconds: float) -> None:
    books = rig.ledger
    print(
        f"{rounds:5} kills, {books.batches:8,} batches, {books.events:9,} events, {books.sent_again:8,} sent again, "
        f"{seconds:6.0f} s: lost or repeated: {', '.join(differences) or 0}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
