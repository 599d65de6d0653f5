"""What is wrong with a log of events, or with how it is read, is found and explained; nothing is changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from paper_log import TERMS, PaperLog

from flaghoist.app.doctor import examine
from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS
from flaghoist.base.settings import Settings
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store import inboxes
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.doctor.event_log import findings
from flaghoist.store.doctor.finding import Finding
from flaghoist.store.facts import progress
from flaghoist.store.logs import kafka, patience
from flaghoist.store.logs.home import Home, room
from flaghoist.store.logs.jetstream_terms import terms_of as terms_of_stream
from flaghoist.store.logs.kafka_terms import terms_of as terms_of_topic
from flaghoist.store.migrations import migrate
from flaghoist.store.position import first_at

SOUND_TOPIC = {
    "retention.ms": "604800000",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "min.insync.replicas": "2",
    "max.message.bytes": str(16 * MEBIBYTE),
    "message.timestamp.type": "LogAppendTime",
}
SOUND_STREAM = StreamConfig(
    retention=RetentionPolicy.LIMITS, storage=StorageType.FILE, num_replicas=3, max_age=604_800.0
)


@pytest.fixture
def log() -> PaperLog:
    """Two sheets with three batches, of which nothing was moved on."""
    paper = PaperLog(partitions=2)
    for environment in ("e0", "e0", "e1"):
        paper.accept(Batch(environment, "server", b"[{}]", 1))
    return paper


def found_of(database: Database, log: PaperLog) -> dict[str, Finding]:
    with database.read() as connection:
        return {each.name: each for each in findings(connection, log, largest=10 * MEBIBYTE)}


def moved_on(database: Database, partition: str, *, to: int, offset: int) -> None:
    database.write(lambda connection: progress.advance(connection, partition, since=0, to=to, offset=offset))


def test_a_sound_log_is_told_with_what_waits_in_it(database: Database, log: PaperLog) -> None:
    now = clock.now_ms()
    moved_on(database, "paper:0", to=first_at(now - 1000), offset=0)
    moved_on(database, "paper:1", to=first_at(now - 48 * HOUR_MS), offset=0)  # where nothing has come for two days
    found = found_of(database, log)
    assert {name: each.is_trouble for name, each in found.items()} == {"log": False}
    assert found["log"].text == "the paper has 2 partitions, and 1 records wait to be counted"


def test_events_that_have_waited_for_long_are_trouble(database: Database, log: PaperLog) -> None:
    long_ago = clock.now_ms() - HOUR_MS
    moved_on(database, "paper:0", to=first_at(long_ago), offset=0)
    moved_on(database, "paper:1", to=first_at(long_ago), offset=0)
    found = found_of(database, log)
    assert found["log-waits"].is_trouble
    assert found["log-waits"].text.endswith(f"in partition 0 perhaps since {clock.rfc3339(long_ago)}")
    # Whoever reads it has vouched since that everything until then was moved on.
    now = clock.now_ms()
    database.write(lambda connection: inboxes.attest(connection, "paper:0", through=now - 1000, now=now))
    assert list(found_of(database, log)) == ["log"]


def test_records_that_are_gone_before_they_counted_are_numbered(database: Database, log: PaperLog) -> None:
    log.torn_off = 1
    found = found_of(database, log)
    assert "log-let-go" not in found, "nobody had come to this log before it let go of its first record"
    moved_on(database, "paper:0", to=first_at(clock.now_ms()), offset=0)
    log.torn_off = 2
    assert "let go of 1 records of partition 0" in found_of(database, log)["log-let-go"].text


def test_a_log_that_is_shorter_than_it_was_is_trouble(database: Database, log: PaperLog) -> None:
    moved_on(database, "paper:0", to=first_at(clock.now_ms()), offset=6)
    assert "5 records of partition 0 that count are not there" in found_of(database, log)["log-shorter"].text


def test_a_log_that_is_away_is_trouble_and_one_that_is_yet_to_be_made_is_not(
    database: Database, log: PaperLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WITHIN_SECONDS", 0.3)
    log.is_away = True
    assert found_of(database, log)["log-unreachable"].is_trouble
    assert not found_of(database, PaperLog(partitions=0))["log-new"].is_trouble


@pytest.mark.parametrize(
    ("change", "name", "is_trouble"),
    [
        ({"losing": "it forgets"}, "log-loses", True),
        ({"kept_ms": HOUR_MS}, "log-forgets", True),
        ({"is_bounded": True}, "log-bounded", False),
        ({"record_bytes": MEBIBYTE}, "log-record", True),
        ({"copies": 1, "safe_copies": 1}, "log-one-copy", False),
        ({"safe_copies": 1}, "log-unsafe", True),
        ({"has_clock": False}, "log-clock", False),
    ],
)
def test_terms_on_which_events_are_not_safe_are_named_with_their_cure(
    database: Database, log: PaperLog, change: dict[str, object], name: str, is_trouble: bool
) -> None:
    log.kept_on = replace(TERMS, **change)  # type: ignore[arg-type]
    found = found_of(database, log)
    assert set(found) == {name, "log"}
    assert (found[name].is_trouble, "the quill" in found[name].advice) == (is_trouble, True)


@pytest.mark.parametrize(
    ("settings", "copies", "expected"),
    [
        ({}, 3, set()),
        ({"cleanup.policy": "compact,delete"}, 3, {"log-loses"}),
        ({"retention.ms": "3600000"}, 3, {"log-forgets"}),
        ({"retention.ms": "-1"}, 3, set()),
        ({"retention.bytes": "1073741824"}, 3, {"log-bounded"}),
        ({"max.message.bytes": "1048588"}, 3, {"log-record"}),  # as brokers have it at first
        ({"min.insync.replicas": "1"}, 3, {"log-unsafe"}),
        ({"min.insync.replicas": "1"}, 1, {"log-one-copy"}),
        ({"message.timestamp.type": "CreateTime"}, 3, {"log-clock"}),
    ],
)
def test_the_settings_of_a_topic_mean_what_kafka_says(
    database: Database, log: PaperLog, settings: dict[str, str], copies: int, expected: set[str]
) -> None:
    log.kept_on = terms_of_topic({**SOUND_TOPIC, **settings}, copies=copies)
    assert set(found_of(database, log)) - {"log"} == expected


@pytest.mark.parametrize(
    ("settings", "most_bytes", "expected"),
    [
        ({}, 16 * MEBIBYTE, set()),
        ({}, MEBIBYTE, {"log-record"}),  # as servers have it at first
        ({"max_msg_size": 1000}, 16 * MEBIBYTE, {"log-record"}),
        ({"retention": RetentionPolicy.INTEREST}, 16 * MEBIBYTE, {"log-loses"}),
        ({"retention": RetentionPolicy.WORK_QUEUE}, 16 * MEBIBYTE, {"log-loses"}),
        ({"storage": StorageType.MEMORY}, 16 * MEBIBYTE, {"log-loses"}),
        ({"max_age": 3600.0}, 16 * MEBIBYTE, {"log-forgets"}),
        ({"max_age": 0.0}, 16 * MEBIBYTE, set()),
        ({"max_bytes": 10**9}, 16 * MEBIBYTE, {"log-bounded"}),
        ({"max_msgs": 10**6}, 16 * MEBIBYTE, {"log-bounded"}),
        ({"max_msgs_per_subject": 5, "discard": DiscardPolicy.NEW}, 16 * MEBIBYTE, {"log-bounded"}),
        ({"max_bytes": 10**9, "discard": DiscardPolicy.NEW}, 16 * MEBIBYTE, set()),  # it refuses what is too much
        ({"num_replicas": 1}, 16 * MEBIBYTE, {"log-one-copy"}),
    ],
)
def test_the_settings_of_a_stream_mean_what_nats_says(
    database: Database, log: PaperLog, settings: dict[str, object], most_bytes: int, expected: set[str]
) -> None:
    log.kept_on = terms_of_stream(SOUND_STREAM.evolve(**settings), most_bytes=most_bytes)
    assert set(found_of(database, log)) - {"log"} == expected


def test_batches_of_a_log_that_were_put_off_are_found_where_they_lie(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    with_state(data_dir)
    home = Home(data_dir / "log-1")
    partition = "kafka:0wJR/0WZQsSU2d7p9ZFouQ:4"
    kept = room(home.folder, partition) / "quarantine"
    kept.mkdir(parents=True)
    (kept / "0000000000000001.batch").write_text("{}\n[]")
    found = {each.name: each for each in examine(Settings(data_dir=data_dir, disk_reserve=0))}
    assert f"the partition {partition} of the event log" in found["quarantine"].text
    assert "whenever the server of this data folder starts" in found["quarantine"].advice
    assert found["in-use"].text.endswith("log-1 open")
    home.close()


def test_an_address_that_names_no_log_is_told(tmp_path: Path) -> None:
    with_state(tmp_path)
    found = {each.name: each for each in examine(Settings(data_dir=tmp_path, event_log_url="pigeon://loft/flock"))}
    assert "not with 'pigeon'" in found["settings-log"].text


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:1/events", "nats://127.0.0.1:1/events"])
def test_a_log_that_nobody_serves_is_told(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WITHIN_SECONDS", 0.3)
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 1.0)
    with_state(tmp_path)
    found = {each.name: each for each in examine(Settings(data_dir=tmp_path, event_log_url=url))}
    assert "refused" in found["log-unreachable"].text or "Connect" in found["log-unreachable"].text


def with_state(data_dir: Path) -> None:
    database = Database(sqlite_url(data_dir))
    migrate(database)
    database.close()
