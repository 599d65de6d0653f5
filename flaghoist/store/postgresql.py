"""Connections to PostgreSQL whose other end may vanish or freeze without a word: each side finds out in seconds.

A machine that loses its network does not say so. Left to itself, whoever waits for an answer waits for hours, and the
database keeps for as long what the lost one held, the write lock among it. A database that is frozen (stopped, or its
disk hangs) says even less, since its machine goes on to confirm what it is sent: only whoever asks can give it up.
"""

import math
import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg.types.json import Jsonb
from sqlalchemy import Dialect, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError, OperationalError

CONNECT_WITHIN_SECONDS = 3
IDLE_SECONDS, ASKED_EVERY_SECONDS, ASKED_TIMES = 3, 1, 3
LOST_AFTER_MS = 1000 * (IDLE_SECONDS + ASKED_EVERY_SECONDS * ASKED_TIMES)
TRY_AGAIN_SECONDS = 0.5
SERVER_FIRST_SECONDS = 1.0
"""A database that is alive gives up a statement by itself, which leaves the connection whole; it has so much longer."""

T = TypeVar("T")
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


@dataclass(slots=True)
class Patience:
    """How many seconds a statement may take; may become shorter while some are waited for."""

    seconds: float = math.inf


def open_engine(url: str, *, connections: int, patience: Patience) -> Engine:
    """An engine that keeps so many connections and may open as many more."""
    engine = create_engine(
        url, pool_size=connections, max_overflow=connections, hide_parameters=True, connect_args=arguments(url)
    )
    gate = _Gate()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Dialect, _record: Any, given: Any, named: Any) -> Any:
        return gate.through(lambda: watched(Connection.connect(*given, **named), patience))

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, _record: Any, _proxy: Any) -> None:
        try:
            connection.ask()
        except psycopg.Error as error:
            raise InvalidatePoolError(str(error)) from error

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


class Connection(psycopg.Connection[Any]):
    """One that is given up when patience with what was asked is at its end, and nothing was heard meanwhile."""

    patience = Patience(CONNECT_WITHIN_SECONDS)
    is_new = True

    def ask(self) -> None:
        """Return if the other end is there; raises ``psycopg.Error`` if it is not, or takes as long as to connect."""
        if self.is_new:
            self.is_new = False
            return
        patience, self.patience = self.patience, Connection.patience
        self.autocommit = True
        self.execute("SELECT 1")
        self.autocommit = False
        self.patience = patience

    def wait(self, gen: Generator[Any, Any, T], *given: Any, **named: Any) -> T:
        """What psycopg waits for, or ``psycopg.OperationalError`` once patience is at its end."""
        try:
            return super().wait(_in_time(gen, self.patience), *given, **named)
        except _Silent as silence:
            self.close()
            raise psycopg.OperationalError(str(silence)) from None


def watched(connection: Connection, patience: Patience) -> Connection:
    """A connection after whose end the database looks, too, and which has so much patience."""
    wanted = dict(_OF_THE_SERVER)
    if patience.seconds < math.inf:
        wanted["statement_timeout"] = round(1000 * patience.seconds)
    was = connection.autocommit
    try:
        connection.autocommit = True  # a setting is undone with the transaction that it was made in
        connection.execute(_SET, {"wanted": Jsonb(wanted)})
        connection.autocommit = was
    except psycopg.Error:
        connection.close()
        raise
    connection.patience = patience
    return connection


class _Silent(Exception):
    pass


def _in_time(waiting: Generator[Any, Any, T], patience: Patience) -> Generator[Any, Any, T]:
    """The same, as long as something comes or goes now and then."""
    since = time.monotonic()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if ready:
                since = time.monotonic()
            elif time.monotonic() - since >= patience.seconds + SERVER_FIRST_SECONDS:
                raise _Silent(f"no answer for {time.monotonic() - since:.0f} seconds")
            wanted = waiting.send(ready)
    except StopIteration as end:
        found: T = end.value
        return found


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
