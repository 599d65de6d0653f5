"""What is older than it is to be kept goes, and only that: the data folder stays bounded and everything else works."""

import random
import re
from pathlib import Path

import pytest
from driven import until
from event_road import NOON, FakeClock, Road
from living import sdk
from servers import Server, start_server
from shop import Shop
from sqlalchemy import Connection, func, insert, select, text, update

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store import changes, followers, retention
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Document, Documents
from flaghoist.store.facts.question import Iteration, Measure, Question
from flaghoist.store.facts.tables import lake_files
from flaghoist.store.migrations import migrate
from flaghoist.store.tables import change_outlines, documents, sessions

ENVIRONMENT = "00000000000000000000e002"
KEPT_DAYS = 5


def test_old_changes_go_and_numbers_go_on(database: Database) -> None:
    append(database, *range(1, 1301))
    assert retention.forget_changes(database, before=1201, lasting=()) == 1200
    assert numbers(database) == list(range(1201, 1301))
    assert retention.forget_changes(database, before=10**9, lasting=()) == 99
    assert numbers(database) == [1300], "the newest is kept whatever its age"
    append(database, 1301)
    assert numbers(database) == [1300, 1301]


def test_changes_with_strange_times_go_by_their_times(database: Database) -> None:
    for seq, at in enumerate([500, 100, 900, 100, 300, 900], start=1):
        append(database, seq, at=at)
    assert retention.forget_changes(database, before=500, lasting=()) == 3
    assert numbers(database) == [1, 3, 6]


def test_what_a_follower_has_yet_to_read_is_kept(database: Database) -> None:
    for seq in range(1, 11):
        append(database, seq, at=seq)
        if seq == 4:
            database.write(lambda connection: followers.begin(connection, "webhooks"))
    assert retention.forget_changes(database, before=10**9, lasting=()) == 4
    assert numbers(database) == [5, 6, 7, 8, 9, 10]
    database.write(lambda connection: followers.advance(connection, "webhooks", since=4, to=10))
    assert retention.forget_changes(database, before=10**9, lasting=()) == 5


def test_versions_that_are_still_read_are_kept_as_long_as_their_document_lives(database: Database) -> None:
    stored, address = Documents(), "proj/p:metric/orders"
    body = Document(address, "metric", "proj/p", 3, 3, 1, 1, {})
    database.write(lambda connection: stored.put(connection, body, 1))
    for seq in range(1, 4):
        append(database, seq, at=seq, kind="metric", address=address)
    append(database, 4, at=4)
    assert retention.forget_changes(database, before=10**9, lasting=("metric",)) == 0
    database.write(lambda connection: stored.delete(connection, address, version=4, seq=4))
    assert retention.forget_changes(database, before=10**9, lasting=("metric",)) == 3


def test_a_stop_ends_it_between_two_batches(database: Database) -> None:
    append(database, *range(1, 1001))
    turns = iter([True, False])
    assert retention.forget_changes(database, before=10**9, lasting=(), go_on=lambda: next(turns)) == retention.BATCH


def test_ended_sessions_go(database: Database) -> None:
    row = {"member": "m", "created_at": 1, "last_used_at": 1, "user_agent": "", "client": ""}
    rows = [{**row, "digest": f"d{end}", "id": f"i{end}", "expires_at": end} for end in (9, 10, 11)]
    database.write(lambda connection: connection.execute(insert(sessions), rows).rowcount)
    assert retention.forget_expired(database, now=10) == 2
    with database.read() as connection:
        assert connection.scalars(select(sessions.c.digest)).all() == ["d11"]


def test_the_data_folder_stays_bounded_under_a_steady_stream(sqlite_road: Road, fake_clock: FakeClock) -> None:
    compactor = sqlite_road.new_compactor(retention_ms=KEPT_DAYS * DAY_MS)
    sizes, seq = [], 0
    for day in range(24):
        fake_clock.at_ms = max(fake_clock.at_ms, NOON)
        while fake_clock.at_ms < NOON + day * DAY_MS:
            fake_clock.at_ms = min(fake_clock.at_ms + 4 * HOUR_MS, NOON + day * DAY_MS)
            compactor.upkeep()
        for batch in range(6):
            sqlite_road.send(ENVIRONMENT, day_of_events(day, batch), payload_id=f"{day}-{batch}")
            fake_clock.at_ms += 60_000
        compactor.flush()
        for _ in range(40):
            seq += 1
            body = {"after": {"text": random.Random(seq).randbytes(900).hex()}}
            append(sqlite_road.database, seq, at=fake_clock.at_ms, body=body)
        compactor.upkeep()
        retention.forget_changes(sqlite_road.database, before=fake_clock.at_ms - KEPT_DAYS * DAY_MS, lasting=())
        fake_clock.at_ms += 700_000  # merged files are deleted once nobody can still be reading them
        compactor.upkeep()
        sizes.append(sum(path.stat().st_size for path in sqlite_road.folder.rglob("*") if path.is_file()))
    settled = sizes[KEPT_DAYS * 2 : KEPT_DAYS * 3]
    assert max(sizes[-KEPT_DAYS:]) <= 1.1 * max(settled), f"it grows: {sizes}"
    folders = {path.name for path in (sqlite_road.folder / "lake" / f"env={ENVIRONMENT}").iterdir()}
    assert folders == {f"day=2026-12-{day:02}" for day in range(11, 17)}
    assert len(numbers(sqlite_road.database)) <= 40 * (KEPT_DAYS + 1)


def test_what_is_kept_counts_as_if_the_rest_had_never_been(
    sqlite_road: Road, fake_clock: FakeClock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    database = Database(sqlite_url(other))
    migrate(database)
    never = Road(other, database, fake_clock)
    compactor = sqlite_road.new_compactor(retention_ms=KEPT_DAYS * DAY_MS)
    for day in range(12):
        fake_clock.at_ms = NOON + day * DAY_MS
        sqlite_road.send(ENVIRONMENT, day_of_events(day, 0))
        if day >= 11 - KEPT_DAYS:
            fake_clock.at_ms = NOON + day * DAY_MS
            never.send(ENVIRONMENT, day_of_events(day, 0))
    assert sqlite_road.lake.forgotten_before(ENVIRONMENT) is None
    compactor.flush()
    compactor.upkeep()
    never.compactor.flush()
    kept, expected = sqlite_road.facts.answer(question()), never.facts.answer(question())
    assert kept.arms == expected.arms
    assert sum(expected.traffic.units.values()) > 0
    assert sqlite_road.lake.forgotten_before(ENVIRONMENT) == NOON - NOON % DAY_MS + (11 - KEPT_DAYS) * DAY_MS
    assert never.lake.forgotten_before(ENVIRONMENT) is None
    never.close()
    database.close()


def test_a_server_forgets_what_it_is_told_to_and_says_so(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    shop = Shop(server, key="shop", name="Shop")
    treated, control = shop.flag("checkout")
    shop.metric("orders")
    shop.edit("checkout", {"op": "replace", "path": "/on", "value": False})
    shop.edit("checkout", {"op": "replace", "path": "/on", "value": True})
    shop.metric("other")
    shop.experiment("test", flag="checkout", variations=[control, treated], metric="orders", percent=50)
    server.ok("PATCH", "/metrics/shop/orders", json=[{"op": "replace", "path": "/unit", "value": "USD"}])
    with sdk(shop) as client:
        seen(client)
    until(lambda: sum(units for units, _ in shop.results("test", "orders").values()) == 40, within_seconds=20)
    assert not retention_said(server, shop)
    assert server.stop() == 0

    make_older(tmp_path, days=3)
    server = start_server(tmp_path, event_retention_days="2", audit_retention_days="2")
    shop.server = server
    assert titles(server) > 5
    page = server.ok("GET", "/auditlog?limit=5")
    until(lambda: titles(server) < 6, within_seconds=30)
    # What was asked for before can be asked for still.
    assert server.call("GET", page["_links"]["next"]["href"]).status_code == 200
    assert server.ok("GET", "/flags/shop/checkout")["environments"]["production"]["on"] is True
    until(lambda: retention_said(server, shop), within_seconds=20)
    assert "was deleted for its age" in retention_said(server, shop)
    assert sum(units for units, _ in shop.results("test", "orders").values()) == 0, (
        "the old version of the metric is read"
    )
    with sdk(shop) as client:
        seen(client)
    until(lambda: sum(units for units, _ in shop.results("test", "orders").values()) == 40, within_seconds=20)
    shop.flag("after")
    assert server.ok("GET", "/auditlog?limit=1")["items"][0]["kind"] == "flag"
    assert server.stop() == 0


def seen(client: object) -> None:
    import ldclient

    assert isinstance(client, ldclient.LDClient)
    for number in range(40):
        client.variation("checkout", ldclient.Context.create(f"u{number}"), False)


def make_older(data_dir: Path, *, days: int) -> None:
    """Let everything in a data folder have happened some days before, and be known to all who follow."""
    database = Database(sqlite_url(data_dir))
    span = days * DAY_MS

    def act(connection: Connection) -> None:
        for table in (changes.changes, change_outlines):
            connection.execute(update(table).values(at=table.c.at - span))
        for address, body in connection.execute(select(documents.c.address, documents.c.body)).all():
            older = re.sub(r"\b1\d{12}\b", lambda time: str(int(time[0]) - span), body)
            connection.execute(update(documents).where(documents.c.address == address).values(body=older))
        newest = select(func.max(changes.changes.c.seq)).scalar_subquery()
        connection.execute(update(followers.followers).values(seq=newest))
        for path, day in connection.execute(select(lake_files.c.path, lake_files.c.day)).all():
            older = connection.execute(text("SELECT date(:day, :span)"), {"day": day, "span": f"-{days} days"}).scalar()
            connection.execute(update(lake_files).where(lake_files.c.path == path).values(day=older))

    database.write(act)
    database.close()


def retention_said(server: Server, shop: Shop) -> str:
    """What the results say of events that were deleted; nothing if none were."""
    shown = server.ok("GET", f"{shop.at}/experiments/test/metrics/orders/results")
    return "".join(check["message"] for check in shown["health"] if check["check"] == "retention")


def titles(server: Server) -> int:
    return int(server.ok("POST", "/auditlog/counts?after=0&buckets=1", json=[])["totalCount"])


def day_of_events(day: int, batch: int) -> list[dict[str, object]]:
    """Forty visitors of a day: each sees the flag, every third buys."""
    events: list[dict[str, object]] = []
    for number in range(40):
        who = {"user": f"u{day}-{batch}-{number}"}
        feature = {"kind": "feature", "key": "checkout", "variation": number % 2, "version": 1, "value": True}
        reason = {"reason": {"kind": "FALLTHROUGH", "inExperiment": True}}
        events.append({**feature, **reason, "creationDate": 1, "context": {"kind": "user", "key": who["user"]}})
        if number % 3 == 0:
            events.append({"kind": "custom", "key": "bought", "creationDate": 1, "contextKeys": who})
    return events


def question() -> Question:
    iteration = Iteration(environment_id=ENVIRONMENT, flag_key="checkout", unit_kind="user", started_at=NOON - DAY_MS)
    return Question(iteration=iteration, measure=Measure(event_key="bought"))


def append(
    database: Database,
    *seqs: int,
    at: int | None = None,
    kind: str = "flag",
    address: str = "",
    body: dict[str, object] | None = None,
) -> None:
    """Write changes of some numbers; each at a time of its own number unless one is given."""

    def act(connection: Connection) -> None:
        for seq in seqs:
            when = seq if at is None else at
            row = ChangeRow(seq, f"{seq:024x}", when, kind, address or f"proj/p:flag/f{seq}", "", body or {})
            changes.append(connection, row)

    database.write(act)


def numbers(database: Database) -> list[int]:
    """The numbers of the changes that are kept; each has its outline."""
    with database.read() as connection:
        kept = list(connection.scalars(select(changes.changes.c.seq).order_by(changes.changes.c.seq)))
        assert kept == sorted(connection.scalars(select(change_outlines.c.seq)))
        assert kept[-1] == changes.last_seq(connection)
    return kept
