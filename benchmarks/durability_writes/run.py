"""How many answered writes lack anything after the server was killed again and again in the middle of them?

Writers create, change, delete and are refused; the server, one of its workers or their parent is killed with SIGKILL at
random moments and started again, and its clock may jump meanwhile. After every round the store is read by SQL and
compared with the writers' own books, and so is what streams that stay open have been told; at the end a receiver must
have been told of every change, and of none that did not last, and no job may be left.
"""

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

import requests
from audiences import until
from killing import Whom, kill
from ledger import HURRIED
from listeners import Listener, Told, polled
from moved_clock import MovedClock
from receivers import Receiver
from servers import Server, database_of, free_port, start_server
from writers import Kept, Writer, answered, write_until_killed

from flaghoist.base.clock import HOUR_MS

WRITERS, STREAMS = 8, 4
WRITES_MAX = 100  # answered in a round before the kill
TOLD_WITHIN_SECONDS = 120.0
WHOM: tuple[Whom, ...] = ("worker", "worker", "parent", "all")


def main() -> int:
    """Kill, start, compare; the exit status says whether anything lacked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    arguments.add_argument("--workers", type=int, default=1, help="processes that serve")
    arguments.add_argument("--faketime", action="store_true", help="let every clock of the processes jump")
    arguments.add_argument("--jump-hours", type=int, default=6, help="how far the clock jumps at most")
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flaghoist-writes-"))
    try:
        with database_of(chosen.store) as address:
            run = _Run(chosen, folder, address)
            try:
                run.run()
            finally:
                run.leave_nothing()
    except Exception:
        traceback.print_exc()
        print(f"SOMETHING IS WRONG: see {folder}", flush=True)
        return 1
    shutil.rmtree(folder)
    print("nothing lacks anything", flush=True)
    return 0


class _Run:
    def __init__(self, chosen: argparse.Namespace, folder: Path, address: str) -> None:
        self._chosen = chosen
        self._folder = folder
        self._chance = random.Random(chosen.seed)
        self._clock = MovedClock(folder / "clock", is_whole=True) if chosen.faketime else None
        self._settings = {
            "database_url": address,
            "workers": str(chosen.workers),
            "port": str(free_port()),
            "outbound_allow": "127.0.0.1",
            **(self._clock.settings if self._clock else {}),
        }
        self._killed: Counter[Whom] = Counter()
        self._jumps = 0
        self._running: Server | None = None

    def run(self) -> None:
        self._receiver, self._told = Receiver(), Told()
        self._running = running = self._start()
        project = running.project()["key"]
        self._sdk_key = running.ok("GET", f"/projects/{project}/environments/production")["apiKey"]
        powerless = running.token_for(role="reader")
        running.ok("POST", "/webhooks", json={"url": self._receiver.url, "sign": False, "on": True})
        self._writers = [Writer(project, f"writer{number}", powerless) for number in range(WRITERS)]
        self._listeners = [Listener(running.url, self._sdk_key, told=self._told) for _ in range(STREAMS)]
        for listener in self._listeners:
            listener.start()
        entries: set[str] = set()
        for number in range(1, self._chosen.rounds + 1):
            self._running = running = self._round(running)
            entries = Kept.read(running).check(project, self._writers)
            self._streams_agree(running)
            if number % 10 == 0 or number == self._chosen.rounds:
                self._tell(entries)
        self._end(running, entries)

    def leave_nothing(self) -> None:
        """No process runs any more, however it came to an end."""
        if self._running is not None and self._running.process.poll() is None:
            kill(self._running)

    def _start(self) -> Server:
        program = HURRIED if self._clock else ("-m", "flaghoist.cli")
        log = self._folder / "server.log"
        return start_server(self._folder / "data", program=program, log=log, **self._settings)

    def _round(self, running: Server) -> Server:
        if self._clock and self._killed.total() % 3 == 2:
            self._clock.move(self._chance.randint(-self._chosen.jump_hours, self._chosen.jump_hours) * HOUR_MS)
            self._jumps += 1
        whom = self._chance.choice(WHOM) if self._chosen.workers > 1 else "all"
        self._killed[whom] += 1
        writes, place = self._chance.randint(1, WRITES_MAX), self._chance.randrange(100)
        write_until_killed(running, self._writers, writes, whom=whom, place=place)
        return running if whom == "worker" else self._start()

    def _streams_agree(self, running: Server) -> None:
        """Each comes to know what a poll tells, which is what the store holds."""
        until(lambda: _answers(running), seconds=60)  # a worker that died often is started again after a while
        served = polled(running, self._sdk_key)
        known = {flag.key: flag.answered for writer in self._writers for flag in writer.flags if not flag.unanswered}
        for key, state in known.items():
            told = served.get(key)
            assert (told is None) == (state is None or state.gone), f"{key}: {state}, but a poll tells {told}"
            assert told is None or state is None or told[1] == state.on, f"{key}: {state}, but a poll tells {told}"
        try:
            until(lambda: not self._apart(running), seconds=60)
        except AssertionError:
            raise AssertionError(f"streams and polls do not come to tell the same: {self._apart(running)}") from None
        assert not self._told.faults, self._told.faults
        refused = [status for each in self._listeners for status in each.statuses if 400 <= status < 500]
        assert not refused, f"streams were answered {refused}, after which SDKs stop"

    def _apart(self, running: Server) -> list[tuple[str, object, object]]:
        """Of each stream, what it knows otherwise than a poll tells now.

        Asked anew each time: a write that was not answered may come to the other worker a moment after it was kept.
        """
        served = polled(running, self._sdk_key)
        keys = served.keys() | {key for each in self._listeners for key in each.states}
        return [
            (key, each.states.get(key), served.get(key))
            for each in self._listeners
            for key in sorted(keys)
            if each.states.get(key) != served.get(key)
        ]

    def _end(self, running: Server, entries: set[str]) -> None:
        self._receiver.wait(lambda _deliveries: entries <= self._receiver.ids(), seconds=TOLD_WITHIN_SECONDS)
        until(lambda: not Kept.read(running).jobs, seconds=TOLD_WITHIN_SECONDS)
        for listener in self._listeners:
            listener.stop()
        assert running.stop() == 0
        lasting = {row["id"] for row in Kept.read(running).changes}
        assert self._receiver.ids() <= lasting, "something was told that did not last"
        self._tell(entries)
        self._receiver.close()

    def _tell(self, entries: set[str]) -> None:
        flags = [flag for writer in self._writers for flag in writer.flags]
        whom = ", ".join(f"{each} {times}" for each, times in self._killed.items())
        print(
            f"{self._killed.total():5} kills ({whom}), {self._jumps} jumps, {answered(self._writers)} writes answered, "
            f"{sum(flag.unanswered is not None for flag in flags)} not, "
            f"{sum(len(writer.refused) for writer in self._writers)} refused, {len(entries)} entries, "
            f"{len(self._receiver.deliveries)} deliveries of {len(self._receiver.ids())}, "
            f"{len(self._told.states)} states on {sum(each.opened for each in self._listeners)} streams",
            flush=True,
        )


def _answers(server: Server) -> bool:
    try:
        return server.call("GET", "/projects").ok
    except requests.RequestException:
        return False


if __name__ == "__main__":
    sys.exit(main())
