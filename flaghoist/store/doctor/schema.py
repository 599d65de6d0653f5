"""The state store as a whole: whether it can be read, is what was written, and has the shape this program knows."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from flaghoist.store.database import Database
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.migrations import SchemaNewer, newest, pending


def findings(database: Database) -> Iterator[Finding]:
    """Raises ``Unavailable`` if the store cannot be reached."""
    try:
        if database.is_sqlite:
            with database.read() as connection:
                told = list(connection.scalars(text("PRAGMA quick_check(5)")))
            if told != ["ok"]:
                yield _damaged("; ".join(told))
                return
        ahead = pending(database)
    except SchemaNewer as error:
        yield Finding("schema-newer", str(error), "upgrade Flaghoist, or restore the backup from before the upgrade")
        return
    except DatabaseError as error:
        yield _damaged(str(error.orig))
        return
    if ahead:
        yield Finding(
            "schema-older",
            f"the state store is {len(ahead)} steps behind schema {newest()}",
            "take a backup, look at 'flaghoist migrate --preview', and start the server or run 'flaghoist migrate'",
        )
    else:
        yield note("schema", f"the state store is at schema {newest()}, as it should be")


def _damaged(why: str) -> Finding:
    return Finding(
        "state-damaged",
        f"the state store is damaged: {why}",
        "stop the server, keep a copy of the folder, and restore the newest backup",
    )
