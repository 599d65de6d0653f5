"""Documents put into a running server's store from outside, as another process would: for families met by address."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from servers import Server

from flaghoist.core import addresses
from flaghoist.store import changes
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.documents import Document, Documents

Plant = Callable[..., None]


@contextlib.contextmanager
def planting(server: Server, store_url: str) -> Iterator[Plant]:
    """Gives ``plant(address, body, at=milliseconds)``; ``store_url`` is the server's, empty for SQLite."""
    url = store_url.replace("postgresql://", "postgresql+psycopg://") or sqlite_url(server.data_dir)
    database = Database(url)

    def plant(address: str, body: dict[str, Any], *, at: int = 1_000) -> None:
        kind, parent = addresses.last(address)[0], addresses.parent(address)
        document = Document(address, kind, parent, 1, 1, at, at, body)
        database.write(lambda connection: Documents().put(connection, document, changes.last_seq(connection)))

    yield plant
    database.close()
