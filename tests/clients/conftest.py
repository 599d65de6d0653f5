"""A shop that uses flags, and official SDKs in other languages to use them with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import toolchains
from sdks import Clients
from servers import Server
from shop import Shop


@pytest.fixture
def shop(server: Server) -> Shop:
    """A new shop on the running server."""
    return Shop(server)


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Starts SDKs in other languages."""
    assert toolchains.node_clients_are_installed(), "run `make setup-world` first: it installs the JavaScript SDKs"
    started = Clients()
    yield started
    started.end()


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that drives the Go SDK."""
    built = toolchains.build_go_client(tmp_path_factory.mktemp("go"))
    if built is None:
        pytest.skip("Go is not installed, so the Go SDK is left out: put `go` on the PATH to include it")
    return built
