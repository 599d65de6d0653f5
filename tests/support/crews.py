"""Everybody who uses a fleet at once: writers, SDKs, raw streams, senders of events and a receiver of webhooks."""

import random
import threading
from collections import Counter
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import python_sdk
import requests
from fleet import Fleet
from laboratory import Laboratory
from ldclient import Context
from ldclient.interfaces import DataSourceState, DataSourceStatus
from ledger import PATIENCE_SECONDS, Ledger, SdkSender
from receivers import Receiver
from sdks import Clients
from servers import Server
from steady import Reader, SteadyWriter
from writers import Kept

WRITERS, STREAMS, SDKS = 2, 30, 5
SOMEBODY = {"kind": "user", "key": "somebody"}


class Sdk:
    """An official SDK as an application uses it, and every state that its connection went through."""

    def __init__(self, url: str, sdk_key: str) -> None:
        self.states: list[DataSourceState] = []
        self._opened = ExitStack()
        following = python_sdk.following(url, sdk_key, send_events=True, flush_interval=1)
        self.client = self._opened.enter_context(following)
        assert self.client.is_initialized()
        self.client.data_source_status_provider.add_listener(self._note)

    def value(self, flag: str) -> Any:
        return self.client.variation(flag, Context.from_dict(SOMEBODY), "none")

    def close(self) -> None:
        self._opened.close()

    def _note(self, status: DataSourceStatus) -> None:
        self.states.append(status.state)


class Crew:
    """Works through the proxy of a fleet, from the start until ``settle``."""

    def __init__(self, fleet: Fleet, *, senders: int = 3) -> None:
        self.server, self._fleet = fleet.proxied, fleet
        self.lab = Laboratory(self.server)
        numeric = {"isNumeric": True, "unit": "EUR", "successCriteria": "HigherThanBaseline"}
        self.lab.make_metric("revenue", eventKey="sold", unitAggregationType="sum", **numeric)
        self.lab.started(
            iteration={"metrics": [{"key": "revenue", "isGroup": False}], "primarySingleMetricKey": "revenue"}
        )
        self.sdk_key = str(self.server.ok("GET", f"/projects/{self.lab.project}/environments/test")["apiKey"])
        self.receiver = Receiver(host=fleet.front.here)
        webhook = {"url": self.receiver.url, "sign": False, "on": True}
        self._webhook = self.server.ok("POST", "/webhooks", json=webhook)["_id"]
        self.writers = [SteadyWriter(self.server, self.lab.project, f"steady-{number}") for number in range(WRITERS)]
        self.readers = [Reader(self.server.url, self.sdk_key) for _ in range(STREAMS)]
        self.sdks = [Sdk(self.server.url, self.sdk_key) for _ in range(SDKS)]
        self._clients = Clients()
        shop: Any = SimpleNamespace(server=self.server, sdk_key=self.sdk_key)
        self._node, started = self._clients.node(shop)
        assert started["initialized"]
        self.ledger = Ledger()
        rig: Any = SimpleNamespace(server=self.server, lab=self.lab, ledger=self.ledger, sdk_key=self.sdk_key)
        self._senders = [SdkSender(rig, random.Random(at), 0.02) for at in range(senders)]
        self._visits = threading.Thread(target=self._visit, daemon=True)
        self._leaving = threading.Event()
        self.visits = 0

    def begin(self) -> None:
        """All at once."""
        for each in (*self.writers, *self.readers, *self._senders, self._visits):
            each.start()

    def settle(self) -> None:
        """Write the last change; events that are still owed are sent."""
        self._leaving.set()
        self._visits.join(10)
        for sender in self._senders:
            sender.finishing.set()
        for writer in self.writers:
            writer.stop()
        for sender in self._senders:
            sender.join(PATIENCE_SECONDS)
            assert not sender.is_alive(), "a sender could not get rid of what it owes"

    def served(self) -> dict[str, tuple[int, str]]:
        """(version, value) of each writer's flag in the environment, as the API says."""
        return {writer.key: self._served(writer.key) for writer in self.writers}

    def behind(self, expected: dict[str, tuple[int, str]]) -> list[str]:
        """Who does not know the last change; nobody if all is well."""
        late = [
            f"stream {at}: {reader.known}" for at, reader in enumerate(self.readers) if not _knows(reader, expected)
        ]
        for flag, (_, value) in expected.items():
            late += [f"SDK {at}: {flag}" for at, sdk in enumerate(self.sdks) if sdk.value(flag) != value]
            ((told,),) = self._node.call("details", [flag], [SOMEBODY], "none")
            late += [f"SDK for Node: {told}"] if told["value"] != value else []
        return late

    def those_who_gave_up(self) -> list[str]:
        """Whoever was answered something after which SDKs stop for good."""
        refused = [
            f"stream answered {status}" for each in self.readers for status in each.statuses if 400 <= status < 500
        ]
        off = ["SDK off" for sdk in self.sdks if DataSourceState.OFF in sdk.states]
        return [*refused, *off, *self.ledger.refused, *(text for each in self.writers for text in each.refused)]

    def lost_entries(self) -> list[str]:
        """Changes that were answered 2xx and have no audit entry of their own, or more than one."""
        with self._fleet.database.machine.inside():
            kept = Kept.read(self.server)
        entries = Counter((row["address"], row["body"]["versionAfter"]) for row in kept.changes)
        written = [(self._address(writer), each.version) for writer in self.writers for each in writer.written]
        return [f"{address} version {version}" for address, version in written if entries[address, version] != 1]

    def entries(self) -> set[str]:
        """The ids of the audit entries of all writers' flags since the webhook was made."""
        with self._fleet.database.machine.inside():
            kept = Kept.read(self.server)
        addresses = {self._address(writer) for writer in self.writers}
        return {row["id"] for row in kept.changes if row["address"] in addresses}

    def promises(self) -> list[Any]:
        """Jobs that are still to be done."""
        with self._fleet.database.machine.inside():
            return Kept.read(self.server).jobs

    def counted(self, key: str) -> int:
        """How many events of a key the server counts."""
        path = f"/internal/projects/{self.lab.project}/environments/test/event-keys"
        items = self.server.ok("GET", path)["items"]
        return next((int(each["events"]) for each in items if each["key"] == key), 0)

    def longest_silence(self, since: float, to: float) -> float:
        """How many seconds a writer waited at most between two moments."""
        return max(writer.longest_silence(since, to) for writer in self.writers)

    def told(self) -> str:
        """What happened, in figures."""
        writes, in_doubt = sum(len(each.written) for each in self.writers), sum(each.in_doubt for each in self.writers)
        deliveries, told = len(self.receiver.deliveries), len(self.receiver.ids())
        streams = sum(each.opened for each in self.readers)
        return (
            f"{writes} writes answered, {in_doubt} in doubt; {told} entries told in {deliveries} deliveries; "
            f"{self.ledger.events} events, {self.ledger.sent_again} batches sent again; {streams} streams opened"
        )

    def close(self) -> None:
        """Everybody goes home."""
        self._leaving.set()
        for sender in self._senders:
            sender.finishing.set()
            sender._owed.clear()
        for writer in self.writers:
            writer._stopping.set()
        for reader in self.readers:
            if reader.ident:
                reader.stop()
        for sdk in self.sdks:
            sdk.close()
        self._clients.end()
        self.server.ok("DELETE", f"/webhooks/{self._webhook}")
        self.receiver.close()

    def _visit(self) -> None:
        while not self._leaving.wait(0.2):
            for sdk in self.sdks:
                sdk.client.track("visited", Context.from_dict(SOMEBODY))
                self.visits += 1

    def _address(self, writer: SteadyWriter) -> str:
        return f"proj/{self.lab.project}:env/*:flag/{writer.key}"

    def _served(self, key: str) -> tuple[int, str]:
        flag = self.server.ok("GET", f"/flags/{self.lab.project}/{key}")
        config = flag["environments"]["test"]
        return config["version"], flag["variations"][config["fallthrough"]["variation"]]["value"]


def ask(node: Server, method: str, path: str, key: str, **more: Any) -> int:
    """The status that one node answers with, asked without the proxy."""
    return requests.request(
        method, node.url + path, headers={"Authorization": key, **more.pop("headers", {})}, timeout=20, **more
    ).status_code


def _knows(reader: Reader, expected: dict[str, tuple[int, str]]) -> bool:
    return all(reader.known.get(flag) == served for flag, served in expected.items())
