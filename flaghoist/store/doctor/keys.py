"""Whether the keys at hand are those that secrets in the state are sealed with."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from flaghoist.store.doctor.finding import Finding
from flaghoist.store.keyring import Keyring, WrongKey
from flaghoist.store.tables import secret_keys


def findings(connection: Connection, given: str, file: Path) -> Iterator[Finding]:
    """``given`` is what settings say, ``file`` where the key is otherwise."""
    try:
        ring = Keyring.of(given, file)
    except WrongKey as error:
        yield Finding("key-unreadable", str(error), "put back the key as it was; a backup may have it")
        return
    for key in connection.scalars(select(secret_keys.c.id).order_by(secret_keys.c.since)):
        if key not in ring.ids:
            yield Finding(
                "key-missing",
                f"secrets are sealed with the key {key}, and {ring.where} does not have it",
                f"bring back the {file.name} that was beside the state, or give that key as FLAGHOIST_SECRET_KEY",
            )
