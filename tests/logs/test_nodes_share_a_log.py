"""Two nodes hand events to a real Kafka or JetStream and count them once, whoever dies and whatever is away."""

import json
import random
import re
import signal
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from audiences import until
from event_logs import RunningLog
from ledger import HURRIED, ImportSender, Rig, SdkSender, Sender
from servers import PostgreSQL, Server, start_server

pytestmark = pytest.mark.world
TAKEN_OVER_SECONDS = 30.0


class Nodes(Rig):
    """Two servers that share a PostgreSQL, a folder of facts and a log; the first is the one that is killed."""

    def __init__(self, folder: Path, **shared: str) -> None:
        self.shared = {"lake_dir": str(folder / "lake"), **shared}
        super().__init__(folder / "first", seed=20261123, **self.shared)
        self.first = self.server
        self.second = start_server(folder / "second", program=HURRIED, log=folder / "second.log", **self.shared)
        self.server = self.lab.server = self.second  # which answers for results, whatever happens to the first

    @property
    def both(self) -> tuple[Server, Server]:
        return self.first, self.second

    def kill_first(self) -> None:
        """Without a warning."""
        assert self.first.process.stdout is not None
        self.first.process.kill()
        self.first.process.wait()
        self.first.process.stdout.close()
        self.first.session.close()

    def start_first(self) -> None:
        settings = {"port": str(urlsplit(self.first.url).port), **self.shared}
        self.first = start_server(self.data_dir, program=HURRIED, log=self.log, **settings)

    def __exit__(self, kind: object, *_: object) -> None:
        """End what still runs: in order if all went well."""
        for node in (self.first, self.second):
            if node.process.poll() is None:
                how = signal.SIGTERM if kind is None else signal.SIGKILL
                assert node.stop(how) == (0 if kind is None else -signal.SIGKILL)

    def begin_roaming(self) -> None:
        """Let senders loose who never know to which node a balancer takes them."""
        for kind in (RoamingSdk, RoamingSdk, RoamingImport):
            self._senders.append(kind(self, random.Random(self.chance.random()), 0.01))
        for sender in self._senders:
            sender.start()


class Roaming(Sender):
    """Each request goes to either node."""

    rig: Nodes

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        self._forget_connection()
        self._connection = HTTPConnection(urlsplit(self.chance.choice(self.rig.both).url).netloc, timeout=20)
        return super().post(path, body, headers)


class RoamingSdk(Roaming, SdkSender):
    """An SDK that does so."""


class RoamingImport(Roaming, ImportSender):
    """A data pipeline that does so."""


@pytest.fixture(params=["kafka", "nats"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningLog]:
    log = RunningLog(request.param, tmp_path)
    yield log
    log.stop()


def test_what_was_accepted_counts_once_whichever_node_is_killed_and_while_the_log_is_away_too(
    running: RunningLog, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    with Nodes(tmp_path, database_url=postgresql.database(), event_log_url=running.url) as nodes:
        until(lambda: accepts(nodes.second), seconds=40)
        nodes.begin_roaming()
        for _ in range(2):
            time.sleep(nodes.chance.uniform(1.0, 2.0))
            nodes.kill_first()
            nodes.start_first()
        time.sleep(1.0)
        running.stop()
        assert {send(node, "while it is away") for node in nodes.both} == {503}
        assert {node.call("GET", "/sdk/latest-all", token=nodes.sdk_key).status_code for node in nodes.both} == {200}
        running.start()
        until(lambda: all(map(accepts, nodes.both)), seconds=40)
        time.sleep(1.0)
        nodes.kill_first()
        nodes.first = nodes.second  # to which a balancer sends everybody now
        differences: list[list[str]] = [nodes.settle()]
        deadline = time.monotonic() + TAKEN_OVER_SECONDS
        while differences[-1] and time.monotonic() < deadline:
            time.sleep(0.5)
            differences.append(nodes.ledger.told(nodes.lab))
        assert differences[-1] == []
        assert nodes.ledger.batches > 50, "too little was sent to show anything"
        # Also what was refused may be in the log, and comes last: an answer that was given up, a copy sent again.
        until(lambda: nothing_waits(nodes.second))


def nothing_waits(node: Server) -> bool:
    told = requests.get(f"{node.url}/metrics", timeout=30).text
    waiting = re.findall(r'^flaghoist_log_waiting_records{partition="\d+"} (\S+)$', told, re.MULTILINE)
    assert waiting
    return not any(map(float, waiting))


def accepts(node: Server) -> bool:
    return send(node, "a probe") == 202


def send(node: Server, what: str) -> int:
    key = node.ok("GET", "/projects/default/environments/test")["apiKey"]
    event = {"kind": "custom", "key": what, "contextKeys": {"user": "ann"}}
    headers = {"X-LaunchDarkly-Event-Schema": "4", "X-LaunchDarkly-Payload-ID": what}
    return node.call("POST", "/bulk", token=key, data=json.dumps([event]), headers=headers).status_code
