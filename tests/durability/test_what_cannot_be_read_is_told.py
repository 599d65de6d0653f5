"""Damaged facts are never counted silently, and a batch that no parser survives is kept until one does."""

from contextlib import suppress
from typing import Any

import pytest
from event_road import Road

from flaghoist.base.errors import Unavailable
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.parse import Haul, parse
from flaghoist.store.batches import StoredBatch
from flaghoist.store.facts import activity
from flaghoist.store.facts.answer import SeenEvent
from flaghoist.store.facts.tally import Tally
from flaghoist.store.inbox import Duplicate


def test_a_damaged_file_of_facts_is_named_and_its_questions_are_refused_until_it_is_whole(
    sqlite_road: Road, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(9):
        sqlite_road.send("env", [_purchase(f"user-{number}")])
        sqlite_road.compactor.flush()
    sqlite_road.send("other", [_purchase("ann")])
    sqlite_road.compactor.flush()
    hurt = sorted(sqlite_road.lake.folder.glob("env=env/**/*.parquet"))[4]
    whole = hurt.read_bytes()
    hurt.write_bytes(whole[:200] + b"?" + whole[201:])
    sqlite_road.close()
    sqlite_road.open()

    with pytest.raises(Unavailable, match="damaged"):
        _latest(sqlite_road, "env")
    assert str(hurt) in caplog.text
    assert len(_latest(sqlite_road, "other")) == 1, "questions about others are answered"
    assert [str(sqlite_road.lake.folder / file.path) for file in sqlite_road.lake.damaged()] == [str(hurt)]

    while sqlite_road.lake.merge_one():
        pass
    assert hurt.exists(), "it is not merged, and not deleted"
    hurt.write_bytes(whole)
    assert len(_latest(sqlite_road, "env")) == 9


def test_a_file_that_is_damaged_while_the_server_runs_is_told_too(sqlite_road: Road) -> None:
    sqlite_road.send("env", [_purchase("user-1")])
    sqlite_road.compactor.flush()
    assert len(_latest(sqlite_road, "env")) == 1
    next(sqlite_road.lake.folder.glob("env=env/**/*.parquet")).write_bytes(b"garbage")
    with pytest.raises(Unavailable, match="damaged"):
        _latest(sqlite_road, "env")


def test_a_missing_file_of_facts_is_told_and_not_passed_over(sqlite_road: Road) -> None:
    for number in range(2):
        sqlite_road.send("env", [_purchase(f"user-{number}")])
        sqlite_road.compactor.flush()
    next(sqlite_road.lake.folder.glob("env=env/**/*.parquet")).unlink()
    with pytest.raises(Unavailable):
        _latest(sqlite_road, "env")
    assert len(sqlite_road.lake.damaged()) == 1


def test_a_batch_that_was_put_off_just_before_a_kill_and_is_read_by_the_next_version_counts_once(
    sqlite_road: Road,
) -> None:
    def stumbling(*_asked: Any, **_bounds: Any) -> Haul:
        raise RuntimeError("a mistake in the parser")

    def killed(stage: str) -> None:
        if stage == "written":
            raise KeyboardInterrupt

    sqlite_road.send("env", [_purchase("user-0")])
    for ends in (killed, killed, lambda _: None):
        with suppress(KeyboardInterrupt):
            sqlite_road.new_compactor(parse=stumbling, stage=ends).flush()
        assert sqlite_road.compactor.put_off == 1
    with suppress(KeyboardInterrupt):
        sqlite_road.send("env", [_purchase("user-1")])
        sqlite_road.new_compactor(parse=stumbling, stage=killed).flush()
    assert sqlite_road.compactor.put_off == 2, "one left out for good, one that comes again"
    for _ in range(2):
        upgraded = sqlite_road.new_compactor()
        _restarted(upgraded)
        with sqlite_road.database.read() as connection:
            counted = activity.event(connection, "env", "custom", "bought")
        assert counted and (counted.events, _users(sqlite_road), upgraded.put_off) == (2, {0, 1}, 0)


def test_a_batch_that_breaks_the_parser_holds_up_no_other_and_counts_after_an_upgrade(
    sqlite_road: Road, caplog: pytest.LogCaptureFixture
) -> None:
    def breaking(stored: StoredBatch, tally: Tally, **bounds: Any) -> Haul:
        haul = parse(stored, tally, **bounds)
        if b"user-3" in stored.batch.body:
            raise RuntimeError("a mistake in the parser")
        return haul

    for number in range(6):
        sqlite_road.send("env", [_purchase(f"user-{number}")], payload_id=f"payload-{number}", compressed=False)
    broken = sqlite_road.new_compactor(parse=breaking)
    broken.flush()
    assert _users(sqlite_road) == {0, 1, 2, 4, 5}
    assert broken.put_off == 1
    assert "put off" in caplog.text and "a mistake in the parser" in caplog.text

    _restarted(sqlite_road.new_compactor(parse=breaking))
    assert _users(sqlite_road) == {0, 1, 2, 4, 5}, "the same version has no more luck"
    for _ in range(2):
        upgraded = sqlite_road.new_compactor()
        _restarted(upgraded)
        assert _users(sqlite_road) == {0, 1, 2, 3, 4, 5}
        assert upgraded.put_off == 0
    again = sqlite_road.send("env", [_purchase("user-3")], payload_id="payload-3", compressed=False)
    assert isinstance(again, Duplicate)


def test_a_batch_whose_facts_cannot_be_stored_is_found_and_put_off_too(sqlite_road: Road) -> None:
    def unstorable(stored: StoredBatch, tally: Tally, **bounds: Any) -> Haul:
        haul = parse(stored, tally, **bounds)
        for outcome in haul.outcomes:
            if outcome.unit_key == "user-2":
                outcome.position = "not a number"  # type: ignore[assignment]
        return haul

    for number in range(5):
        sqlite_road.send("env", [_purchase(f"user-{number}")])
    broken = sqlite_road.new_compactor(parse=unstorable)
    broken.flush()
    assert _users(sqlite_road) == {0, 1, 3, 4}
    _restarted(sqlite_road.new_compactor())
    assert _users(sqlite_road) == {0, 1, 2, 3, 4}


def _restarted(compactor: Compactor) -> None:
    compactor.start()
    compactor.flush()
    compactor.stop()


def _users(road: Road) -> set[int]:
    seen = [int(event.contexts["user"].removeprefix("user-")) for event in _latest(road, "env")]
    assert len(seen) == len(set(seen)), "one counts twice"
    return set(seen)


def _latest(road: Road, environment: str) -> list[SeenEvent]:
    return road.facts.latest_events(environment, "custom", "bought", since=0, limit=1_000)


def _purchase(user: str) -> dict[str, object]:
    return {"kind": "custom", "key": "bought", "contextKeys": {"user": user}, "creationDate": 1}
