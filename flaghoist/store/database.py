"""The state store: SQLite in one data directory, or PostgreSQL; one writer at a time on either."""

import contextlib
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Spread
from flaghoist.base.tracing import span
from flaghoist.store.outages import Outages
from flaghoist.store.postgresql import Patience, open_engine

log = logging.getLogger("flaghoist.store")
T = TypeVar("T")
WRITE_LOCK = 0x666C6167  # PostgreSQL advisory lock: writers take turns, so change numbers commit in order
IDLE_MS_MAX = "10000"  # a writer that says nothing for so long, because it hangs or is cut off, loses its turn
GROUP_MAX = 64
ENDING_SECONDS = 3.0
CONNECTIONS = 24  # more than the threads that ask: a reader may ask again while it holds its first connection
_LIMIT_IDLE = text("SELECT set_config('idle_in_transaction_session_timeout', :idle, true)")
_AWAY = (OperationalError, InterfaceError, PoolTimeout)  # the store is away, full or locked: not our mistake


@dataclass(frozen=True, slots=True)
class Discard(Generic[T]):
    """What an act returns when its effects are to be undone and only its value kept (a dry run)."""

    value: T


class Database:
    """Reads see one consistent snapshot; writes are whole or absent, and durable when ``write`` returns.

    PostgreSQL has ``answer_within`` seconds for each statement, waiting for the turn at writing included. ``outages``
    tells how often and for how long the store could not be reached, ``writes`` how many seconds writes took.
    """

    def __init__(self, url: str, *, answer_within: float = math.inf) -> None:
        self.url = url
        self.outages = Outages()
        self.writes = Spread()
        self.is_sqlite = url.startswith("sqlite")
        self._writer: _GroupCommit | None = None
        self._patience = Patience(answer_within)
        if self.is_sqlite:
            self._readers = _sqlite(url, writing=False)
            self._engine = _sqlite(url, writing=True)
            self._writer = _GroupCommit(self._engine)
        else:
            self._readers = self._engine = open_engine(url, connections=CONNECTIONS, patience=self._patience)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, in one transaction; raises ``Unavailable`` while the store is away."""
        try:
            with self._readers.connect() as connection:
                if not self.is_sqlite:
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                yield connection
            self.outages.ended()
        except _AWAY as error:
            self.outages.met("read")
            log.warning("unreadable store reason=%s", _cause(error))
            raise Unavailable("the state store cannot be read at the moment; try again") from error

    def write(self, act: Callable[[Connection], T | Discard[T]], *, in_turn: bool = True) -> T:
        """Run ``act`` in one transaction and make it durable; what it raises undoes it and is raised here.

        Only acts that write no change may go out of turn: on PostgreSQL those wait for nobody's commit.
        """
        began = time.monotonic()
        try:
            with span("store write"):
                written = self._writer.run(act) if self._writer else self._write_alone(act, in_turn=in_turn)
        except _AWAY as error:
            self.outages.met("write")
            log.warning("unwritable store reason=%s", _cause(error))
            raise Unavailable("the state store cannot be written at the moment; try again") from error
        self.outages.ended()
        self.writes.add(time.monotonic() - began)
        return written

    def absence(self) -> str:
        """Why the store cannot be reached at the moment, in a line; empty if it can be."""
        try:
            with self._readers.connect():
                return ""
        except _AWAY as error:
            return _cause(error)

    def engine(self) -> Engine:
        """The engine that may write; to look at tables and to back them up."""
        return self._engine

    def wipe_free_space(self) -> None:
        """Leave nothing in SQLite's files of what was deleted or overwritten; PostgreSQL sees to its own in time."""
        if not self.is_sqlite:
            return
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def hasten(self) -> None:
        """Wait for PostgreSQL only a moment from now on, also where it is waited for already: the process is to end."""
        self._patience.seconds = min(self._patience.seconds, ENDING_SECONDS)

    def close(self) -> None:
        """Finish the writes under way and let go of every connection."""
        if self._writer:
            self._writer.stop()
        self._engine.dispose()
        self._readers.dispose()

    def _write_alone(self, act: Callable[[Connection], T | Discard[T]], *, in_turn: bool) -> T:
        with self._engine.connect() as connection, connection.begin() as transaction:
            connection.execute(_LIMIT_IDLE, {"idle": IDLE_MS_MAX})
            if in_turn:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})
            outcome = act(connection)
            if isinstance(outcome, Discard):
                transaction.rollback()
                return outcome.value
            return outcome


class _GroupCommit:
    """One thread writes; acts that wait together share one commit, each in a savepoint of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.Queue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="state-writer", daemon=True)
        self._thread.start()

    def run(self, act: Callable[[Connection], T | Discard[T]]) -> T:
        future: Future[T] = Future()
        self._waiting.put((act, future))
        return future.result()

    def stop(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            group = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(group) < GROUP_MAX:
                    group.append(self._waiting.get_nowait())
            self._commit([job for job in group if job is not None])
            if None in group:
                return

    def _commit(self, group: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                outcomes = [(future, *_in_savepoint(connection, act)) for act, future in group]
        except BaseException as error:  # the commit itself failed: nobody in the group was written
            for _, future in group:
                future.set_exception(error)
            return
        for future, value, failure in outcomes:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)


def _in_savepoint(connection: Connection, act: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        outcome = act(connection)
    except BaseException as error:
        savepoint.rollback()
        return None, error
    if isinstance(outcome, Discard):
        savepoint.rollback()
        return outcome.value, None
    savepoint.commit()
    return outcome, None


def _sqlite(url: str, *, writing: bool) -> Engine:
    pool = {"pool_size": 1} if writing else {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS}
    # Parameters hold keys and whole bodies: an error that is logged must not tell them.
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so, below
        cursor = connection.cursor()
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def sqlite_url(data_dir: Path) -> str:
    """Where the state lives when no other database is named."""
    return f"sqlite:///{data_dir / 'state.db'}"


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
