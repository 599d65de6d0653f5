"""Nudges find everybody else, and their ways are found again after having been lost."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from audiences import until
from servers import PostgreSQL

from flaghoist.store.nudges import Nudges, Word, nudges

Open = Callable[[], Nudges]
PROGRAMS = {
    "nats": ("nats-server", "-a", "127.0.0.1", "-p", "{port}"),
    "redis": ("redis-server", "--bind", "127.0.0.1", "--port", "{port}", "--save", ""),
}


class Party:
    """Some who nudge one another, and what each has heard."""

    def __init__(self, way: Open, many: int = 3) -> None:
        self.members = [way() for _ in range(many)]
        self.heard: list[list[Word]] = [[] for _ in self.members]
        for member, heard in zip(self.members, self.heard, strict=True):
            member.start(heard.append)

    def reaches_everybody(self, word: Word, sender: int = 0) -> bool:
        """Say a word and look whether all others hear it soon."""
        for heard in self.heard:
            heard.clear()
        self.members[sender].send(word)
        deadline = time.monotonic() + 0.5
        others = [heard for place, heard in enumerate(self.heard) if place != sender]
        while time.monotonic() < deadline:
            if all(word in heard for heard in others):
                return True
            time.sleep(0.005)
        return False

    def close(self) -> None:
        for member in self.members:
            member.close()


@pytest.mark.parametrize("name", ["run", "r" * 150])
def test_datagrams_reach_all_on_the_machine_however_long_the_name_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    party = Party(lambda: nudges("", database_url="", folder=folder, several=True))
    left_behind = folder / "left-behind.sock"
    left_behind.touch()
    assert party.reaches_everybody("changes")
    assert party.reaches_everybody("events", sender=2)
    assert not left_behind.exists(), "a socket that nobody reads is removed"
    party.close()
    assert not list(folder.iterdir())


def test_one_process_nudges_nobody(tmp_path: Path) -> None:
    alone = nudges("", database_url="", folder=tmp_path / "run", several=False)
    alone.start(lambda word: None)
    alone.send("changes")
    alone.close()
    assert not (tmp_path / "run").exists()


def test_postgresql_carries_nudges_and_is_found_again_after_every_connection_was_cut(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = postgresql.database()
    party = Party(lambda: nudges("", database_url=url, folder=tmp_path, several=True))
    until(lambda: party.reaches_everybody("changes"))
    name = url.partition("?")[0].rpartition("/")[2]
    postgresql.server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';")
    until(lambda: party.reaches_everybody("events", sender=1))
    party.close()


def test_an_address_that_names_no_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nudge_url begins with nats:// or redis://, not with 'carrier-pigeon'"):
        nudges("carrier-pigeon://loft", database_url="", folder=tmp_path, several=True)


@pytest.mark.world
@pytest.mark.parametrize("kind", sorted(PROGRAMS))
def test_nats_and_redis_carry_nudges_also_after_having_been_away(kind: str, tmp_path: Path) -> None:
    port = _free_port()
    party = Party(lambda: nudges(f"{kind}://127.0.0.1:{port}", database_url="", folder=tmp_path, several=True))
    for sender in (0, 1):
        with _running(kind, port, tmp_path):
            until(lambda sender=sender: party.reaches_everybody("changes", sender), seconds=20)
        assert not party.reaches_everybody("changes")
    party.close()


@contextmanager
def _running(kind: str, port: int, folder: Path) -> Iterator[None]:
    program = shutil.which(PROGRAMS[kind][0], path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    assert program, f"make test-world installs {PROGRAMS[kind][0]}"
    command = [program, *(part.format(port=port) for part in PROGRAMS[kind][1:])]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
