"""Writers of flags who keep their own record of what they were answered, and compare it with what is there."""

import contextlib
import random
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import requests
from killing import Whom, kill
from servers import Server

SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}


@dataclass(frozen=True)
class State:
    """What a flag is like: its name and whether it is on, or that it is gone."""

    version: int
    name: str = ""
    on: bool = False
    gone: bool = False


@dataclass
class Flag:
    """A flag as its writer knows it: the last answer, and what the one unanswered write would have made of it."""

    key: str
    answered: State | None = None
    unanswered: State | None = None
    versions: list[int] = field(default_factory=list)  # of every write that was answered

    def tries(self, server: Server, method: str, path: str, state: State, **more: Any) -> bool:
        """Write, and note the answer; false if there was none."""
        self.unanswered = state
        try:
            answer = server.call(method, path, **more)
        except requests.RequestException:
            return False
        if answer.status_code == 503:  # in doubt as well: the store may have written it
            return False
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        assert answer.status_code == 204 or answer.json()["_version"] == state.version
        self.answered, self.unanswered = state, None
        self.versions.append(state.version)
        return True


class Writer:
    """One thread that creates, changes, refuses and deletes flags of its own until the server goes away."""

    def __init__(self, project: str, name: str, powerless: str) -> None:
        self.flags: list[Flag] = []
        self.refused: list[str] = []
        self._project = project
        self._name = name
        self._powerless = powerless
        self._chance = random.Random(name)

    def run(self, server: Server, enough: threading.Event) -> None:
        """Write as fast as answers come; ends when one does not come, or when told that it is enough."""
        own = Server(server.url, server.token, server.data_dir, server.store, server.process)
        with contextlib.closing(own.session):
            while not enough.is_set() and self._step(own):
                pass

    def _step(self, server: Server) -> bool:
        settled = [flag for flag in self.flags if not flag.unanswered and flag.answered and not flag.answered.gone]
        chance = self._chance.random()
        if not settled or chance < 0.3:
            return self._create(server)
        flag = self._chance.choice(settled)
        if chance < 0.7:
            return self._turn(server, flag)
        if chance < 0.8:
            return self._rename(server, flag)
        return self._refused(server, flag) if chance < 0.95 else self._delete(server, flag)

    def _create(self, server: Server) -> bool:
        flag = Flag(f"{self._name}-{len(self.flags)}")
        self.flags.append(flag)
        body = {"key": flag.key, "name": f"{flag.key} at first"}
        return flag.tries(server, "POST", f"/flags/{self._project}", State(1, body["name"]), json=body)

    def _turn(self, server: Server, flag: Flag) -> bool:
        known = flag.answered
        assert known is not None
        kind = "turnFlagOff" if known.on else "turnFlagOn"
        act = {"environmentKey": "production", "instructions": [{"kind": kind}]}
        state = State(known.version + 1, known.name, not known.on)
        return flag.tries(server, "PATCH", self._path(flag), state, json=act, headers=SEMANTIC)

    def _rename(self, server: Server, flag: Flag) -> bool:
        known = flag.answered
        assert known is not None
        state = State(known.version + 1, f"{flag.key} at {known.version + 1}", known.on)
        patch = [{"op": "replace", "path": "/name", "value": state.name}]
        return flag.tries(server, "PATCH", self._path(flag), state, json=patch)

    def _delete(self, server: Server, flag: Flag) -> bool:
        known = flag.answered
        assert known is not None
        return flag.tries(server, "DELETE", self._path(flag), State(known.version + 1, gone=True))

    def _refused(self, server: Server, flag: Flag) -> bool:
        """Writes that are forbidden, in conflict, or wrong in their second half; each with a name never to be seen."""
        name = f"refused {self._name} {len(self.refused)}"
        rename = {"op": "replace", "path": "/name", "value": name}
        attempts: list[tuple[int, str, str, dict[str, Any]]] = [
            (403, "PATCH", self._path(flag), {"json": [rename], "token": self._powerless}),
            (409, "POST", f"/flags/{self._project}", {"json": {"key": flag.key, "name": name}}),
            (400, "PATCH", self._path(flag), {"json": [rename, {"op": "replace", "path": "/key", "value": "other"}]}),
        ]
        status, method, path, more = self._chance.choice(attempts)
        self.refused.append(name)
        try:
            answer = server.call(method, path, **more)
        except requests.RequestException:
            return False
        assert answer.status_code in (status, 503), f"{method} {path}: {answer.status_code} {answer.text}"
        return True

    def _path(self, flag: Flag) -> str:
        return f"/flags/{self._project}/{flag.key}"


def write_until_killed(
    server: Server, writers: list[Writer], writes: int, *, whom: Whom = "all", place: int = 0
) -> None:
    """Let all write at once, and kill the server in the middle of it: once so many more writes were answered."""
    enough = answered(writers) + writes
    failures: list[BaseException] = []
    is_over = threading.Event()

    def run(writer: Writer) -> None:
        try:
            writer.run(server, is_over)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    while answered(writers) < enough and any(thread.is_alive() for thread in threads):
        time.sleep(0.001)
    time.sleep(random.uniform(0.0, 0.01))  # so that the kill may come anywhere between two answers
    kill(server, whom, place=place)
    is_over.set()
    for thread in threads:
        thread.join(40)
    if failures:
        raise failures[0]


def answered(writers: list[Writer]) -> int:
    """How many writes were answered so far."""
    return sum(len(flag.versions) for writer in writers for flag in list(writer.flags))


@dataclass(frozen=True)
class Kept:
    """What the store holds, read by SQL of our own: changes with their bodies, outlines, documents, facets, jobs."""

    changes: list[dict[str, Any]]
    outlines: list[dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    facets: dict[str, dict[str, Any]]
    jobs: list[dict[str, Any]]

    @classmethod
    def read(cls, server: Server) -> "Kept":
        def rows(query: str) -> list[dict[str, Any]]:
            return _rows(server, query)

        facets: dict[str, dict[str, Any]] = {}
        for row in rows("SELECT address, name, body FROM facets"):
            facets.setdefault(row["address"], {})[row["name"]] = msgspec.json.decode(row["body"])
        return cls(
            [{**row, "body": msgspec.json.decode(row["body"])} for row in rows("SELECT * FROM changes ORDER BY seq")],
            rows("SELECT seq, id, address FROM change_outlines ORDER BY seq"),
            {row["address"]: row for row in rows("SELECT address, version, deleted, body FROM documents")},
            facets,
            rows("SELECT queue, uniq FROM jobs WHERE queue NOT LIKE 'every %'"),
        )

    def check(self, project: str, writers: list[Writer]) -> set[str]:
        """Everything answered is there, everything refused is not, and every write is whole; gives all flag entries."""
        assert [row["seq"] for row in self.changes] == list(range(1, len(self.changes) + 1))
        named = [(row["seq"], row["id"], row["address"]) for row in self.changes]
        assert [(row["seq"], row["id"], row["address"]) for row in self.outlines] == named
        of_flags = [row for row in self.changes if row["kind"] == "flag"]
        written = Counter((row["address"], row["body"]["versionAfter"]) for row in of_flags)
        assert set(written.values()) <= {1}, "a version was written twice"
        told = str([row["body"] for row in of_flags])
        for writer in writers:
            assert not [name for name in writer.refused if name in told]
            for flag in writer.flags:
                address = f"proj/{project}:env/*:flag/{flag.key}"
                assert all((address, version) in written for version in flag.versions), flag
                assert self._state(address) in (flag.answered, flag.unanswered), flag
                self._agrees_with_its_changes(address, [row["body"] for row in of_flags if row["address"] == address])
        known = {f"proj/{project}:env/*:flag/{flag.key}" for writer in writers for flag in writer.flags}
        unknown = {row["address"] for row in of_flags} - known
        assert not unknown, f"of flags that nobody wrote: {sorted(unknown)}"
        return {row["id"] for row in of_flags}

    def _state(self, address: str) -> State | None:
        document = self.documents.get(address)
        if document is None:
            return None
        if document["deleted"]:
            return State(document["version"], gone=True)
        on = self.facets.get(address, {}).get("production", {}).get("on", False)
        return State(document["version"], msgspec.json.decode(document["body"])["name"], on)

    def _agrees_with_its_changes(self, address: str, bodies: list[dict[str, Any]]) -> None:
        """A document is what its changes, one upon the other, make of it: neither exists without the other."""
        document = self.documents.get(address)
        assert (document is None) == (not bodies), address
        if document is None:
            return
        assert [body["versionAfter"] for body in bodies] == list(range(1, document["version"] + 1)), address
        last = bodies[-1]["after"]
        assert (last is None) == bool(document["deleted"])
        if last is None:
            return
        body = {name: value for name, value in last.items() if name != "environments"}
        assert body == msgspec.json.decode(document["body"]), address
        parts: dict[str, Any] = {}
        for each in bodies[1:]:
            parts |= (each["after"] or {}).get("environments", {})
        stored = self.facets.get(address, {})
        assert {name: stored[name] for name in parts} == parts, address


def _rows(server: Server, query: str) -> list[dict[str, Any]]:
    if not server.database_url:
        with contextlib.closing(sqlite3.connect(server.data_dir / "state.db", timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(server.database_url, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]
