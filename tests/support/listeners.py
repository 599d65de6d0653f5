"""Streams that stay open whatever happens to the server, and write down every state of a flag that they are told."""

import threading
from dataclasses import dataclass, field
from typing import Any

import requests
from servers import Server
from steady import Reader

States = dict[str, tuple[int, bool]]
"""Version and whether it is on, by the key of each flag there is."""


@dataclass
class Told:
    """What all streams have ever been told; a version that is told in two ways is a fault."""

    states: dict[tuple[str, int], bool] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, version: int, on: bool) -> None:
        with self.lock:
            if self.states.setdefault((key, version), on) != on:
                self.faults.append(f"{key} version {version} was told to be on and to be off")


@dataclass
class Listener(Reader):
    """Knows what an SDK on this stream would."""

    told: Told = field(default_factory=Told)
    states: States = field(default_factory=dict)

    __hash__ = threading.Thread.__hash__

    def _hear(self, kind: str, told: Any) -> None:
        key = told["path"].removeprefix("/flags/")
        if kind == "put":
            self.states = dict(self._state(flag) for flag in told["data"]["flags"].values())
        elif kind == "delete":
            self.states.pop(key, None)
        else:
            self.states.update([self._state(told["data"])])

    def _state(self, flag: dict[str, Any]) -> tuple[str, tuple[int, bool]]:
        self.told.note(flag["key"], flag["version"], flag["on"])
        return flag["key"], (flag["version"], flag["on"])


def polled(server: Server, sdk_key: str) -> States:
    """The same as a poll tells it now."""
    answer = requests.get(f"{server.url}/sdk/latest-all", headers={"Authorization": sdk_key}, timeout=30)
    assert answer.status_code == 200, answer.text
    return {key: (flag["version"], flag["on"]) for key, flag in answer.json()["flags"].items()}
