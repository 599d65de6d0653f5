"""A database that does not answer is asked by one at a time, and one that does looks after those who are connected."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from servers import PostgreSQL
from sqlalchemy import Connection

from flaghoist.base.errors import Unavailable
from flaghoist.store.database import Database
from flaghoist.store.postgresql import CONNECT_WITHIN_SECONDS


def test_while_nobody_answers_one_waits_and_the_others_are_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql+psycopg://flags@127.0.0.1:{silent.getsockname()[1]}/flags")
        took = [_refused_after(database) for _ in range(20)]
        database.close()
    assert took[0] >= CONNECT_WITHIN_SECONDS - 0.5
    assert sum(took[1:]) < took[0], "none of them waited for an answer again"


def test_what_the_address_says_of_the_connection_is_kept(postgresql: PostgreSQL) -> None:
    address = f"{postgresql.database()}&keepalives_idle=77".replace("postgresql://", "postgresql+psycopg://")
    database = Database(address)
    with database.read() as connection:
        said = connection.connection.dbapi_connection.info.get_parameters()
    assert (said["keepalives_idle"], said["keepalives_interval"]) == ("77", "1")
    database.close()


def test_the_database_is_told_to_look_whether_we_are_still_there(postgresql: PostgreSQL) -> None:
    url = postgresql.database()
    database = Database(url.replace("postgresql://", "postgresql+psycopg://"))
    name = "client_connection_check_interval"
    with database.read() as connection:
        assert connection.exec_driver_sql(f"SHOW {name}").scalar() == "1s"
    with psycopg.connect(url) as stranger:
        assert stranger.execute(f"SHOW {name}").fetchone() == ("0",), "it is a matter of our sessions alone"
    database.close()


def test_a_statement_that_takes_too_long_is_ended_by_the_database_which_serves_on(postgresql: PostgreSQL) -> None:
    database = Database(postgresql.database().replace("postgresql://", "postgresql+psycopg://"), answer_within=0.5)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        database.write(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(60)"))
    assert time.monotonic() - began < 10
    assert database.write(lambda connection: connection.exec_driver_sql("SELECT 7").scalar()) == 7, "the turn is free"
    database.close()


def test_whoever_holds_the_turn_for_too_long_is_not_waited_for(postgresql: PostgreSQL) -> None:
    url = postgresql.database().replace("postgresql://", "postgresql+psycopg://")
    slow, hurried = Database(url), Database(url, answer_within=0.5)
    is_writing, may_end = threading.Event(), threading.Event()

    def act(connection: Connection) -> str:
        is_writing.set()
        assert may_end.wait(30)
        return "written"

    with ThreadPoolExecutor(1) as elsewhere:
        writing = elsewhere.submit(slow.write, act)
        assert is_writing.wait(30)
        with pytest.raises(Unavailable):
            hurried.write(lambda _connection: None)
        may_end.set()
        assert writing.result(30) == "written"
    for database in (slow, hurried):
        database.close()


def test_whoever_freezes_in_the_middle_of_a_statement_is_given_up(postgresql: PostgreSQL) -> None:
    database = Database(postgresql.database().replace("postgresql://", "postgresql+psycopg://"), answer_within=0.5)
    with _freezing() as freeze:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            database.write(freeze)
        assert time.monotonic() - began < 15
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT 7").scalar() == 7, "a new connection is made"
    database.write(lambda _connection: None)
    database.close()


def test_whoever_is_to_end_waits_for_the_frozen_a_moment_more(postgresql: PostgreSQL) -> None:
    database = Database(postgresql.database().replace("postgresql://", "postgresql+psycopg://"), answer_within=3600)
    with _freezing() as freeze, ThreadPoolExecutor(1) as elsewhere:
        waiting = elsewhere.submit(database.write, freeze)
        time.sleep(0.5)
        assert not waiting.done()
        database.hasten()
        with pytest.raises(Unavailable):
            waiting.result(30)
    database.close()


@contextmanager
def _freezing() -> Iterator[Callable[[Connection], None]]:
    """An act in the middle of which the database stops to answer, until the end of the block."""
    frozen: list[int] = []

    def act(connection: Connection) -> None:
        frozen.append(int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()))
        os.kill(frozen[0], signal.SIGSTOP)
        connection.exec_driver_sql("SELECT 1")

    try:
        yield act
    finally:
        os.kill(frozen[0], signal.SIGCONT)


def _refused_after(database: Database) -> float:
    began = time.monotonic()
    with pytest.raises(Unavailable), database.read():
        pass
    return time.monotonic() - began
