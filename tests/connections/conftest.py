"""A server that may speak to receivers on this machine, and such receivers."""

from collections.abc import Callable, Iterator

import pytest
from receivers import Receiver
from servers import PostgreSQL, Server, start_server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def telling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that may deliver to 127.0.0.1, once per store."""
    url = ""
    if request.param == "postgresql":
        postgresql: PostgreSQL = request.getfixturevalue("postgresql")
        url = postgresql.database()
    running = start_server(tmp_path_factory.mktemp("telling"), database_url=url, outbound_allow="127.0.0.1")
    yield running
    assert running.stop() == 0, "the server did not drain and exit cleanly"


@pytest.fixture
def receiving() -> Iterator[Callable[[], Receiver]]:
    """Opens web servers that keep what they are sent."""
    opened: list[Receiver] = []

    def open_one() -> Receiver:
        opened.append(Receiver())
        return opened[-1]

    yield open_one
    for receiver in opened:
        receiver.close()
