"""The state store on SQLite and on PostgreSQL: whole writes, one at a time, durable when they return."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers import PostgreSQL
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import IntegrityError

from flaghoist.base.errors import Unavailable
from flaghoist.store import changes, credentials
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database, Discard, sqlite_url
from flaghoist.store.documents import KEPT_MAX, Document, Documents, Facet
from flaghoist.store.migrations import migrate
from flaghoist.store.tables import metadata


def document(address: str, version: int = 1, **body: object) -> Document:
    return Document(address, "metric", "proj/p", version, version, 10, 10, dict(body))


def number(connection: Connection, text: str = "") -> int:
    """Append a change and give its number."""
    seq = changes.last_seq(connection) + 1
    changes.append(connection, ChangeRow(seq, f"{seq:024x}", 5, "metric", f"proj/p:metric/{text}", text, {}))
    return seq


def test_migrations_make_the_tables_that_the_code_declares(database: Database) -> None:
    found = inspect(database.engine())
    for table in metadata.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == {column.name for column in table.columns}
    assert migrate(database) == []


def test_servers_that_start_together_migrate_once(postgresql: PostgreSQL) -> None:
    url = postgresql.database().replace("postgresql://", "postgresql+psycopg://")
    servers = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(len(servers)) as threads:
        applied = list(threads.map(migrate, servers))
    for server in servers:
        server.close()
    assert sorted(map(bool, applied)) == [False, False, False, True]


def test_an_error_of_the_store_does_not_tell_what_was_to_be_stored(database: Database) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            credentials.add(connection, "sdk-x", kind="sdk", address="proj/p:env/secret-address", now=1)

    with pytest.raises(IntegrityError) as told:
        database.write(twice)
    assert "secret-address" not in str(told.value)


def test_a_refused_act_leaves_no_trace_and_the_next_goes_on(database: Database) -> None:
    def refused(connection: Connection) -> None:
        number(connection)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(refused)
    assert database.write(lambda connection: Discard(number(connection))) == 1
    assert database.write(number) == 1
    with database.read() as connection:
        assert changes.last_seq(connection) == 1


def test_many_writers_get_numbers_without_gaps_in_the_order_they_commit(database: Database) -> None:
    seen: list[int] = []
    lock = threading.Lock()

    def write() -> None:
        for _ in range(20):
            seq = database.write(number)
            with lock:
                seen.append(seq)

    def refuse() -> None:
        for _ in range(20):
            with pytest.raises(ZeroDivisionError):
                database.write(lambda connection: number(connection) // 0)

    threads = [threading.Thread(target=target) for target in (write, write, refuse, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 61))
    with database.read() as connection:
        assert [row.seq for row in changes.after(connection, 0)] == list(range(1, 61))


def test_a_reader_sees_one_moment_while_writers_go_on(database: Database) -> None:
    database.write(number)
    with database.read() as connection:
        first = changes.last_seq(connection)
        database.write(number)
        assert changes.last_seq(connection) == first
    with database.read() as connection:
        assert changes.last_seq(connection) == first + 1


def test_a_kept_collection_is_never_stale(database: Database) -> None:
    documents = Documents()

    def put(address: str, **body: object) -> None:
        database.write(lambda connection: documents.put(connection, document(address, **body), number(connection)))

    def listed() -> list[object]:
        with database.read() as connection:
            found = documents.collection(connection, "metric", "proj/p", keep=True)
            return [each.body.get("name") for each in found]

    put("proj/p:metric/a", name="one")
    put("proj/p:metric/b", name="two")
    assert listed() == ["one", "two"]
    assert listed() == ["one", "two"]
    put("proj/p:metric/a", name="changed")
    assert listed() == ["changed", "two"]

    def undone(connection: Connection) -> Discard[int]:
        documents.put(connection, document("proj/p:metric/a", name="never"), number(connection))
        assert documents.collection(connection, "metric", "proj/p", keep=False)[0].body == {"name": "never"}
        return Discard(0)

    database.write(undone)
    assert listed() == ["changed", "two"]
    put("proj/p:metric/b", name="also")  # has the number that the undone write had
    assert listed() == ["changed", "also"]
    database.write(
        lambda connection: documents.delete(connection, "proj/p:metric/a", version=9, seq=number(connection))
    )
    assert listed() == ["also"]
    with database.read() as connection:
        assert documents.read(connection, "proj/p:metric/a") is None
        assert documents.version_ever(connection, "proj/p:metric/a") == 9


def test_addresses_are_told_apart_by_case_and_by_step(database: Database) -> None:
    documents = Documents()
    for address in ("proj/web", "proj/web:env/a", "proj/Web:env/a", "proj/web2:env/a", "proj/web:env/a:flag/f"):
        database.write(lambda connection, at=address: documents.put(connection, document(at), number(connection)))
    with database.read() as connection:
        below = [found.address for found in documents.below(connection, "proj/web")]
    assert below == ["proj/web:env/a:flag/f", "proj/web:env/a"]


def test_facets_live_and_go_with_their_document(database: Database) -> None:
    documents = Documents()
    at = "proj/p:metric/m"

    def begin(connection: Connection) -> None:
        documents.put(connection, document(at), number(connection))
        documents.put_facet(connection, at, "test", Facet(1, 10, {"on": True}))
        documents.copy_facets(connection, "proj/p", "test", "staging")

    database.write(begin)
    with database.read() as connection:
        assert {name: facet.body for name, facet in documents.facets(connection, [at])[at].items()} == {
            "test": {"on": True},
            "staging": {"on": True},
        }
        assert documents.facets(connection, [at], ["production"]) == {at: {}}
    database.write(lambda connection: documents.drop_facets(connection, "proj/p", "staging"))
    with database.read() as connection:
        assert list(documents.facets(connection, [at])[at]) == ["test"]
    database.write(lambda connection: documents.delete(connection, at, version=2, seq=number(connection)))
    with database.read() as connection:
        assert documents.facets(connection, [at])[at] == {}


def test_credentials_are_kept_as_digests_and_run_out(database: Database) -> None:
    at = "proj/p:env/test"
    database.write(lambda connection: credentials.add(connection, "sdk-secret", kind="sdk", address=at, now=1))
    with database.read() as connection:
        found = credentials.find(connection, "sdk-secret", now=2)
        assert found is not None
        assert found.address == at
        assert "secret" not in found.digest
        assert credentials.find(connection, "sdk-other", now=2) is None
    database.write(lambda connection: credentials.retire(connection, at, "sdk", expires_at=100))
    with database.read() as connection:
        assert credentials.find(connection, "sdk-secret", now=99) is not None
        assert credentials.find(connection, "sdk-secret", now=100) is None


def test_what_a_write_returned_for_survives_kill_9(tmp_path: Path) -> None:
    script = f"""
import os, signal
from sqlalchemy import text
from flaghoist.base.errors import Unavailable
from flaghoist.store import changes
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database
from flaghoist.store.migrations import migrate
database = Database({sqlite_url(tmp_path)!r})
migrate(database)
for seq in range(1, 8):
    database.write(lambda c: changes.append(c, ChangeRow(seq, str(seq), 0, "k", "a", "n", {{}})))
    print(seq, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == -9, ran.stderr
    acknowledged = [int(line) for line in ran.stdout.split()]
    database = Database(sqlite_url(tmp_path))
    with database.read() as connection:
        assert [row.seq for row in changes.after(connection, 0)] == acknowledged == list(range(1, 8))
    database.close()


def test_a_store_that_is_away_is_told_to_the_log_and_not_to_who_asks(caplog: pytest.LogCaptureFixture) -> None:
    away = Database("postgresql+psycopg://flags:hunter2@127.0.0.1:1/flags")
    with pytest.raises(Unavailable) as told, away.read():
        pass
    assert "127.0.0.1" not in told.value.message
    assert "127.0.0.1" in caplog.text
    assert "hunter2" not in caplog.text


def test_collections_are_kept_until_too_many_others_have_been_read(database: Database) -> None:
    database.write(lambda connection: Documents().put(connection, document("proj/p:metric/m"), number(connection)))
    documents = Documents()
    with database.read() as connection:
        first = documents.collection(connection, "metric", "proj/p", keep=True)
        assert documents.collection(connection, "metric", "proj/p", keep=True) is first
        for other in range(KEPT_MAX):
            documents.collection(connection, "metric", f"proj/{other}", keep=True)
        again = documents.collection(connection, "metric", "proj/p", keep=True)
    assert again == first
    assert again is not first
