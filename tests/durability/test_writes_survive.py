"""Whatever was answered is there after a kill, whole: document, audit entry, delivery, and what SDKs are served."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_sdk
from audiences import until
from ldclient import Context
from ldclient.evaluation import FeatureFlagsState
from receivers import Receiver
from servers import PostgreSQL, Server, start_server
from writers import Kept, Writer, write_until_killed

ROUNDS = {"sqlite": 2, "postgresql": 1}
WRITERS = 4
WRITES = (10, 50)  # answered in a round before the kill


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def own_store(request: pytest.FixtureRequest) -> str:
    """An address that no other server has: one that shared it would take jobs that it may not deliver."""
    if request.param == "sqlite":
        return ""
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    return postgresql.database()


def test_writes_survive_kills_with_all_that_follows_from_them(
    own_store: str, tmp_path: Path, receiver: Receiver, request: pytest.FixtureRequest
) -> None:
    running = start(own_store, tmp_path)
    request.addfinalizer(lambda: end(running))
    project = running.project()["key"]
    powerless = running.token_for(role="reader")
    running.ok("POST", "/webhooks", json={"url": receiver.url, "sign": False, "on": True})
    writers = [Writer(project, f"writer{number}", powerless) for number in range(WRITERS)]
    chance = random.Random(project)
    for _ in range(ROUNDS[running.store]):
        write_until_killed(running, writers, chance.randint(*WRITES))
        running = start(own_store, tmp_path)
    entries = Kept.read(running).check(project, writers)
    receiver.wait(lambda _deliveries: entries <= receiver_ids(receiver), seconds=60)
    served = flags_of_an_sdk(running, project)
    for flag in [flag for writer in writers for flag in writer.flags]:
        states = [state for state in (flag.answered, flag.unanswered) if state is not None]
        found = served.get(flag.key)
        assert found in [None if state.gone else state.on for state in states] or (found is None and not flag.answered)
    until(lambda: not Kept.read(running).jobs, seconds=60)
    assert running.stop() == 0
    everything = {row["id"] for row in Kept.read(running).changes}
    assert receiver_ids(receiver) <= everything, "something was told that did not last"


def start(store_url: str, data_dir: Path) -> Server:
    return start_server(data_dir, database_url=store_url, outbound_allow="127.0.0.1")


def end(server: Server) -> None:
    """Leave nothing of it behind, where the test did not come to its end."""
    if server.process.poll() is None:
        server.stop(signal.SIGKILL)


def receiver_ids(receiver: Receiver) -> set[str]:
    return {each.body["_id"] for each in list(receiver.deliveries)}


def flags_of_an_sdk(server: Server, project: str) -> dict[str, bool]:
    """Which flags an SDK that connects now is served, and whether each is on."""
    key = server.ok("GET", f"/projects/{project}/environments/production")["apiKey"]
    with python_sdk.following(server.url, key, start_wait=20) as client:
        assert client.is_initialized()
        state: FeatureFlagsState = client.all_flags_state(Context.create("somebody"), with_reasons=True)
        reasons = {key: meta["reason"]["kind"] for key, meta in state.to_json_dict()["$flagsState"].items()}
    return {key: reason != "OFF" for key, reason in reasons.items()}
