"""Senders who keep books: what they were told was accepted must be what the results count, whatever the server met.

Each sender behaves as SDKs and importers do: whatever was not answered with 202 is sent again, with the same payload
id or the same event ids; and now and then something is sent again that was answered, as if the answer had been lost.
"""

import gzip
import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from killing import Whom, kill, workers_of
from laboratory import Laboratory
from moved_clock import MovedClock
from servers import Server, free_port, start_server

HURRIED = (str(Path(__file__).with_name("hurried_server.py")),)
NAMES = ("Blue", "Green")
PATIENCE_SECONDS = 60


@dataclass
class Ledger:
    """What was sent, by variation: units shown it, their purchases, and what those came to."""

    units: Counter[int] = field(default_factory=Counter)
    purchases: Counter[int] = field(default_factory=Counter)
    spent: Counter[int] = field(default_factory=Counter)
    batches: int = 0
    events: int = 0
    sent_again: int = 0
    refused: list[str] = field(default_factory=list)
    """Answers that would make an SDK stop: there must be none."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, variation: int, amounts: list[int], units: int) -> None:
        """One batch's worth."""
        with self.lock:
            self.batches += 1
            self.units[variation] += units
            self.purchases[variation] += len(amounts)
            self.spent[variation] += sum(amounts)
            self.events += units + len(amounts)

    def told(self, lab: Laboratory) -> list[str]:
        """Every difference between this ledger and what the server's results say; none if all is well."""
        results = lab.server.ok("GET", f"{lab.path}/colour/metrics/revenue/results?expand=traffic")
        arms = {each["treatmentName"]: each for each in results["results"][0]["treatmentResults"]}
        differences = [f"answered {answer}" for answer in self.refused]
        for variation, name in enumerate(NAMES):
            shown = arms[name]
            for what, sent, found in (
                ("units", self.units[variation], shown["units"]),
                ("purchases", self.purchases[variation], shown["events"]),
                ("spent", self.spent[variation], shown["eventValuesSum"]),
            ):
                if sent != found:
                    differences.append(f"{name}: {what}: sent {sent}, found {found}")
        keys = lab.server.ok("GET", f"/internal/projects/{lab.project}/environments/{lab.environment}/event-keys")
        counted = {each["key"]: each["events"] for each in keys["items"]}.get("sold", 0)
        if counted != self.purchases.total():
            differences.append(f"purchases in all: sent {self.purchases.total()}, counted {counted}")
        return differences


class Rig:
    """A server on a port of its own that is killed and started again, and senders who never stop sending."""

    def __init__(
        self,
        data_dir: Path,
        *,
        seed: int,
        hurried: bool = True,
        log: Path | None = None,
        faketime: bool = False,
        **settings: str,
    ) -> None:
        """With ``faketime`` every clock of the server's processes is moved, not only the product's own."""
        self.data_dir = data_dir
        self.ledger = Ledger()
        self.chance = random.Random(seed)
        self._clock = MovedClock(data_dir.with_name(f"{data_dir.name}.clock"), is_whole=faketime)
        self._program = HURRIED if hurried else ("-m", "flaghoist.cli")
        self.log = log or data_dir.with_name(f"{data_dir.name}.log")
        self._settings = {"port": str(free_port()), **self._clock.settings, **settings}
        self.server = self.start()
        self.lab = Laboratory(self.server)
        self.lab.make_metric(
            "revenue",
            eventKey="sold",
            isNumeric=True,
            unit="EUR",
            successCriteria="HigherThanBaseline",
            unitAggregationType="sum",
        )
        metrics = [{"key": "revenue", "isGroup": False}]
        self.lab.started(iteration={"metrics": metrics, "primarySingleMetricKey": "revenue"})
        self.sdk_key = str(self.server.ok("GET", f"/projects/{self.lab.project}/environments/test")["apiKey"])
        self._senders: list[Sender] = []

    def __enter__(self) -> "Rig":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """End the server: in order if all went well, else however it can be ended."""
        if kind is not None:
            self.kill()
            return
        assert self.server.stop() == 0

    def start(self) -> Server:
        """Start the server, or start it again."""
        self.server = start_server(self.data_dir, program=self._program, log=self.log, **self._settings)
        if hasattr(self, "lab"):
            self.lab.server = self.server
        return self.server

    def kill(self, whom: Whom = "all") -> None:
        """End the server without a warning, or one of several workers, or their parent."""
        kill(self.server, whom, place=self.chance.randrange(100))

    @property
    def has_ended(self) -> bool:
        """It has to be started again."""
        return self.server.process.poll() is not None

    def every_inbox_is_used(self, workers: int) -> bool:
        """Each has given out a position, below which it never falls: events stay after the experiment's beginning."""
        folders = (self.data_dir / ("inbox" if place == 0 else f"inbox-{place}") for place in range(workers))
        return all(any(folder.glob("segment-*.db")) for folder in folders)

    def complaints(self) -> list[str]:
        """What the server logged of files it found damaged, or of things it had not expected."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if "damaged" in line or "Traceback" in line or "cannot" in line]

    def move_clock(self, milliseconds: int) -> None:
        """Set the server's clock ahead of the machine's by so much from now on, or behind it."""
        self._clock.move(milliseconds)

    def begin(self, *, sdks: int = 4, importers: int = 1, pause: float = 0.0) -> None:
        """Let senders loose; ``pause`` slows each down, in seconds."""
        for number in range(sdks + importers):
            kind = SdkSender if number < sdks else ImportSender
            self._senders.append(kind(self, random.Random(self.chance.random()), pause))
        for sender in self._senders:
            sender.start()

    def settle(self) -> list[str]:
        """Let the senders send what is still owed, then compare."""
        for sender in self._senders:
            sender.finishing.set()
        for sender in self._senders:
            sender.join(PATIENCE_SECONDS)
            assert not sender.is_alive(), "a sender could not get rid of what it owes"
        self._senders.clear()
        differences = self.ledger.told(self.lab)
        deadline = time.monotonic() + PATIENCE_SECONDS
        # What a worker that is just being started again has accepted counts once it is there: nobody else has it.
        while differences and workers_of(self.server) and time.monotonic() < deadline:
            time.sleep(1.0)
            differences = self.ledger.told(self.lab)
        return differences


Batch = Callable[["Sender"], int]
"""Sends something once; gives the status of the answer."""


class Sender(threading.Thread):
    """Sends until told to finish, then what is still owed."""

    def __init__(self, rig: Rig, chance: random.Random, pause: float) -> None:
        super().__init__(daemon=True)
        self.rig, self.chance, self.pause = rig, chance, pause
        self.finishing = threading.Event()
        self._owed: list[Batch] = []
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.finishing.is_set() or self._owed:
            batch = self._owed.pop(0) if self._owed else self.new()
            if not self._is_done(batch):
                self._owed.append(batch)
                time.sleep(0.02)
            elif self.chance.random() < 0.15 and not self.finishing.is_set():
                self._owed.append(batch)  # as if the answer had been lost
                self.rig.ledger.sent_again += 1
            time.sleep(self.pause)
        self._forget_connection()

    def new(self) -> Batch:
        """Something that was never sent."""
        raise NotImplementedError

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """One request; gives the status of the answer."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.rig.server.url).netloc, timeout=20)
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def people(self) -> tuple[list[dict[str, Any]], int, list[int]]:
        """A few new people who see a variation and buy; and what the ledger will say of them."""
        variation = self.chance.randrange(2)
        users = [uuid.UUID(int=self.chance.getrandbits(128)).hex for _ in range(self.chance.randint(1, 12))]
        events, amounts = [], []
        for user in users:
            events.append(_exposure(user, variation))
            for _ in range(self.chance.randrange(4)):
                amounts.append(self.chance.randint(1, 1_000))
                events.append(_purchase(user, amounts[-1]))
        self.rig.ledger.enter(variation, amounts, len(users))
        return events, variation, amounts

    def _is_done(self, batch: Batch) -> bool:
        try:
            status = batch(self)
        except (OSError, http.client.HTTPException):
            self._forget_connection()
            self.rig.ledger.sent_again += 1
            return False
        if 400 <= status < 500:
            self.rig.ledger.refused.append(str(status))
        return status == 202

    def _forget_connection(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class SdkSender(Sender):
    """A server-side SDK: gzipped payloads, each under an id of its own however often it is sent."""

    def new(self) -> Batch:
        events, _, _ = self.people()
        body = gzip.compress(json.dumps(events).encode(), 1)
        headers = {
            "Authorization": self.rig.sdk_key,
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "X-LaunchDarkly-Event-Schema": "4",
            "X-LaunchDarkly-Payload-ID": str(uuid.UUID(int=self.chance.getrandbits(128))),
        }
        return lambda sender: sender.post("/bulk", body, headers)


class ImportSender(Sender):
    """A data pipeline: every event has an id, and what is sent again comes in batches of another cut."""

    def new(self) -> Batch:
        events, _, _ = self.people()
        for event in events:
            event["eventId"] = str(uuid.UUID(int=self.chance.getrandbits(128)))
        path = f"/v2/event-data-import/{self.rig.lab.project}/{self.rig.lab.environment}"
        headers = {
            "Authorization": self.rig.server.token,
            "Content-Type": "application/json",
            "X-LaunchDarkly-Event-Schema": "4",
            "X-Import-Extensions": "1",
        }

        def send(sender: Sender) -> int:
            cut = sender.chance.randrange(len(events))
            for part in filter(None, (events[:cut], events[cut:])):
                status = sender.post(path, json.dumps(part).encode(), headers)
                if status != 202:
                    return status  # what comes after it may be about those whose exposures were refused
            return 202

        return send


def _exposure(user: str, variation: int) -> dict[str, Any]:
    return {
        "kind": "feature",
        "key": "button",
        "variation": variation,
        "value": NAMES[variation].lower(),
        "default": "blue",
        "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
        "context": {"kind": "user", "key": user},
        "creationDate": int(time.time() * 1000),
    }


def _purchase(user: str, amount: int) -> dict[str, Any]:
    return {
        "kind": "custom",
        "key": "sold",
        "metricValue": amount,
        "contextKeys": {"user": user},
        "creationDate": int(time.time() * 1000),
    }
