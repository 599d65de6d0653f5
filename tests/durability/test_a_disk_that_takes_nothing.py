"""While the disk takes nothing, senders are told to come back and readers are served; then all goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger import Rig
from troubled_disk import (
    Overheard,
    full,
    no_write_succeeds,
    outlast,
    read_only,
    send,
    small_disk,
    unchangeable,
    wait_until,
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Overheard]:
    overheard = Overheard(tmp_path / "data.log")
    yield overheard
    overheard.close()
    print("".join(overheard.lines))  # shown where a test fails


def test_a_server_outlasts_writes_that_fail(tmp_path: Path, log: Overheard) -> None:
    with Rig(tmp_path / "data", seed=5) as rig:
        outlast(rig, no_write_succeeds(rig), log)


def test_what_waits_is_bounded_and_more_is_taken_once_it_has_moved_on(tmp_path: Path, log: Overheard) -> None:
    with Rig(tmp_path / "data", seed=6, hurried=False, inbox_limit="1") as rig:
        answers = [send(rig).status_code for _ in range(10)]
        assert answers[0] == 202 and 503 in answers
        assert log.told("events are refused", "inbox_limit")
        rig.begin(sdks=1, importers=0)
        assert rig.settle() == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 64) as mounted:
        yield mounted


@pytest.mark.world
def test_a_server_outlasts_a_full_disk(disk: Path, tmp_path: Path, log: Overheard) -> None:
    with Rig(disk / "data", seed=7, log=log.path, disk_reserve="0") as rig:
        outlast(rig, full(disk), log)


@pytest.mark.world
def test_events_leave_the_rest_of_the_disk_to_others(disk: Path, tmp_path: Path, log: Overheard) -> None:
    with Rig(disk / "data", seed=8, log=log.path, disk_reserve=str(32 * 1024 * 1024)) as rig:
        (disk / "others").write_bytes(bytes(40 * 1024 * 1024))
        assert send(rig).status_code == 503
        assert log.told("events are refused", "disk_reserve")
        assert (
            rig.server.call("POST", f"/flags/{rig.lab.project}", json={"key": "new", "name": "New"}).status_code == 201
        )
        (disk / "others").unlink()
        assert send(rig).status_code == 202


@pytest.mark.world
def test_a_server_outlasts_a_disk_that_turned_read_only(tmp_path: Path, log: Overheard) -> None:
    with Rig(tmp_path / "data", seed=9) as rig:
        outlast(rig, unchangeable(tmp_path / "data"), log)


@pytest.mark.world
def test_a_server_that_finds_a_read_only_disk_says_so_and_harms_nothing(
    disk: Path, tmp_path: Path, log: Overheard
) -> None:
    with Rig(disk / "data", seed=10, log=log.path, disk_reserve="0") as rig:
        rig.begin(sdks=1, importers=0, pause=0.01)
        wait_until(lambda: rig.ledger.batches > 20)
        rig.kill()
        with read_only(disk), pytest.raises(AssertionError, match="ended with status 1"):
            rig.start()
        assert log.told("flaghoist serve:", "cannot be written")
        assert not log.told("Traceback")
        rig.start()
        assert rig.settle() == []
