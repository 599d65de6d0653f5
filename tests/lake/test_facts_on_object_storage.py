"""Facts on object storage: the same answers as from a folder, nothing lost while it is away, nothing half there."""

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from event_road import NOON, FakeClock, Road
from object_storage import Objects, ObjectStorage
from sqlalchemy import select

from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import Conflict, Unavailable
from flaghoist.store.backup.restoring import restore
from flaghoist.store.backup.taking import take
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.doctor import lake as doctor
from flaghoist.store.facts import lake as lake_module
from flaghoist.store.facts.engines.clickhouse import lake_table
from flaghoist.store.facts.listing import Listing
from flaghoist.store.facts.places import address
from flaghoist.store.facts.places import bucket as bucket_module
from flaghoist.store.facts.places.address import bucket_at
from flaghoist.store.facts.places.bucket import Bucket
from flaghoist.store.facts.question import Iteration, Measure, Question
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.migrations import migrate

pytestmark = pytest.mark.xdist_group("object-storage")
NewRoad = Callable[..., Road]
AMPLE = 10**9


@pytest.fixture
def new_road(tmp_path: Path, objects: Objects, state: Database, fake_clock: FakeClock) -> Iterator[NewRoad]:
    """A machine of its own name, with a cache of its own, on one bucket and one state store."""
    made = []

    def new(name: str = "here", *, cache_bytes: int = AMPLE) -> Road:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        made.append(Road(folder, state, fake_clock, place=_bucket(objects, folder / "cache", cache_bytes)))
        return made[-1]

    yield new
    for road in made:
        road.close()


def test_a_bucket_holds_the_same_files_as_a_folder_and_gives_the_same_answers_to_the_last_bit(
    new_road: NewRoad, tmp_path: Path, objects: Objects, fake_clock: FakeClock
) -> None:
    (tmp_path / "folder").mkdir()
    with_folder = Database(sqlite_url(tmp_path / "folder"))
    migrate(with_folder)
    folder = Road(tmp_path / "folder", with_folder, fake_clock)
    for number in range(12):
        folder.send("env", _events(number), at=NOON + number * 6 * HOUR_MS)
    shutil.copytree(folder.folder / "inbox", tmp_path / "here" / "inbox")
    bucket = new_road()
    for road in (folder, bucket):
        road.compactor._stepping.step_bytes = 1  # a file for each
        road.compactor.flush()
    _same(folder, bucket, objects)
    for road in (folder, bucket):
        while road.lake.merge_one():
            pass
    _same(folder, bucket, objects)
    elsewhere = new_road("elsewhere")
    assert repr(elsewhere.facts.answers(_questions())) == repr(folder.facts.answers(_questions())), "all of it fetched"
    with elsewhere.database.read() as connection:
        shared = Listing.read(connection, elsewhere.lake.place, "env").files("outcomes").paths
    assert lake_table(shared[:1], "outcomes").startswith(f"s3('{objects.url}/env=env/day="), (
        "other engines read it there"
    )
    assert elsewhere.lake.size(NOON).bytes == folder.lake.size(NOON).bytes
    folder.close()
    with_folder.close()


def test_while_the_storage_is_away_events_wait_and_questions_say_so_and_then_all_is_well_by_itself(
    new_road: NewRoad, storage: ObjectStorage, caplog: pytest.LogCaptureFixture
) -> None:
    here, elsewhere = new_road(), new_road("elsewhere")
    here.send("env", [_purchase("ann")], payload_id="one")
    here.compactor.flush()
    with storage.away():
        here.send("env", [_purchase("bob")], payload_id="two")
        here.compactor.catch_up()
        assert "answering without the newest events" in caplog.text
        assert _count(here) == 1, "what was here before is still told"
        with pytest.raises(Unavailable, match="facts cannot be read in s3://lake-") as told:
            _count(elsewhere)
        assert told.value.status == 503
        new_road("started meanwhile").compactor.take_over()
    here.compactor.catch_up()
    assert (_count(here), _count(elsewhere)) == (2, 2)


def test_who_waits_in_line_for_storage_that_never_answers_is_told_with_the_first(
    new_road: NewRoad, storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "REQUEST_SECONDS", 1)
    monkeypatch.setattr(bucket_module, "SLOW_SECONDS", 0.5)
    monkeypatch.setattr(bucket_module, "SILENT_SECONDS", 2.0)
    road = new_road()
    began = time.monotonic()
    with storage.hanging():
        road.send("env", [_purchase("ann")])
        for _ in range(20):
            with pytest.raises(Unavailable, match="facts cannot be written in s3://lake-"):
                road.compactor.flush()
    assert time.monotonic() - began < 15, "each by itself would have waited for a second"

    def recovered() -> bool:
        road.compactor.catch_up()
        return _count(road) == 1

    road.wait_until(recovered, seconds=30)


def test_killed_between_upload_and_commit_a_step_counts_once_and_leaves_nothing_behind(
    new_road: NewRoad, tmp_path: Path, objects: Objects, state: Database
) -> None:
    program = f"""
        import os, signal, sys
        from pathlib import Path
        from event_road import NOON, FakeClock, Road
        from flaghoist.base import clock
        from flaghoist.store.database import Database
        from flaghoist.store.facts.places.address import bucket_at
        time = FakeClock()
        clock.now_ms = time.now_ms
        place = bucket_at({objects.url!r}, Path({str(tmp_path / "here" / "cache")!r}), endpoint={objects.endpoint!r},
                          cache_bytes=10**9)
        road = Road(Path({str(tmp_path / "here")!r}), Database({state.url!r}), time, place=place)
        road.send("env", [{_purchase("ann")!r}])
        def killed(stage):
            if stage == "written":
                os.kill(os.getpid(), signal.SIGKILL)
        road.new_compactor(stage=killed).flush()
    """
    (tmp_path / "here").mkdir()
    path = ":".join([str(Path(__file__).parents[1] / "support"), *sys.path])
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env={**os.environ, "PYTHONPATH": path}, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    (left_behind,) = objects.contents()
    here = new_road()
    assert _count(here) == 0, f"{left_behind} is not listed"
    here.compactor.take_over()
    assert _count(here) == 1
    assert sorted(objects.contents()) == _listed(state), "and what was left behind is gone"


def test_an_upload_whose_answer_was_lost_is_not_in_the_way_of_its_repetition(
    new_road: NewRoad, objects: Objects
) -> None:
    bucket = new_road().lake.place
    paths = {bucket.write("env=env/day=2026-11-23/facts", lambda target: _write(target, b"same")) for _ in range(2)}
    assert objects.contents() == dict.fromkeys(paths, b"same") and len(paths) == 1
    (path,) = paths
    objects.put(path, b"something else")
    with pytest.raises(Unavailable, match="is there already with 14 bytes, not 4"):
        bucket.write("env=env/day=2026-11-23/facts", lambda target: _write(target, b"same"))


def test_large_files_go_up_and_come_down_in_parts(
    new_road: NewRoad, monkeypatch: pytest.MonkeyPatch, objects: Objects
) -> None:
    monkeypatch.setattr(bucket_module, "PART_BYTES", 5 * 1024 * 1024)
    content = random.Random(7).randbytes(11 * 1024 * 1024)
    path = new_road().lake.place.write("env=env/day=2026-11-23/merged", lambda target: _write(target, content))
    assert list(objects.contents()) == [path]
    elsewhere = new_road("elsewhere").lake.place
    with elsewhere.at_hand() as near:
        assert Path(near([elsewhere.named(path)])[0]).read_bytes() == content
    assert elsewhere.damaged([path]) == []


def test_of_two_nodes_that_merge_the_same_files_one_is_first_and_the_other_leaves_no_trace(
    new_road: NewRoad, state: Database, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [new_road("here"), new_road("there")]
    for number in range(8):
        nodes[number % 2].send("env", [_purchase(f"user-{number}")])
        nodes[number % 2].compactor.flush()
    both_are_done, write = Barrier(2), Bucket.write

    def written_by_both(self: Bucket, stem: str, fill: Callable[[Path], None]) -> str:
        path = write(self, stem, fill)
        both_are_done.wait(10)
        return path

    monkeypatch.setattr(Bucket, "write", written_by_both)

    def merge(road: Road) -> str:
        try:
            return str(road.lake.merge_one())
        except Conflict:
            return "too late"

    with ThreadPoolExecutor() as at_once:
        assert sorted(at_once.map(merge, nodes)) == ["True", "too late"]
    assert sorted(objects.contents()) == _listed(state)
    assert len(_listed(state)) == 9
    nodes[0].clock.at_ms += lake_module.GRACE_MS + 1
    nodes[0].lake.sweep()
    assert len(objects.contents()) == 1
    assert [_count(road) for road in nodes] == [8, 8]


def test_a_missing_and_a_damaged_object_are_named_and_not_passed_over(
    new_road: NewRoad, objects: Objects, state: Database, caplog: pytest.LogCaptureFixture
) -> None:
    road = new_road()
    for user in ("ann", "bob", "eve"):
        road.send("env", [_purchase(user)])
        road.compactor.flush()
    first, second, _ = sorted(objects.contents())
    whole = objects.contents()
    elsewhere = new_road("elsewhere")
    objects.delete(first)
    with pytest.raises(Unavailable):
        _count(elsewhere)
    assert f"missing lake file={objects.url}/{first}" in caplog.text
    objects.put(first, whole[first])
    elsewhere = new_road("where no copy is")
    objects.put(second, whole[second][:200] + b"?" + whole[second][201:])
    with pytest.raises(Unavailable, match=f"damaged and cannot be counted: {second}"):
        _count(elsewhere)
    assert [file.path for file in elsewhere.lake.damaged()] == [second]
    objects.put(second, whole[second])
    assert _count(elsewhere) == 3


def test_a_damaged_copy_is_fetched_again(new_road: NewRoad, objects: Objects) -> None:
    road = new_road()
    road.send("env", [_purchase("ann")])
    road.compactor.flush()
    (copy,) = road.lake.folder.glob("*.parquet")
    copy.write_bytes(b"garbage")
    assert _count(road) == 1
    assert [copy.read_bytes()] == list(objects.contents().values())


def test_the_cache_keeps_within_its_bounds_whatever_processes_that_share_it_ask(
    new_road: NewRoad, objects: Objects, tmp_path: Path
) -> None:
    road = new_road()
    for number in range(10):
        for environment in ("one", "two", "three"):
            road.send(environment, [_purchase(f"user-{number}")] * 20)
        road.compactor.flush()
    whole = objects.contents()
    size = max(map(len, whole.values()))
    # Opened twice on one folder, as by two processes; a third of what is asked for fits.
    readers = [_bucket(objects, tmp_path / "copies", 10 * size) for _ in range(2)]
    wanted = sorted(whole)

    def read(number: int) -> int:
        place, some = readers[number % 2], wanted[number % 3 * 10 :][:10]
        with place.at_hand() as near:
            there = [Path(copy).read_bytes() for copy in near([place.named(path) for path in some])]
        return sum(content == whole[path] for content, path in zip(there, some, strict=True))

    with ThreadPoolExecutor(4) as at_once:
        assert list(at_once.map(read, range(12))) == [10] * 12, "whatever is dropped meanwhile, what is read stays"
    read(0)
    kept = sum(copy.stat().st_size for copy in readers[0].folder.glob("*.parquet"))
    assert 0 < kept <= 20 * size, "what fits, beside what was read last"
    readers[0].write("env=env/day=2026-11-23/next", lambda target: _write(target, b"next"))
    assert sum(copy.stat().st_size for copy in readers[0].folder.glob("*.parquet")) <= 10 * size + 4


def test_nothing_is_deleted_while_a_backup_copies_and_what_it_copied_restores_into_a_folder(
    new_road: NewRoad, tmp_path: Path, state: Database, objects: Objects
) -> None:
    road = new_road()
    for number in range(9):
        road.send("env", [_purchase(f"user-{number}")])
        road.compactor.flush()
    assert road.lake.merge_one()
    road.clock.at_ms += lake_module.GRACE_MS + 1
    before = objects.contents()

    def meanwhile(_bytes: int) -> None:
        road.lake.sweep()
        assert objects.contents() == before

    lake = _bucket(objects, tmp_path / "copies", 0)
    taken = take(road.folder, state, tmp_path / "backup", with_key=False, lake=lake, tell=meanwhile)
    assert taken.manifest.lake_files == len(before) == 10
    road.lake.sweep()
    assert len(objects.contents()) == 1, "afterwards what was merged goes"
    restore(tmp_path / "backup", tmp_path / "back", "")
    again = Database(sqlite_url(tmp_path / "back"))
    restored = Road(tmp_path / "back", again, road.clock)
    assert _count(restored) == 9
    restored.close()
    again.close()


def test_the_doctor_tells_what_is_missing_damaged_left_over_and_out_of_reach(
    new_road: NewRoad, storage: ObjectStorage, objects: Objects, state: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = new_road()
    for user in ("ann", "bob"):
        road.send("env", [_purchase(user)])
        road.compactor.flush()
    first, second = sorted(objects.contents())

    def told() -> dict[str, str]:
        with state.read() as connection:
            return {found.name: found.text for found in doctor.findings(connection, road.lake.place)}

    assert told() == {}
    objects.delete(first)
    objects.put(second, b"garbage")
    objects.put("env=env/day=2026-11-23/left.parquet", b"left")
    road.clock.at_ms += 10 * 365 * 24 * HOUR_MS
    found = told()
    assert list(found) == ["lake-missing", "lake-damaged", "lake-strays"]
    assert [path in text for path, text in zip((first, second, "left.parquet"), found.values(), strict=True)] == [
        True
    ] * 3
    with storage.away():
        assert list(told()) == ["lake-unreachable"]


@pytest.mark.parametrize(
    ("url", "endpoint", "why"),
    [
        ("https://bucket/prefix", "", "must be s3://bucket/prefix"),
        ("s3://", "", "must be s3://bucket/prefix"),
        ("s3://key:secret@bucket", "", "must be s3://bucket/prefix"),
        ("s3://bucket", "minio:9000", "must begin with https:// or http://"),
    ],
    ids=["not-s3", "no-bucket", "credentials", "endpoint"],
)
def test_an_address_that_cannot_be_meant_is_told(url: str, endpoint: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=why):
        bucket_at(url, tmp_path, endpoint=endpoint, cache_bytes=0)


def _bucket(objects: Objects, folder: Path, cache_bytes: int) -> Bucket:
    return bucket_at(objects.url, folder, endpoint=objects.endpoint, cache_bytes=cache_bytes)


def _same(folder: Road, bucket: Road, objects: Objects) -> None:
    kept = [path.read_bytes() for path in folder.lake.folder.glob("env=*/**/*.parquet")]
    assert len(kept) > 20
    assert sorted(objects.contents().values()) == sorted(kept)
    assert repr(bucket.facts.answers(_questions())) == repr(folder.facts.answers(_questions()))


def _events(number: int) -> list[dict[str, Any]]:
    chance = random.Random(number)
    events: list[dict[str, Any]] = []
    for _ in range(40):
        user = chance.randrange(100)
        reason = {"kind": "FALLTHROUGH", "inExperiment": True}
        context = {"kind": "user", "key": f"user-{user}"}
        events.append(
            {"kind": "feature", "key": "f", "variation": user % 2, "reason": reason, "context": context}
            if chance.random() < 0.4
            else _purchase(f"user-{user}") | {"metricValue": chance.random() * 10.0 ** chance.randrange(-6, 7)}
        )
    return events


def _questions() -> list[Question]:
    iteration = Iteration(environment_id="env", flag_key="f", unit_kind="user", started_at=NOON)
    spent = Measure(event_key="bought", numeric=True, aggregation="sum")
    return [
        Question(iteration=iteration, measure=spent),
        Question(iteration=iteration, measure=spent, covariate_ms=24 * HOUR_MS),
        Question(
            iteration=iteration, measure=Measure(event_key="bought", numeric=True, percentile=90, default_zero=False)
        ),
    ]


def _purchase(user: str) -> dict[str, Any]:
    return {"kind": "custom", "key": "bought", "contextKeys": {"user": user}}


def _count(road: Road) -> int:
    return len(road.facts.latest_events("env", "custom", "bought", since=0, limit=1_000))


def _listed(state: Database) -> list[str]:
    with state.read() as connection:
        return sorted(connection.execute(select(lake_files.c.path)).scalars())


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(content)
