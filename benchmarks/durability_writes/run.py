"""How many answered writes lack anything after the server was killed again and again in the middle of them?

Writers create, change, delete and are refused; the server is killed with SIGKILL at random moments and started again.
After every round the store is read by SQL and compared with the writers' own books; at the end a receiver must have
been told of every change, and of none that did not last.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from receivers import Receiver
from servers import PostgreSQL, Server, start_server
from writers import Kept, Writer, answered, write_until_killed

WRITERS = 8
WRITES_MAX = 100  # answered in a round before the kill
TOLD_WITHIN_SECONDS = 120.0


def main() -> int:
    """Kill, start, compare; fails at the first difference."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = arguments.parse_args()
    postgresql = PostgreSQL() if chosen.store == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="flaghoist-writes-") as folder:
        _kill(postgresql.database() if postgresql else "", Path(folder), chosen.rounds, random.Random(chosen.seed))
    if postgresql:
        postgresql.stop()
    return 0


def _kill(database_url: str, folder: Path, rounds: int, chance: random.Random) -> None:
    def start() -> Server:
        return start_server(folder, database_url=database_url, outbound_allow="127.0.0.1")

    receiver = Receiver()
    running = start()
    project = running.project()["key"]
    powerless = running.token_for(role="reader")
    running.ok("POST", "/webhooks", json={"url": receiver.url, "sign": False, "on": True})
    writers = [Writer(project, f"writer{number}", powerless) for number in range(WRITERS)]
    started = time.monotonic()
    entries: set[str] = set()
    for number in range(1, rounds + 1):
        write_until_killed(running, writers, chance.randint(1, WRITES_MAX))
        running = start()
        entries = Kept.read(running).check(project, writers)
        if number % 10 == 0 or number == rounds:
            _tell(number, writers, entries, receiver, time.monotonic() - started)
    receiver.wait(lambda _deliveries: entries <= _told(receiver), seconds=TOLD_WITHIN_SECONDS)
    assert running.stop() == 0
    kept = Kept.read(running)
    assert _told(receiver) <= {row["id"] for row in kept.changes}, "something was told that did not last"
    assert not kept.jobs, kept.jobs
    print(f"told: {len(receiver.deliveries)} deliveries of {len(_told(receiver))} changes; nothing lacks anything")
    receiver.close()


def _told(receiver: Receiver) -> set[str]:
    return {each.body["_id"] for each in list(receiver.deliveries)}


def _tell(number: int, writers: list[Writer], entries: set[str], receiver: Receiver, seconds: float) -> None:
    flags = [flag for writer in writers for flag in writer.flags]
    print(
        f"kills {number}: {answered(writers)} writes answered, "
        f"{sum(flag.unanswered is not None for flag in flags)} not, "
        f"{sum(len(writer.refused) for writer in writers)} refused, {len(entries)} entries, "
        f"{len(receiver.deliveries)} deliveries, {seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
