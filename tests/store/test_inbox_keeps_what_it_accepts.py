"""Once accepted, events are neither lost nor kept twice: across restarts, rotation, a full disk and kill -9."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.inbox import Accepted, Duplicate, Inbox

EVERYTHING = 1 << 40


def test_what_is_accepted_is_there_after_a_restart_as_it_was_sent(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    sent = Batch(
        "env-1",
        "import",
        b"\x1f\x8b\x00\xff body",
        3,
        payload_id="payload-1",
        schema=3,
        marks=Marks.GZIP | Marks.BY_CREATION,
        agent="PythonClient/9.20.0",
        wrapper="react/4",
    )
    outcome = inbox.accept(sent).result()
    inbox.close()

    reopened = Inbox(tmp_path)
    (stored,) = reopened.after(0, limit_bytes=EVERYTHING)
    reopened.close()
    assert isinstance(outcome, Accepted)
    assert stored.position == outcome.position
    kept = stored.batch
    assert (kept.environment_id, kept.source, kept.body, kept.events) == ("env-1", "import", sent.body, 3)
    assert (kept.schema, kept.marks, kept.agent, kept.wrapper) == (3, sent.marks, sent.agent, sent.wrapper)


class Pessimist(sqlite3.Connection):
    """Commits, and says that it could not: as when the disk fails between writing and syncing."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        done = super().execute(sql, *parameters)
        if sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return done


def test_what_was_kept_though_it_was_said_to_have_failed_counts_once(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    _send(inbox, "a", payload_id="before")
    segment = inbox._shelf.newest
    segment._writer.close()
    segment._writer = sqlite3.connect(
        segment.path, factory=Pessimist, isolation_level=None, check_same_thread=False, timeout=30
    )
    with pytest.raises(Unavailable):
        _send(inbox, "a", payload_id="p")
    assert isinstance(_send(inbox, "a", payload_id="p"), Duplicate)
    assert isinstance(_send(inbox, "a", payload_id="q"), Accepted)
    assert len(inbox.after(0, limit_bytes=EVERYTHING)) == 3
    inbox.close()


def test_a_payload_counts_once_per_environment_also_after_its_segment_is_gone(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, segment_bytes=1)
    assert isinstance(_send(inbox, "a", payload_id="p"), Accepted)
    assert isinstance(_send(inbox, "a", payload_id="p"), Duplicate)
    assert isinstance(_send(inbox, "b", payload_id="p"), Accepted)
    assert isinstance(_send(inbox, "a"), Accepted)
    assert isinstance(_send(inbox, "a"), Accepted)

    inbox.retire(_last(inbox))
    assert len(list(tmp_path.glob("segment-*.db"))) == 1
    assert isinstance(_send(inbox, "a", payload_id="p"), Duplicate)
    inbox.close()

    reopened = Inbox(tmp_path, segment_bytes=1)
    assert isinstance(_send(reopened, "a", payload_id="p"), Duplicate)
    assert isinstance(_send(reopened, "b", payload_id="p"), Duplicate)
    reopened.close()


def test_payload_ids_are_forgotten_only_after_a_week_and_event_ids_after_ninety_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1_795_435_200_000
    monkeypatch.setattr(clock, "now_ms", lambda: at)
    inbox = Inbox(tmp_path, segment_bytes=1)
    _send(inbox, "a", payload_id="p", event_ids=((0, "e"),))
    _send(inbox, "a")
    inbox.retire(_last(inbox))

    for days, outcome, repeats in ((7, Duplicate, None), (8, Accepted, {0}), (91, Accepted, set())):
        monkeypatch.setattr(clock, "now_ms", lambda days=days: at + days * DAY_MS)
        inbox.retire(_last(inbox))
        got = _send(inbox, "a", payload_id="p", event_ids=((0, "e"),))
        assert isinstance(got, outcome)
        if isinstance(got, Accepted):
            assert got.repeats == repeats
            break
    inbox.close()


def test_events_with_an_id_are_told_apart_within_and_across_batches(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    first = _send(inbox, "a", event_ids=((0, "x"), (1, "y"), (2, "x")))
    again = _send(inbox, "a", event_ids=((0, "z"), (5, "y")))
    elsewhere = _send(inbox, "b", event_ids=((0, "x"),))
    stored = inbox.after(0, limit_bytes=EVERYTHING)
    inbox.close()
    assert [outcome.repeats for outcome in (first, again, elsewhere) if isinstance(outcome, Accepted)] == [
        {2},
        {5},
        set(),
    ]
    assert [batch.repeats for batch in stored] == [{2}, {5}, set()]


def test_order_of_arrival_holds_when_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5_000, 4_000, 4_000, 6_000])
    monkeypatch.setattr(clock, "now_ms", lambda: 1_795_435_200_000 + next(times))
    inbox = Inbox(tmp_path, segment_bytes=EVERYTHING)
    for number in range(3):
        _send(inbox, "a", body=str(number).encode())
    stored = inbox.after(0, limit_bytes=EVERYTHING)
    assert [batch.batch.body for batch in stored] == [b"0", b"1", b"2"]
    assert stored[0].received_at <= stored[1].received_at <= stored[2].received_at
    assert inbox.after(stored[1].position, limit_bytes=EVERYTHING) == stored[2:]
    inbox.close()


def test_only_one_process_has_an_inbox(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    with pytest.raises(Unavailable, match="another process"):
        Inbox(tmp_path)
    inbox.close()
    Inbox(tmp_path).close()


def test_a_closed_inbox_accepts_nothing(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.close()
    with pytest.raises(Unavailable):
        _send(inbox, "a")


def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    story = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert story.returncode == 0, story.stderr
    told = json.loads(story.stdout)
    assert told["refused"] == "Unavailable"
    assert told["accepted_before"] > 0
    assert told["accepted_after"] == 1
    # Exactly what was accepted is there: the batch that did not fit left no part of itself.
    assert told["stored"] == told["accepted_before"] + told["accepted_after"]


def test_kill_9_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(9)
    for _ in range(4):
        told = _written_until_killed(tmp_path / "inbox", after=chance.randint(10, 200))
        inbox = Inbox(tmp_path / "inbox", segment_bytes=200_000)
        bodies = [stored.batch.body.decode().split()[0] for stored in inbox.after(0, limit_bytes=EVERYTHING)]
        assert len(bodies) == len(set(bodies)), "an event was kept twice"
        assert set(told) <= set(bodies), "an accepted event was lost"
        # The sender repeats its last payloads, as SDKs do: those that were kept are recognised.
        for name in told[-5:]:
            assert isinstance(_send(inbox, "env", payload_id=name), Duplicate)
        inbox.close()


def _written_until_killed(folder: Path, *, after: int) -> list[str]:
    """What the senders were told was accepted, of a process killed soon after that many batches."""
    command = [sys.executable, "-c", _WRITER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.read().splitlines(keepends=True)
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]  # the last may be cut short


def _send(inbox: Inbox, environment: str, body: bytes = b"[{}]", **batch: object) -> Accepted | Duplicate:
    return inbox.accept(Batch(environment, "server", body, 1, **batch)).result(timeout=20)  # type: ignore[arg-type]


def _last(inbox: Inbox) -> int:
    stored: list[StoredBatch] = inbox.after(0, limit_bytes=EVERYTHING)
    return stored[-1].position


_WRITER = """
import os, sys, threading
from pathlib import Path
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Inbox

inbox = Inbox(Path(sys.argv[1]), segment_bytes=200_000)
run = os.urandom(4).hex()

def send(sender):
    number = 0
    while True:
        name = f"{run}-{sender}-{number}"
        inbox.accept(Batch("env", "server", name.encode() + b" " + b"x" * 2000, 1, payload_id=name)).result()
        os.write(1, name.encode() + b"\\n")
        number += 1

for sender in range(4):
    threading.Thread(target=send, args=(sender,)).start()
"""

_FULL_DISK = """
import json, logging, resource, signal, sys
from pathlib import Path
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Inbox

logging.disable()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
inbox = Inbox(Path(sys.argv[1]))
body = b"x" * 50_000
before, refused = 0, None
inbox.accept(Batch("env", "server", body, 1)).result()
before += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
while refused is None:
    try:
        inbox.accept(Batch("env", "server", body, 1)).result()
        before += 1
    except Exception as error:
        refused = type(error).__name__
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
inbox.accept(Batch("env", "server", body, 1)).result()
stored = len(inbox.after(0, limit_bytes=1 << 40))
inbox.close()
print(json.dumps({"refused": refused, "accepted_before": before, "accepted_after": 1, "stored": stored}))
"""
