"""Killed before any change to the file system, upkeep of events loses nothing, repeats nothing, leaves no litter."""

import subprocess
import sys
from pathlib import Path

import pytest

STORY = Path(__file__).parents[1] / "support" / "interruptions.py"
FOUND = "facts=16 listed=16 tallied=24 repeats=24 strays=0 put_off=0"
"""Of 24 events those of one day of three were to be forgotten; each was counted, and is known when it comes again."""

CASES = ["compaction", "mending", "putting-off", "trying-again"]
EVERY = [37, 37, 17, 17]


@pytest.mark.parametrize(("story", "every"), list(zip(CASES, EVERY, strict=True)), ids=CASES)
def test_upkeep_cut_off_at_some_places_ends_as_if_it_had_not_been(story: str, every: int, tmp_path: Path) -> None:
    _tell(tmp_path, story, every, timeout=120)


@pytest.mark.world
@pytest.mark.parametrize("story", CASES)
def test_upkeep_cut_off_at_many_places_ends_as_if_it_had_not_been(story: str, tmp_path: Path) -> None:
    _tell(tmp_path, story, 7, timeout=600)


def _tell(folder: Path, story: str, every: int, *, timeout: float) -> None:
    command = [sys.executable, str(STORY), str(folder / "worlds"), story, str(every)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert told.returncode == 0, told.stderr
    *found, last = told.stdout.splitlines()
    assert last == "uninterrupted" and len(found) >= 3
    assert set(found) == {FOUND}
