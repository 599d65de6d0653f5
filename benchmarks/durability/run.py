"""How many of the events that were accepted are lost or counted twice while the server is killed again and again.

A real server is loaded by SDK-like senders and importers, killed with SIGKILL at random moments and started again; in
every third round its clock has jumped meanwhile, in either direction. With several workers it is one of them that is
killed, or their parent, or all. What was not answered with 202 is sent again, and now and then what was. From time to
time, and at the end, the results that the server tells are compared with the senders' own books.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from killing import Whom
from ledger import Rig
from servers import database_of

from flaghoist.base.clock import HOUR_MS

COMPARED_EVERY = 25
SETTLED_SECONDS = 1.0
WHOM: tuple[Whom, ...] = ("worker", "worker", "parent", "all")


def main() -> int:
    """Kill, start, compare; the exit status says whether anything differed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    arguments.add_argument("--workers", type=int, default=1, help="processes that serve")
    arguments.add_argument("--faketime", action="store_true", help="move every clock of the processes, by libfaketime")
    arguments.add_argument("--jump-hours", type=int, default=6, help="how far the clock jumps at most")
    arguments.add_argument("--pause", type=float, default=0.02, help="seconds that each sender rests between two sends")
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-durability-"))
    with database_of(chosen.store) as address:
        faults = _kill(chosen, folder, address)
    if faults:
        print("\n".join(faults[:20]), f"SOMETHING IS WRONG: see {folder}", sep="\n", flush=True)
        return 1
    shutil.rmtree(folder)
    print("nothing lost, nothing counted twice, nothing damaged", flush=True)
    return 0


def _kill(chosen: argparse.Namespace, folder: Path, address: str) -> list[str]:
    """Whatever went wrong; nothing if all is well."""
    killed: Counter[Whom] = Counter()
    started, jumps = time.monotonic(), 0
    settings = {"workers": str(chosen.workers), "database_url": address}
    with Rig(folder / "data", seed=chosen.seed, faketime=chosen.faketime, **settings) as rig:
        for number in range(1, chosen.rounds + 1):
            if number % COMPARED_EVERY == 1:
                rig.begin(pause=chosen.pause)
            time.sleep(rig.chance.uniform(0.0, SETTLED_SECONDS))
            if number % 3 == 0 and rig.every_inbox_is_used(chosen.workers):
                rig.move_clock(rig.chance.randint(-chosen.jump_hours, chosen.jump_hours) * HOUR_MS)
                jumps += 1
                time.sleep(rig.chance.uniform(0.0, SETTLED_SECONDS))
            whom = rig.chance.choice(WHOM) if chosen.workers > 1 else "all"
            killed[whom] += 1
            rig.kill(whom)
            if rig.has_ended:
                rig.start()
            if number % COMPARED_EVERY == 0 or number == chosen.rounds:
                differences = rig.settle()
                _tell(rig, killed, jumps, differences, time.monotonic() - started)
                if differences:
                    return differences
        return rig.complaints()


def _tell(rig: Rig, killed: Counter[Whom], jumps: int, differences: list[str], seconds: float) -> None:
    books = rig.ledger
    whom = ", ".join(f"{each} {times}" for each, times in killed.items())
    print(
        f"{killed.total():5} kills ({whom}), {jumps:4} jumps, {books.batches:8,} batches, {books.events:9,} events, "
        f"{books.sent_again:8,} sent again, {seconds:6.0f} s: lost or repeated: {', '.join(differences) or 0}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
