"""Whatever part of the inbox is damaged, all that is still whole is kept, in its place, and the damaged file too."""

import logging
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch, StoredBatch
from flaghoist.store.inbox import Accepted, Duplicate, Inbox

EVERYTHING = 1 << 40
BATCHES = 60
Hurt = Callable[[Path], None]


def _garbage(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(start).randbytes(length))


def _log(segment: Path) -> Path:
    return segment.with_name(segment.name + "-wal")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _halve(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


RESTING: dict[str, tuple[Hurt, int]] = {
    "a page of garbage": (lambda path: _garbage(path, 10 * 4096, 4096), 40),
    "garbage over its first page": (lambda path: _garbage(path, 0, 4096), BATCHES),
    "garbage in its first bytes": (lambda path: _garbage(path, 0, 16), BATCHES),
    "a file cut in half": (_halve, 10),
}
AFTER_A_CRASH: dict[str, tuple[Hurt, int]] = {
    "garbage inside the log": (lambda path: _garbage(_log(path), _log(path).stat().st_size // 2, 6000), BATCHES - 4),
    "garbage at the head of the log": (lambda path: _garbage(_log(path), 0, 32), BATCHES),
    "an emptied file beside its log": (_empty, BATCHES),
    "a missing file beside its log": (Path.unlink, BATCHES),
}


@pytest.mark.parametrize(
    ("hurt", "at_least", "is_closed"),
    [(*case, True) for case in RESTING.values()] + [(*case, False) for case in AFTER_A_CRASH.values()],
    ids=[*RESTING, *AFTER_A_CRASH],
)
def test_a_damaged_segment_gives_what_it_still_holds(
    hurt: Hurt, at_least: int, is_closed: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _filled(tmp_path, is_closed=is_closed)
    (segment,) = tmp_path.glob("inbox/segment-*.db")
    hurt(segment)

    inbox = Inbox(tmp_path / "inbox")
    kept = inbox.after(0, limit_bytes=EVERYTHING)
    outcome = _send(inbox, 0)
    inbox.close()

    assert set(_shown(kept)) <= set(_shown(before))
    assert len(kept) >= at_least
    assert [each.position for each in kept] == sorted(each.position for each in kept)
    assert isinstance(
        outcome, Accepted if "0" not in {each.batch.body.split()[0].decode() for each in kept} else Duplicate
    )
    assert f"damaged segment file={segment}" in caplog.text
    assert any(tmp_path.glob(f"inbox/damaged/{segment.name}.*")), "what was damaged is kept"

    again = Inbox(tmp_path / "inbox")
    assert _shown(again.after(0, limit_bytes=EVERYTHING))[: len(kept)] == _shown(kept)
    again.close()


def test_what_follows_a_damaged_segment_stands_after_all_that_was_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _filled(tmp_path, is_closed=True)
    (segment,) = tmp_path.glob("inbox/segment-*.db")
    _garbage(segment, 20 * 4096, 8192)
    monkeypatch.setattr("flaghoist.base.clock.now_ms", lambda: before[0].received_at - 7_200_000)
    inbox = Inbox(tmp_path / "inbox")
    inbox.follow(before[-1].position)  # so far the store has read it
    outcome = _send(inbox, 1_000)
    inbox.close()
    assert isinstance(outcome, Accepted)
    assert outcome.position > before[-1].position


def test_a_body_that_changed_on_the_disk_is_not_taken_for_what_was_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _filled(tmp_path, is_closed=True)
    (segment,) = tmp_path.glob("inbox/segment-*.db")
    content = segment.read_bytes()
    place = content.index(before[30].batch.body[:300])
    _garbage(segment, place + 200, 1)

    inbox = Inbox(tmp_path / "inbox")
    kept = inbox.after(0, limit_bytes=EVERYTHING)
    kept += inbox.after(kept[-1].position, limit_bytes=EVERYTHING)
    inbox.close()
    assert _shown(kept) == _shown(before[:30] + before[31:])
    assert "batches_lost=at least 1" in caplog.text


def test_damage_found_while_it_runs_is_mended_and_the_inbox_goes_on(tmp_path: Path) -> None:
    _filled(tmp_path, is_closed=True)
    (segment,) = tmp_path.glob("inbox/segment-*.db")
    inbox = Inbox(tmp_path / "inbox")
    _garbage(segment, 5 * 4096, 4096)
    kept = inbox.after(0, limit_bytes=EVERYTHING)
    kept += inbox.after(kept[-1].position, limit_bytes=EVERYTHING)
    assert len(kept) >= BATCHES - 20
    assert isinstance(_send(inbox, 1_000), Accepted)
    assert len(inbox.after(kept[-1].position, limit_bytes=EVERYTHING)) == 1
    inbox.close()


@pytest.mark.parametrize(
    ("hurt", "at_least"),
    [
        pytest.param(lambda path: _garbage(path, 0, 100), BATCHES, id="garbage in its first bytes"),
        pytest.param(lambda path: _garbage(path, 4096, 4096), BATCHES, id="a page of garbage"),
        pytest.param(_halve, BATCHES // 2, id="cut in half"),
        pytest.param(_empty, 0, id="emptied"),
        pytest.param(Path.unlink, 0, id="missing"),
    ],
)
def test_damaged_ids_give_what_they_still_hold_and_the_inbox_keeps_its_name(
    hurt: Hurt, at_least: int, tmp_path: Path
) -> None:
    inbox = Inbox(tmp_path / "inbox", segment_bytes=1)
    name = inbox.id
    for sent in [inbox.accept(_batch(number)) for number in range(BATCHES)]:  # together: few segments
        sent.result(timeout=20)
    _send(inbox, BATCHES)
    inbox.retire(inbox.after(0, limit_bytes=EVERYTHING)[-1].position)
    inbox.close()
    hurt(tmp_path / "inbox" / "ids.db")

    reopened = Inbox(tmp_path / "inbox")
    outcomes = [_send(reopened, number) for number in range(BATCHES)]
    assert reopened.id == name
    reopened.close()
    assert sum(isinstance(outcome, Duplicate) for outcome in outcomes) >= at_least


def test_damaged_ids_found_while_it_runs_are_mended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox(tmp_path / "inbox", segment_bytes=1)
    for number in range(2_000):
        inbox.accept(Batch("env", "server", b"x", 1, payload_id=f"payload-{number}"))
    _send(inbox, 2_000)
    inbox.retire(inbox.after(0, limit_bytes=EVERYTHING)[-1].position)
    inbox.close()
    inbox = Inbox(tmp_path / "inbox", segment_bytes=1)
    ids = tmp_path / "inbox" / "ids.db"
    _garbage(ids, 8192, ids.stat().st_size - 8192 - 8 * 4096)
    with caplog.at_level(logging.ERROR):
        outcomes = [_send(inbox, number) for number in range(0, 2_000, 100)]
    inbox.close()
    assert all(isinstance(outcome, Accepted | Duplicate) for outcome in outcomes)
    assert "damaged ids" in caplog.text


def test_a_segment_that_cannot_be_mended_yet_holds_up_the_rest_and_is_mended_later(tmp_path: Path) -> None:
    before = _filled(tmp_path, is_closed=True)
    (segment,) = tmp_path.glob("inbox/segment-*.db")
    _garbage(segment, 10 * 4096, 4096)
    in_the_way = tmp_path / "inbox" / "damaged"
    in_the_way.touch()  # stands for whatever keeps files from being written
    inbox = Inbox(tmp_path / "inbox")
    assert isinstance(_send(inbox, 1_000), Accepted)
    with pytest.raises(Unavailable, match="cannot be mended"):
        inbox.after(0, limit_bytes=EVERYTHING)
    in_the_way.unlink()
    kept = inbox.after(0, limit_bytes=EVERYTHING)
    inbox.close()
    assert len(kept) > 40
    assert kept[-1].batch.body.split()[0] == b"1000"
    assert set(_shown(kept[:-1])) <= set(_shown(before))


def _filled(folder: Path, *, is_closed: bool) -> list[StoredBatch]:
    """What an inbox holds of an earlier process that ended, or was killed."""
    inbox = Inbox(folder / "first")
    for number in range(BATCHES):
        _send(inbox, number)
    before = inbox.after(0, limit_bytes=EVERYTHING)
    if is_closed:
        inbox.close()
    shutil.copytree(folder / "first", folder / "inbox")
    if not is_closed:
        inbox.close()
    return before


def _send(inbox: Inbox, number: int) -> Accepted | Duplicate:
    return inbox.accept(_batch(number)).result(timeout=20)


def _batch(number: int) -> Batch:
    body = f"{number} ".encode() + random.Random(number).randbytes(number % 7 * 900)
    return Batch("env", "server", body, 1, payload_id=f"payload-{number}", event_ids=((0, f"event-{number}"),))


def _shown(stored: list[StoredBatch]) -> list[tuple[int, bytes]]:
    return [(each.position, each.batch.body) for each in stored]
