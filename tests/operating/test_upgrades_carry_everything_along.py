"""A data folder of any earlier version is carried along; what that takes can be seen first, and is done once."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import PostgreSQL, start_server
from shop import Shop
from sqlalchemy import Connection, create_engine, insert, inspect, select, text

from flaghoist.store.backup import rows
from flaghoist.store.backup.restoring import RESTORING, restore
from flaghoist.store.backup.taking import take
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.migrations import SchemaNewer, migrate, newest, revision_of, steps_ahead, upgrade
from flaghoist.store.migrations.preview import preview

Rows = dict[str, list[dict[str, object]]]
SHARED = ("alembic_version",)


def revisions() -> list[str]:
    """Every revision there ever was, oldest first."""
    with create_engine("sqlite://").connect() as connection:
        return [step.revision for step in steps_ahead(connection)]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that was used and stopped."""
    folder = tmp_path_factory.mktemp("lived-in")
    server = start_server(folder)
    shop = Shop(server, key="shop", name="Shop")
    shop.flag("checkout")
    shop.metric("orders")
    assert server.stop() == 0
    return folder


@pytest.fixture(scope="module")
def lived(lived_in: Path) -> Rows:
    """Every row of it."""
    database = Database(sqlite_url(lived_in))
    found = all_rows(database)
    database.close()
    return found


@pytest.mark.parametrize("revision", revisions())
def test_every_older_data_folder_is_carried_along_with_its_rows(revision: str, lived: Rows, tmp_path: Path) -> None:
    database = old_store(sqlite_url(tmp_path), revision, lived)
    old = all_rows(database)
    take(tmp_path, database, tmp_path / "old.tar", with_key=False)
    applied = migrate(database)
    assert [line.partition(":")[0] for line in applied] == [step for step in revisions() if step > revision]
    now = all_rows(database)
    for table, found in old.items():
        kept = [{name: row[name] for name in found[0]} for row in now[table]] if found else []
        assert in_order(kept) == in_order(found), f"rows of {table} changed on the way from {revision}"
    assert in_order(now["change_outlines"]) == in_order(lived["change_outlines"])
    database.close()

    restore(tmp_path / "old.tar", tmp_path / "restored", "")
    restored = Database(sqlite_url(tmp_path / "restored"))
    assert all_rows(restored) == now
    restored.close()


def test_a_server_serves_what_the_first_version_had(lived: Rows, lived_in: Path, tmp_path: Path) -> None:
    old_store(sqlite_url(tmp_path), revisions()[0], lived).close()
    shutil.copy(lived_in / "secret.key", tmp_path)
    server = start_server(tmp_path)
    try:
        assert server.ok("GET", "/flags/shop/checkout")["environments"]["production"]["on"] is True
        entries = server.ok("GET", "/auditlog?limit=20")["items"]
        assert "created the metric" in entries[0]["titleVerb"] or entries[0]["kind"] == "metric"
        assert server.ok("GET", "/metrics/shop/orders")["key"] == "orders"
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("since", ["", "0002"])
def test_a_preview_tells_the_sql_and_changes_nothing(since: str, url: str) -> None:
    database = Database(url)
    if since:
        database.write(lambda connection: upgrade(connection, since))
    before = shape(database)
    planned = preview(database)
    assert [each.step.revision for each in planned] == [step for step in revisions() if step > since]
    assert shape(database) == before
    # Run by hand, the statements make exactly what the program makes by itself.
    by_hand = [statement for each in planned for statement in each.statements]
    with database.engine().connect() as connection, connection.begin() as transaction:
        for statement in by_hand:
            connection.exec_driver_sql(statement)
        made = shape_of(connection)
        transaction.rollback()
    migrate(database)
    assert made == shape(database)
    assert preview(database) == []
    database.close()


def test_processes_that_start_at_once_migrate_once(url: str, tmp_path: Path) -> None:
    database = Database(url)
    database.write(lambda connection: upgrade(connection, "0001"))
    database.close()
    running = [
        subprocess.Popen(command("migrate", tmp_path, url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    applied = [re.findall(r"applied (\d+)", out) for out, _ in told]
    assert sorted(applied) == [[], revisions()[1:]]
    assert all(f"schema {newest()}" in out for out, _ in told)


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    database = Database(url)
    migrate(database)
    database.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")).rowcount
    )
    with pytest.raises(SchemaNewer):
        migrate(database)
    database.close()
    for name in ("serve", "migrate", "backup"):
        told = run(name, tmp_path, url, *(["--to", str(tmp_path / "b")] if name == "backup" else []))
        assert told.returncode == 1
        assert "has the schema 9999" in told.stderr
        assert "Traceback" not in told.stderr


def test_an_older_schema_waits_for_leave_where_that_is_set(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    old_store(url, "0001", {}).close()
    told = run("serve", tmp_path, url, "--migrate-on-start", "no", "--port", "0")
    assert told.returncode == 1
    assert f"{len(revisions()) - 1} steps behind schema {newest()}" in told.stderr
    assert "flaghoist migrate --preview" in told.stderr
    database = Database(url)
    with database.read() as connection:
        assert revision_of(connection) == "0001"
    database.close()

    shown = run("migrate", tmp_path, url, "--preview")
    assert "-- 0002: lake files, inbox progress, and tallies of events\nCREATE TABLE inbox_progress" in shown.stdout
    assert shown.stdout.endswith(f"-- {len(revisions()) - 1} to go to schema {newest()}; nothing was changed.\n")
    assert run("migrate", tmp_path, url).returncode == 0
    start_server(tmp_path, migrate_on_start="no").stop()


def test_nobody_serves_from_half_a_restore(tmp_path: Path) -> None:
    (tmp_path / RESTORING).mkdir()
    told = run("serve", tmp_path, sqlite_url(tmp_path), "--port", "0")
    assert told.returncode == 1
    assert "was cut short or is under way" in told.stderr


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    running: PostgreSQL = request.getfixturevalue("postgresql")
    return running.database().replace("postgresql://", "postgresql+psycopg://")


def command(name: str, data_dir: Path, url: str, *more: str) -> list[str]:
    database = [] if url.startswith("sqlite") else ["--database-url", url]
    return [sys.executable, "-m", "flaghoist.cli", name, "--data-dir", str(data_dir), *database, *more]


def run(name: str, data_dir: Path, url: str, *more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(name, data_dir, url, *more), capture_output=True, text=True, timeout=60, check=False, env={**os.environ}
    )


def old_store(url: str, revision: str, lived: Rows) -> Database:
    """A store as it was at a revision, with those of some rows, and of each those columns, that it knew."""
    database = Database(url)

    def fill(connection: Connection) -> None:
        upgrade(connection, revision)
        for table in rows.tables(connection):
            known = [{column.name: row[column.name] for column in table.columns} for row in lived.get(table.name, [])]
            if known:
                connection.execute(insert(table), known)

    database.write(fill)
    return database


def all_rows(database: Database) -> Rows:
    with database.read() as connection:
        return {
            table.name: in_order([dict(row) for row in connection.execute(select(table)).mappings()])
            for table in rows.tables(connection)
        }


def in_order(found: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(found, key=lambda row: repr(sorted(row.items())))


def shape(database: Database) -> dict[str, object]:
    with database.read() as connection:
        return shape_of(connection)


def shape_of(connection: Connection) -> dict[str, object]:
    """Tables with their columns, keys and indexes; of the table of revisions only whether anything is in it."""
    known = inspect(connection)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in known.get_columns(table)],
            known.get_pk_constraint(table)["constrained_columns"],
            sorted((index["name"] or "", tuple(index["column_names"])) for index in known.get_indexes(table)),
        )
        for table in known.get_table_names()
        if table not in SHARED
    }
