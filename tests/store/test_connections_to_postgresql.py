"""A database that does not answer is asked by one at a time, and one that does looks after those who are connected."""

import socket
import time

import psycopg
import pytest
from servers import PostgreSQL

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


def _refused_after(database: Database) -> float:
    began = time.monotonic()
    with pytest.raises(Unavailable), database.read():
        pass
    return time.monotonic() - began
