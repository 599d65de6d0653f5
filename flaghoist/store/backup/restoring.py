"""Puts a backup into an empty place: checked before anything counts, and whole or absent."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from flaghoist.store.backup import lakes, rows
from flaghoist.store.backup.archive import Tell, unpack
from flaghoist.store.backup.manifest import Manifest, compare
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.backup.taking import KEY
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts.places.port import Place
from flaghoist.store.folders import sync
from flaghoist.store.migrations import is_known, newest, upgrade

RESTORING = "restoring"
"""The folder inside a data folder that a restore works in; while it is there, nobody serves from that data folder."""


def restore(
    source: Path, data_dir: Path, database_url: str, *, lake: Place | None = None, tell: Tell = lambda _: None
) -> Manifest:
    """Fill an empty data folder, and an empty database where one is named; gives what the backup says of itself.

    The lake goes to a place of its own if one is given, which has to be empty; or it is there already, where the backup
    was taken without. The state is brought to this program's newest schema. Raises ``BackupRefused`` with what is in
    the way, and leaves the place as empty as it was.
    """
    require_empty(data_dir)
    with _staged(data_dir) as staging:
        raw, found = unpack(source, staging, tell)
        manifest = Manifest.read(raw)
        compare(manifest, found)
        if not is_known(manifest.schema):
            raise BackupRefused(
                f"the backup has the schema {manifest.schema}, and this program knows up to {newest()}: "
                f"restore it with Flaghoist {manifest.flaghoist} or newer"
            )
        if manifest.has_key and (data_dir / KEY).exists():
            raise BackupRefused(f"{data_dir / KEY} exists, and the backup has a key of its own: move one away")
        state = staging / "state"
        with lakes.filled(lake, manifest, staging / "lake"), _opened(database_url or sqlite_url(staging)) as database:
            database.write(lambda connection: _fill(connection, manifest, state))
        shutil.rmtree(state)
        _put_in_place(staging, data_dir)
    return manifest


def require_empty(data_dir: Path) -> None:
    """Raises ``BackupRefused`` naming what is in a folder that ought to be empty; a key may wait there."""
    there = sorted(path.name for path in data_dir.iterdir() if path.name != KEY) if data_dir.is_dir() else []
    if there:
        raise BackupRefused(f"{data_dir} is not empty: it holds {', '.join(there[:5])}; name an empty folder")


def require_whole(data_dir: Path) -> None:
    """Raises ``BackupRefused`` if a restore into a folder was cut short."""
    if (data_dir / RESTORING).exists():
        raise BackupRefused(
            f"a restore into {data_dir} was cut short or is under way: "
            "empty it (and its database, and its lake), and restore again"
        )


@contextlib.contextmanager
def _staged(data_dir: Path) -> Iterator[Path]:
    """A folder to work in; on failure it goes, and so does the data folder if it is new."""
    is_new = not data_dir.exists()
    data_dir.mkdir(parents=True, exist_ok=True)
    staging = data_dir / RESTORING
    staging.mkdir(mode=0o700)
    try:
        yield staging
    except BaseException:
        shutil.rmtree(data_dir if is_new else staging)
        raise


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _fill(connection: Connection, manifest: Manifest, state: Path) -> None:
    """Tables as the backup knew them, its rows, and then the steps since; all of it in one transaction."""
    if not rows.is_empty(connection):
        raise BackupRefused("the database is not empty: name an empty one")
    upgrade(connection, manifest.schema)
    tables = {table.name: table for table in rows.tables(connection)}
    for table in tables.values():
        connection.execute(table.delete())  # a migration may have put a first row there
    for name, counted in manifest.rows.items():
        loaded = rows.load(connection, tables[name], state / f"{name}.jsonl")
        if loaded != counted:
            raise BackupRefused(f"the backup is damaged: {name} has {loaded} rows instead of {counted}")
    upgrade(connection)


def _put_in_place(staging: Path, data_dir: Path) -> None:
    """Until the folder that was worked in is gone, nobody serves from here."""
    for path in sorted(staging.iterdir()):
        path.rename(data_dir / path.name)
    sync(data_dir)
    staging.rmdir()
    sync(data_dir)
