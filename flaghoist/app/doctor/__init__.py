"""Examines a data folder and its state store, whether a server runs on them or not, and changes nothing."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from flaghoist.app.doctor import events, settled
from flaghoist.app.lake_place import lake_place
from flaghoist.app.state import state_url
from flaghoist.app.upgrading import CannotStart
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.resources.experimentation.versions import LASTING_KINDS
from flaghoist.store.backup.taking import KEY
from flaghoist.store.database import Database
from flaghoist.store.doctor import given_up, inboxes, journal, keys, lake, place, schema
from flaghoist.store.doctor.finding import Finding


def examine(settings: Settings) -> list[Finding]:
    """Everything that was found, in the order in which it is best looked into."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from settled.contradictions(settings)
    if not settings.data_dir.is_dir():
        yield Finding(
            "no-data-folder", f"there is no folder {settings.data_dir}", "name it with --data-dir, or start a server"
        )
        return
    yield from place.findings(settings.data_dir, reserve=settings.disk_reserve)
    if not settings.database_url and not (settings.data_dir / "state.db").exists():
        yield Finding(
            "no-state",
            f"there is no state in {settings.data_dir}",
            "name its folder with --data-dir, or its database with --database-url",
        )
        return
    yield from _of_state(settings)


def _of_state(settings: Settings) -> Iterator[Finding]:
    database = Database(state_url(settings))
    try:
        found = list(schema.findings(database))
        yield from found
        if any(each.is_trouble for each in found):
            return  # what is in tables of another shape cannot be judged
        with database.read() as connection:
            yield from keys.findings(connection, settings.secret_key, settings.data_dir / KEY)
            yield from journal.findings(connection, lasting=LASTING_KINDS)
            yield from given_up.findings(connection)
            yield from inboxes.findings(connection, settings.data_dir)
            yield from events.findings(connection, settings)
            yield from _of_lake(connection, settings)
    except Unavailable:
        yield Finding(
            "state-unreachable",
            "the state store cannot be read",
            "see that the database runs, that its address is right and that it lets this user in",
        )
    finally:
        database.close()


def _of_lake(connection: Connection, settings: Settings) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryDirectory() as nothing_is_copied:
            yield from lake.findings(connection, lake_place(settings, copies=Path(nothing_is_copied)))
    except CannotStart as error:
        yield Finding("settings-lake", str(error), "correct the setting; a server does not start with it either")
