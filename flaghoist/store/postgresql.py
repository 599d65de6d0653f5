"""Connections to PostgreSQL whose other end may vanish without a word: each side finds out in seconds.

A machine that loses its network does not say so. Left to itself, whoever waits for an answer waits for hours, and the
database keeps for as long what the lost one held, the write lock among it.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any, cast

import psycopg
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg.types.json import Jsonb
from sqlalchemy import Dialect, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

CONNECT_WITHIN_SECONDS = 3
IDLE_SECONDS, ASKED_EVERY_SECONDS, ASKED_TIMES = 3, 1, 3
LOST_AFTER_MS = 1000 * (IDLE_SECONDS + ASKED_EVERY_SECONDS * ASKED_TIMES)
TRY_AGAIN_SECONDS = 0.5

Connection = psycopg.Connection[Any]
ARGUMENTS: Mapping[str, Any] = {
    "connect_timeout": CONNECT_WITHIN_SECONDS,
    "keepalives_idle": IDLE_SECONDS,
    "keepalives_interval": ASKED_EVERY_SECONDS,
    "keepalives_count": ASKED_TIMES,
    "tcp_user_timeout": LOST_AFTER_MS,
}
"""How to connect, unless the address of the database says otherwise."""

_OF_THE_SERVER = {
    "tcp_keepalives_idle": IDLE_SECONDS,
    "tcp_keepalives_interval": ASKED_EVERY_SECONDS,
    "tcp_keepalives_count": ASKED_TIMES,
    "tcp_user_timeout": LOST_AFTER_MS,
    # Else those who wait for a lock are not missed before they have it.
    "client_connection_check_interval": 1000 * ASKED_EVERY_SECONDS,
}
# Only those that it has: the last came with PostgreSQL 14.
_SET = "SELECT set_config(name, %(wanted)s ->> name, false) FROM pg_settings WHERE %(wanted)s ? name"


def open_engine(url: str, *, connections: int) -> Engine:
    """An engine that keeps so many connections and may open as many more."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=arguments(url),
    )
    gate = _Gate()

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _record: Any, given: Any, named: Any) -> Any:
        return gate.through(lambda: watched(cast(Connection, dialect.connect(*given, **named))))

    @event.listens_for(engine, "handle_error")
    def tell(context: ExceptionContext) -> None:
        # To the driver this is a mistake of its user; what it says is that the connection is gone.
        if isinstance(context.original_exception, IdleInTransactionSessionTimeout):
            context.is_disconnect = True
            raise OperationalError(context.statement, None, context.original_exception, hide_parameters=True)

    return engine


def arguments(url: str) -> dict[str, Any]:
    """How to connect to a database, but for what its address says itself."""
    said = make_url(url).query
    return {name: value for name, value in ARGUMENTS.items() if name not in said}


def watched(connection: Connection) -> Connection:
    """A connection after whose end the database looks, too, for as long as it lasts."""
    was = connection.autocommit
    try:
        connection.autocommit = True  # a setting is undone with the transaction that it was made in
        connection.execute(_SET, {"wanted": Jsonb(_OF_THE_SERVER)})
        connection.autocommit = was
    except psycopg.Error:
        connection.close()
        raise
    return connection


class _Gate:
    """While the database is away one at a time tries to reach it, now and then; all others are told so at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._reason = ""

    def through(self, connect: Any) -> Any:
        """Connect; raises what ``connect`` does, or for a while after that the same reason."""
        self._pass()
        try:
            connection = connect()
        except psycopg.OperationalError as error:
            self._closed_until, self._reason = time.monotonic() + TRY_AGAIN_SECONDS, str(error)
            raise
        self._closed_until = 0.0
        return connection

    def _pass(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._closed_until:
                raise psycopg.OperationalError(self._reason)
            if self._closed_until:  # it is this one's turn to try
                self._closed_until = now + CONNECT_WITHIN_SECONDS + TRY_AGAIN_SECONDS
